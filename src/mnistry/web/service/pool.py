"""Worker processes behind a queue: admission, time-outs, replacement.

One thread for each worker sends it a job and waits for the answer, so that the event
loop never blocks. Predictions that wait together are sent to a worker together.
"""

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from mnistry.web.service import jobs
from mnistry.web.service.limits import Limits
from mnistry.web.service.problems import ProblemError
from mnistry.workers import Worker, WorkerLateError, WorkerLostError

MERGED = 64  # predictions in one message: more gain nothing, and make the first wait
NICENESS = 5  # so that the event loop answers health while all cores work
SMOOTHING = 0.05  # of the mean time of a job, for Retry-After


@dataclass(slots=True, eq=False)
class _Job:
    parts: list[bytes]
    future: "asyncio.Future[bytes]"


class Pool:
    """Workers, and the requests that wait for them. Belongs to one event loop.

    Args:
        workers: Number of processes.
        limits: Limits of requests, of which `queue` and `job_seconds` are used here.
        model_path: Path of the model that predicts; None: the packaged one.
    """

    def __init__(
        self, workers: int, limits: Limits, *, model_path: str | None = None
    ) -> None:
        self.workers, self.limits = workers, limits
        self.restarts = 0
        self.in_flight = 0
        self._model_path = model_path
        self._waiting: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._ready: set[Worker] = set()
        self._is_closed = False
        self._threads: list[threading.Thread] = []
        self._workers: list[Worker] = []
        self._mean_seconds = 0.02

    @property
    def is_ready(self) -> bool:
        """Whether a worker is ready."""
        return bool(self._ready) and not self._is_closed

    @property
    def waiting(self) -> int:
        """Jobs that no worker has taken yet."""
        return len(self._waiting)

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that are alive."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    async def start(self) -> None:
        """Start all workers, and wait until the first is ready.

        Raises:
            WorkerLostError: A worker died while it started.
        """
        self._loop = asyncio.get_running_loop()
        self._first: asyncio.Future[None] = self._loop.create_future()
        for number in range(self.workers):
            name = f"mnistry-worker-{number}"
            thread = threading.Thread(target=self._run, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        await self._first

    async def close(self) -> None:
        """Let workers finish their jobs, then end them."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Take a place for one request, or refuse it.

        Raises:
            ProblemError: 429 if the queue is full; 503 if the service is stopping.
        """
        self.expect_room()
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    def expect_room(self) -> None:
        """Refuse a request, before its body is received, if the queue is full.

        Raises:
            ProblemError: 429 if the queue is full; 503 if the service is stopping.
        """
        if self._is_closed:
            raise ProblemError(503, "the service is stopping. Ask another one.", 1)
        if self.in_flight >= self.workers + self.limits.queue:
            rate = self.workers / self._mean_seconds
            seconds = max(1, math.ceil(self.in_flight / rate))
            detail = (
                f"{self.in_flight} requests are under way; expected at most"
                f" {self.workers + self.limits.queue}. Try again in {seconds} s."
            )
            raise ProblemError(429, detail, seconds)

    async def answer(self, parts: list[bytes]) -> bytes:
        """Have a worker do a job.

        Args:
            parts: The kind of job, then one part for a prediction, two for a file.

        Raises:
            ProblemError: 503 if the worker died, 504 if it took too long.
        """
        job = _Job(parts, self._loop.create_future())
        with self._changed:
            self._waiting.append(job)
            self._changed.notify()
        return await job.future

    def _run(self) -> None:
        """Serve one worker, in a thread of its own, until the pool is closed."""
        arguments = (self._model_path, jobs.limits_of(self.limits))
        memory = self.limits.worker_memory_bytes
        with Worker(
            jobs.prepare,
            arguments,
            preload=jobs.PRELOAD,
            memory_bytes=memory,
            niceness=NICENESS,
        ) as worker:
            self._workers.append(worker)
            while self._prepare(worker):
                taken = self._take()
                if not taken:
                    break
                self._do(worker, taken)
                if worker.pid is None:
                    self._ready.discard(worker)
        self._ready.clear()

    def _prepare(self, worker: Worker) -> bool:
        """Start the worker if necessary; the first time, tell the pool's starter.

        A worker that dies while it starts is restarted, at once or after the waiting
        jobs, which then fail.
        """
        while True:
            try:
                worker.start()
            except (WorkerLostError, WorkerLateError) as error:
                self._ready.discard(worker)
                if not self._first.done():
                    self._call(_set_error, self._first, error)
                    return False
                time.sleep(0.5)  # do not restart processes in a tight loop
                if self._waiting or self._is_closed:
                    return not self._is_closed
            else:
                self._ready.add(worker)
                if not self._first.done():
                    self._call(_set, self._first, None)
                return True

    def _take(self) -> list[_Job]:
        """Take the next job; if it is a prediction, with all waiting predictions."""
        with self._changed:
            while not self._waiting and not self._is_closed:
                self._changed.wait()
            if not self._waiting:
                return []
            taken = [self._waiting.popleft()]
            if taken[0].parts[0] == b"predict":
                share = -(-len(self._waiting) // self.workers)
                while (
                    self._waiting
                    and len(taken) <= min(share, MERGED)
                    and self._waiting[0].parts[0] == b"predict"
                ):
                    taken.append(self._waiting.popleft())
        return [job for job in taken if not job.future.cancelled()] or self._take()

    def _do(self, worker: Worker, taken: list[_Job]) -> None:
        kind, started = taken[0].parts[0], time.perf_counter()
        parts = [part for job in taken for part in job.parts[1:]]
        try:
            message = worker.ask(
                jobs.pack([kind, *parts]), timeout_seconds=self.limits.job_seconds
            )
        except WorkerLostError:
            self.restarts += 1
            self._call(_fail, taken, 503, LOST, 1)
        except WorkerLateError:
            self.restarts += 1
            detail = f"it took longer than {self.limits.job_seconds:g} s. {LATE}"
            self._call(_fail, taken, 504, detail, None)
        else:
            self._call(_finish, taken, jobs.unpack(message))
            seconds = (time.perf_counter() - started) / len(taken)
            self._mean_seconds += SMOOTHING * (seconds - self._mean_seconds)

    def _call(self, function: Callable[..., None], *arguments: Any) -> None:
        with suppress(RuntimeError):  # the event loop is closed
            self._loop.call_soon_threadsafe(function, *arguments)


LOST = "the worker died on it, and another one was started. Try again, or look at it."
LATE = "Make it smaller, send its pages one by one, or start with more --seconds."


def _set(future: "asyncio.Future[None]", value: None) -> None:
    if not future.done():
        future.set_result(value)


def _set_error(future: "asyncio.Future[None]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


def _finish(taken: list[_Job], answers: list[bytes]) -> None:
    for job, answer in zip(taken, answers, strict=True):
        if not job.future.done():
            job.future.set_result(answer)


def _fail(taken: list[_Job], status: int, detail: str, retry: int | None) -> None:
    for job in taken:
        if not job.future.done():
            job.future.set_exception(ProblemError(status, detail, retry))
