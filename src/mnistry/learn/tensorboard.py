"""Live curves of a run in TensorBoard.

Rule of the file: events are only ever added; a resumed run writes another file, and
TensorBoard shows both as one.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from mnistry.extras import require
from mnistry.learn.progress import StepCallback
from mnistry.learn.run import Step

SHOWN = ("loss", "accuracy", "learning_rate", "validation_loss", "validation_accuracy")
SECONDS = 10  # between writes to disk; the rest is written at the end


@contextmanager
def tensorboard(folder: str | os.PathLike[str]) -> Iterator[StepCallback]:
    """Write event files for TensorBoard while training.

    They have loss, accuracy and learning rate of every step, and loss and accuracy on
    held-out images for every epoch. To view them: `pip install tensorboard`,
    `tensorboard --logdir run`.

    Args:
        folder: The folder for `events.out.tfevents…`; it is created if necessary.

    Yields:
        The function to pass as `watch` to `train` or `resume`.

    Raises:
        MissingExtraError: tensorboardX is not installed.

    Example:
        >>> with tensorboard("run") as watch:  # doctest: +SKIP
        ...     model = train(digits, folder="run", watch=watch)
    """
    tensorboard_x = require("tensorboardX", extra="tensorboard")
    # names count whole seconds: one that goes on at once must not write over another
    unique = f".{time.time_ns()}"
    with tensorboard_x.SummaryWriter(
        os.fspath(folder), flush_secs=SECONDS, filename_suffix=unique
    ) as writer:

        def write(step: Step) -> None:
            for name in SHOWN:
                number = step.get(name)
                if number is not None:
                    writer.add_scalar(name, number, step["step"])

        yield write
