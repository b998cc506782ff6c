"""Train the line reader on composed strips, for a given number of minutes.

Run: python train_lines.py STRIPS_DIR HELD_BACK_DIR OUT.safetensors MINUTES
     [EARLIER [FIXED]]

With EARLIER, an earlier stage's file, training goes on from its weights; the first
FIXED parts of the net stay as they are then, which costs the most and learns the least.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from line_batches import BLANK, Batch, Row, plain, read_shard, stream
from loop import Plan, fit, tell, warm_start
from torch import nn
from torch.nn import functional

BATCH = 48
PEAK, PEAK_WARM = 2.5e-3, 2e-3


def block(i: int, o: int, k=3, pad=1) -> nn.Sequential:
    """A convolution, normalised."""
    return nn.Sequential(
        nn.Conv2d(i, o, k, padding=pad, bias=False), nn.BatchNorm2d(o), nn.ReLU()
    )


class LineNet(nn.Module):
    """Strips (n, 1, 32, w) to logits (n, w / 2, 11); the last class is blank."""

    def __init__(self) -> None:
        """Lay the layers."""
        super().__init__()
        self.body = nn.Sequential(
            block(1, 16),
            nn.MaxPool2d(2),
            block(16, 32),
            block(32, 32),
            nn.MaxPool2d(2),
            block(32, 64),
            block(64, 64),
            nn.MaxPool2d((2, 1)),
            block(64, 96),
            block(96, 128, (4, 1), 0),
            nn.Dropout(0.1),
            block(128, 128, (1, 5), (0, 2)),
            block(128, 128, (1, 5), (0, 2)),
            block(128, 128, (1, 5), (0, 2)),
        )
        self.head = nn.Conv2d(128, 22, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give logits."""
        y = self.head(self.body(x)).squeeze(2)  # n, 22, w/4
        n, _, t = y.shape
        return y.view(n, 2, 11, t).permute(0, 3, 1, 2).reshape(n, 2 * t, 11)


def loss_of(net: nn.Module, batch: Batch, done: float) -> torch.Tensor:
    """Join two losses: the class of each frame, and the digits wherever they are."""
    images = batch.images.to(memory_format=torch.channels_last)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = net(images)
    logs = logits.float().log_softmax(-1)
    weights = torch.ones(11)
    weights[BLANK] = 0.5
    framewise = functional.nll_loss(
        logs.reshape(-1, 11), batch.frames.reshape(-1), weights
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
    """Give the best path of each strip, collapsed."""
    best = logits.argmax(-1).numpy()
    changes = np.diff(best, axis=1, prepend=BLANK) != 0
    return [
        row[new & (row != BLANK)].tolist()
        for row, new in zip(best, changes, strict=True)
    ]


@torch.no_grad()
def exact(net: nn.Module, rows: list[Row]) -> float:
    """Tell the share of strings that are read exactly."""
    net.eval()
    rows = sorted(rows, key=lambda row: row.strip.shape[1])
    good = 0
    for start in range(0, len(rows), 64):
        some = rows[start : start + 64]
        texts = greedy(net(plain(some)))
        good += sum(
            text == row.digits.tolist() for text, row in zip(texts, some, strict=True)
        )
    net.train()
    return good / len(rows)


def main() -> None:
    """Train."""
    strips, held, out, minutes, *more = sys.argv[1:]
    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = LineNet().to(memory_format=torch.channels_last)
    for path in more[:1]:
        tell(f"new here: {warm_start(net, Path(path))}")
    for part in net.body[: int(more[1]) if more[1:] else 0]:
        part.requires_grad_(requires_grad=False).eval()

    def measure(mean: nn.Module) -> str:
        paths = sorted(Path(held).glob("[0-9]*.npz"))
        return ", ".join(
            f"{path.stem}: {exact(mean, read_shard(path)[:1000]):.4f}" for path in paths
        )

    fit(
        net,
        stream(Path(strips), BATCH, np.random.default_rng()),
        loss_of,
        plan=Plan(float(minutes), PEAK_WARM if more else PEAK),
        measure=measure,
        out=Path(out),
    )


if __name__ == "__main__":
    main()
