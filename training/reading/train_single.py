"""Train the reader of single digits on composed images, for a number of minutes.

Run: python train_single.py DIR HELD_BACK_DIR OUT.safetensors MINUTES [EARLIER]

With EARLIER, an earlier stage's file, training goes on from its weights.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from loop import Plan, fit, tell, warm_start
from torch import nn
from torch.nn import functional
from train_lines import block

BATCH = 64
JUNK = 10
PEAK, PEAK_WARM = 3e-3, 1e-3


class DigitNet(nn.Module):
    """Images (n, 1, 28, 28) to logits (n, 11); the last class is junk."""

    SIDE = 7  # of what the head sees

    def __init__(self) -> None:
        """Lay the layers."""
        super().__init__()
        self.body = nn.Sequential(
            block(1, 16),
            block(16, 16),
            nn.MaxPool2d(2),
            block(16, 32),
            block(32, 32),
            nn.MaxPool2d(2),
            block(32, 64),
            block(64, 64),
            nn.Dropout2d(0.1),
        )
        self.head = nn.Linear(self.SIDE**2 * 64, 11)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give logits."""
        return self.head(self.body(x).flatten(1))


def load(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Load all shards there are: (images, labels)."""
    shards = [np.load(path) for path in sorted(folder.glob("[0-9]*.npz"))]
    images = np.concatenate([shard["images"] for shard in shards])
    return images, np.concatenate([shard["labels"] for shard in shards])


def batches(
    folder: Path, rng: np.random.Generator
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Give batches without end, new shards as they come."""
    while True:
        images, labels = load(folder)
        parts = max(1, len(images) // BATCH)
        for rows in np.array_split(rng.permutation(len(images)), parts):
            some = torch.from_numpy(images[rows])[:, None].float() / 255
            yield shake(some, rng), torch.from_numpy(labels[rows]).long()


def shake(x: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Turn, slant, scale and move each image; change contrast and thickness."""
    n = len(x)
    turn, lean = torch.randn(2, n) * torch.tensor([[0.12], [0.15]])
    sx, sy = torch.exp(torch.randn(2, n) * 0.1)
    tx, ty = torch.randn(2, n) * 0.06
    cos, sin = torch.cos(turn), torch.sin(turn)
    across = torch.stack([sx * cos, lean - sin, tx], 1)
    down = torch.stack([sin, sy * cos, ty], 1)
    theta = torch.stack([across, down], 1)
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
    x = functional.grid_sample(x, grid, align_corners=False)
    kind = rng.random()
    if kind < 0.12:
        x = functional.max_pool2d(x, 3, 1, 1)
    elif kind < 0.3:
        x = functional.avg_pool2d(x, 3, 1, 1)
    if rng.random() < 0.5:
        x = x ** float(np.exp(rng.normal(0, 0.4)))
    if rng.random() < 0.3:
        x = x + torch.randn_like(x) * float(rng.uniform(0, 0.15))
    return x.clamp(0, 1)


def loss_of(
    net: nn.Module, batch: tuple[torch.Tensor, torch.Tensor], done: float
) -> torch.Tensor:
    """Weigh eleven classes, a little softly."""
    del done
    images, labels = batch
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = net(images.to(memory_format=torch.channels_last))
    return functional.cross_entropy(logits.float(), labels, label_smoothing=0.02)


@torch.no_grad()
def measure(net: nn.Module, images: np.ndarray, labels: np.ndarray) -> str:
    """Tell how many digits are right, and how much junk is known and feared."""
    net.eval()
    parts = np.array_split(images, max(1, len(images) // 500))
    said = torch.cat([net(torch.from_numpy(part)[:, None] / 255) for part in parts])
    net.train()
    said, digit = said.numpy(), labels < JUNK
    right = (said[digit, :JUNK].argmax(1) == labels[digit]).mean()
    known = (said[~digit].argmax(1) == JUNK).mean()
    lost = (said[digit].argmax(1) == JUNK).mean()
    return f"digits right {right:.4f}, junk known {known:.4f}, digits lost {lost:.4f}"


def main() -> None:
    """Train."""
    folder, held, out, minutes, *earlier = sys.argv[1:]
    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = DigitNet().to(memory_format=torch.channels_last)
    for path in earlier:
        tell(f"new here: {warm_start(net, Path(path))}")
    held_images, held_labels = load(Path(held))
    fit(
        net,
        batches(Path(folder), np.random.default_rng()),
        loss_of,
        plan=Plan(float(minutes), PEAK_WARM if earlier else PEAK),
        measure=lambda mean: measure(mean, held_images, held_labels),
        out=Path(out),
    )


if __name__ == "__main__":
    main()
