"""A progress bar for a run, on stderr: loss, accuracy, time left."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mnistry.escape import is_terminal
from mnistry.learn.run import Step

SMOOTHING = 0.95  # weight of the previous value: single batches vary too much


StepCallback = Callable[[Step], None]


@contextmanager
def step_callback(watch: StepCallback | bool | None) -> Iterator[StepCallback]:  # noqa: FBT001
    """Choose the function that is called after each step.

    Args:
        watch: A function to call; True for a progress bar, False for none; None for a
            progress bar if stderr is a terminal.

    Yields:
        The function to call after each step.
    """
    if callable(watch):
        yield watch
    elif watch or (watch is None and is_terminal(sys.stderr)):
        with _bar() as bar:
            yield bar
    else:
        yield lambda _: None


@contextmanager
def _bar() -> Iterator[StepCallback]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    progress = Progress(
        TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
        BarColumn(),
        TextColumn("loss {task.fields[loss]:.4f}"),
        TextColumn("accuracy {task.fields[accuracy]:.2f} %"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    with progress:
        task = progress.add_task("", epoch=1, epochs=1, loss=0.0, accuracy=0.0)

        def show(step: Step) -> None:
            before, percent = progress.tasks[0].fields, 100 * step["accuracy"]
            kept = SMOOTHING if step["step"] > 1 else 0.0
            progress.update(
                task,
                completed=step["step"],
                total=step["steps"],
                epoch=step["epoch"],
                epochs=step["epochs"],
                loss=kept * before["loss"] + (1 - kept) * step["loss"],
                accuracy=kept * before["accuracy"] + (1 - kept) * percent,
            )

        yield show
