"""Fit how facts about a line become a confidence, on composed strings.

Half are of writers held back, half of drawn digits, which no net has seen: people whose
hands are unlike any in MNIST must not be read with more confidence than they deserve.
Nothing real is looked at. The bias is lowered until few of those given as sure are
wrong. Prints the constants for `mnistry.scan.confidence`, and how they do on strings
that they were not fitted on.

Run: python calibrate.py CENTRE_LINES.npy COUNT
"""

import importlib
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from compose import compose
from glyphs import load_drawn, load_glyphs
from loop import tell
from sklearn.linear_model import LogisticRegression

from mnistry.scan.confidence import line_facts

line_room = importlib.import_module("mnistry.scan.line")
read_room = importlib.import_module("mnistry.scan.read")

SURE = 0.95
MOST_WRONG = (
    0.02  # of those given as sure; other people's are harder than composed ones
)


def gather(centres: Path, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read composed strings: (facts, whether read exactly, whether drawn)."""
    seen: list[np.ndarray] = []
    original = line_room.line_confidence

    def listen(*said: Any) -> float:
        seen.append(line_facts(*said))
        return original(*said)

    line_room.line_confidence = listen
    sources = [load_glyphs(centres, held_back=True), load_drawn()]
    rng = np.random.default_rng(99)
    rows = []
    for number in range(count):
        drawn = number % 2
        composed = compose(sources[drawn], rng, int(rng.integers(2, 8)))
        seen.clear()
        reading = read_room.read(composed.picture)
        if len(reading.lines) == 1 and len(seen) == 1:
            truth = "".join(map(str, composed.labels))
            rows.append((seen[0], reading.text == truth, drawn))
    facts, right, drawn = zip(*rows, strict=True)
    return np.array(facts), np.array(right), np.array(drawn)


def caution(sure: np.ndarray, right: np.ndarray) -> float:
    """Tell by how much the bias must fall for few of the sure ones to be wrong."""
    order = np.argsort(-sure)
    wrong = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    level = sure[order][np.flatnonzero(wrong <= MOST_WRONG)[-1]]
    return max(0.0, float(np.log(level / (1 - level)) - np.log(SURE / (1 - SURE))))


def main() -> None:
    """Gather facts and fit."""
    cv2.setNumThreads(1)
    facts, right, drawn = gather(Path(sys.argv[1]), int(sys.argv[2]))
    for kind, name in enumerate(("held-back writers", "drawn digits")):
        of = drawn == kind
        tell(f"{name}: {right[of].mean():.4f} of {of.sum()} read exactly")
    parts = np.arange(len(right)) % 4 // 2  # of both sources in each
    sure = np.zeros(len(right))
    for part in (0, 1):
        here, there = parts == part, parts != part
        fit = LogisticRegression(max_iter=2000).fit(facts[there], right[there])
        sure[here] = fit.predict_proba(facts[here])[:, 1]
    shift = caution(sure, right)
    sure = 1 / (1 + (1 / sure - 1) * np.exp(shift))
    for level in (0.5, 0.8, 0.9, SURE, 0.98):
        given = sure >= level
        wrong = 1 - right[given].mean() if given.any() else 0.0
        tell(f"at least {level}: given {given.mean():.3f}, of these wrong {wrong:.4f}")
    fit = LogisticRegression(max_iter=2000).fit(facts, right)
    tell(f"LINE_WEIGHTS = np.array({np.round(fit.coef_[0], 3).tolist()})")
    tell(f"LINE_BIAS = {fit.intercept_[0] - shift:.3f}")


if __name__ == "__main__":
    main()
