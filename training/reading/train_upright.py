"""Train the net that tells whether a digit stands upright or upside down.

Each digit is shown both ways, brought into MNIST's frame both times as reading does: an
image that is only turned would lie a pixel further left than what is read, and the net
would learn that.

Run: python -m training.reading.train_upright upright/ --steps 5000
"""

import argparse
import itertools
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

import mnistry
from mnistry.frame import stack_frames
from training.reading import allographs
from training.reading.digit_net import SMALL, DigitNet
from training.reading.glyphs import DESCRIBED_WRITERS, mnist_writers
from training.reading.loop import Plan, add_run_options, train
from training.reading.train_digit import predict, shake

BATCH = {"mnist": 56, "described": 20, "drawn": 20}  # digits, each both ways up
PEAK = 3e-3

BothWays = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""Images (n, 28, 28), and the same digits upside down."""

Batch = tuple[torch.Tensor, torch.Tensor]
"""Images (n, 1, 28, 28) from 0 to 1, and 1 for each upright one, 0 for others."""


def both_ways(images: NDArray[np.uint8]) -> BothWays:
    """Frame digits as they are, and upside down."""
    return stack_frames(images), stack_frames(images[:, ::-1, ::-1])


def load_sources(*, held_out: bool) -> dict[str, BothWays]:
    """Load digits by who wrote them, or those of writers held out, as glyphs.py does.

    Swiss hands are not among them, which are another download.
    """
    mnist = mnistry.load("mnist", split="train")
    rows = (mnist_writers() % 10 == 7) == held_out
    described, _, _ = allographs.many_writers(
        DESCRIBED_WRITERS[held_out], seed=int(held_out)
    )
    found = {"mnist": np.asarray(mnist.images)[rows], "described": described}
    if not held_out:
        found["drawn"] = np.asarray(mnistry.load("drawn", split="train").images)
    return {name: both_ways(images) for name, images in found.items()}


def stream(sources: dict[str, BothWays], seed: int, start: int) -> Iterator[Batch]:
    """Yield batches without end, each by its number."""
    for number in itertools.count(start):
        rng = np.random.default_rng([seed, number])
        torch.manual_seed(number)
        upright, turned = [], []
        for name, count in BATCH.items():
            rows = rng.integers(0, len(sources[name][0]), count)
            upright.append(sources[name][0][rows])
            turned.append(sources[name][1][rows])
        images = np.concatenate([*upright, *turned])
        pixels = torch.from_numpy(images)[:, None].float() / 255
        is_upright = (torch.arange(len(images)) < len(images) // 2).float()
        yield shake(pixels, rng), is_upright


def loss_of(net: nn.Module, batch: Batch, done: float) -> torch.Tensor:
    """Return the cross-entropy of both ways up."""
    del done
    images, is_upright = batch
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = net(images.to(memory_format=torch.channels_last))
    loss: torch.Tensor = functional.binary_cross_entropy_with_logits(
        logits.float()[:, 0], is_upright
    )
    return loss


def validate(net: nn.Module, held: dict[str, BothWays]) -> str:
    """Return how many digits are taken for what they are, and the log loss."""
    words = []
    for name, (upright, turned) in held.items():
        odds = np.concatenate([predict(net, upright), -predict(net, turned)])
        loss = np.logaddexp(0, -odds).mean()
        words.append(f"{name} {(odds > 0).mean():.4f} (log loss {loss:.4f})")
    return " ".join(words)


def main() -> None:
    """Train."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_run_options(parser)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    sources = load_sources(held_out=False)
    held = load_sources(held_out=True)
    train(
        DigitNet(SMALL, classes=1),
        Plan(
            steps=args.steps,
            peak=PEAK,
            batches=lambda start: stream(sources, 0, start),
            loss_of=loss_of,
            validate=lambda average: validate(average, held),
            every=args.every,
            until=args.until,
        ),
        args.out,
    )


if __name__ == "__main__":
    main()
