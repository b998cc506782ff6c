"""Why a picture gave no digits: a stable code, a colon, and a sentence for people.

Rule: a reading without digits always has a reason, and one with digits has none.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mnistry.errors import MnistryError
from mnistry.extras import require
from mnistry.plural import counted
from mnistry.scan.page.ink.binarize import LEAST_DARK
from mnistry.scan.page.ink.grain import is_grain
from mnistry.scan.page.page import Page
from mnistry.scan.page.paper.illumination import dark_on_light, flatten_illumination
from mnistry.scan.page.picture.pixels import histogram, shrink
from mnistry.scan.pattern import Pattern
from mnistry.scan.results import UNSURE_BELOW, Reading, ReadLine

cv2 = require("cv2", extra="read")

REASONS = {
    "blank": "there is no ink on the paper.",
    "only-lines": "there are only lines, boxes or blots, and nothing is written.",
    "faint": (
        "what is written is hardly darker than the paper, {} of 255; at least {} are"
        " needed. Take it again with more contrast."
    ),
    "too-dark": "nearly all of it is black. Take it again in more light.",
    "too-small": (
        "what is written is {} pixels tall; digits need {}. Take it from nearer, or"
        " scan it at more dots per inch."
    ),
    "no-line": "there is ink, but nothing like a line of digits.",
    "no-digits": (
        "of {} found, none looks like digits; they may be letters, print or a drawing."
    ),
    "no-match": "no line matches the pattern; without it {!r} was read.",
    "non-digit": "what is there does not look like any digit.",
    "not-single": (
        "{}, and exactly one digit was to be read. Leave out single (--single), or cut"
        " the digit out."
    ),
    "broken": "{}",
}
"""Codes, which stay, and their sentences, which may change."""

# pixels; lower ink may be no writing: an 8 has three strokes and two holes above each
# other, but so little is also left of dots, and where rules cross
LEAST_SEEN = 4
LEFT_OF_RULES = 0.02  # of all ink: 0.6 % at most on 60 empty grids and ruled pages
LEAST_TALL = 8  # pixels of a digit; the nets were trained on none smaller
DARK = 60  # of 255; on paper no lighter than this no pen is seen
NOISE = 10  # of 255; spots of paper are as dark
LISTED = 5  # lines that are named where none matches the pattern
LIGHTEST = 99.0  # percentile of lightness; above it are single pixels


def reason_of(code: str, *facts: object) -> str:
    """Return a reason.

    Args:
        code: One of `REASONS`.
        facts: What its sentence has room for.

    Example:
        >>> reason_of("blank")
        'blank: there is no ink on the paper.'
        >>> code, _, sentence = reason_of("too-dark").partition(": ")
        >>> code
        'too-dark'
    """
    return f"{code}: {REASONS[code].format(*facts)}"


def why_no_digits(picture: NDArray[np.uint8], pages: Sequence[Page]) -> str:
    """Return why no line of a picture gave digits.

    Args:
        picture: (rows, columns, 3) uint8, as it was loaded.
        pages: The same, ready for reading.
    """
    reached = histogram(picture).cumsum()
    lightest = float(np.searchsorted(reached, LIGHTEST / 100 * reached[-1]))
    inks = [page.mask for page in pages if page.mask.any()]
    if not inks:
        return _why_no_ink(picture, lightest)
    if lightest <= DARK:
        return reason_of("too-dark")
    heights = [line.height for page in pages for line in page.lines]
    scale = max(picture.shape) / max(pages[0].mask.shape)
    tall = round(max(heights, default=0.0) * scale)
    if tall < LEAST_SEEN:
        return reason_of("only-lines" if _is_ruled(pages) else "no-line")
    if tall < LEAST_TALL:
        return reason_of("too-small", tall, LEAST_TALL)
    count = len(heights)
    return reason_of("no-digits", f"{count} lines" if count > 1 else "one line")


def _is_ruled(pages: Sequence[Page]) -> bool:
    """Return whether hardly any ink is left without the rules."""
    left = sum(int(page.mask.sum()) for page in pages)
    return left < LEFT_OF_RULES * sum(int(page.inked.sum()) for page in pages)


def _why_no_ink(picture: NDArray[np.uint8], lightest: float) -> str:
    """Distinguish blank paper, a faint pen, and a picture without light."""
    if lightest <= DARK:
        return reason_of("too-dark")
    dark = flatten_illumination(dark_on_light(shrink(picture)))
    darkest = int(cv2.medianBlur(dark, 3).max())  # single pixels are noise
    if darkest < NOISE or is_grain(dark):
        return reason_of("blank")
    if darkest >= LEAST_DARK:
        return reason_of("only-lines")
    return reason_of("faint", darkest, LEAST_DARK)


def without_match(
    free: tuple[ReadLine, ...], pattern: Pattern
) -> tuple[list[ReadLine], str]:
    """Return the lines that match when they are read freely, or say what was read.

    They are unsure, for with the pattern they were not read.

    Args:
        free: What is read without the pattern, a line at least.
        pattern: What lines must match.

    Returns:
        Lines, and why there are none.
    """
    matching = [
        replace(
            line,
            text=pattern.put_in_form(line.text),
            confidence=UNSURE_BELOW * line.confidence,
        )
        for line in free
        if pattern.accepts([int(digit) for digit in line.text])
    ]
    return matching, "" if matching else reason_of("no-match", _listed(free))


def _listed(lines: tuple[ReadLine, ...]) -> str:
    more = len(lines) - LISTED
    named = ", ".join(line.text for line in lines[:LISTED])
    return f"{named} and {counted(more, 'line')} more" if more > 0 else named


def broken(error: MnistryError) -> str:
    """Return the reason of a picture that cannot be read, on one line.

    Example:
        >>> broken(MnistryError("a.png is empty."))
        'broken: a.png is empty.'
    """
    return reason_of("broken", " ".join(str(error).split()))


def json_line(name: str, outcome: Reading | MnistryError) -> str:
    """Return the line of JSON for a picture; one that is broken has `error`.

    Args:
        name: Of the file.
        outcome: What was read, or the error that reading it raised.

    Example:
        >>> json_line("a.png", MnistryError("no picture"))
        '{"file": "a.png", "error": "no picture"}'
    """
    if isinstance(outcome, MnistryError):
        facts = {"error": " ".join(str(outcome).split())}
    else:
        facts = outcome.to_dict()
    return json.dumps({"file": name} | facts, ensure_ascii=False)
