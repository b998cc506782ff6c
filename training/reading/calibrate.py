"""Fit how facts about a line become a confidence, on composed and generated lines.

Half are of writers held back, half of drawn digits, of which the nets saw few: people
whose hands are unlike MNIST's must not be read with more confidence than they deserve.
Strings are read freely; codes on generated envelopes, forms and strips must match a
pattern; each has its own constants. Nothing real is looked at. A temperature then
flattens what is likelier than not until, of the lines of either half that are given as
sure, so few are wrong as `MOST_WRONG` says.

Prints the constants for `mnistry.scan.recognize.confidence`, and how they do.

Run: python calibrate.py CENTRE_LINES.npy COUNT
"""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from compose import compose
from glyphs import Glyphs, load_drawn, load_glyphs
from sklearn.linear_model import LogisticRegression

from mnistry.scan.recognize.confidence import line_facts
from mnistry.synth.documents.scenes import (
    Alphabet,
    make_envelope,
    make_form,
    make_string,
)

SURE = 0.95  # from which confidence a line is given as sure
MOST_WRONG = 0.02  # of those, whoever wrote them
HOTTEST = 4.0  # temperature to be tried
FIRST_SEED = 12_000  # of generated pictures; no others are made from here on
CODES = 0.15  # as many of each kind of picture as of composed strings, times this
SIX = "[0-9]{6}"

line_room = importlib.import_module("mnistry.scan.recognize.line")
read_room = importlib.import_module("mnistry.scan.read")


def pictures(
    glyphs: Glyphs, count: int, seed: int
) -> Iterator[tuple[np.ndarray, str, str | None]]:
    """Give pictures, what is written, and the pattern it must match."""
    rng = np.random.default_rng([99, seed])
    for _ in range(count):
        picture, labels, *_ = compose(glyphs, rng, int(rng.integers(2, 8)))
        yield picture, "".join(map(str, labels)), None
    rows = np.concatenate(glyphs.by_writer)
    alphabet = Alphabet(glyphs.images[rows], glyphs.labels[rows])
    for make in (make_envelope, make_form, make_string):
        for number in range(round(CODES * count)):
            code = "".join(map(str, rng.integers(0, 10, 6)))
            written = [code] if make is make_form else code
            yield make(alphabet, written, seed=FIRST_SEED + number).picture, code, SIX


def gather(
    glyphs: Glyphs, count: int, seed: int
) -> list[tuple[np.ndarray, bool, bool]]:
    """Read pictures: (facts, whether read exactly, whether generated) of each line."""
    heard: dict[tuple[int, ...], np.ndarray] = {}
    original = line_room.line_confidence

    def listen(votes, plain, **settings):
        heard[votes[0].digits] = line_facts(votes, plain)  # the last is that given
        return original(votes, plain, **settings)

    line_room.line_confidence = listen
    rows = []
    for picture, truth, pattern in pictures(glyphs, count, seed):
        heard.clear()
        read_room.read(picture, pattern=pattern)
        for digits, facts in heard.items():
            right = "".join(map(str, digits)) == truth
            rows.append((facts, right, pattern is not None))
    line_room.line_confidence = original
    return rows


def temperature(score: np.ndarray, right: np.ndarray, kinds: np.ndarray) -> float:
    """Tell by what to divide scores, for few of the sure of each kind to be wrong."""
    for divisor in np.arange(1, HOTTEST, 0.01):
        sure = score / divisor >= np.log(SURE / (1 - SURE))
        of = [sure & (kinds == kind) for kind in np.unique(kinds)]
        if all((these & ~right).sum() <= MOST_WRONG * these.sum() for these in of):
            return float(divisor)
    return HOTTEST


def main() -> None:
    """Gather facts and fit."""
    cv2.setNumThreads(1)
    centres, count = Path(sys.argv[1]), int(sys.argv[2]) // 2
    sources = {
        "held-back writers": load_glyphs(centres, held_back=True),
        "drawn digits": load_drawn(),
    }
    rows, kinds = [], []
    for seed, (name, glyphs) in enumerate(sources.items()):
        gathered = gather(glyphs, count, seed)
        rows += gathered
        kinds += [f"{name}, {'codes' if row[2] else 'strings'}" for row in gathered]
    for name, of in (("FREE", ", strings"), ("MATCHING", ", codes")):
        chosen = [row for row, kind in zip(rows, kinds, strict=True) if of in kind]
        tell_fit(name, chosen, [kind for kind in kinds if of in kind])


def tell_fit(name: str, rows: list[tuple], kinds: list[str]) -> None:
    """Fit one kind's constants, and print them with how they do."""
    facts, right = np.array([row[0] for row in rows]), np.array([r[1] for r in rows])
    fit = LogisticRegression(max_iter=2000).fit(facts, right)
    score = fit.decision_function(facts)
    divisor = temperature(score, right, np.array(kinds))
    sure = score / divisor >= np.log(SURE / (1 - SURE))
    for kind in sorted(set(kinds)):
        of = np.array(kinds) == kind
        wrong = (sure & of & ~right).sum()
        print(f"{kind}: {of.sum()} lines, {(of & right).sum()} read exactly;", end=" ")
        print(f"sure of {(sure & of).sum()}, of these wrong {wrong}")
    weights = np.round([*fit.coef_[0], fit.intercept_[0]], 3).tolist()
    print(f"{name} = Fit(np.array({weights}), {divisor:.2f})")


if __name__ == "__main__":
    main()
