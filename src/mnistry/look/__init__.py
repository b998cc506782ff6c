"""Showing digits: figures, pictures, and half blocks in a terminal.

Rule of the package: nothing is displayed by itself. A function returns a figure, bytes
or text; the caller decides where it goes.
"""
