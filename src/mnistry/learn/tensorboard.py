"""A run as TensorBoard shows it, while it is under way.

Rule of the file: events are only ever added; a run that is resumed writes a
further file, and TensorBoard shows both as one.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from mnistry.extras import require
from mnistry.learn.progress import StepCallback
from mnistry.learn.run import Step

SHOWN = ("loss", "accuracy", "learning_rate", "validation_loss", "validation_accuracy")
SECONDS = 10  # between two writes to the disk; the rest is written in the end


@contextmanager
def tensorboard(folder: str | os.PathLike[str]) -> Iterator[StepCallback]:
    """Write event files that TensorBoard draws curves of, live.

    Loss, accuracy and learning rate come with every step, loss and accuracy on the
    images held out with the last step of every epoch. To look at them:
    `pip install tensorboard`, `tensorboard --logdir run`.

    Args:
        folder: Where `events.out.tfevents…` goes; it is made if it is not there.

    Yields:
        What `train` and `resume` take as `watch`.

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
