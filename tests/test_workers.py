"""Worker processes: they answer, are replaced, and know their limits."""

import os
import signal
import time

import pytest

from mnistry.workers import Answer, Worker, WorkerLateError, WorkerLostError


def stubborn() -> Answer:
    """Prepare what sleeps, dies or takes memory, as a test asks for."""

    def answer(message: bytes) -> bytes:
        if message == b"sleep":
            time.sleep(60)
        if message == b"die":
            os.kill(os.getpid(), signal.SIGKILL)
        if message == b"eat":
            try:
                bytes(8 << 30)
            except MemoryError:
                return b"too much"
        return b"done"

    return answer


def unprepared() -> Answer:
    raise SystemExit(1)


def test_one_that_is_late_or_dies_is_replaced_by_the_next_call() -> None:
    with Worker(stubborn) as worker:
        assert worker.ask(b"work", timeout_seconds=60) == b"done"
        first = worker.pid
        with pytest.raises(WorkerLateError):
            worker.ask(b"sleep", timeout_seconds=0.05)
        assert worker.pid is None
        assert worker.ask(b"work", timeout_seconds=60) == b"done"
        with pytest.raises(WorkerLostError):
            worker.ask(b"die", timeout_seconds=60)
        assert worker.ask(b"work", timeout_seconds=60) == b"done"
        assert worker.pid not in {None, first}


def test_one_that_was_killed_between_two_calls_is_not_missed() -> None:
    with Worker(stubborn) as worker:
        worker.start()
        os.kill(worker.pid or 0, signal.SIGKILL)
        time.sleep(0.2)
        assert worker.ask(b"work", timeout_seconds=60) == b"done"


def test_memory_has_a_limit() -> None:
    with Worker(stubborn, memory_bytes=2 << 30, niceness=1) as worker:
        assert worker.ask(b"eat", timeout_seconds=60) == b"too much"


def test_one_that_cannot_prepare_is_lost() -> None:
    with Worker(unprepared) as worker, pytest.raises(WorkerLostError):
        worker.start()
