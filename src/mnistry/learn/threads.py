"""On how many threads of the CPU a net learns: on all that torch may use, or on one.

Threads wait for each other dozens of times in a step. Where another program wants the
same processor, each wait may last until the scheduler's next turn: seen on two cores,
`fast` took 521 s on two threads beside a busy program, where one thread takes 5.
"""

import copy
import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from mnistry.digits import Digits
from mnistry.learn.hardware import rounding
from mnistry.learn.recipe import Recipe

STEPS = 8  # of the trial at most, for each number of threads; the first is not counted
LONGEST_SECONDS = 0.5  # of it, but for the step under way
# one thread is taken if several need so many times its time; on two quiet cores two
# need 0.6 to 0.8 of it, so chance does not decide
HINDERED = 1.5


def threads_that_help(net: nn.Module, digits: Digits, recipe: Recipe) -> int:
    """Try a few steps on all threads and on one, and tell which number to take.

    The order of sums, and with it the last bits of the weights, depend on the number:
    it is chosen once for a run, and written down with it.

    Args:
        net: What is to learn, on the CPU; a copy of it is tried.
        digits: What from.
        recipe: With its device and precision settled.
    """
    most = torch.get_num_threads()
    if most == 1 or recipe.device != "cpu" or not len(digits):
        return most
    count = min(recipe.batch_size, len(digits))
    images = torch.zeros(count, 1, *digits.images.shape[1:])
    several, alone = (
        _seconds(copy.deepcopy(net), images, recipe, threads) for threads in (most, 1)
    )
    return 1 if several > HINDERED * alone else most


def _seconds(
    net: nn.Module, images: torch.Tensor, recipe: Recipe, threads: int
) -> float:
    """Tell how long a step takes: forward and backward, without moving a weight."""
    net.train()
    start, spent = 0.0, 0.0
    with on_threads(threads):
        for step in range(STEPS):
            if step == 1:
                start = time.perf_counter()
            with rounding(recipe):
                logits = net(images)
            logits.float().sum().backward()
            spent = time.perf_counter() - start
            if step and spent > LONGEST_SECONDS:
                break
    return spent / step


@contextmanager
def on_threads(count: int) -> Iterator[None]:
    """Compute on so many threads, or on fewer where torch may use fewer."""
    before = torch.get_num_threads()
    torch.set_num_threads(min(count, before))
    try:
        yield
    finally:
        torch.set_num_threads(before)
