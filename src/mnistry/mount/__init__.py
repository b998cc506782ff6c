"""A read-only folder in which digits are files: the tree of `mount.tree`, by FUSE.

`Mount` serves from a process of its own, so that a program may read what it mounts (a
page fault in a mounted file that the same process must answer would never end). That
process unmounts when it is asked to, and also when the program's end of their pipe
closes, however the program died. If it is killed itself, the program unmounts, or
fusermount3 where the program is gone too (fusermount3 alone does not always: its look
at the folder, sent just before the kernel ends the mount, fails with another error
than the one it waits for; see should_auto_unmount in libfuse's util/fusermount.c).
"""

import contextlib
import errno
import json
import os
import shlex
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from mnistry.digits import Digits
from mnistry.errors import MissingExtraError, UsageError
from mnistry.mount import tree
from mnistry.mount.server import READY, STOP, require_fuse

STOP_SECONDS = 10.0  # to unmount, which takes milliseconds; then it is forced

PathLike = str | os.PathLike[str]


def serve(
    folder: PathLike, *digits: Digits, ready: Callable[[], object] | None = None
) -> None:
    """Mount digits as files and block until Ctrl-C or `fusermount3 -u`.

    Args:
        folder: An empty folder.
        *digits: What to show; each becomes a folder named after its split.
        ready: Called once the folder is mounted.

    Raises:
        UsageError: The folder is missing, not empty or mounted already; or digits
            whose names cannot be folders.
        MissingExtraError: mfusepy, libfuse or the kernel's FUSE is missing.
    """
    with (
        Mount(folder, digits=digits) as mounted,
        contextlib.suppress(KeyboardInterrupt),
    ):
        if ready is not None:
            ready()
        mounted.wait()


def mount(folder: PathLike | None, *digits: Digits) -> "Mount":
    """Prepare to mount digits as files, until the end of a `with` block.

    Args:
        folder: An empty folder; None makes one, and removes it in the end.
        *digits: What to show; each becomes a folder named after its split.

    Example:
        >>> import mnistry
        >>> with mount(None, mnistry.load("drawn", split="test")) as mounted:
        ...     sorted(path.name for path in mounted.path.iterdir())  # doctest: +SKIP
        ['raw', 'test']
    """
    return Mount(folder, digits=digits)


class Mount:
    """Digits or files in a mounted folder, from `start` to `stop`, or within `with`.

    Attributes:
        mount_point: The folder, as an absolute path; empty before `start` makes one.
    """

    def __init__(
        self,
        folder: PathLike | None = None,
        *,
        digits: Sequence[Digits] = (),
        files: Mapping[str, Path] | None = None,
    ) -> None:
        """Set what to mount where; nothing happens yet.

        Args:
            folder: An empty folder; None makes one, and removes it in the end.
            digits: Mounted as `mnistry.mount.tree.of_digits` does.
            files: Mounted instead, if given: files of the disk by the name they get.
        """
        self.mount_point = "" if folder is None else os.path.abspath(folder)  # noqa: PTH100
        self._is_own_folder = folder is None
        self._digits = tuple(digits)
        self._files = files
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: threading.Thread | None = None

    @property
    def path(self) -> Path:
        """The folder, as a Path."""
        return Path(self.mount_point)

    def start(self) -> None:
        """Mount; the folder is ready to be read on return.

        Raises:
            UsageError: The folder is missing, not empty or mounted already; or digits
                whose names cannot be folders.
            OSError: One of the files cannot be read.
            MissingExtraError: mfusepy, libfuse or the kernel's FUSE is missing.
        """
        if self._process is not None:
            message = f"{self.mount_point} is mounted already; call stop() first."
            raise UsageError(message)
        require_fuse()
        if self._files is None:  # refused here, not in the process
            tree.of_digits(self._digits)
        else:
            tree.of_files(self._files)
        if self._is_own_folder:
            self.mount_point = tempfile.mkdtemp(prefix="mnistry-")
        try:
            expect_empty_folder(self.mount_point)
            self._process = _start_process()
            self._watch = threading.Thread(
                target=_unmount_if_killed,
                args=(self._process, self.mount_point),
                daemon=True,
            )
            self._watch.start()
            _send(self._process, self.mount_point, self._digits, self._files)
            _await_ready(self._process)
        except BaseException:
            self.stop()
            raise

    def wait(self) -> None:
        """Block until somebody else unmounts the folder."""
        if self._watch is not None:
            self._watch.join()

    def stop(self) -> None:
        """Unmount; whatever is still open in the folder stays readable until closed."""
        process, self._process = self._process, None
        if process is not None:
            # a byte, or the closed pipe, ends it: a second signal would kill it before
            # it has unmounted; the byte because forked children hold the pipe open
            if process.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write(STOP)
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
            self.wait()
        if self._is_own_folder and self.mount_point:
            with contextlib.suppress(OSError):
                self.path.rmdir()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self.stop()


def expect_empty_folder(folder: PathLike) -> None:
    """Refuse a folder that nothing can be mounted on.

    Args:
        folder: Its path.

    Raises:
        UsageError: It is missing, not empty or mounted already.
    """
    place = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would touch it
    way_out = "Choose another, or make one: mkdir FOLDER"
    try:
        first = next(place.iterdir(), None)
        is_mounted = place.is_mount()
    except OSError as error:
        if error.errno == errno.ENOTCONN:  # who served it died
            way_out = f"Unmount it: fusermount3 -u {shlex.quote(str(place))}"
        elif error.errno == errno.ENOENT:
            way_out = f"Make it: mkdir -p {shlex.quote(str(place))}"
        message = (
            f"cannot mount on {place}: {error.strerror}; expected an empty folder."
            f" {way_out}"
        )
        raise UsageError(message) from error
    if is_mounted:
        message = (
            f"cannot mount on {place}: something is mounted there already; expected an"
            f" empty folder. Unmount it: fusermount3 -u {shlex.quote(str(place))}"
        )
        raise UsageError(message)
    if first is not None:
        message = (
            f"cannot mount on {place}: it has {first.name} in it; expected an empty"
            f" folder, for nothing in it could be seen. {way_out}"
        )
        raise UsageError(message)


def _start_process() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "mnistry.mount.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,  # Ctrl-C is the program's to see first
    )


def _send(
    process: subprocess.Popen[bytes],
    folder: str,
    digits: Sequence[Digits],
    files: Mapping[str, Path] | None,
) -> None:
    """Write one line of JSON, then the arrays' bytes; the pipe stays open."""
    named = None
    if files is not None:
        named = {name: str(path.absolute()) for name, path in files.items()}
    head = {
        "folder": folder,
        "files": named,
        "digits": [
            {"names": [part.name, part.split_name], "shape": part.images.shape}
            for part in digits
        ],
    }
    pipe = process.stdin
    if pipe is None:
        return
    with contextlib.suppress(BrokenPipeError):  # its error is read from stdout
        pipe.write(json.dumps(head).encode() + b"\n")
        for part in digits:
            for array in (part.images, part.labels):
                pipe.write(np.ascontiguousarray(array).data)
        pipe.flush()


def _await_ready(process: subprocess.Popen[bytes]) -> None:
    if process.stdout is None or process.stdout.readline() == READY:
        return
    error = process.stderr.read().decode(errors="replace") if process.stderr else ""
    reason = " ".join(error.split()) or f"its process ended with {process.wait()}"
    message = f"cannot mount: {reason}"
    raise MissingExtraError(message)


def _unmount_if_killed(process: subprocess.Popen[bytes], folder: str) -> None:
    if process.wait() >= 0:
        return
    with contextlib.suppress(OSError):
        subprocess.run(["fusermount3", "-uzq", folder], check=False)  # noqa: S603, S607
