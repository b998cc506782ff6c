"""Fit how facts about a line become a confidence, on composed strings.

Writers are those held back; nothing real is looked at. Prints the constants for
`mnistry.scan.confidence`. The bias is lowered until, of the composed strings that are
given as sure, so few are wrong as `MOST_WRONG` says: other people's paper is stranger
than ours, and a confident mistake costs more than a question.

Run: python calibrate.py CENTRE_LINES.npy COUNT
"""

import importlib
import sys
from pathlib import Path

import cv2
import numpy as np
from compose import compose, load_drawn, load_glyphs
from sklearn.linear_model import LogisticRegression

SURE = 0.95  # from which confidence a string is given as sure
MOST_WRONG = 0.02  # of those
line_room = importlib.import_module("mnistry.scan.line")
read_room = importlib.import_module("mnistry.scan.read")


def fit_cautiously(x, y):
    """Fit weights and bias; the bias is lowered until few of the sure are wrong."""
    fit = LogisticRegression(C=1.0, max_iter=2000).fit(x, y)
    weights, bias = fit.coef_[0], float(fit.intercept_[0])
    for lower in np.arange(0, 3, 0.02):
        sure = x @ weights + bias - lower >= np.log(SURE / (1 - SURE))
        if (~y[sure]).sum() <= MOST_WRONG * sure.sum():
            break
    return weights, bias - float(lower)


def main() -> None:
    """Gather facts and fit."""
    cv2.setNumThreads(1)
    seen: list[np.ndarray] = []
    original = line_room.line_confidence

    def spy(votes, plain):
        confidence = importlib.import_module("mnistry.scan.confidence")
        seen.append(confidence.line_facts(votes, plain))
        return original(votes, plain)

    line_room.line_confidence = spy
    sources = [load_glyphs(Path(sys.argv[1]), held_back=True), load_drawn()]
    rng = np.random.default_rng(99)
    facts, right, before = [], [], []
    for number in range(int(sys.argv[2])):
        source = sources[number % 3 == 2]
        picture, labels, _ = compose(source, rng, int(rng.integers(2, 8)))
        seen.clear()
        reading = read_room.read(picture)
        if len(reading.lines) != 1 or len(seen) != 1:
            continue
        facts.append(seen[0])
        right.append(reading.text == "".join(map(str, labels)))
        before.append(reading.confidence)
    x, y = np.array(facts), np.array(right)
    weights, bias = fit_cautiously(x, y)
    p = 1 / (1 + np.exp(-x @ weights - bias))
    print("exact", y.mean(), "of", len(y))
    print("LINE_WEIGHTS = np.array(", np.round(weights, 3).tolist(), ")")
    print("LINE_BIAS =", round(bias, 3))
    for level in (0.5, 0.8, 0.9, 0.95, 0.98):
        on = p >= level
        print(level, "given", on.mean().round(3), "wrong", (1 - y[on].mean()).round(4))


if __name__ == "__main__":
    main()
