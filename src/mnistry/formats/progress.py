"""The type of progress callbacks."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with a name, such as that of the file; the bytes so far; the bytes in all. Of
pictures that are framed or drawn, with "132 pictures"; how many are; how many there
will be."""

PICTURES = "pictures"  # the last word of a name that counts no bytes
