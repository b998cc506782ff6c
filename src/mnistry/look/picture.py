"""Digits as a PNG picture, each with its label, without matplotlib."""

import os
from collections.abc import Sequence

from mnistry.digits import Digits
from mnistry.formats.atomic import write_atomic
from mnistry.formats.sheets import captioned_sheet, encode_png
from mnistry.look.grid import check, titles_of


def picture(
    digits: Digits,
    *,
    columns: int | None = None,
    titles: Sequence[str] | None = None,
    zoom: int = 4,
) -> bytes:
    """Draw digits in a grid, dark ink on white paper, each with its label below.

    Args:
        digits: From 1 to 1,000 of them.
        columns: Number of columns; by default the grid is nearly square.
        titles: The text below each; by default its label.
        zoom: Each pixel becomes a square of this side.

    Returns:
        A PNG file.

    Raises:
        UsageError: There are none or more than 1,000 digits, not one title for each,
            or `columns` is not 1 or more.

    Example:
        >>> import numpy as np
        >>> picture(Digits(np.zeros((9, 28, 28), np.uint8), range(9)))[1:4]
        b'PNG'
    """
    columns = check(digits, columns)
    captions = [[title] for title in titles_of(digits, titles)]
    return encode_png(captioned_sheet(digits.images, captions, columns, zoom=zoom))


def save_picture(digits: Digits, path: str | os.PathLike[str]) -> None:
    """Write what `picture` draws to a PNG file, whole or not at all.

    Args:
        digits: From 1 to 1,000 of them.
        path: Such as "grid.png"; a file that is there is replaced.

    Raises:
        UsageError: There are none or more than 1,000 digits.
        CacheError: The folder cannot be written.
    """
    write_atomic(path, picture(digits))
