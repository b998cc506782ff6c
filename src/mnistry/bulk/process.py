"""The parent's side of a process that reads.

The time limit for each picture is enforced here, the memory limit by the process
itself. A process that is killed, or ends, is started again.
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

PROGRESS_BYTES = 4096  # each byte means that a picture was begun
PATIENCE_S = 0.25  # after twice that without using its core another process gets it
START_S = 120  # for imports: a second, but longer on an overloaded machine
PROCESSES = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")  # in a second
MOST_STARVED = 8  # time limits that a picture may take while others use the cores
ONE_THREAD = {
    f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
}


@dataclass(frozen=True)
class PictureLimits:
    """Limits for one picture.

    Attributes:
        seconds: Time limit; a scanned page takes about one second.
        megabytes: Memory limit, beyond what Python and the nets take; a photograph of
            100 megapixels takes 1,500.

    Raises:
        UsageError: A limit is not above 0, or too large.
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
                    f" most {most:,}. Leave them out for the default."
                )
                raise UsageError(message)


@dataclass(frozen=True)
class Task:
    """What the processes do.

    Attributes:
        name: "rows", "json" or "pages".
        settings: As for `mnistry.read`.
        limits: Limits for one picture.
        columns: A `pyarrow.Schema` of columns to keep.
    """

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    limits: PictureLimits = PictureLimits()
    columns: Any = ()


class Failure(NamedTuple):
    """A process did not answer.

    Attributes:
        number: The index, in the message, of the picture it was reading.
        reason: What happened.
        is_final: Whether it would happen again.
    """

    number: int
    reason: str
    is_final: bool


class StoppedError(Exception):
    """Reading was stopped from outside."""


class ReadingProcess:
    """A process that reads, started when needed, and restarted when it has ended.

    One thread uses it; another one may call `stop`.

    Args:
        task: What it does.
        waits: Called with it, by the thread that uses it, if the process should be busy
            but uses no core, because a disk or network does not answer (Linux only).

    Attributes:
        has_waited: `waits` was called; it is not called again until this is reset.
        begun: Number of pictures of the message that were begun.
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
        """Send pictures, and wait for the answer.

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
        """End the process, from another thread; later requests are refused."""
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
                    f"a reading process cannot be started: {(lines or ['?'])[-1]}."
                    " Free some memory, or use fewer processes."
                )
                raise UsageError(message) from error
        return self._process

    def _wait(self, process: subprocess.Popen[bytes], seconds: float) -> bytes:
        """Wait for an answer, with a time limit for each picture.

        The time does not count while the process wants a core and gets none.
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
        """End the process and forget it; return its exit status."""
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
    """Return the processor time of a process, in ticks, and whether it waits now.

    Args:
        pid: The process id.

    Returns:
        -1 and False if the system does not provide it.

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
    """Describe how a process ended that did not answer.

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
