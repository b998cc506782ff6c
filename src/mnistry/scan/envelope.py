"""Envelopes, forms and strings with known truth, for tests and to look at.

Given digits are written by a pen on drawn paper among other ink, and photographed. The
same seed gives the same picture.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images, Labels
from mnistry.errors import UsageError
from mnistry.extras import require
from mnistry.scan.paper import Paper, Sheet, draw_lines, make_sheet, stain_ink, waves
from mnistry.scan.pen import Box, Field, Hand, Written, to_field, write_line
from mnistry.scan.photograph import Camera, Picture, photograph, tilt_matrix

cv2 = require("cv2", extra="read")

STREETS = ("Rose Lane", "Harbour Street", "Mill Road", "Station Square", "High Street")
TOWNS = ("Northfield", "Lakewood", "Oldbridge", "Westhaven", "Springdale")
ENTRIES = ("Telephone", "Account", "Amount", "Date", "Postal code")


class TrueLine(NamedTuple):
    """What is written on a line, and where each digit is."""

    text: str
    boxes: tuple[Box, ...]


class Scene(NamedTuple):
    """A picture with its truth: lines of handwritten digits, from top to bottom."""

    picture: Picture
    lines: tuple[TrueLine, ...]


class Alphabet(NamedTuple):
    """Digits to write with: images as MNIST's, and what each shows."""

    images: Images
    labels: Labels


def make_string(alphabet: Alphabet, text: str, *, seed: int = 0) -> Scene:
    """Write one string of digits, cut out closely, as from a cheque.

    Args:
        alphabet: Digits to write with.
        text: What to write, digits only.
        seed: Decides hand, paper, light.

    Raises:
        UsageError: Not digits, or a digit that the alphabet does not have.
    """
    generator = np.random.default_rng(seed)
    hand = draw_hand(generator, height=float(generator.uniform(24, 44)))
    written = write_text(alphabet, text, hand, generator=generator)
    wavy = float(generator.uniform(0, 0.2)) * float(generator.random() < 0.5)
    look = Paper(draw_tint(generator), float(generator.uniform(0, 0.02)), wavy)
    sheet = make_sheet(written.ink.shape, look, generator=generator)
    stain_ink(sheet, written.ink * np.float32(0.9), draw_colour(generator))
    margin = round(0.25 * hand.height)
    around = _around(written.boxes, margin, written.ink.shape)
    boxes = tuple(_moved(box, -around.left, -around.top) for box in written.boxes)
    part = sheet[around.top : around.bottom, around.left : around.right]
    picture = photograph(part, draw_camera(generator), generator=generator)
    return Scene(picture, (TrueLine(text, boxes),))


def make_envelope(
    alphabet: Alphabet, code: str, *, seed: int = 0, framed: bool | None = None
) -> Scene:
    """Address an envelope: street and town in type, the postal code by hand.

    Args:
        alphabet: Digits to write with.
        code: The postal code, digits only.
        seed: Decides hand, paper, stamp, light, perspective.
        framed: A box around each digit of the code; none lets the seed decide.

    Raises:
        UsageError: Not digits, or a digit that the alphabet does not have.
    """
    generator = np.random.default_rng(seed)
    look = Paper(draw_tint(generator), 0.012, 0.0, int(generator.integers(0, 3)))
    sheet = make_sheet((560, 900), look, generator=generator)
    if framed is None:
        framed = bool(generator.random() < 0.5)
    _put_stamp(sheet, generator)
    _put_address(sheet, generator)
    gap = 0.55 if framed else float(generator.uniform(0.08, 0.35))
    hand = draw_hand(generator, height=float(generator.uniform(34, 50)), gap=gap)
    written = write_text(alphabet, code, hand, generator=generator)
    left, top = (int(v) for v in generator.integers((360, 370), (440, 420)))
    boxes = _put_ink(sheet, written, (left, top), draw_colour(generator))
    if framed:
        _put_frames(sheet, boxes, hand.height)
    tilt = tilt_matrix(sheet.shape[:2], 0.015, generator=generator)
    return _taken(sheet, [(code, boxes)], tilt, generator)


def make_form(alphabet: Alphabet, entries: Sequence[str], *, seed: int = 0) -> Scene:
    """Fill in a form: a printed word before each line, digits by hand.

    Args:
        alphabet: Digits to write with.
        entries: What to write, a line each, digits only.
        seed: Decides hands, rules or boxes, paper, light.

    Raises:
        UsageError: Not digits, or a digit that the alphabet does not have.
    """
    generator = np.random.default_rng(seed)
    pitch = 96
    sheet = make_sheet(
        (120 + pitch * len(entries), 900),
        Paper(draw_tint(generator), 0.008),
        generator=generator,
    )
    lines = []
    for number, entry in enumerate(entries):
        foot = 100 + pitch * number
        print_words(sheet, ENTRIES[number % len(ENTRIES)] + ":", (40, foot), size=26)
        framed = bool(generator.random() < 0.4)
        gap = 0.5 if framed else float(generator.uniform(0.08, 0.3))
        hand = draw_hand(generator, height=float(generator.uniform(32, 44)), gap=gap)
        written = write_text(alphabet, entry, hand, generator=generator)
        at = 280, foot - round(1.7 * hand.height)
        boxes = _put_ink(sheet, written, at, draw_colour(generator))
        if framed:
            _put_frames(sheet, boxes, hand.height)
        else:
            _put_rule(sheet, foot + 6)
        lines.append((entry, boxes))
    tilt = tilt_matrix(sheet.shape[:2], 0.006, generator=generator)
    return _taken(sheet, lines, tilt, generator)


def write_text(
    alphabet: Alphabet, text: str, hand: Hand, *, generator: np.random.Generator
) -> Written:
    """Write digits with an alphabet.

    Args:
        alphabet: Digits to write with.
        text: What to write, digits only.
        hand: How.
        generator: Decides which image of each digit is taken.

    Raises:
        UsageError: Not digits, or a digit that the alphabet does not have.
    """
    if not text or set(text) - set("0123456789"):
        message = f"cannot write {text!r}; expected digits only, at least one."
        raise UsageError(message)
    fields: list[Field] = []
    for digit in text:
        rows = np.flatnonzero(alphabet.labels == int(digit))
        if not rows.size:
            message = f"the alphabet has no {digit}; expected images of all ten digits."
            raise UsageError(message)
        fields.append(to_field(alphabet.images[int(generator.choice(rows))]))
    return write_line(fields, hand, generator=generator)


def draw_hand(
    generator: np.random.Generator, *, height: float, gap: float | None = None
) -> Hand:
    """Draw how somebody writes."""
    return Hand(
        height=height,
        gap=float(generator.uniform(0.0, 0.3)) if gap is None else gap,
        gap_spread=0.05,
        size_spread=float(generator.uniform(0.02, 0.08)),
        rise_spread=float(generator.uniform(0.01, 0.05)),
        slant=float(generator.normal(0.05, 0.12)),
        thickness=float(generator.uniform(0.09, 0.16)),
        kerned=bool(generator.random() < 0.5),
        wobble=0.04,
    )


def draw_tint(generator: np.random.Generator) -> tuple[float, float, float]:
    """Draw the colour of a paper: white to brown, rarely another."""
    red, green, blue = 1 - generator.uniform(0.0, 0.22, 3) * (0.3, 0.6, 1.0)
    return float(red), float(green), float(blue)


def draw_colour(generator: np.random.Generator) -> NDArray[np.float64]:
    """Draw the colour of a pen: black or blue."""
    if generator.random() < 0.5:
        return generator.uniform(0.02, 0.2) * np.ones(3)
    return generator.uniform((0.0, 0.05, 0.35), (0.2, 0.25, 0.65))


def draw_camera(generator: np.random.Generator) -> Camera:
    """Draw how a picture is taken: a scanner, or a phone in bad light."""
    return Camera(
        shade=float(generator.uniform(0.0, 0.35)),
        blur=float(generator.uniform(0.3, 1.0)),
        noise=float(generator.uniform(0.0, 0.02)),
        quality=int(generator.integers(60, 96)),
    )


def print_words(
    sheet: Sheet, words: str, at: tuple[int, int], *, size: float = 24
) -> None:
    """Print words in type, in place.

    Args:
        sheet: What is printed on.
        words: Letters of ASCII.
        at: Column where they begin, and row of their foot.
        size: Height of a capital letter in pixels.
    """
    inked = np.zeros(sheet.shape[:2], np.uint8)
    face = cv2.FONT_HERSHEY_DUPLEX
    cv2.putText(inked, words, at, face, size / 22, 255, 1, cv2.LINE_AA)
    stain_ink(sheet, inked.astype(np.float32) / np.float32(255), np.full(3, 0.12))


def _put_stamp(sheet: Sheet, generator: np.random.Generator) -> None:
    part = sheet[30:170, 720:850]
    shape = part.shape[:2]
    fill = np.float32(0.35) + np.float32(0.4) * waves(shape, generator=generator)
    stain_ink(part, fill, generator.uniform(0.1, 0.6, 3))
    mark = np.zeros(sheet.shape[:2], np.uint8)
    centre = int(generator.integers(640, 730)), int(generator.integers(70, 130))
    for radius in (34, 48):
        cv2.circle(mark, centre, radius, 255, 2, cv2.LINE_AA)
    stain_ink(sheet, mark.astype(np.float32) * np.float32(0.6 / 255), np.full(3, 0.2))


def _put_address(sheet: Sheet, generator: np.random.Generator) -> None:
    street = f"{STREETS[int(generator.integers(len(STREETS)))]}"
    town = TOWNS[int(generator.integers(len(TOWNS)))]
    print_words(sheet, "To the reader", (370, 260), size=22)
    print_words(sheet, street, (370, 305), size=22)
    print_words(sheet, town, (370, 350), size=22)


def _put_ink(
    sheet: Sheet,
    written: Written,
    at: tuple[int, int],
    colour: NDArray[np.float64],
) -> tuple[Box, ...]:
    left, top = at
    rows, columns = sheet.shape[:2]
    high = min(written.ink.shape[0], rows - top)
    wide = min(written.ink.shape[1], columns - left)
    part = sheet[top : top + high, left : left + wide]
    stain_ink(part, written.ink[:high, :wide] * np.float32(0.92), colour)
    return tuple(_moved(box, left, top) for box in written.boxes)


def _put_frames(sheet: Sheet, boxes: tuple[Box, ...], height: float) -> None:
    top = min(box.top for box in boxes) - 0.22 * height
    bottom = max(box.bottom for box in boxes) + 0.22 * height
    middles = [(a.right + b.left) / 2 for a, b in pairwise(boxes)]
    pad = 0.28 * height
    edges = [boxes[0].left - pad, *middles, boxes[-1].right + pad]
    segments = [(x, top, x, bottom) for x in edges]
    segments += [(edges[0], y, edges[-1], y) for y in (top, bottom)]
    ink = draw_lines(sheet.shape[:2], np.array(segments), thickness=2)
    stain_ink(sheet, ink * np.float32(0.8), np.array([0.35, 0.3, 0.3]))


def _put_rule(sheet: Sheet, row: float) -> None:
    segment = np.array([[270.0, row, 860.0, row]])
    ink = draw_lines(sheet.shape[:2], segment, thickness=2)
    stain_ink(sheet, ink * np.float32(0.8), np.full(3, 0.3))


def _taken(
    sheet: Sheet,
    lines: list[tuple[str, tuple[Box, ...]]],
    tilt: NDArray[np.float64],
    generator: np.random.Generator,
) -> Scene:
    seen = cv2.warpPerspective(
        sheet, tilt, sheet.shape[1::-1], borderMode=cv2.BORDER_REPLICATE
    )
    picture = photograph(seen, draw_camera(generator), generator=generator)
    truth = [
        TrueLine(text, tuple(_tilted(box, tilt) for box in boxes))
        for text, boxes in lines
    ]
    return Scene(picture, tuple(truth))


def _tilted(box: Box, tilt: NDArray[np.float64]) -> Box:
    corners = np.array(
        [
            [box.left, box.top],
            [box.right, box.top],
            [box.right, box.bottom],
            [box.left, box.bottom],
        ],
        np.float32,
    )
    seen = cv2.perspectiveTransform(corners[None], tilt)[0]
    low, high = np.floor(seen.min(axis=0)), np.ceil(seen.max(axis=0))
    return Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def _moved(box: Box, right: int, down: int) -> Box:
    return Box(box.left + right, box.top + down, box.right + right, box.bottom + down)


def _around(boxes: tuple[Box, ...], margin: int, shape: tuple[int, ...]) -> Box:
    return Box(
        max(0, min(box.left for box in boxes) - margin),
        max(0, min(box.top for box in boxes) - margin),
        min(shape[1], max(box.right for box in boxes) + margin),
        min(shape[0], max(box.bottom for box in boxes) + margin),
    )
