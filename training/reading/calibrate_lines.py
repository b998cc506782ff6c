"""Fit how facts about a line become a confidence, on composed and generated lines.

Of writers held out, of Swiss hands held out, and of drawn digits, which no net for
lines learned from: people whose hands are unlike MNIST's must not be read with more
confidence than they deserve. Strings are read freely; codes on generated envelopes,
forms and strips must match a pattern; each has its own constants. Nothing real is
looked at. A temperature then flattens what is likelier than not until, of the lines of
every source that are given as sure, so few are wrong as `MOST_WRONG` says.

Writes the calibrations, and prints how they do.

Run: python -m training.reading.calibrate_lines glyphs.npz --out lines.json
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from mnistry.scan.read import read
from mnistry.scan.recognize import line
from mnistry.scan.recognize.confidence import line_confidence, line_features
from mnistry.scan.recognize.decode import Hypothesis
from mnistry.synth.documents.scenes import (
    Alphabet,
    make_envelope,
    make_form,
    make_string,
)
from training.reading.candidates import use_nets
from training.reading.compose import compose, is_whole
from training.reading.glyphs import (
    DESCRIBED,
    MNIST,
    SWISS,
    Glyphs,
    load_drawn,
    load_glyphs,
)
from training.reading.loop import log

SURE = 0.95  # from which confidence a line is given as sure
MOST_WRONG = 0.01  # of those
MOST_OF_ONE = 0.02  # of those that are of one source
TEMPERATURES = np.arange(0.6, 4.0, 0.01)  # to be tried
FIRST_SEED = 12_000  # of generated pictures; no others are made from here on
FIRST_STRING = 60_000  # seed of generated strings that are read freely
CODES = 0.15  # as many of each kind of picture as of composed strings, times this
EASY = 0.5  # the same, of generated strings on plain paper: of real strings four in
# five are read exactly, of composed ones two in three, of those nearly all
SIX = "[0-9]{6}"


class Task(NamedTuple):
    """A picture, what is written, and the pattern it must match."""

    picture: NDArray[np.uint8]
    text: str
    pattern: str | None


class Row(NamedTuple):
    """What is known of a line that was read."""

    facts: NDArray[np.float64]
    is_right: bool
    is_code: bool
    source: str


def digits(rng: np.random.Generator, count: int) -> str:
    """Draw a text of digits."""
    return "".join(map(str, rng.integers(0, 10, count)))


def tasks(glyphs: Glyphs, count: int, seed: int) -> Iterator[Task]:
    """Give pictures to read."""
    rng = np.random.default_rng([99, seed])
    for _ in range(count):
        while not is_whole(made := compose(glyphs, rng, int(rng.integers(2, 8)))):
            pass
        yield Task(made.picture, "".join(map(str, made.labels)), None)
    rows = np.concatenate(glyphs.by_writer)
    alphabet = Alphabet(glyphs.images[rows], glyphs.labels[rows])
    for number in range(round(EASY * count)):
        text = digits(rng, int(rng.integers(2, 8)))
        picture = make_string(alphabet, text, seed=FIRST_STRING + number).picture
        yield Task(picture, text, None)
    for number in range(round(CODES * count)):
        code = digits(rng, 6)
        scene = FIRST_SEED + number
        yield Task(make_envelope(alphabet, code, seed=scene).picture, code, SIX)
        yield Task(make_form(alphabet, [code], seed=scene).picture, code, SIX)
        yield Task(make_string(alphabet, code, seed=scene).picture, code, SIX)


def gather(glyphs: Glyphs, count: int, seed: int, source: str) -> list[Row]:
    """Read pictures: facts about each line given, and whether it was read exactly."""
    facts: dict[tuple[int, ...], NDArray[np.float64]] = {}
    original = line_confidence

    def listen(
        hypotheses: list[Hypothesis], packaged: NDArray[np.float32], *calibration: Any
    ) -> float:
        digits = hypotheses[0].digits
        facts[digits] = line_features(hypotheses, packaged)  # the last is that given
        return original(hypotheses, packaged, *calibration)

    rows = []
    with mock.patch.object(line, "line_confidence", listen):
        for picture, text, pattern in tasks(glyphs, count, seed):
            facts.clear()
            for given in read(picture, pattern=pattern).lines:
                of = facts[tuple(digit.value for digit in given.digits)]
                is_right = given.text == text
                rows.append(Row(of, is_right, pattern is not None, source))
    return rows


def temperature(
    score: NDArray[np.float64], right: NDArray[np.bool_], sources: NDArray[np.str_]
) -> float:
    """Find what to divide scores by, for few of the sure of each source to be wrong."""
    for divisor in TEMPERATURES:
        sure = score / divisor >= np.log(SURE / (1 - SURE))
        of = [sure & (sources == source) for source in np.unique(sources)]
        few = (sure & ~right).sum() <= MOST_WRONG * sure.sum()
        if few and all(
            (these & ~right).sum() <= MOST_OF_ONE * these.sum() for these in of
        ):
            return float(divisor)
    return float(TEMPERATURES[-1])


def fit(name: str, rows: list[Row]) -> dict[str, Any]:
    """Fit one kind's constants, and print how they do."""
    facts = np.array([row.facts for row in rows])
    right = np.array([row.is_right for row in rows])
    sources = np.array([row.source for row in rows])
    fitted = LogisticRegression(max_iter=2000).fit(facts, right)
    score = fitted.decision_function(facts)
    divisor = temperature(score, right, sources)
    sure = score / divisor >= np.log(SURE / (1 - SURE))
    for source in np.unique(sources):
        of = sources == source
        wrong = (sure & of & ~right).sum()
        log(
            f"{name} {source}: {of.sum()} lines, {(of & right).sum()} read exactly;"
            f" sure of {(sure & of).sum()}, of these wrong {wrong}"
        )
    weights = np.round([*fitted.coef_[0], *fitted.intercept_], 3).tolist()
    calibration = {"coefficients": weights, "temperature": round(divisor, 2)}
    log(f"{name}: {calibration}")
    return calibration


def main() -> None:
    """Gather facts and fit."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("glyphs", type=Path, help="npz that glyphs.py wrote")
    parser.add_argument(
        "--count", type=int, default=1500, help="strings of each source"
    )
    parser.add_argument("--nets", type=Path, help="folder of nets not packaged yet")
    parser.add_argument("--out", type=Path, help="JSON to write for export.py")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    use_nets(arguments.nets)
    sources = {
        "writers held out": load_glyphs(
            arguments.glyphs, held_out=True, sources=(MNIST, DESCRIBED)
        ),
        "Swiss hands held out": load_glyphs(
            arguments.glyphs, held_out=True, sources=(SWISS,)
        ),
        "drawn digits": load_drawn(),
    }
    rows: list[Row] = []
    for seed, (name, glyphs) in enumerate(sources.items()):
        rows += gather(glyphs, arguments.count, seed, name)
    confidence = {
        "free": fit("free", [row for row in rows if not row.is_code]),
        "matching": fit("matching", [row for row in rows if row.is_code]),
    }
    if arguments.out:
        arguments.out.write_text(json.dumps({"lines": {"confidence": confidence}}))


if __name__ == "__main__":
    main()
