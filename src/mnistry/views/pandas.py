"""Digits as a pandas data frame: a column for each pixel, `label` last.

All pixels and labels are in one uint8 block with a row for each image: a writable copy
for which `frame.to_numpy()` costs nothing.
"""

from typing import TYPE_CHECKING

import numpy as np

from mnistry.digits import Digits
from mnistry.errors import ShapeError
from mnistry.extras import require
from mnistry.views import layout

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = require("pandas", extra="data")


def to_pandas(digits: Digits) -> pd.DataFrame:
    """Convert digits to a data frame in the layout of Azure Open Datasets and Kaggle.

    Args:
        digits: Any digits.

    Returns:
        Columns "0" to "783" (for MNIST) uint8, 0 paper to 255 ink, row by row of the
        image; the digits' further columns; `label` uint8. Name, split, source, classes
        and shape are in `frame.attrs`.

    Raises:
        UsageError: A column of the digits has the name of a pixel, "image" or "label".
        MissingExtraError: pandas is not installed.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1])
        >>> to_pandas(toy).iloc[:, -3:].to_numpy()[0]
        array([0, 0, 7], dtype=uint8)
    """
    names = layout.pixel_names(digits)
    block = np.empty((len(digits), len(names) + 1), np.uint8)
    block[:, :-1] = digits.images.reshape(len(digits), len(names))
    block[:, -1] = digits.labels
    frame = pd.DataFrame(block, columns=[*names, "label"], copy=False)
    for name, column in layout.more_columns(digits).items():
        frame.insert(frame.shape[1] - 1, name, column)
    frame.attrs[layout.KEY] = layout.facts(digits)
    return frame


def from_pandas(frame: pd.DataFrame) -> Digits:
    """Convert a data frame of pixels and labels to digits.

    Args:
        frame: A column for each pixel, named "0", "pixel0" or "1x1" and so on; `label`
            (or `class`, as in OpenML) anywhere; other columns become columns of the
            digits.

    Returns:
        Digits; they share the frame's memory if its pixels are one uint8 block.

    Raises:
        UsageError: It is not a pandas data frame.
        ShapeError: No label or pixel columns, values that are not pixels, or a number
            of pixels that fits no image.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1])
        >>> from_pandas(to_pandas(toy)) == toy
        True
    """
    mend = "For other libraries use from_polars or from_arrow."
    layout.expect(frame, "a pandas data frame", pd.DataFrame, mend=mend)
    facts = layout.read_facts(frame.attrs.get(layout.KEY))
    found = layout.find([str(name) for name in frame.columns])
    if found.image is not None:
        message = (
            "the frame has its images in one column; expected a column for each pixel,"
            " '0', '1', …. Read its file with mnistry.load, or use from_arrow."
        )
        raise ShapeError(message)
    first, count = min(found.pixels), len(found.pixels)
    together = list(found.pixels) == list(range(first, first + count))
    at = slice(first, first + count) if together else list(found.pixels)
    pixels = layout.as_bytes(frame.iloc[:, at].to_numpy())
    shape = layout.shape_of(count, facts)
    columns = {
        str(frame.columns[at]): layout.as_text(frame.iloc[:, at].to_numpy())
        for at in found.more
    }
    labels = frame.iloc[:, found.label].to_numpy()
    return layout.make(pixels.reshape(len(frame), *shape), labels, columns, facts)
