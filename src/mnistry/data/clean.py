"""Delete what interrupted processes left in the cache, by age."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mnistry.data.paths import home

TEMPORARY = re.compile(r"\..+\.([0-9a-f]{16}|\d+-\d+|\d+)\.part")
DEAD_AFTER_SECONDS = 86_400.0  # writing takes seconds; a download gives up in minutes
STAMPS_LAST_SECONDS = 90 * 86_400.0  # a deleted stamp costs one hash to make again


def clean(*, thorough: bool = False) -> list[Path]:
    """Delete temporary files of the cache that nobody is writing any more.

    Args:
        thorough: Also delete downloads that could be resumed, and verification stamps
            older than 90 days, most of which are for deleted files.

    Returns:
        The files that were deleted.

    Raises:
        CacheError: There is no folder for the cache.
    """
    deleted = []
    for path in _left_over(home(), thorough=thorough):
        with suppress(OSError):
            path.unlink()
            deleted.append(path)
    return deleted


def _left_over(cache: Path, *, thorough: bool) -> Iterator[Path]:
    for path in sorted(cache.glob("*/.*.part")):
        if (thorough or TEMPORARY.fullmatch(path.name)) and _is_older(
            path, DEAD_AFTER_SECONDS
        ):
            yield path
    for path in sorted((cache / "stamps").glob("[!.]*")) if thorough else ():
        if _is_older(path, STAMPS_LAST_SECONDS):
            yield path


def _is_older(path: Path, seconds: float) -> bool:
    with suppress(OSError):
        return time.time() - path.lstat().st_mtime > seconds
    return False
