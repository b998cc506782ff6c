"""Ctrl-C and SIGTERM as wishes, granted after the step and not within it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def deferred_signals() -> Iterator[list[str]]:
    """Note Ctrl-C and SIGTERM instead of stopping at once; a second one stops at once.

    Outside of the main thread nothing changes, as only that one gets signals.

    Yields:
        The names of the signals received so far; empty as long as all goes on.
    """
    received: list[str] = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return

    def note(number: int, _: FrameType | None) -> None:
        received.append(signal.Signals(number).name)
        restore()

    before = [signal.signal(number, note) for number in SIGNALS]

    def restore() -> None:
        for number, handler in zip(SIGNALS, before, strict=True):
            if handler is not None:  # None: it was set by something other than Python
                signal.signal(number, handler)

    try:
        yield received
    finally:
        restore()
