"""Fit how three nets join in reading a single digit, and how sure the answer may be.

On pictures of `like_real.py`, of writers whom no net has seen: Swiss hands and
described ones held out, MNIST's of whom the packaged model has not seen any either, and
drawn digits. Nothing real is looked at. Weights that make the labels likeliest are
sharpened or flattened together until, of the digits of every source and of every kind
that are given as sure, so few are wrong as `MOST_WRONG` says. Writes the weights, and
prints how reading does on each kind.

Run: python -m training.reading.calibrate_single glyphs.npz gathered.npz
     --out single.json
"""

import argparse
import json
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
from mnistry.scan.page.ink import binarize
from mnistry.scan.page.paper.illumination import dark_on_light
from mnistry.scan.page.picture.pixels import from_array
from mnistry.scan.recognize import isolate, strips
from mnistry.scan.recognize.confidence import MIN_LOG_PROB
from mnistry.scan.recognize.digit import line_net_log_probs, read_single_digit
from mnistry.scan.recognize.models import (
    NON_DIGIT,
    digit_header,
    digit_log_probs,
    packaged_log_probs,
)
from training.reading import like_real
from training.reading.candidates import use_nets
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
MOST_WRONG = 0.01  # of the sure, of any source and of any kind
SHARPEST, FLATTEST = 4.0, 0.25  # factors of the weights to be tried
LEAST_WEIGHT = 0.01  # of a net: its header has weights above 0
Logs = NDArray[np.float64]


def unseen(glyphs: Path) -> dict[str, Glyphs]:
    """Return digits of writers whom no net has seen, by source."""
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
    """Return what each net gives for the chosen ink: (3, 11), the last no digit."""
    seen = dark_on_light(from_array(picture))
    dark = isolate.darkness(isolate.work_size(seen), max(seen.shape[:2]))
    only = read_single_digit(dark)
    if only is None:
        return None
    soft = binarize.soft_ink(dark)
    views = strips.SCALES_AND_SHEARS
    out = np.full((3, 11), MIN_LOG_PROB)
    out[0, :10] = line_net_log_probs(soft, {}, only.ink.box, views)
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
    found = np.abs(minimize(loss, start, method="Nelder-Mead").x)
    weights: NDArray[np.float64] = np.maximum(found, LEAST_WEIGHT)
    return weights


def sharpen(
    logs: Logs, right: NDArray[np.bool_], groups: list[NDArray[np.str_]], shares: Any
) -> float:
    """Find the largest factor with which few of the sure of each group are wrong."""
    for factor in np.geomspace(SHARPEST, FLATTEST, 200):
        sure = confidences(logs, factor * shares) >= SURE
        of = [sure & (by == name) for by in groups for name in np.unique(by)]
        if all((these & ~right).sum() <= MOST_WRONG * these.sum() for these in of):
            return float(factor)
    return FLATTEST


def confidences(logs: Logs, shares: Any) -> NDArray[np.float64]:
    """Return how sure reading is of its digit: as `scan.read` does."""
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
    parser.add_argument("--nets", type=Path, help="folder of nets not packaged yet")
    parser.add_argument("--out", type=Path, help="JSON to write for export.py")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    use_nets(args.nets)
    if not args.gathered.exists():
        gather(args.glyphs, args.count, args.gathered)
    with np.load(args.gathered, allow_pickle=False) as arrays:
        logs, labels = arrays["logs"], arrays["labels"]
        groups = {"source": arrays["sources"], "kind": arrays["kinds"]}
    found = ~np.isnan(logs[:, 0, 0])
    log(f"no ink found in {(~found).sum()} of {len(found)}")
    logs, labels = logs[found], labels[found]
    likeliest = fit(logs, labels)
    right = join(logs, likeliest).argmax(axis=1) == labels
    by = [of[found] for of in groups.values()]
    factor = sharpen(logs, right, by, likeliest)
    fitted = np.round(factor * likeliest, 3)
    log(f"fitted times {factor:.2f}")
    before = np.array(digit_header().ensemble)
    for name, shares in (("as packaged", before), ("fitted", fitted)):
        log(f"{name}: ensemble {np.round(shares, 2).tolist()}")
        sure = confidences(logs, shares)
        right = join(logs, shares).argmax(axis=1) == labels
        for of in groups.values():
            for value in np.unique(of):
                rows = of[found] == value
                describe(str(value), sure[rows], right[rows])
        describe("all", sure, right)
    if args.out:
        names = "lines", "packaged", "digit"
        ensemble = dict(zip(names, fitted.tolist(), strict=True))
        args.out.write_text(json.dumps({"digit": {"ensemble": ensemble}}))


if __name__ == "__main__":
    main()
