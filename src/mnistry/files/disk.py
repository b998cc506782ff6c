"""Reading files of others: one that is wrong is named."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mnistry.errors import FormatError, IdxError, ShapeError


@contextmanager
def reading(path: Path, *kinds: type[Exception]) -> Iterator[None]:
    """Turn errors about what is in a file into FormatError, which names the file.

    Args:
        path: The file.
        kinds: What its reader raises, beside ShapeError and MemoryError.

    Raises:
        FormatError: Something in the block raised one of the kinds.
    """
    named: tuple[type[Exception], ...] = (ShapeError, MemoryError, *kinds)
    try:
        yield
    except (FormatError, IdxError):
        raise
    except named as error:
        reason = str(error) or "it claims more than memory can hold"
        stop = "" if reason.endswith("?") else "."
        message = (
            f"{path} cannot be read as digits: {reason.rstrip('.')}{stop}"
            " Delete it and get it again, or look what it is."
        )
        raise FormatError(message) from error
