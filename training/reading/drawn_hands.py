"""Drawn digits to learn from: those not held out, and writers who keep to one way.

Half of the strings are of digits of `mnistry.load("drawn")` that come after those held
out, 250 at a time as if of one writer, whose ways differ from digit to digit. The other
half are of writers each of whom writes a digit in one of the ways of
`mnistry.synth.drawn`, with a slant, a breadth and a pen of their own, so that what one
digit of a string looks like tells something of the others.
"""

import numpy as np

import mnistry
from mnistry.synth.drawn import in_frame
from mnistry.synth.drawn.glyphs import ALLOGRAPHS
from mnistry.synth.drawn.pen import HAND, write
from mnistry.synth.drawn.splines import build_allographs
from training.reading.allographs import SAME_HAND, centre_line
from training.reading.glyphs import DRAWN, DRAWN_DIGITS, DRAWN_EACH, Glyphs

WRITERS, EACH = 400, 8  # and how often each writes a digit
STEADY = {
    "slant": 0.08,
    "turn": 0.06,
    "aspect": 0.12,
    "radius_spread": 0.08,
    "gap": 0.0,
}

Written = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Images like MNIST's, labels, packed centre lines."""


def one_writer(rng: np.random.Generator) -> Written:
    """Let somebody write each digit some times in one way."""
    chosen = []
    for digit in range(10):
        ways = [row for row in ALLOGRAPHS if row[0] == digit]
        chances = np.array([weight for _, weight, _ in ways], float)
        way = ways[int(rng.choice(len(ways), p=chances / chances.sum()))]
        chosen.append((digit, 1, way[2]))
    lean, bold = rng.normal(0.08, 0.2), rng.normal(0, 0.3)
    own = {
        "upright": float(np.clip(lean, -0.4, 0.6)),
        "radius": HAND["radius"] * float(np.exp(np.clip(bold, -0.6, 0.6))),
    }
    labels = np.repeat(np.arange(10), EACH).astype(np.uint8)
    built = build_allographs(chosen)
    traces = write(labels, built, rng, hand={**HAND, **SAME_HAND, **STEADY, **own})
    stroke = built.stroke_of_dot[traces.chosen]
    lines = [centre_line(*one) for one in zip(traces.dots, stroke, strict=True)]
    return in_frame(traces, rng), labels, np.packbits(np.array(lines), axis=2)


def load_to_learn(writers: int = WRITERS) -> Glyphs:
    """Load the drawn digits that are not held out, and let writers write others."""
    rest = mnistry.load("drawn", split="train")[DRAWN_DIGITS:]
    count = len(rest)
    rng = np.random.default_rng([2041, 0])
    written = [one_writer(rng) for _ in range(writers)]
    parts: list[Written] = [
        (
            np.asarray(rest.images),
            np.asarray(rest.labels),
            np.zeros((count, 56, 7), np.uint8),  # no centre lines
        ),
        *written,
    ]
    images, labels, centres = (np.concatenate(of) for of in zip(*parts, strict=True))
    groups = np.array_split(np.arange(count), count // DRAWN_EACH)
    own = np.split(np.arange(count, len(labels)), writers)
    shares = [0.5 / len(groups)] * len(groups) + [0.5 / writers] * writers
    source = np.full(len(labels), DRAWN, np.uint8)
    return Glyphs(
        images, labels, centres, source, (*groups, *own), np.array(shares) / sum(shares)
    )
