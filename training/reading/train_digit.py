"""Train the net for single digits on composed images, and on digits as they are framed.

Run: python -m training.reading.train_digit glyphs.npz single/ held/ digit.safetensors
     --steps 30000
"""

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

import mnistry
from mnistry.digits import Digits
from mnistry.synth.out_of_distribution import out_of_distribution
from training.reading.digit_net import NARROW, NON_DIGIT, DigitNet, unfold
from training.reading.glyphs import DESCRIBED, MNIST, SWISS
from training.reading.loop import Plan, add_run_options, log, train

COMPOSED = 48  # of a batch
FRAMED = {MNIST: 20, SWISS: 14, DESCRIBED: 6}  # of a batch, as they are framed
DRAWN = 8  # of a batch
NON_DIGITS = 8  # of a batch: pictures that are no digits
NON_DIGIT_KINDS = {  # how many of each are drawn once
    "letters": 2000,
    "handwritten letters": 4000,
    "scribble": 1000,
    "signs": 1000,
    "characters": 1000,
    "lines": 500,
    "photograph": 500,
}
PEAK, PEAK_WARM = 3e-3, 1e-3
SMOOTHING = 0.03  # of labels

Labelled = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""Images (n, 28, 28) and labels (n,)."""

Batch = tuple[torch.Tensor, torch.Tensor]
"""Images (n, 1, 28, 28) from 0 to 1, and labels (n,)."""


def load_composed(folder: Path) -> Labelled:
    """Load all shards there are."""
    shards = [np.load(path) for path in sorted(folder.glob("[0-9]*.npz"))]
    images = np.concatenate([shard["images"] for shard in shards])
    return images, np.concatenate([shard["labels"] for shard in shards])


def load_framed(path: Path, source: int, *, held_out: bool) -> Labelled:
    """Load digits of one source, as they are framed."""
    with np.load(path, allow_pickle=False) as arrays:
        rows = (arrays["source"] == source) & (arrays["held_out"] == held_out)
        return arrays["images"][rows], arrays["labels"][rows]


def non_digits(share: float) -> Labelled:
    """Draw what is no digit, so much of `NON_DIGIT_KINDS`."""
    images = np.concatenate(
        [
            out_of_distribution(kind, max(1, round(share * count)), seed=0)
            for kind, count in NON_DIGIT_KINDS.items()
        ]
    )
    return images, np.full(len(images), NON_DIGIT, np.uint8)


def pools(
    glyphs: Path, composed: Path, drawn: Digits, no_digits: Labelled
) -> list[tuple[int, Labelled]]:
    """Return what a batch is drawn from: how many, and of what."""
    of_drawn = np.asarray(drawn.images), np.asarray(drawn.labels)
    framed = [
        (count, load_framed(glyphs, source, held_out=False))
        for source, count in FRAMED.items()
    ]
    return [
        (COMPOSED, load_composed(composed)),
        *framed,
        (DRAWN, of_drawn),
        (NON_DIGITS, no_digits),
    ]


def stream(
    sources: list[tuple[int, Labelled]], seed: int, start: int
) -> Iterator[Batch]:
    """Yield batches without end, each by its number."""
    for number in itertools.count(start):
        rng = np.random.default_rng([seed, number])
        torch.manual_seed(number)
        images, labels = [], []
        for count, (some, classes) in sources:
            rows = rng.integers(0, len(some), count)
            images.append(some[rows])
            labels.append(classes[rows])
        pixels = torch.from_numpy(np.concatenate(images))[:, None].float() / 255
        classes_of = torch.from_numpy(np.concatenate(labels)).long()
        yield shake(pixels, rng), classes_of


def shake(x: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Turn, slant, scale, move and bend each image; change contrast and thickness."""
    n, _, side, _ = x.shape
    turn, lean = torch.randn(2, n) * torch.tensor([[0.12], [0.15]])
    sx, sy = torch.exp(torch.randn(2, n) * 0.1)
    tx, ty = torch.randn(2, n) * 0.06
    cos, sin = torch.cos(turn), torch.sin(turn)
    across = torch.stack([sx * cos, lean - sin, tx], 1)
    down = torch.stack([sin, sy * cos, ty], 1)
    theta = torch.stack([across, down], 1)
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
    coarse = torch.randn(n, 2, 5, 5) * (torch.rand(n, 1, 1, 1) * 0.07)
    shift = functional.interpolate(coarse, (side, side), mode="bicubic")
    x = functional.grid_sample(x, grid + shift.movedim(1, 3), align_corners=False)
    around = functional.max_pool2d(x, 3, 1, 1)
    within = -functional.max_pool2d(-x, 3, 1, 1)
    smooth = functional.avg_pool2d(x, 3, 1, 1)

    def some(share: float, most: float) -> torch.Tensor:
        amount = rng.uniform(0.1, most, n) * (rng.random(n) < share)
        return torch.from_numpy(amount.astype(np.float32)).view(-1, 1, 1, 1)

    x = x + some(0.15, 0.9) * (around - x) + some(0.12, 0.7) * (within - x)
    x = x + some(0.25, 1.0) * (smooth - x)
    gamma = torch.exp(some(0.5, 0.6) * torch.randn(n, 1, 1, 1).sign())
    noise = some(0.25, 0.2) * torch.randn_like(x)
    return (x.clamp(1e-4, 1) ** gamma + noise).clamp(0, 1)


def loss_of(net: nn.Module, batch: Batch, done: float) -> torch.Tensor:
    """Return the cross-entropy of eleven classes, labels a little smoothed."""
    del done
    images, labels = batch
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = net(images.to(memory_format=torch.channels_last))
    loss: torch.Tensor = functional.cross_entropy(
        logits.float(), labels, label_smoothing=SMOOTHING
    )
    return loss


@torch.no_grad()
def predict(net: nn.Module, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return logits of many images."""
    net.eval()
    parts = np.array_split(images, max(1, len(images) // 500))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = [net(torch.from_numpy(part)[:, None].float() / 255) for part in parts]
    out: NDArray[np.float32] = torch.cat(logits).float().numpy()
    return out


def validate(net: nn.Module, held: dict[str, Labelled]) -> str:
    """Return how many digits are right, and how well what is no digit is rejected."""
    words = []
    for name, (images, labels) in held.items():
        logits, is_digit = predict(net, images), labels < NON_DIGIT
        right = logits[is_digit, :NON_DIGIT].argmax(1) == labels[is_digit]
        words.append(f"{name} {right.mean():.4f}")
        if not is_digit.all():
            rejected = logits.argmax(1) == NON_DIGIT
            words.append(f"(rejected {rejected[~is_digit].mean():.3f} of no digits,")
            words.append(f"{rejected[is_digit].mean():.4f} of digits)")
    return " ".join(words)


def held_out(glyphs: Path, composed: Path) -> dict[str, Labelled]:
    """Return what is validated on, all of writers held out."""
    names = {"mnist": MNIST, "swiss": SWISS, "described": DESCRIBED}
    out = {
        name: load_framed(glyphs, source, held_out=True)
        for name, source in names.items()
    }
    folders = sorted(path for path in composed.iterdir() if path.is_dir())
    return out | {f"composed/{one.name}": load_composed(one) for one in folders}


def main() -> None:
    """Train."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("glyphs", type=Path, help="npz that glyphs.py wrote")
    parser.add_argument("single", type=Path, help="folder of composed shards")
    parser.add_argument("held", type=Path, help="folder of folders of those held out")
    add_run_options(parser)
    parser.add_argument(
        "--channels", type=int, nargs=5, default=NARROW, help="of each convolution"
    )
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = DigitNet(args.channels)
    drawn = mnistry.load("drawn", split="train")
    sources = pools(args.glyphs, args.single, drawn, non_digits(1.0))
    held = held_out(args.glyphs, args.held)
    if args.warm and not args.out.exists():
        unfold(net, args.warm, next(stream(sources, 1, 0))[0])
        log("   " + validate(net, held))
    train(
        net,
        Plan(
            steps=args.steps,
            peak=PEAK_WARM if args.warm else PEAK,
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
