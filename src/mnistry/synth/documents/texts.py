"""What can be written on documents: digits, and signs between them."""

from collections.abc import Sequence

from mnistry.errors import UsageError
from mnistry.synth.documents.signs import SIGNS

DIGITS = frozenset("0123456789")


def check_written(texts: Sequence[str]) -> None:
    """Refuse texts that are not of digits and signs.

    Args:
        texts: One at least.

    Raises:
        UsageError: None, or one without a digit or with anything but digits and signs.
    """
    if not texts:
        message = "cannot write nothing; expected a number, or several."
        raise UsageError(message)
    for text in texts:
        if not set(text) & DIGITS or set(text) - DIGITS - set(SIGNS):
            message = (
                f"cannot write {text!r}; expected digits, at least one, and signs out"
                f" of {''.join(SIGNS)}."
            )
            raise UsageError(message)


def check_digits(texts: Sequence[str]) -> None:
    """Refuse texts that are not of digits alone.

    Raises:
        UsageError: None, or one with anything but digits.
    """
    check_written(texts)
    for text in texts:
        if set(text) - DIGITS:
            message = f"cannot write {text!r}; expected digits alone."
            raise UsageError(message)
