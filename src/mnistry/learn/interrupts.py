"""Ctrl-C and SIGTERM, handled after the current step."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def deferred_signals() -> Iterator[list[str]]:
    """Record Ctrl-C and SIGTERM instead of stopping; a second one stops at once.

    Outside the main thread nothing changes, because only that receives signals.

    Yields:
        The names of the signals received so far.
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
