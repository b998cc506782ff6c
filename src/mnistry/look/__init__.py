"""Digits for eyes: figures, pictures, and half blocks in a terminal.

Rule of the package: nothing is shown that was not asked for. A function gives a figure,
bytes or text back; whoever called it decides where it goes.
"""
