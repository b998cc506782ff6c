"""Train the net for lines on composed strips.

Run: python -m training.reading.train_lines strips/ held/ lines/ --steps 60000
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from training.reading.line_batches import BLANK, Batch, plain, stream
from training.reading.line_net import CLASSES, NARROW, LineNet, unfold
from training.reading.loop import Plan, add_run_options, log, train
from training.reading.strip_shards import Strip, read_shard

BATCH = 48
PEAK, PEAK_WARM = 2.5e-3, 1.5e-3
VALIDATED = 1000  # strips of each shard held out


def loss_of(net: nn.Module, batch: Batch, done: float) -> torch.Tensor:
    """Join two losses: the class of each frame, and the digits wherever they are."""
    images = batch.images.to(memory_format=torch.channels_last)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = net(images)
    logs = logits.float().log_softmax(-1)
    weights = torch.ones(CLASSES)
    weights[BLANK] = 0.5
    framewise = functional.nll_loss(
        logs.reshape(-1, CLASSES), batch.frames.reshape(-1), weights
    )
    anywhere = functional.ctc_loss(
        logs.transpose(0, 1),
        batch.digits,
        torch.full((len(images),), logs.shape[1]),
        batch.counts,
        blank=BLANK,
        zero_infinity=True,
    )
    return (0.5 if done < 0.5 else 0.15) * framewise + 0.3 * anywhere


def greedy(logits: torch.Tensor) -> list[list[int]]:
    """Return the best path of each strip, collapsed."""
    best = logits.argmax(-1).numpy()
    changes = np.diff(best, axis=1, prepend=BLANK) != 0
    return [
        row[new & (row != BLANK)].tolist()
        for row, new in zip(best, changes, strict=True)
    ]


@torch.no_grad()
def exact(net: nn.Module, strips: list[Strip]) -> float:
    """Return the share of strings that are read exactly."""
    net.eval()
    strips = sorted(strips, key=lambda strip: strip.pixels.shape[1])
    good = 0
    for start in range(0, len(strips), 64):
        some = strips[start : start + 64]
        images = plain(some).to(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            texts = greedy(net(images).float())
        good += sum(
            text == strip.digits.tolist()
            for text, strip in zip(texts, some, strict=True)
        )
    return good / len(strips)


def validate(net: nn.Module, folder: Path) -> str:
    """Return the exact shares of all shards held out, in words."""
    shares = {
        str(path.relative_to(folder).with_suffix("")): exact(
            net, read_shard(path)[:VALIDATED]
        )
        for path in sorted(folder.glob("**/[0-9]*.npz"))
    }
    return ", ".join(f"{name}: {share:.4f}" for name, share in shares.items())


def main() -> None:
    """Train."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("strips", type=Path, help="folder of composed shards")
    parser.add_argument("held", type=Path, help="folder of folders of those held out")
    add_run_options(parser)
    parser.add_argument(
        "--channels", type=int, nargs=5, default=NARROW, help="of the net"
    )
    parser.add_argument(
        "--attention", type=int, default=0, help="after how many context convolutions"
    )
    parser.add_argument("--peak", type=float, help="largest learning rate")
    parser.add_argument(
        "--seed", type=int, default=0, help="of the batches; two runs may be averaged"
    )
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = LineNet(args.channels, attention=args.attention)
    if args.warm and not args.out.exists():
        first = next(stream(args.strips, 4 * BATCH, 1))
        log(f"new convolutions: {unfold(net, args.warm, first.images)}")
        log("   " + validate(net, args.held))
    train(
        net,
        Plan(
            steps=args.steps,
            peak=args.peak or (PEAK_WARM if args.warm else PEAK),
            batches=lambda start: stream(args.strips, BATCH, args.seed, start=start),
            loss_of=loss_of,
            validate=lambda average: validate(average, args.held),
            every=args.every,
            until=args.until,
        ),
        args.out,
    )


if __name__ == "__main__":
    main()
