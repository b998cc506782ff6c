"""A worker process: it loads what it needs once, then answers message after message.

Rule of the module: only bytes cross the pipe. Nothing that a worker sends is unpickled,
because it has opened untrusted files. The owner of a worker decides how long an answer
may take; a worker that is late or has died is replaced.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

Answer = Callable[[bytes], bytes]
"""Answers a message."""

START_SECONDS = 120.0  # until a new worker must be ready; a busy machine takes long
READY = b"ready"
FORKSERVER = "forkserver"


class WorkerLostError(Exception):
    """The worker died before it answered."""


class WorkerLateError(Exception):
    """The worker did not answer in time, and was ended."""


class Worker:
    """One process and the pipe to it. Not shared between threads.

    Args:
        prepare: Called once in the process, with `arguments`; gives what answers
            messages. A function at the top of a module, so that it can be found there.
        arguments: For `prepare`: numbers and strings.
        preload: Modules to import once for all workers, where processes can be forked
            from a server; the next worker is then ready in a fraction of a second.
        memory_bytes: Of address space, beyond which an allocation fails with
            MemoryError; 0: no limit. Only where the system knows such limits.
        niceness: How much to yield to other processes, 0 to 19.

    Example:
        >>> import mnistry.workers
        >>> with Worker(mnistry.workers.echo) as worker:
        ...     worker.ask(b"seven", timeout_seconds=60)
        b'seven'
    """

    def __init__(
        self,
        prepare: Callable[..., Answer],
        arguments: tuple[Any, ...] = (),
        *,
        preload: tuple[str, ...] = (),
        memory_bytes: int = 0,
        niceness: int = 0,
    ) -> None:
        methods = multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context(
            FORKSERVER if FORKSERVER in methods else "spawn"
        )
        if preload and FORKSERVER in methods:
            context.set_forkserver_preload(list(preload))
        self._context = context
        self._task = (prepare, arguments, memory_bytes, niceness)
        self._pipe: Connection | None = None
        self._process: Any = None

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process id; None if there is no process."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process, if none is alive, and wait until it is ready.

        Raises:
            WorkerLostError: It died while it prepared.
            WorkerLateError: It was not ready in time.
        """
        if self._process is not None and self._process.is_alive():
            return
        self.close()
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_serve, args=(theirs, *self._task), daemon=True
        )
        process.start()
        theirs.close()
        self._pipe, self._process = ours, process
        self._receive(START_SECONDS)

    def ask(self, message: bytes, *, timeout_seconds: float) -> bytes:
        """Send a message and wait for its answer.

        Args:
            message: What `prepare`'s function takes.
            timeout_seconds: After which the process is ended.

        Raises:
            WorkerLostError: It died; the next call starts another one.
            WorkerLateError: It did not answer in time; likewise.
        """
        self.start()
        assert self._pipe is not None  # noqa: S101 - start made it
        try:
            self._pipe.send_bytes(message)
        except OSError as error:
            self.close()
            raise WorkerLostError from error
        return self._receive(timeout_seconds)

    def _receive(self, seconds: float) -> bytes:
        assert self._pipe is not None  # noqa: S101 - start made it
        try:
            if self._pipe.poll(seconds):
                return self._pipe.recv_bytes()
        except (EOFError, OSError) as error:
            self.close()
            raise WorkerLostError from error
        self.close()
        raise WorkerLateError

    def close(self) -> None:
        """End the process, whatever it is doing."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if pipe is not None:
            pipe.close()
        if process is not None:
            process.kill()
            process.join()
            process.close()


def echo() -> Answer:
    """Prepare a worker that gives each message back: for trying one out."""
    return lambda message: message


def _serve(
    pipe: Connection,
    prepare: Callable[..., Answer],
    arguments: tuple[Any, ...],
    memory_bytes: int,
    niceness: int,
) -> None:
    """Answer until the other end is closed. The owner alone decides when to stop."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    _limit(memory_bytes, niceness)
    answer = prepare(*arguments)
    pipe.send_bytes(READY)
    while True:
        try:
            message = pipe.recv_bytes()
            pipe.send_bytes(answer(message))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return


def _limit(memory_bytes: int, niceness: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    if niceness:
        os.nice(niceness)
