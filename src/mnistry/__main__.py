"""The program: `mnistry` is `python -m mnistry`.

Until the command line is there, Ctrl-C is left to the system, which ends us without a
traceback; what is imported here is as little as can be.
"""

import gc
import signal


def main() -> None:
    """Import the command line and run it."""
    before = signal.getsignal(signal.SIGINT)
    is_ours = before is signal.default_int_handler  # a shell may have it ignored
    if is_ours:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from mnistry import cli

    if is_ours:
        signal.signal(signal.SIGINT, before)
    try:
        cli.main()
    finally:
        gc.freeze()  # the end of Python searches for cycles: 0.3 s after torch


if __name__ == "__main__":
    main()
