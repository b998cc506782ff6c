"""Atomic writes: a file appears complete, or not at all.

Everything that mnistry writes goes through here: into a temporary file beside the
target, then onto the disk, then to its name in one step. In a folder that others may
write to nobody can lay a symbolic link in its way: its name is random, and it is made
with O_EXCL and O_NOFOLLOW.
"""

import errno
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mnistry.errors import CacheError, MnistryError, UsageError

ADVICE = "Choose another place, or make room."
PROBE = "can-be-written"
RANDOM_BYTES = 8  # in a temporary name; 64 bits are not guessed
NO_LINKS = getattr(os, "O_NOFOLLOW", 0)  # Windows has no such flag


@contextmanager
def atomic_path(
    path: str | os.PathLike[str], *, advice: str = ADVICE, durable: bool = True
) -> Iterator[Path]:
    """Yield the name of an empty temporary file, which is then renamed to `path`.

    On an error the temporary file is deleted, and what was at `path` is still there.

    Args:
        path: Where to; its folder is made, and "~" is the user's home folder.
        advice: What to do if it cannot be written, for the message.
        durable: Wait until the bytes are on the disk. False only for what is verified
            before each use and can be made again, as all of the cache can.

    Yields:
        The name to write to.

    Raises:
        CacheError: The folder cannot be made or written, or the disk is full.
        UsageError: `path` is no name of a file: empty, "." or "/".

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     with atomic_path(Path(folder, "new", "a.txt")) as part:
        ...         _ = part.write_text("complete", "utf-8")
        ...     Path(folder, "new", "a.txt").read_text("utf-8")
        'complete'
    """
    target = _file_name(path)
    part = _temporary(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.close(_create(part))
        yield part
        publish(part, target, durable=durable)
    except MnistryError:
        raise
    except OSError as error:
        raise _unwritable(target, error, advice) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_atomic(
    path: str | os.PathLike[str],
    data: bytes,
    *,
    advice: str = ADVICE,
    durable: bool = True,
) -> None:
    """Write a file atomically: nobody ever sees part of it.

    Args:
        path: Where to; its folder is made, a file that is there is replaced.
        data: All of it.
        advice: What to do if it cannot be written, for the message.
        durable: As in `atomic_path`.

    Raises:
        CacheError: The folder cannot be made or written, or the disk is full; what was
            there is as before.
        UsageError: `path` is no name of a file: empty, "." or "/".
    """
    with atomic_path(path, advice=advice, durable=durable) as part:
        part.write_bytes(data)


def write_together(files: Sequence[tuple[Path, bytes]]) -> None:
    """Write files that belong together, such as images and labels.

    All are complete before one gets its name, and the first is away while the others
    get theirs: who is killed then finds it missing, never beside others of another age.

    Args:
        files: Where to, and all of each.

    Raises:
        CacheError: As `write_atomic`; what was there is as before.
        UsageError: A path is no name of a file.
    """
    parts = {path: _temporary(path) for path, _ in files}
    old = {path: _temporary(path) for path, _ in files}
    for path, _ in files:
        expect_writable(path)
    try:
        for path, data in files:
            os.close(_create(parts[path]))
            parts[path].write_bytes(data)
            _sync(parts[path])
        _exchange(parts, old)
    except OSError as error:
        raise _unwritable(files[0][0], error, ADVICE) from error
    finally:
        for left in (*parts.values(), *old.values()):
            with suppress(OSError):
                left.unlink(missing_ok=True)


def _exchange(parts: Mapping[Path, Path], old: Mapping[Path, Path]) -> None:
    """Return parts their names; what had them goes to `old`, or back if that fails."""
    away: list[Path] = []
    there: list[Path] = []
    try:
        for path in parts:
            with suppress(FileNotFoundError):
                path.replace(old[path])
                away.append(path)
        for path in reversed(list(parts)):
            parts[path].replace(path)
            there.append(path)
    except BaseException:
        for path in there:
            path.unlink()
        for path in reversed(away):
            old[path].replace(path)
        raise


def expect_writable(path: str | os.PathLike[str], named: Path | None = None) -> None:
    """Raise now what writing `path` would raise: before the work, not after it.

    Its folder is made, and kept. An error names `named`, or else `path`.

    Raises:
        CacheError: The folder cannot be made or written, or `path` is a folder.
        UsageError: `path` is no name of a file.
    """
    target = _file_name(path)
    part = _temporary(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.close(_create(part))
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    except OSError as error:
        raise _unwritable(named or target, error, ADVICE) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def expect_writable_folder(folder: str | os.PathLike[str]) -> None:
    """Raise now what writing files into a folder would raise; the folder is made.

    Raises:
        CacheError: It cannot be made or written.
    """
    expect_writable(Path(folder) / PROBE, Path(folder))


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield the name of an empty temporary folder, which is then renamed to `path`.

    Args:
        path: Where to; nothing may be there. Folders above it are made.

    Yields:
        The folder to fill.

    Raises:
        CacheError: It cannot be made or filled, or the disk is full.
    """
    import shutil  # seldom needed, and slow to import

    part = _temporary(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir()
        yield part
        part.rename(path)
    except MnistryError:
        raise
    except OSError as error:
        raise _unwritable(path, error, ADVICE) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def publish(part: Path, target: Path, *, durable: bool = True) -> None:
    """Rename a finished temporary file.

    Args:
        part: The file, in the same folder as the target.
        target: Its name from now on; a file that is there is replaced.
        durable: As in `atomic_path`.

    Raises:
        OSError: The disk is full, or the name cannot be written.
    """
    if durable:
        _sync(part)  # the name must not be there before the bytes
    part.replace(target)


def _sync(part: Path) -> None:
    """Wait until a file's bytes are on the disk."""
    descriptor = os.open(part, os.O_RDWR | NO_LINKS)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def part_path(target: Path) -> Path:
    """Return the name of a file that is written in several attempts.

    A later attempt must find it, so it is not random: see `open_part`.
    """
    return target.with_name(f".{target.name}.part")


def part_size(part: Path) -> int:
    """Return after how many bytes `open_part` would resume; 0 where it would not."""
    with suppress(OSError):
        state = part.lstat()
        return state.st_size if _is_ours(state) else 0
    return 0


def open_part(part: Path) -> BinaryIO:
    """Open a file that is written in several attempts, such as a resumed download.

    Its name can be guessed, so only a regular file of this user under this one name is
    resumed; a link, or a file of another user, is removed and the file begun again.

    Args:
        part: The file; it is made if it is missing.

    Returns:
        Open for reading and writing, at its start.

    Raises:
        OSError: It cannot be made, or what is in its place cannot be removed.
    """
    with suppress(OSError):
        file = os.fdopen(os.open(part, os.O_RDWR | NO_LINKS), "r+b")
        if _is_ours(os.fstat(file.fileno())):
            return file
        file.close()
    part.unlink(missing_ok=True)
    return os.fdopen(_create(part), "r+b")


def _is_ours(state: os.stat_result) -> bool:
    user = getattr(os, "geteuid", lambda: state.st_uid)()  # Windows has no such number
    return stat.S_ISREG(state.st_mode) and state.st_nlink == 1 and state.st_uid == user


def _file_name(path: str | os.PathLike[str]) -> Path:
    target = Path(os.path.expanduser(path))  # noqa: PTH111 - without a home, "~" stays
    if not target.name:
        message = (
            f"{os.fspath(path)!r} is not the name of a file; expected one to write to."
            " Give the file a name."
        )
        raise UsageError(message)
    return target


def _temporary(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.urandom(RANDOM_BYTES).hex()}.part")


def _create(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | NO_LINKS
    return os.open(path, flags, 0o666)  # less what the user's umask withholds


def _unwritable(target: Path, error: OSError, advice: str) -> CacheError:
    return CacheError(
        f"{target} cannot be written: {error.strerror or error}; expected a folder"
        f" that may be written to, with room. What was there is as before. {advice}"
    )
