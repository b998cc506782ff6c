"""How far something is that takes long: who wants to know gives a function."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with what it is about, such as a file's name; bytes so far; bytes in all."""
