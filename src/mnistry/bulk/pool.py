"""Processes that read pictures side by side.

A picture that hangs or ends its process becomes a row with an error; those sent with it
are read again. While one process waits, for a disk that does not answer, another one
uses its core, and reads what was sent with the picture. The threads here only wait for
processes.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mnistry.bulk import rows, worker
from mnistry.bulk.process import Failure, ReadingProcess, StoppedError, Task
from mnistry.bulk.shards import NUMBER
from mnistry.bulk.sources import Picture, to_batch
from mnistry.extras import require

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = require("pyarrow", extra="bulk")

BATCH_S = 0.25  # of reading in one message: long beside sending it, short to lose
MOST_AT_ONCE = 64
MOST_BYTES = 16 << 20  # of pictures' own bytes in one message
MOST_STARTED = 4  # processes for each that is to read: the others may wait


def run(pictures: Iterable[Picture], task: Task, processes: int) -> Iterator[Any]:
    """Read pictures in several processes.

    Args:
        pictures: Taken one after another, as processes become free; each has a unique
            `NUMBER` among its columns.
        task: What the processes do.
        processes: Number of processes; more are started while some wait for a file.

    Yields:
        Record batches, each of some pictures, in the order in which they are done.

    Raises:
        UsageError: A setting is invalid, or processes cannot be started.
    """
    rows.check_settings(task.settings)
    pool = _Pool(_Feed(pictures, processes), task, processes)
    try:
        for _ in range(processes):
            pool.start()
        while (answer := pool.answers.get()) is not None:
            if isinstance(answer, BaseException):
                raise answer
            yield answer
    finally:
        pool.stop()


def read_all(
    worker_: ReadingProcess, pictures: Sequence[Picture], task: Task
) -> list[Any]:
    """Have pictures read until each has an answer, even if it is an error.

    Args:
        worker_: The process.
        pictures: The pictures.
        task: What the process does.

    Returns:
        Record batches, in the order of the pictures.
    """
    found: list[Any] = []
    while pictures:
        answer = worker_.ask(pictures)
        if not isinstance(answer, Failure):
            return [*found, answer]
        number = min(answer.number, len(pictures) - 1)
        found += read_all(worker_, pictures[:number], task)
        found.append(_settle(worker_, pictures[number], task, answer))
        pictures = pictures[number + 1 :]
    return found


def _settle(
    worker_: ReadingProcess, culprit: Picture, task: Task, failure: Failure
) -> Any:
    """Return the row for the picture on which a process failed."""
    answer: Any = failure
    if not failure.is_final:  # something else may have ended the process
        answer = worker_.ask([culprit])
    if isinstance(answer, Failure):
        lost = [culprit._replace(problem=answer.reason, content=None)]
        batch = to_batch(lost, task.columns)
        answer = worker.TASKS[task.name](batch, lambda _: None, task.settings)
    return answer


class _Feed:
    """Pictures for several threads: an iterator that one thread at a time advances.

    It counts the threads that take pictures: some of those that return from waiting may
    end, but one always remains for pictures that were returned.
    """

    def __init__(self, pictures: Iterable[Picture], wanted: int) -> None:
        self._pictures = iter(pictures)
        self._again: deque[Picture] = deque()
        self._lock = threading.Lock()
        self._is_over = False
        self._wanted = wanted
        self._taking = 0

    def join(self, change: int = 1) -> None:
        """Count one more thread that takes pictures, or one less."""
        with self._lock:
            self._taking += change

    def come_back(self) -> bool:
        """Return whether a thread that waited is still needed; if so, count it."""
        with self._lock:
            is_needed = self._taking < self._wanted
            self._taking += is_needed
        return is_needed

    def take(self, count: int) -> list[Picture]:
        """Return the next pictures, fewer if they are large; none at the end."""
        taken: list[Picture] = []
        size = 0
        with self._lock:
            while len(taken) < count and size < MOST_BYTES and not self._is_over:
                picture = self._next()
                if picture is None:
                    break
                taken.append(picture)
                size += len(picture.content or b"")
            if not taken:
                self._taking -= 1
        return taken

    def give_back(self, pictures: Sequence[Picture]) -> None:
        """Return pictures that were not read; they are next."""
        with self._lock:
            self._again.extendleft(reversed(pictures))

    def stop(self) -> None:
        """Provide no more pictures."""
        self._is_over = True

    def _next(self) -> Picture | None:
        return self._again.popleft() if self._again else next(self._pictures, None)


class _Pool:
    """Threads, each with a process, and the queue of their answers.

    Answers are record batches, errors, and None when the last thread has ended.
    """

    def __init__(self, feed: _Feed, task: Task, processes: int) -> None:
        self._feed, self._task = feed, task
        self._most = MOST_STARTED * processes
        self._lock = threading.Lock()
        self._running = 0
        self._threads: list[threading.Thread] = []
        self._workers: list[ReadingProcess] = []
        self._pending: dict[ReadingProcess, list[Picture]] = {}
        self.answers: queue.Queue[Any] = queue.Queue(maxsize=2 * processes)

    def start(self) -> None:
        """Start one more thread, which ends when no picture is left."""
        self._feed.join()
        with self._lock:
            self._running += 1
            one = ReadingProcess(self._task, waits=self._make_up)
            thread = threading.Thread(target=self._serve, args=(one,), daemon=True)
            self._workers.append(one)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End all processes and threads."""
        self._feed.stop()
        with self._lock:
            self._most = 0
            for one in self._workers:
                one.stop()
        while any(thread.is_alive() for thread in self._threads):
            with suppress(queue.Empty):
                self.answers.get(timeout=0.01)

    def _make_up(self, one: ReadingProcess) -> None:
        """Start one more process if one waits without using its core.

        Pictures that the waiting process has not begun go to the others.
        """
        pending, begun = self._pending[one], max(1, one.begun)
        self._feed.give_back(pending[begun:])
        del pending[begun:]
        self._feed.join(-1)
        if self._running < self._most:
            self.start()

    def _serve(self, one: ReadingProcess) -> None:
        """Return pictures to a process until none is left, or it is not needed."""
        count, is_needed = 1, True
        try:
            while is_needed and (pictures := self._feed.take(count)):
                began = time.monotonic()
                self._read(one, pictures)
                each = (time.monotonic() - began) / len(pictures)
                count = min(MOST_AT_ONCE, 2 * count, max(1, round(BATCH_S / each)))
                if one.has_waited:
                    one.has_waited, is_needed = False, self._feed.come_back()
        except StoppedError:
            pass
        except BaseException as error:  # noqa: BLE001 - it is raised where it is awaited
            self.answers.put(error)
        finally:
            one.close()
            with self._lock:
                self._running -= 1
                is_last = not self._running
            if is_last:
                self.answers.put(None)

    def _read(self, one: ReadingProcess, pictures: list[Picture]) -> None:
        """Have pictures read; if one fails, the others are returned."""
        pending = self._pending[one] = list(pictures)
        answer = one.ask(pictures)
        if isinstance(answer, Failure):
            number = answer.number
            self._feed.give_back(pending[:number] + pending[number + 1 :])
            if number >= len(pending):  # that picture now belongs to another process
                return
            culprit = self._pending[one] = pending[number : number + 1]
            answer = _settle(one, culprit[0], self._task, answer)
        elif len(pending) < len(pictures):
            numbers = pa.array([picture.columns[NUMBER] for picture in pending])
            answer = answer.filter(pa.compute.is_in(answer.column(NUMBER), numbers))
        self.answers.put(answer)
