"""Digits as a Polars data frame: `image` is an array of 28 by 28, `label` last.

Both directions share the memory of the images.
"""

from typing import TYPE_CHECKING

from mnistry.digits import Digits
from mnistry.extras import require
from mnistry.views import arrow, image_columns, layout

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa
else:
    pl = require("polars", extra="data")
    pa = require("pyarrow", extra="data")


def to_polars(digits: Digits) -> pl.DataFrame:
    """Convert digits to a Polars data frame, without a copy of the images.

    Name, split, source and classes are lost.

    Args:
        digits: Any digits.

    Returns:
        Columns `image`, as Array(UInt8, (28, 28)) for MNIST; the digits' further
        columns; `label` UInt8.

    Raises:
        UsageError: A column of the digits has the name of a pixel, "image" or "label".
        MissingExtraError: Polars or pyarrow is not installed.

    Example:
        >>> import numpy as np
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1])
        >>> to_polars(toy).schema["image"]
        Array(UInt8, shape=(28, 28))
    """
    images = image_columns.nested(digits.images)
    more = {name: pa.array(of) for name, of in layout.more_columns(digits).items()}
    table = pa.table({"image": images, **more, "label": pa.array(digits.labels)})
    return pl.DataFrame(table)


def from_polars(frame: pl.DataFrame | pl.LazyFrame) -> Digits:
    """Convert a Polars data frame to digits.

    Args:
        frame: `label` and either `image` (arrays, lists, PNG files) or a column for
            each pixel; other columns become columns of the digits. A lazy frame is
            collected.

    Returns:
        Digits; they share the frame's memory if `image` is an array in one chunk.

    Raises:
        UsageError: It is not a Polars frame.
        ShapeError: No label or image columns; values that are not pixels or labels.
        FormatError: A picture in it is damaged.

    Example:
        >>> import numpy as np
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1])
        >>> from_polars(to_polars(toy)) == toy
        True
    """
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    mend = "For other libraries use from_pandas or from_arrow."
    layout.expect(frame, "a Polars data frame", pl.DataFrame, mend=mend)
    return arrow.from_arrow(frame.to_arrow())
