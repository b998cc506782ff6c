"""Files that appear whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from mnistry.errors import CacheError


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file so that nobody ever sees a part of it; its folder is made.

    Args:
        path: Where to; a file that is there is replaced, and stays if writing fails.
        data: All of it.

    Raises:
        CacheError: The folder cannot be made or written, or the disk is full.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_whole(Path(folder, "new", "a.txt"), b"whole")
        ...     Path(folder, "new", "a.txt").read_bytes()
        b'whole'
    """
    target = Path(path)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(target)
    except OSError as error:
        message = (
            f"{target} cannot be written: {error.strerror}; expected a folder that may"
            " be written to, with room. Choose another place."
        )
        raise CacheError(message) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
