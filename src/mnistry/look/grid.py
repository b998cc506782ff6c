"""The columns of a grid of digits, and their titles."""

import math
from collections.abc import Sequence

from mnistry.arrays import expect_whole
from mnistry.digits import Digits
from mnistry.errors import UsageError

MOST_IMAGES = 1_000  # on one figure: more cannot be distinguished, and take a minute


def default_columns(count: int) -> int:
    """Return the number of columns that makes a grid nearly square.

    Example:
        >>> [default_columns(count) for count in (1, 9, 12, 30)]
        [1, 3, 4, 6]
    """
    return max(1, math.ceil(math.sqrt(count)))


def check(digits: Digits, columns: int | None) -> int:
    """Check that digits can be shown, and return the number of columns.

    Args:
        digits: The digits to show.
        columns: Number of columns; None for `default_columns`.

    Raises:
        UsageError: There are none or more than 1,000 digits, or something else, or
            `columns` is not 1 or more.
    """
    if not isinstance(digits, Digits):
        message = (
            f"digits are {type(digits).__name__}; expected Digits. Of images alone:"
            " mnistry.Digits(images, labels)."
        )
        raise UsageError(message)
    if not 1 <= len(digits) <= MOST_IMAGES:
        message = (
            f"there are {len(digits):,} digits to look at; expected 1 to"
            f" {MOST_IMAGES:,}. Take some of them, such as digits[:9]."
        )
        raise UsageError(message)
    if columns is None:
        return default_columns(len(digits))
    expect_whole("columns", columns, least=1)
    return min(columns, len(digits))


def titles_of(digits: Digits, titles: Sequence[str] | None) -> list[str]:
    """Return the title of each digit: the one given, or the name of its label.

    Raises:
        UsageError: There is not one title for each digit.
    """
    if titles is not None:
        if len(titles) != len(digits):
            message = (
                f"there are {len(titles)} titles for {len(digits)} digits; expected one"
                " for each. Without any, labels are shown."
            )
            raise UsageError(message)
        return [str(title) for title in titles]
    names = dict(enumerate(digits.classes))
    return [names.get(label, str(label)) for label in digits.labels.tolist()]
