"""A process that reads, from the side of the one that asks it.

Each picture has a limit of time, which is kept here, and one of memory, which the
process sets itself. A process that is killed, or ends, is started again.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple

from mnistry.bulk import worker
from mnistry.bulk.sources import Picture, to_batch
from mnistry.errors import UsageError
from mnistry.formats.budget import MOST_COUNTED, MOST_SECONDS

PROGRESS_BYTES = 4096  # of which each is a picture begun
PATIENCE_S = 0.25  # twice that without using a core, and another process may have it
START_S = 120  # to import what reads; a second, but on a machine that is overloaded
PROCESSES = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")  # in a second
MOST_STARVED = 8  # limits of time that a picture may take where others have the cores
ONE_THREAD = {
    f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
}


@dataclass(frozen=True)
class PictureLimits:
    """What one picture may take.

    Attributes:
        seconds: Of time; a page of a scan takes about one.
        megabytes: Of memory, beyond what Python and the nets take; a photograph of 100
            megapixels takes 1,500.

    Raises:
        UsageError: One is not above 0, or too large.
    """

    seconds: float = 60.0
    megabytes: int = 3000

    def __post_init__(self) -> None:
        for name, limit, most in (
            ("seconds", self.seconds, MOST_SECONDS),
            ("megabytes", self.megabytes, MOST_COUNTED),
        ):
            if not 0 < limit <= most:  # nan is neither
                message = (
                    f"{name} of a picture are {limit}; expected a number above 0, at"
                    f" most {most:,}. Leave them out for the usual ones."
                )
                raise UsageError(message)


@dataclass(frozen=True)
class Task:
    """What the processes do.

    Attributes:
        name: "rows", "json" or "pages".
        settings: As `mnistry.read` takes them.
        limits: Of one picture.
        columns: A `pyarrow.Schema` of columns that are kept.
    """

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    limits: PictureLimits = PictureLimits()
    columns: Any = ()


class Failure(NamedTuple):
    """A process did not answer.

    Attributes:
        number: Of the picture in the message that it was busy with.
        reason: What happened.
        is_final: It would happen again.
    """

    number: int
    reason: str
    is_final: bool


class StoppedError(Exception):
    """Reading is stopped from outside; nothing more is to be asked."""


class ReadingProcess:
    """A process that reads, started when it is needed and again when it has ended.

    One thread asks; another one may call `stop`.

    Args:
        task: What it does.
        waits: Called with it, by the thread that asks, when the process uses no core
            while it should: a disk or a network does not answer. Only where the system
            tells (Linux).

    Attributes:
        has_waited: `waits` was called; it is not again until this is set back.
        begun: How many pictures of the message were begun.
    """

    def __init__(
        self, task: Task, waits: Callable[["ReadingProcess"], None] | None = None
    ) -> None:
        self._task = task
        self._waits = waits
        self.has_waited = False
        self._process: subprocess.Popen[bytes] | None = None
        self._progress = -1
        self.begun = 0
        self._is_stopped = False

    def ask(self, pictures: Sequence[Picture]) -> Any:
        """Send pictures, wait for the answer.

        Args:
            pictures: At least one.

        Returns:
            The record batch of the answer, or a `Failure`.

        Raises:
            StoppedError: `stop` was called.
            UsageError: The process cannot be started.
        """
        seconds = self._task.limits.seconds
        process = self._process or self._start()
        self.begun = 0
        try:
            data = worker.to_bytes(to_batch(pictures, self._task.columns))
            worker.send(_descriptor(process.stdin), data)
            return worker.from_bytes(self._wait(process, seconds))
        except TimeoutError:
            self._end()
            limit = "1 second" if seconds == 1 else f"{seconds:,.10g} seconds"
            reason = f"the picture took more than {limit}."
            return Failure(max(0, self.begun - 1), reason, is_final=True)
        except (OSError, EOFError):
            reason = ending(self._end())
            return Failure(max(0, self.begun - 1), reason, is_final=False)

    def stop(self) -> None:
        """End the process from another thread, whose next question is refused."""
        self._is_stopped = True
        if process := self._process:
            process.kill()

    def close(self) -> None:
        """End the process."""
        self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        if self._is_stopped:
            raise StoppedError
        self._progress, theirs = os.pipe()
        arguments = json.dumps(
            {
                "task": self._task.name,
                "settings": self._task.settings,
                "seconds": self._task.limits.seconds,
                "megabytes": self._task.limits.megabytes,
                "progress": theirs,
            }
        )
        path = os.pathsep.join(filter(None, sys.path))
        with tempfile.TemporaryFile() as complaints:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-m", "mnistry.bulk.worker", arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                bufsize=0,
                pass_fds=[theirs],
                env={**os.environ, **ONE_THREAD, "PYTHONPATH": path},
            )
            os.close(theirs)
            try:
                self._wait(self._process, START_S)
            except (OSError, EOFError) as error:
                self._end()
                complaints.seek(0)
                lines = complaints.read().decode(errors="replace").splitlines()
                message = (
                    f"a process that reads cannot be started: {(lines or ['?'])[-1]}."
                    " Make room in memory, or read with fewer processes."
                )
                raise UsageError(message) from error
        return self._process

    def _wait(self, process: subprocess.Popen[bytes], seconds: float) -> bytes:
        """Wait for an answer; each picture that is begun has its own time.

        It does not run while the process wants a core and gets none.
        """
        answers = _descriptor(process.stdout)
        began = looked = time.monotonic()
        starved, ticks = 0.0, -1
        while True:
            left = max(0.0, began + seconds + starved - time.monotonic())
            files = [answers, self._progress]
            ready, _, _ = select.select(files, [], [], min(left, PATIENCE_S))
            now = time.monotonic()
            if self._progress in ready:
                self.begun += len(os.read(self._progress, PROGRESS_BYTES))
                began, starved = now, 0.0
            if answers in ready:
                if data := worker.receive(answers):
                    return data
                raise EOFError
            if not ready:
                before, (ticks, is_waiting) = ticks, core_use(process.pid)
                if is_waiting and ticks == before:
                    self._notice_waiting()
                elif not is_waiting and before >= 0:  # others have its core
                    starved += max(0.0, now - looked - (ticks - before) / TICKS)
                if now >= began + min(seconds + starved, MOST_STARVED * seconds):
                    raise TimeoutError
            looked = now

    def _notice_waiting(self) -> None:
        """Call `waits`, once."""
        if self._waits and not self.has_waited:
            self.has_waited = True
            self._waits(self)

    def _end(self) -> int:
        """End the process and forget it; give its exit status."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.kill()
        for file in (process.stdin, process.stdout):
            if file:
                with suppress(OSError):
                    file.close()
        os.close(self._progress)
        return process.wait()


def core_use(pid: int) -> tuple[int, bool]:
    """Return how long a process has used a core, in ticks, and whether it waits now.

    Args:
        pid: Of the process.

    Returns:
        -1 and False where the system does not tell.

    Example:
        >>> core_use(os.getpid())[1]
        False
    """
    try:
        text = (PROCESSES / str(pid) / "stat").read_text("ascii", errors="replace")
    except OSError:
        return -1, False
    # man proc_pid_stat: (name) state, …, utime and stime as the 14th and 15th
    state, *numbers = text.rpartition(")")[2].split()
    return int(numbers[10]) + int(numbers[11]), state in "SD"


def _descriptor(file: IO[bytes] | None) -> int:
    return file.fileno() if file else -1


def ending(status: int) -> str:
    """Say how a process ended that did not answer.

    Args:
        status: Its exit status, or the signal that ended it, as a negative number.

    Example:
        >>> ending(-9)
        'the process that read the picture was ended by SIGKILL.'
    """
    if status >= 0:
        return f"the process that read the picture ended with exit status {status}."
    name = signal.Signals(-status).name
    return f"the process that read the picture was ended by {name}."
