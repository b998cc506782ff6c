"""How people write numbers: sizes, slants, gaps and cents, one pen for all digits."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Ink
from mnistry.box import Box
from mnistry.synth.documents import handwriting
from mnistry.synth.documents.handwriting import Field
from training.reading.flourishes import field_of
from training.reading.glyphs import Glyphs
from training.reading.joined import joined_zeros

FOOT = 2.2  # heights from the top of the canvas to the line that is written on
TALL = 3.2  # heights of the canvas
BROAD = 0.12  # spread of the logarithm of how broad somebody writes
CLOSEST = -0.12  # heights; digits that overlap more cannot be told apart


@dataclass(frozen=True)
class Number:
    """Ink of a number, the box of each digit, and how many of them are cents."""

    ink: Ink
    boxes: tuple[Box, ...]
    cents: int


def random_hand(rng: np.random.Generator) -> handwriting.Hand:
    """Draw how somebody writes."""
    height = float(np.exp(rng.uniform(np.log(18), np.log(52))))
    touching = rng.random()
    if touching < 0.3:
        gap, kerned = rng.normal(-0.03, 0.05), True
    elif touching < 0.6:
        gap, kerned = rng.uniform(0.0, 0.2), True
    elif touching < 0.75:
        gap, kerned = rng.uniform(-0.1, 0.08), False
    else:
        gap, kerned = rng.uniform(0.05, 0.7), False
    return handwriting.Hand(
        height=height,
        gap=gap,
        gap_spread=rng.uniform(0.02, 0.12),
        size_spread=rng.uniform(0.03, 0.16),
        rise_spread=rng.uniform(0.02, 0.12),
        slant=rng.normal(0.0, 0.22),
        kerned=kerned,
        wobble=rng.uniform(0.02, 0.12),
        thickness=max(1.1 / height, rng.uniform(0.05, 0.165)),
    )


def sizes_of(
    labels: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.float64], int]:
    """Return the size of each digit by habit, and how many at the end are cents."""
    count = len(labels)
    sizes = np.ones(count)
    if rng.random() < 0.3:  # writing grows, or shrinks
        sizes *= np.linspace(1, np.exp(rng.normal(0, 0.2)), count)
    if rng.random() < 0.15:  # zeros written small
        sizes[labels == 0] *= rng.uniform(0.55, 0.9)
    if rng.random() < 0.25:  # ones written tall
        sizes[labels == 1] *= rng.uniform(1.0, 1.45)
    cents = int(count > 2 and rng.random() < 0.1) * int(min(count - 1, 2))
    if cents:
        sizes[count - cents :] *= rng.uniform(0.5, 0.9)
    return sizes, cents


def write_number(
    glyphs: Glyphs,
    rows: NDArray[np.int64],
    hand: handwriting.Hand,
    rng: np.random.Generator,
) -> Number:
    """Write digits side by side with one pen; cents may be small and high."""
    labels = glyphs.labels[rows]
    sizes, cents = sizes_of(labels, rng)
    rise = rng.uniform(0, 1.1) * (1 - sizes[-1]) if cents else 0.0
    thin = bool(rng.random() < 0.6)
    natural = not thin and rng.random() < 0.4
    broad = float(np.exp(np.clip(rng.normal(0, BROAD), -0.3, 0.3)))
    alone = len(rows) - joined_at_end(labels, cents, rng)
    inks, feet = [], []
    for number, (row, size) in enumerate(zip(rows[:alone], sizes[:alone], strict=True)):
        field = field_of(glyphs, int(row), rng, thin=thin, broad=broad)
        inks.append(draw(field, hand, float(size), rng, natural=natural))
        high = rise if number >= len(rows) - cents else 0.0
        feet.append(hand.height * (FOOT - high + rng.normal(0, hand.rise_spread)))
    if alone < len(rows):
        own = replace(hand, height=hand.height * float(sizes[alone:].mean()))
        chain, parts = joined_zeros(len(rows) - alone, own, rng)
        high = rng.choice([0.0, 0.0, 0.15, 0.35])  # short ones often stand high
        inks.append(chain)
        feet.append(hand.height * (FOOT - high * rng.random()))
    ink, boxes = side_by_side(inks, feet, hand, rng)
    if alone < len(rows):
        last = boxes[-1]
        boxes = boxes[:-1] + tuple(
            last._replace(left=last.left + a, right=last.left + max(b, a + 2))
            for a, b in parts
        )
    return Number(ink, boxes, cents)


def joined_at_end(
    labels: NDArray[np.uint8], cents: int, rng: np.random.Generator
) -> int:
    """Return how many zeros at the end are written in one go: none, or two or more."""
    others = np.flatnonzero(labels != 0)
    zeros = len(labels) - (others[-1] + 1 if len(others) else 0)
    return int(zeros) if zeros > 1 and not cents and rng.random() < 0.3 else 0


def draw(
    field: Field,
    hand: handwriting.Hand,
    size: float,
    rng: np.random.Generator,
    *,
    natural: bool,
) -> Ink:
    """Draw one digit, cropped; a natural pen is as bold as the image was."""
    least = 0.085 if hand.thickness < 0.085 and natural else 0.0
    own = replace(
        hand,
        height=hand.height * size,
        thickness=0.0 if natural and not least else hand.thickness / size,
    )
    return write_alone(field, own, rng)


def write_alone(field: Field, hand: handwriting.Hand, rng: np.random.Generator) -> Ink:
    """Write one digit, cropped to its box."""
    written = handwriting.write_line([field], hand, generator=rng)
    (box,) = written.boxes
    return written.ink[box.top : box.bottom, box.left : box.right]


def side_by_side(
    inks: list[Ink],
    feet: list[float],
    hand: handwriting.Hand,
    rng: np.random.Generator,
) -> tuple[Ink, tuple[Box, ...]]:
    """Put digits on a canvas, close as the hand has it: (ink, boxes)."""
    h = hand.height
    tall = round(TALL * h)
    wide = sum(ink.shape[1] for ink in inks)
    wide += round(h * (2 + max(0.0, hand.gap + 0.45) * len(inks))) + 8
    canvas = np.zeros((tall, wide), np.float32)
    reach = np.full(tall, -1)  # the last inked column of each row
    boxes: list[Box] = []
    right = round(h / 2)
    for ink, foot in zip(inks, feet, strict=True):
        rows, columns = ink.shape
        top = int(np.clip(round(foot) - rows, 0, max(0, tall - rows)))
        rows = min(rows, tall - top)
        inked = ink[:rows] > 0.4
        gap = round(h * max(CLOSEST, rng.normal(hand.gap, hand.gap_spread)))
        left = edge(inked, reach[top : top + rows], right, kerned=hand.kerned) + gap
        left = int(np.clip(left, right // 3, wide - columns))
        place = canvas[top : top + rows, left : left + columns]
        np.maximum(place, ink[:rows], out=place)
        last = left + columns - 1 - inked[:, ::-1].argmax(axis=1)
        part = reach[top : top + rows]
        np.maximum(part, np.where(inked.any(axis=1), last, -1), out=part)
        boxes.append(Box(left, top, left + columns, top + rows))
        right = max(right, left + columns)
    return canvas[:, : min(wide, right + round(h / 2))], tuple(boxes)


def edge(
    inked: NDArray[np.bool_], reach: NDArray[np.int64], right: int, *, kerned: bool
) -> int:
    """Return where a digit's left side is when it just touches what is written."""
    both = (reach >= 0) & inked.any(axis=1)
    if not kerned or not both.any():
        return right
    closest = int((reach - inked.argmax(axis=1))[both].max()) + 1
    return max(closest, right - round(0.6 * len(inked)))
