"""Locks: one process at a time downloads a file of the cache."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from mnistry.errors import CacheError
from mnistry.formats.atomic import part_path, part_size, write_atomic

IDLE_SECONDS = 600.0  # a download gives up sooner: 3 rounds of 20 s a mirror


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file of the cache; wait while another process holds it.

    Raises:
        CacheError: The other process has written nothing for `IDLE_SECONDS`.
    """
    lock, holder = _lock(path)
    _acquire(lock, path, holder)
    with _held(lock, holder):
        yield


@contextmanager
def locked_for_one(path: Path) -> Iterator[None]:
    """Hold the lock of a path, or raise at once if another process holds it.

    Raises:
        CacheError: It is held; the message says by which process, and since when.
    """
    lock, holder = _lock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        message = (
            f"{path} is being written by {_who(holder)}; expected no other run there."
            " Choose another folder, or wait until that run ends."
        )
        raise CacheError(message) from error
    with _held(lock, holder):
        try:
            yield
        finally:
            with suppress(OSError):  # Windows cannot delete open files
                Path(lock.lock_file).unlink(missing_ok=True)


def _lock(path: Path) -> tuple[FileLock, Path]:
    holder = path.with_name(f".{path.name}.holder")
    return FileLock(path.with_name(f".{path.name}.lock")), holder


def _who(holder: Path) -> str:
    with suppress(OSError):
        return holder.read_text("utf-8", errors="replace")
    return "another process"


@contextmanager
def _held(lock: FileLock, holder: Path) -> Iterator[None]:
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        who = f"process {os.getpid()} on {platform.node()} since {since}"
        write_atomic(holder, who.encode(errors="replace"))
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _acquire(lock: FileLock, path: Path, holder: Path) -> None:
    while True:
        written = part_size(part_path(path))
        try:
            lock.acquire(timeout=IDLE_SECONDS)
        except Timeout as error:
            if part_size(part_path(path)) != written:
                continue  # it is slow, but alive
            message = (
                f"{path} is locked by {_who(holder)}, which has written nothing for"
                f" {IDLE_SECONDS:.0f} seconds; expected it to finish. End it, and"
                " try again."
            )
            raise CacheError(message) from error
        else:
            return
