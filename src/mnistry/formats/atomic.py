"""Files that appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mnistry.errors import CacheError, MnistryError, UsageError


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a name beside `path` to write to; once all went well it becomes `path`.

    On an error nothing is left of it, and what was at `path` before is still there.

    Args:
        path: Where to; its folder is made.

    Yields:
        The name to write to.

    Raises:
        CacheError: The folder cannot be made or written, or the disk is full.
        UsageError: `path` is no name of a file: empty, "." or "/".

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     with atomic_path(Path(folder, "new", "a.txt")) as part:
        ...         _ = part.write_text("whole")
        ...     Path(folder, "new", "a.txt").read_text()
        'whole'
    """
    target = Path(path)
    if not target.name:
        message = (
            f"{os.fspath(path)!r} is no name of a file; expected one to write to. Give"
            " the file a name."
        )
        raise UsageError(message)
    part = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())  # the name must not be there before the bytes
        part.replace(target)
    except MnistryError:
        raise
    except OSError as error:
        message = (
            f"{target} cannot be written: {error.strerror or error}; expected a folder"
            " that may be written to, with room. What was there is as before."
            " Choose another place, or make room."
        )
        raise CacheError(message) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_atomic(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file so that nobody ever sees a part of it.

    Args:
        path: Where to; its folder is made, a file that is there is replaced.
        data: All of it.

    Raises:
        CacheError: The folder cannot be made or written, or the disk is full; what was
            there is as before.
    """
    with atomic_path(path) as part:
        part.write_bytes(data)
