"""Fit how three nets join in reading a single digit, on digits of writers held back.

The digits are of writers that the packaged model never saw (`training/digit/train.py`
holds them back); the pictures are those of `like_real.py`. Nothing real is looked at.
Prints the shares for `scan.recognize.confidence`, and how reading does on each kind.

Run: python join_single.py CENTRE_LINES.npy COUNT
"""

import sys
from dataclasses import replace
from pathlib import Path

import cv2
import like_real
import numpy as np
from glyphs import Glyphs, load_glyphs
from scipy.optimize import minimize

import mnistry
from mnistry.data.writers import with_writers
from mnistry.learn.validation import hold_back
from mnistry.scan.page import binarize
from mnistry.scan.page.page import dark_on_light
from mnistry.scan.page.pixels import from_array
from mnistry.scan.read import read
from mnistry.scan.recognize import digit, isolate, strips
from mnistry.scan.recognize.confidence import LEAST_HEARD, NETS_SHARES
from mnistry.scan.recognize.models import say_digits, say_plainly


def held_back(centres: Path) -> Glyphs:
    """Give the digits that the packaged model has not seen."""
    train = with_writers(mnistry.load("mnist", split="train"))
    _, held, _ = hold_back(train, 0.1, 0)
    writers = np.unique(held.columns["writer"])
    everything = load_glyphs(centres, held_back=False)
    rest = load_glyphs(centres, held_back=True)
    first = everything.described  # those are of MNIST's writers
    groups = [of for of in everything.by_writer + rest.by_writer if of[0] < first]
    wanted = [rows for rows in groups if train.columns["writer"][rows[0]] in writers]
    return replace(everything, by_writer=wanted)


def said(picture: np.ndarray) -> np.ndarray | None:
    """Tell what each net says of the chosen ink: (3, 10)."""
    seen = dark_on_light(from_array(picture))
    is_tiny = max(seen.shape[:2]) <= isolate.TINY
    work = isolate.work_size(seen)
    only = digit.read_only(work, is_tiny=is_tiny)
    if only is None:
        return None
    soft = binarize.soft_ink(isolate.darkness(work, is_tiny=is_tiny))
    box = only.guess.box
    margin = digit.MARGIN * box.height
    ends, band = (box.left - margin, box.right + margin), (box.top, box.bottom)
    views = strips.one_digit(strips.look(soft, ends, band, strips.VIEWS))
    image = only.guess.image[None]
    return np.stack([views, say_plainly(image)[0], say_digits(image)[0, :10]])


def fit(logs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Find the shares that make the labels likeliest."""

    def loss(shares: np.ndarray) -> float:
        joined = np.einsum("s,nsd->nd", np.abs(shares), logs)
        joined -= joined.max(axis=1, keepdims=True)
        right = joined[np.arange(len(labels)), labels]
        return float(np.mean(np.log(np.exp(joined).sum(axis=1)) - right))

    return np.abs(minimize(loss, np.array(NETS_SHARES), method="Nelder-Mead").x)


def main() -> None:
    """Compose, read, fit."""
    cv2.setNumThreads(1)
    glyphs, count = held_back(Path(sys.argv[1])), int(sys.argv[2])
    logs, labels = [], []
    for number, kind in enumerate(like_real.KINDS):
        rng = np.random.default_rng([41, number])
        pairs = [kind(glyphs, rng) for _ in range(count)]
        right = [read(picture, single=True).text == str(is_) for picture, is_ in pairs]
        print(f"{kind.__name__:10} {np.mean(right):.4f} of {count} right", flush=True)
        for picture, label in pairs:
            heard = said(picture)
            if heard is not None:
                logs.append(np.maximum(heard, LEAST_HEARD))
                labels.append(label)
    print("NETS_SHARES =", fit(np.array(logs), np.array(labels)).round(2).tolist())


if __name__ == "__main__":
    main()
