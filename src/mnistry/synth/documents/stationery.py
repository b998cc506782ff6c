"""What stands on paper beside the digits: stamps, addresses, rules; and the light.

Rule: everything is drawn by the generator that is given; nothing is a file.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mnistry.box import Box
from mnistry.extras import require
from mnistry.synth.documents.camera import Camera
from mnistry.synth.documents.paper import Sheet, draw_lines, stain_ink, waves

cv2 = require("cv2", extra="read")

STREETS = ("Rose Lane", "Harbour Street", "Mill Road", "Station Square", "High Street")
TOWNS = ("Northfield", "Lakewood", "Oldbridge", "Westhaven", "Springdale")


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


def put_stamp(sheet: Sheet, generator: np.random.Generator) -> None:
    """Put a stamp and its mark into the upper right corner of an envelope."""
    part = sheet[30:170, 720:850]
    shape = part.shape[:2]
    fill = np.float32(0.35) + np.float32(0.4) * waves(shape, generator=generator)
    stain_ink(part, fill, generator.uniform(0.1, 0.6, 3))
    mark = np.zeros(sheet.shape[:2], np.uint8)
    centre = int(generator.integers(640, 730)), int(generator.integers(70, 130))
    for radius in (34, 48):
        cv2.circle(mark, centre, radius, 255, 2, cv2.LINE_AA)
    stain_ink(sheet, mark.astype(np.float32) * np.float32(0.6 / 255), np.full(3, 0.2))


def put_address(sheet: Sheet, generator: np.random.Generator) -> None:
    """Print name, street and town on an envelope."""
    street = f"{STREETS[int(generator.integers(len(STREETS)))]}"
    town = TOWNS[int(generator.integers(len(TOWNS)))]
    print_words(sheet, "To the reader", (370, 260), size=22)
    print_words(sheet, street, (370, 305), size=22)
    print_words(sheet, town, (370, 350), size=22)


def put_frames(sheet: Sheet, boxes: tuple[Box, ...], height: float) -> None:
    """Print a box around each digit of a line; height is that of the digits."""
    top = min(box.top for box in boxes) - 0.22 * height
    bottom = max(box.bottom for box in boxes) + 0.22 * height
    middles = [(a.right + b.left) / 2 for a, b in pairwise(boxes)]
    pad = 0.28 * height
    edges = [boxes[0].left - pad, *middles, boxes[-1].right + pad]
    segments = [(x, top, x, bottom) for x in edges]
    segments += [(edges[0], y, edges[-1], y) for y in (top, bottom)]
    ink = draw_lines(sheet.shape[:2], np.array(segments), thickness=2)
    stain_ink(sheet, ink * np.float32(0.8), np.array([0.35, 0.3, 0.3]))


def put_rule(sheet: Sheet, row: float, ends: tuple[float, float]) -> None:
    """Print a rule of a form to write on, from one column to another."""
    segment = np.array([[ends[0], row, ends[1], row]])
    ink = draw_lines(sheet.shape[:2], segment, thickness=2)
    stain_ink(sheet, ink * np.float32(0.8), np.full(3, 0.3))
