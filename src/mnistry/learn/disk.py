"""Files that are whole whenever they are there."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from mnistry.errors import CacheError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that at any moment the old or the new one is there, never a part.

    Args:
        path: One that is there is replaced; its folder is made.
        content: All of it.

    Raises:
        CacheError: The folder cannot be written, or the disk is full; what was there
            is as before.
    """
    part: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
        ) as file:
            part = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # the name must not be there before the bytes
        part.chmod(0o666 & ~_umask())  # temporary files are for their owner only
        part.replace(path)
    except OSError as error:
        if part is not None:
            with suppress(OSError):
                part.unlink()
        message = (
            f"{path} could not be written: {error.strerror}; what was there is as"
            " before. Choose another folder, or make room."
        )
        raise CacheError(message) from error


def _umask() -> int:
    mask = os.umask(0o022)  # the only way to read it is to set it
    os.umask(mask)
    return mask
