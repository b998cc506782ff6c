"""Fit how facts about a line become a confidence, on composed strings.

Writers are those held back; nothing real is looked at. Prints the constants for
`mnistry.scan.confidence`.

Run: python calibrate.py CENTRE_LINES.npy COUNT
"""

import importlib
import sys
from pathlib import Path

import cv2
import numpy as np
from compose import compose, load_drawn, load_glyphs
from sklearn.linear_model import LogisticRegression

line_room = importlib.import_module("mnistry.scan.line")
read_room = importlib.import_module("mnistry.scan.read")


def main() -> None:
    """Gather facts and fit."""
    cv2.setNumThreads(1)
    seen: list[np.ndarray] = []
    original = line_room.line_confidence

    def spy(votes, weights):
        confidence = importlib.import_module("mnistry.scan.confidence")
        seen.append(confidence.line_facts(votes, weights))
        return original(votes, weights)

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
    fit = LogisticRegression(C=1.0, max_iter=2000).fit(x, y)
    p = fit.predict_proba(x)[:, 1]
    print("exact", y.mean(), "of", len(y))
    print("LINE_WEIGHTS = np.array(", np.round(fit.coef_[0], 3).tolist(), ")")
    print("LINE_BIAS =", round(float(fit.intercept_[0]), 3))
    for level in (0.5, 0.8, 0.9, 0.95, 0.98):
        on = p >= level
        print(level, "given", on.mean().round(3), "wrong", (1 - y[on].mean()).round(4))


if __name__ == "__main__":
    main()
