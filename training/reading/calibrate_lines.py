"""Fit how facts about a line become a confidence, on composed and generated lines.

Of writers held out, of Swiss hands held out, and of drawn digits held out: people whose
hands are unlike MNIST's must not be read with more confidence than they deserve.
Strings are read freely; codes on generated envelopes, forms, boxes and strips must
match a pattern of some kind, and one in seven is written so that it does not; each has
its own constants. Nothing real is looked at. A temperature then flattens what is
likelier than not until, of the lines of every source that are given as sure, so few are
wrong as `MOST_WRONG` says.

Writes the calibrations, and prints how they do. With 600 strings of each source, as by
default, it takes some four minutes of one core.

Run: python -m training.reading.calibrate_lines glyphs.npz --out lines.json
"""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from mnistry.scan.pattern import parse_pattern
from mnistry.scan.read import read
from mnistry.scan.recognize import line_reader
from mnistry.scan.recognize.confidence import line_confidence, line_features
from mnistry.scan.recognize.decode import Hypothesis
from mnistry.synth.documents.boxes import LAYOUTS, make_boxed
from mnistry.synth.documents.forms import make_form
from mnistry.synth.documents.scenes import Alphabet, make_envelope, make_string
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
# with a pattern its lines do not bound the temperature: of 22 of them read surely and
# wrongly some 19 are what anybody would read, sevens like a Z, threes like a 2. Freely
# read ones do, for of real strings too many sure ones are wrong
DRAWN = "drawn digits"
TEMPERATURES = np.arange(0.6, 4.0, 0.01)  # to be tried
FIRST_SEED = 12_000  # of generated pictures; no others are made from here on
FIRST_STRING = 60_000  # seed of generated strings that are read freely
CODES = 0.8  # as many pictures of codes as of composed strings, times this
MISMATCHES = 1 / 7  # of these, written so that the pattern does not match
EASY = 0.5  # the same, of generated strings on plain paper: of real strings four in
# five are read exactly, of composed ones two in three, of those nearly all
LISTED = 50  # codes of a list

Write = Callable[[np.random.Generator], str]
PATTERNS: tuple[tuple[str, Write], ...] = (  # with one that writes what matches
    ("[0-9]{6}", lambda rng: digits(rng, 6)),
    ("[0-9]{6}", lambda rng: digits(rng, 6)),  # the commonest
    ("[0-9]{1,6}", lambda rng: digits(rng, int(rng.integers(1, 7)))),
    ("[1-9][0-9]{3}", lambda rng: str(rng.integers(1000, 10_000))),
    (
        "[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
        lambda rng: f"{rng.integers(1, 32)}/{rng.integers(1, 13)}/{year(rng)}",
    ),
    (
        "[0-3][0-9]-[01][0-9]-(19|20)[0-9]{2}",
        lambda rng: f"{rng.integers(1, 32):02}-{rng.integers(1, 13):02}-{year(rng)}",
    ),
    (
        r"[0-9]{1,4}\.[0-9]{2}",
        lambda rng: f"{rng.integers(1, 10_000)}.{digits(rng, 2)}",
    ),
)


class Task(NamedTuple):
    """A picture, what is written in its lines, and the pattern they must match."""

    picture: NDArray[np.uint8]
    texts: tuple[str, ...]
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


def year(rng: np.random.Generator) -> int:
    """Draw a year."""
    return int(rng.integers(1900, 2030))


def mismatch(pattern: str, rng: np.random.Generator) -> str:
    """Draw digits that do not match."""
    accepts = parse_pattern(pattern).accepts
    while accepts(map(int, text := digits(rng, int(rng.integers(1, 9))))):
        pass
    return text


def code_task(alphabet: Alphabet, number: int, rng: np.random.Generator) -> Task:
    """Write codes of one pattern, on a strip, an envelope, a form or in boxes."""
    kind = int(rng.integers(len(PATTERNS) + 1))
    if kind < len(PATTERNS):
        pattern, write = PATTERNS[kind]
    else:
        listed = [digits(rng, 5) for _ in range(LISTED)]
        pattern, write = "|".join(listed), lambda rng: str(rng.choice(listed))
    is_mismatch = rng.random() < MISMATCHES
    texts = [mismatch(pattern, rng) if is_mismatch else write(rng) for _ in range(3)]
    seed, place = FIRST_SEED + number, rng.random()
    if place < 0.25:
        scene = make_form(alphabet, texts, seed=seed)
    elif place < 0.6 or not texts[0].isdigit():
        scene = make_string(alphabet, texts[0], seed=seed)
    elif place < 0.8:
        scene = make_envelope(alphabet, texts[0], seed=seed)
    else:
        layout = LAYOUTS[number % len(LAYOUTS)]
        scene = make_boxed(alphabet, texts[0], seed=seed, layout=layout)
    return Task(scene.picture, tuple(line.text for line in scene.lines), pattern)


def tasks(glyphs: Glyphs, count: int, seed: int) -> Iterator[Task]:
    """Yield pictures to read."""
    rng = np.random.default_rng([99, seed])
    for _ in range(count):
        while not is_whole(made := compose(glyphs, rng, int(rng.integers(2, 8)))):
            pass
        yield Task(made.picture, ("".join(map(str, made.labels)),), None)
    rows = np.concatenate(glyphs.by_writer)
    alphabet = Alphabet(glyphs.images[rows], glyphs.labels[rows])
    for number in range(round(EASY * count)):
        text = digits(rng, int(rng.integers(2, 8)))
        picture = make_string(alphabet, text, seed=FIRST_STRING + number).picture
        yield Task(picture, (text,), None)
    for number in range(round(CODES * count)):
        yield code_task(alphabet, number, rng)


def gather(glyphs: Glyphs, count: int, seed: int, source: str) -> list[Row]:
    """Read pictures: facts about each line given, and whether it was read exactly.

    Where boxes are counted a line must match so many digits, though it is read freely:
    its facts are those of a code.
    """
    facts: dict[tuple[int, ...], tuple[NDArray[np.float64], bool]] = {}
    original = line_confidence

    def listen(
        hypotheses: list[Hypothesis], packaged: NDArray[np.float32], *more: Any
    ) -> float:
        digits = hypotheses[0].digits  # the last facts are of the line that is given
        facts[digits] = line_features(hypotheses, packaged, *more), bool(more)
        return original(hypotheses, packaged, *more)

    rows = []
    with mock.patch.object(line_reader, "line_confidence", listen):
        for picture, texts, pattern in tasks(glyphs, count, seed):
            facts.clear()
            for given in read(picture, pattern=pattern).lines:
                of = facts.get(tuple(digit.value for digit in given.digits))
                if of is not None:  # else a lone stroke, which no net for lines read
                    is_right = given.text in texts
                    rows.append(Row(of[0], is_right, of[1], source))
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


def fit(name: str, rows: list[Row], unbound: str = "") -> dict[str, Any]:
    """Fit one kind's constants, and print how they do.

    Args:
        name: The kind.
        rows: Its lines.
        unbound: The source whose lines do not bound the temperature.
    """
    facts = np.array([row.facts for row in rows])
    right = np.array([row.is_right for row in rows])
    sources = np.array([row.source for row in rows])
    fitted = LogisticRegression(max_iter=2000).fit(facts, right)
    score = fitted.decision_function(facts)
    bound = sources != unbound
    divisor = temperature(score[bound], right[bound], sources[bound])
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
    parser.add_argument("--count", type=int, default=600, help="strings of each source")
    parser.add_argument("--nets", type=Path, help="folder of nets not packaged yet")
    parser.add_argument("--out", type=Path, help="JSON to write for export.py")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    use_nets(args.nets)
    sources = {
        "writers held out": load_glyphs(
            args.glyphs, held_out=True, sources=(MNIST, DESCRIBED)
        ),
        "Swiss hands held out": load_glyphs(
            args.glyphs, held_out=True, sources=(SWISS,)
        ),
        DRAWN: load_drawn(),
    }
    rows: list[Row] = []
    for seed, (name, glyphs) in enumerate(sources.items()):
        rows += gather(glyphs, args.count, seed, name)
    confidence = {
        "free": fit("free", [row for row in rows if not row.is_code]),
        "matching": fit("matching", [row for row in rows if row.is_code], DRAWN),
    }
    if args.out:
        args.out.write_text(json.dumps({"lines": {"confidence": confidence}}))


if __name__ == "__main__":
    main()
