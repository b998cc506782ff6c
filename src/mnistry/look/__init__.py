"""Digits for eyes: figures, pictures, and half blocks in a terminal.

Rule of the room: nothing is shown that was not asked for. A function gives a figure,
bytes or text back; whoever called it decides where it goes.
"""

from mnistry.look.figure import plot
from mnistry.look.grid import default_columns
from mnistry.look.png import picture
from mnistry.look.terminal import as_text, style_for

__all__ = ["as_text", "default_columns", "picture", "plot", "style_for"]
