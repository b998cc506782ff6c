"""Entries of old registers: ink that spreads and fades, stained paper, rules."""

from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Ink
from mnistry.box import Box
from mnistry.synth.documents import camera, paper
from mnistry.synth.documents.registers import fade, old_tint
from training.reading.glyphs import Glyphs
from training.reading.writing import random_hand, write_number

HEIGHTS = 26, 64  # pixels of a digit
PENS = 0.055, 0.14  # of its height
GAPS = 0.0, 0.4
PALEST = 0.4  # of the ink that is left in places
BEHIND = 0.05, 0.2  # of the ink of the page's other side


class Entry(NamedTuple):
    """A picture (rows, columns, 3), and the box of each digit in it."""

    picture: NDArray[np.uint8]
    boxes: tuple[Box, ...]


def write_entry(
    glyphs: Glyphs, rows: NDArray[np.int64], rng: np.random.Generator
) -> Entry:
    """Write digits into an old register and photograph it.

    Args:
        glyphs: All digits.
        rows: Of the digits to write.
        rng: Decides all else.
    """
    height = float(rng.uniform(*HEIGHTS))
    hand = replace(
        random_hand(rng),
        height=height,
        thickness=max(1.3 / height, rng.uniform(*PENS)),
        gap=rng.uniform(*GAPS),
    )
    number = write_number(glyphs, rows, hand, rng)
    ink = fade(spread(number.ink, height, rng), PALEST, rng)
    look = paper.Paper(
        old_tint(rng), rng.uniform(0.005, 0.04), stains=int(rng.integers(0, 3))
    )
    sheet = paper.make_sheet(ink.shape, look, generator=rng)
    if rng.random() < 0.25:  # the other side shows
        behind = np.roll(number.ink[:, ::-1], rng.integers(-20, 20, 2), (0, 1))
        faint = np.float32(rng.uniform(*BEHIND))
        behind = cv2.GaussianBlur(behind, (0, 0), 1.2) * faint
        paper.stain_ink(sheet, behind, rng.uniform(0.1, 0.4, 3))
    rule(sheet, number.boxes, rng)
    colour = rng.uniform((0.08, 0.05, 0.02), (0.42, 0.3, 0.25))
    paper.stain_ink(sheet, ink * np.float32(rng.uniform(0.6, 1)), colour)
    seen_by = camera.Camera(
        shade=rng.uniform(0, 0.3),
        blur=rng.uniform(0.2, 1.1),
        noise=rng.uniform(0, 0.025),
        quality=int(rng.uniform(35, 96)),
    )
    seen = camera.photograph(np.clip(sheet, 0, 1), seen_by, generator=rng)
    if rng.random() < 0.4:
        grey = cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY)
        seen = np.repeat(grey[:, :, None], 3, axis=2)
    return Entry(seen, number.boxes)


def spread(ink: Ink, height: float, rng: np.random.Generator) -> Ink:
    """Let ink run a little into the paper, further here than there."""
    if rng.random() < 0.4:
        return ink
    far = rng.uniform(0.01, 0.025) * height
    soft = cv2.GaussianBlur(ink, (0, 0), far)
    fibres = cv2.GaussianBlur(rng.standard_normal(ink.shape, np.float32), (0, 0), 1.0)
    fibres *= np.float32(rng.uniform(0.05, 0.4))
    edge = np.clip((soft + fibres * (soft > 0.1) - 0.35) * 3 + 0.5, 0, 1)
    return np.asarray(edge * (soft > 0.05), np.float32)


def rule(sheet: paper.Sheet, boxes: tuple[Box, ...], rng: np.random.Generator) -> None:
    """Rule a line to write on, and uprights beside, where there are any."""
    rows, columns = sheet.shape[:2]
    bottom = float(max(box.bottom for box in boxes) + rng.normal(1, 3))
    segments = [(0.0, bottom, float(columns), bottom + rng.normal(0, 1))]
    left, right = boxes[0].left - rng.uniform(2, 8), boxes[-1].right + rng.uniform(2, 8)
    segments += [(x, 0.0, x + rng.normal(0, 2), float(rows)) for x in (left, right)]
    chosen = np.array(segments)[rng.random(3) < (0.4, 0.2, 0.2)]
    if not len(chosen):
        return
    lines = paper.draw_lines((rows, columns), chosen, thickness=rng.uniform(1, 2.5))
    colour = rng.uniform((0.2, 0.2, 0.2), (0.6, 0.45, 0.5))
    paper.stain_ink(sheet, lines * np.float32(rng.uniform(0.3, 0.8)), colour)
