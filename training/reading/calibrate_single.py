"""Fit how three nets join in reading a single digit, and how sure the answer may be.

On pictures of `like_real.py`, of writers whom no net has seen: Swiss hands and
described ones held out, MNIST's of whom the packaged model has not seen any either, and
drawn digits. Nothing real is looked at. Prints the weights for
`training/reading/headers.py`, and how reading does on each kind.

Run: python -m training.reading.calibrate_single glyphs.npz gathered.npz --count 150
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import mnistry
from mnistry.data.writers import with_writers
from mnistry.learn.validation import split_held_out
from mnistry.scan.page import binarize
from mnistry.scan.page.page import dark_on_light
from mnistry.scan.page.pixels import from_array
from mnistry.scan.recognize import digit, isolate, strips
from mnistry.scan.recognize.confidence import MIN_LOG_PROB
from mnistry.scan.recognize.models import (
    NON_DIGIT,
    digit_header,
    digit_log_probs,
    packaged_log_probs,
)
from training.reading import like_real
from training.reading.glyphs import (
    DESCRIBED,
    MNIST,
    SWISS,
    Glyphs,
    load_drawn,
    load_glyphs,
)
from training.reading.loop import log

SURE = 0.95  # what is given as more likely right is sure
MOST_WRONG = 0.008  # of the sure, on any source; the bar is 0.01
Logs = NDArray[np.float64]


def unseen(glyphs: Path) -> dict[str, Glyphs]:
    """Give digits of writers whom no net has seen, by source."""
    train = with_writers(mnistry.load("mnist", split="train"))
    _, held, _ = split_held_out(train, 0.1, 0)  # as training/digit/train.py does
    writers = np.unique(held.columns["writer"])
    of_row = train.columns["writer"]
    mnist = load_glyphs(glyphs, held_out=True, sources=(MNIST,))
    groups = tuple(rows for rows in mnist.by_writer if of_row[rows[0]] in writers)
    shares = np.full(len(groups), 1 / len(groups))
    return {
        "mnist": replace(mnist, by_writer=groups, shares=shares),
        "swiss": load_glyphs(glyphs, held_out=True, sources=(SWISS,)),
        "described": load_glyphs(glyphs, held_out=True, sources=(DESCRIBED,)),
        "drawn": load_drawn(),
    }


def log_probs(picture: NDArray[np.uint8]) -> Logs | None:
    """Give what each net gives for the chosen ink: (3, 11), the last no digit."""
    seen = dark_on_light(from_array(picture))
    is_small = max(seen.shape[:2]) <= isolate.SMALL_SIDE
    work = isolate.work_size(seen)
    only = digit.read_single_digit(work, is_small=is_small)
    if only is None:
        return None
    soft = binarize.soft_ink(isolate.darkness(work, is_small=is_small))
    box = only.ink.box
    margin = digit.MARGIN * box.height
    ends, band = (box.left - margin, box.right + margin), (box.top, box.bottom)
    out = np.full((3, 11), MIN_LOG_PROB)
    out[0, :10] = strips.single_digit_log_probs(
        strips.compute_views(soft, ends, band, strips.VIEWS)
    )
    image = only.ink.image[None]
    out[1, :10], out[2] = packaged_log_probs(image)[0], digit_log_probs(image)[0]
    at_least: Logs = np.maximum(out, MIN_LOG_PROB)
    return at_least


def gather(glyphs: Path, count: int, path: Path) -> None:
    """Compose and read, so many of each kind and source; write what all nets give."""
    logs, labels, sources, kinds = [], [], [], []
    for source, of in unseen(glyphs).items():
        for number, kind in enumerate(like_real.KINDS):
            rng = np.random.default_rng([41, number])
            for _ in range(count):
                picture, label = kind(of, rng)
                one = log_probs(picture)
                logs.append(np.full((3, 11), np.nan) if one is None else one)
                labels.append(label)
                sources.append(source)
                kinds.append(kind.__name__)
        log(f"{source} gathered")
    np.savez(path, logs=logs, labels=labels, sources=sources, kinds=kinds)


def join(logs: Logs, shares: Any) -> Logs:
    """Join three nets: (n, 10) logarithms, as `confidence.combine_nets` does."""
    joined: Logs = np.einsum("s,nsd->nd", np.abs(np.asarray(shares)), logs[:, :, :10])
    return joined


def fit(logs: Logs, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Find the shares that make the labels likeliest."""

    def loss(shares: NDArray[np.float64]) -> float:
        joined = join(logs, shares)
        joined -= joined.max(axis=1, keepdims=True)
        right = joined[np.arange(len(labels)), labels]
        return float(np.mean(np.log(np.exp(joined).sum(axis=1)) - right))

    start = np.array(digit_header().ensemble)
    found: NDArray[np.float64] = np.abs(minimize(loss, start, method="Nelder-Mead").x)
    return found


def confidences(logs: Logs, shares: Any) -> NDArray[np.float64]:
    """Give how sure reading is of its digit: as `scan.read` does."""
    joined = join(logs, shares)
    odds = np.exp(joined - joined.max(axis=1, keepdims=True))
    sure: NDArray[np.float64] = (1 - np.exp(logs[:, 2, NON_DIGIT])) / odds.sum(axis=1)
    return sure


def describe(name: str, sure: NDArray[np.float64], right: NDArray[np.bool_]) -> None:
    """Print coverage and error above the threshold."""
    given = sure >= SURE
    wrong = (given & ~right).sum()
    share = wrong / max(1, given.sum())
    log(
        f"{name:20} {len(right):5} right {right.mean():7.2%} | sure {given.mean():6.1%}"
        f" | wrong {share:6.2%} ({wrong})"
    )


def main() -> None:
    """Gather, fit, describe."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("glyphs", type=Path, help="npz that glyphs.py wrote")
    parser.add_argument("gathered", type=Path, help="npz, written if it is not there")
    parser.add_argument(
        "--count", type=int, default=150, help="of each kind and source"
    )
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if not arguments.gathered.exists():
        gather(arguments.glyphs, arguments.count, arguments.gathered)
    with np.load(arguments.gathered, allow_pickle=False) as arrays:
        logs, labels = arrays["logs"], arrays["labels"]
        groups = {"source": arrays["sources"], "kind": arrays["kinds"]}
    found = ~np.isnan(logs[:, 0, 0])
    log(f"no ink found in {(~found).sum()} of {len(found)}")
    logs, labels = logs[found], labels[found]
    fitted = fit(logs, labels)
    for name, shares in (("as packaged", digit_header().ensemble), ("fitted", fitted)):
        log(f"{name}: ensemble {np.round(shares, 2).tolist()}")
        sure = confidences(logs, shares)
        right = join(logs, shares).argmax(axis=1) == labels
        for of in groups.values():
            for value in np.unique(of):
                rows = of[found] == value
                describe(str(value), sure[rows], right[rows])
        describe("all", sure, right)


if __name__ == "__main__":
    main()
