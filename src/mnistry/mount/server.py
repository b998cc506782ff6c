"""The process that answers the kernel: a tree of files, by FUSE, until it ends.

Its standard input begins with what to show (see `mnistry.mount`); when a byte more
comes, or that pipe closes because the program is gone, the folder is unmounted.
"""

import errno
import json
import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mnistry import extras
from mnistry.digits import Digits
from mnistry.errors import MissingExtraError, MnistryError
from mnistry.mount import tree
from mnistry.mount.tree import Folder

INSTALL = "apt install fuse3"
CACHE_SECONDS = 86_400  # the kernel may remember what it saw: nothing ever changes
READY = b"ready\n"
STOP = b"\n"


def require_fuse() -> Any:
    """Import mfusepy, or name what this machine lacks for a mount.

    Raises:
        MissingExtraError: mfusepy, libfuse or the kernel's FUSE is missing.
    """
    try:
        module = extras.require("mfusepy", extra="mount")
    except (OSError, AttributeError) as error:  # no libfuse, or one too old
        message = f"a mount needs libfuse: {error}. Run: {INSTALL}"
        raise MissingExtraError(message) from error
    if sys.platform == "linux" and not os.access("/dev/fuse", os.R_OK | os.W_OK):
        message = (
            "a mount needs the kernel's FUSE, but /dev/fuse cannot be opened; expected"
            f" it to be there for this user. Run: {INSTALL} (in Docker also:"
            " docker run --cap-add SYS_ADMIN --device /dev/fuse)"
        )
        raise MissingExtraError(message)
    return module


def serve(root: Folder, place: Path, ready: Callable[[], object]) -> None:
    """Mount, answer what the kernel asks, and unmount on SIGTERM."""
    fuse = require_fuse()
    seen = []

    def mounted() -> None:
        seen.append(place)
        ready()

    try:
        fuse.FUSE(
            _Operations(root, mounted),
            str(place),
            foreground=True,
            nothreads=True,  # answers take turns in Python anyway
            fsname="mnistry",
            ro=True,
            default_permissions=True,
            auto_unmount=True,
            kernel_cache=True,
            attr_timeout=CACHE_SECONDS,
            entry_timeout=CACHE_SECONDS,
            negative_timeout=CACHE_SECONDS,
        )
    except RuntimeError as error:
        if not seen:  # else it was mounted, and a signal ended it
            message = (
                f"FUSE refused to mount on {place} (its code {error}); expected"
                f" /dev/fuse and fusermount3. Run: {INSTALL}"
            )
            raise MissingExtraError(message) from error


class _Operations:
    """What libfuse asks, answered from a tree; the rest is refused by the kernel."""

    use_ns = True

    def __init__(self, root: Folder, ready: Callable[[], object]) -> None:
        self._root = root
        self._ready = ready
        now = time.time_ns()
        self._common = {"st_uid": os.getuid(), "st_gid": os.getgid()}
        self._common |= {"st_atime": now, "st_mtime": now, "st_ctime": now}

    def init(self, path: str) -> None:  # noqa: ARG002 - libfuse gives it
        self._ready()

    def getattr(self, path: str, handle: object = None) -> dict[str, int]:  # noqa: ARG002
        found = self._find(path)
        if isinstance(found, Folder):
            return {"st_mode": stat.S_IFDIR | 0o555, "st_nlink": 2, **self._common}
        kind = {"st_mode": stat.S_IFREG | 0o444, "st_nlink": 1}
        return {**kind, "st_size": found.size_bytes, **self._common}

    def readdir(self, path: str, handle: object) -> list[tuple[str, int, int]]:  # noqa: ARG002
        found = self._find(path)
        if not isinstance(found, Folder):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        kind = stat.S_IFDIR if found.holds_folders else stat.S_IFREG
        dots = [(".", stat.S_IFDIR, 0), ("..", stat.S_IFDIR, 0)]
        return dots + [(name, kind, 0) for name in found.names()]

    def read(self, path: str, size: int, offset: int, handle: object) -> bytes:  # noqa: ARG002
        found = self._find(path)
        if isinstance(found, Folder):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        return found.read(offset, size)

    def _find(self, path: str) -> tree.File | Folder:
        found = tree.look_up(self._root, path)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return found


def _received(pipe: BinaryIO) -> tuple[Path, Folder]:
    head = json.loads(pipe.readline())
    if head["files"] is not None:
        paths = {name: Path(path) for name, path in head["files"].items()}
        return Path(head["folder"]), tree.of_files(paths)
    parts = []
    for part in head["digits"]:
        count, rows, columns = part["shape"]
        images = np.frombuffer(pipe.read(count * rows * columns), np.uint8)
        labels = np.frombuffer(pipe.read(count), np.uint8)
        shaped = images.reshape(count, rows, columns)
        parts.append(Digits(shaped, labels, *part["names"]))
    return Path(head["folder"]), tree.of_digits(parts)


def _unmount_at_end_of(pipe: BinaryIO) -> None:
    pipe.read(len(STOP))  # or nothing: the program is gone
    os.kill(os.getpid(), signal.SIGTERM)  # libfuse unmounts, then serving ends


def _main() -> int:
    pipe = sys.stdin.buffer
    place, root = _received(pipe)

    def ready() -> None:
        watch = threading.Thread(target=_unmount_at_end_of, args=(pipe,), daemon=True)
        watch.start()
        os.write(1, READY)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # nobody reads it from here on

    try:
        serve(root, place, ready)
    except MnistryError as error:
        os.write(2, f"{error}\n".encode())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main())
