"""Processes that read pictures side by side.

A picture that hangs or ends its process becomes a row with an error; those read with it
are read again by a fresh process. The threads here only wait for processes.
"""

import queue
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from mnistry.bulk import rows, worker
from mnistry.bulk.process import Failure, ReadingProcess, StoppedError, Task
from mnistry.bulk.sources import Picture, to_batch

BATCH_S = 0.25  # of reading in one message: long beside sending it, short to lose
MOST_AT_ONCE = 64
MOST_BYTES = 16 << 20  # of pictures' own bytes in one message


def run(pictures: Iterable[Picture], task: Task, processes: int) -> Iterator[Any]:
    """Read pictures in several processes.

    Args:
        pictures: Taken one after the other, as processes become free.
        task: What is asked of the processes.
        processes: How many.

    Yields:
        Record batches, each of some pictures that follow each other, in the order in
        which they are done; that of the pictures is for a column of theirs to say.

    Raises:
        UsageError: Settings that cannot be, or processes that cannot be started.
    """
    rows.check_settings(task.settings)
    feed = _Feed(pictures)
    answers: queue.Queue[Any] = queue.Queue(maxsize=2 * processes)
    workers = [ReadingProcess(task) for _ in range(processes)]
    threads = [
        threading.Thread(target=_serve, args=(one, feed, task, answers), daemon=True)
        for one in workers
    ]
    for thread in threads:
        thread.start()
    running = len(threads)
    try:
        while running:
            answer = answers.get()
            if isinstance(answer, BaseException):
                raise answer
            if answer is None:
                running -= 1
            else:
                yield answer
    finally:
        feed.stop()
        for one in workers:
            one.stop()
        while any(thread.is_alive() for thread in threads):
            with suppress(queue.Empty):
                answers.get(timeout=0.01)


def read_all(
    worker_: ReadingProcess, pictures: Sequence[Picture], task: Task
) -> list[Any]:
    """Ask for pictures until each has its answer, if only that it cannot be read.

    Args:
        worker_: Whom to ask.
        pictures: Some.
        task: What it does.

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
        culprit = pictures[number]
        if not answer.is_final:  # something else may have ended the process
            answer = worker_.ask([culprit])
        if isinstance(answer, Failure):
            lost = [culprit._replace(problem=answer.reason, content=None)]
            batch = to_batch(lost, task.columns)
            answer = worker.TASKS[task.name](batch, lambda _: None, task.settings)
        found.append(answer)
        pictures = pictures[number + 1 :]
    return found


class _Feed:
    """Pictures for several threads: an iterator that only one at a time may turn."""

    def __init__(self, pictures: Iterable[Picture]) -> None:
        self._pictures = iter(pictures)
        self._lock = threading.Lock()
        self._is_over = False

    def take(self, count: int) -> list[Picture]:
        """Give the next pictures, fewer if they are large; none at the end."""
        taken: list[Picture] = []
        size = 0
        with self._lock:
            while len(taken) < count and size < MOST_BYTES and not self._is_over:
                picture = next(self._pictures, None)
                if picture is None:
                    self._is_over = True
                else:
                    taken.append(picture)
                    size += len(picture.content or b"")
        return taken

    def stop(self) -> None:
        self._is_over = True


def _serve(
    one: ReadingProcess, feed: _Feed, task: Task, answers: "queue.Queue[Any]"
) -> None:
    """Ask a process until no picture is left; the last answer is None."""
    count = 1
    try:
        while pictures := feed.take(count):
            began = time.monotonic()
            for answer in read_all(one, pictures, task):
                answers.put(answer)
            each = (time.monotonic() - began) / len(pictures)
            count = min(MOST_AT_ONCE, 2 * count, max(1, round(BATCH_S / each)))
    except StoppedError:
        pass
    except BaseException as error:  # noqa: BLE001 - it is raised where it is awaited
        answers.put(error)
    finally:
        one.close()
        answers.put(None)
