"""Errors in files: the message names the file."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mnistry.errors import FormatError, IdxError, MnistryError, ShapeError

BYTES_ARE_WRONG = {None, errno.EINVAL}  # gzip's own errors; a seek to before the start


@contextmanager
def reading(path: Path, *kinds: type[Exception]) -> Iterator[None]:
    """Turn errors about a file's content into FormatError, which names the file.

    Args:
        path: The file.
        kinds: What its reader raises over wrong bytes, besides ShapeError and
            MemoryError. Any other OSError with an errno comes from the system: the file
            itself cannot be read.

    Raises:
        FormatError: The block raised one of the kinds, or the file cannot be read.
    """
    named: tuple[type[Exception], ...] = (ShapeError, MemoryError, *kinds)
    try:
        yield
    except (FormatError, IdxError):
        raise
    except OSError as error:
        if error.errno in BYTES_ARE_WRONG and isinstance(error, named):
            raise _not_digits(path, error) from error
        if error.errno is None or isinstance(error, MnistryError):
            raise
        message = (
            f"{path} cannot be read: {error.strerror}; expected a file that this user"
            " may read. Check its permissions, and the disk."
        )
        raise FormatError(message) from error
    except named as error:
        raise _not_digits(path, error) from error


def _not_digits(path: Path, error: Exception) -> FormatError:
    if isinstance(error, UnicodeDecodeError):
        return FormatError(f"{path} is not in UTF-8; expected that. Save it as UTF-8.")
    reason = str(error) or "it claims more than memory can hold"
    stop = "" if reason.endswith("?") else "."
    return FormatError(
        f"{path} cannot be read as digits: {reason.rstrip('.')}{stop}"
        " Delete it and get it again, or check what it is."
    )
