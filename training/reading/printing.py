"""What a form or cheque has in print: frames, rules, words, grounds, digits in type."""

import itertools
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mnistry.arrays import Ink
from mnistry.box import Box
from mnistry.synth.documents import paper
from training.reading.marks import CURRENCY, WORDS
from training.reading.writing import Number

Shape = tuple[int, ...]
"""Rows and columns of what is printed on, and more."""

Segment = tuple[float, float, float, float]
"""A line from column and row to column and row."""

LETTERS = list("abcdefghijklmnopqrstuvwxyzabdeghiklmnorstuaeioABCDEFGHKLMNPRSTVWZ")
FORM_WORDS = [
    "street",
    "road",
    "city",
    "amount",
    "date",
    "name",
    "telephone",
    "Tel",
    "code",
    "cheque",
    "pay to",
    "sum of",
    "account",
    "mailing",
    "invoice",
    "room",
    "street No",
    "postal code",
]
FONTS = sorted(
    str(path)
    for path in (Path(matplotlib.__file__).parent / "mpl-data/fonts/ttf").glob("*.ttf")
    if not any(part in path.name for part in ("Display", "NonUni", "Siz", "LastResort"))
    and not path.name.startswith(("cmex", "cmsy", "cmmi"))
)


def any_font(size: float, rng: np.random.Generator) -> ImageFont.FreeTypeFont:
    """Choose a typeface."""
    return ImageFont.truetype(str(rng.choice(FONTS)), max(6, round(size)))


def word(rng: np.random.Generator) -> str:
    """Return a word, or letters at random."""
    if rng.random() < 0.3:
        text = str(rng.choice(FORM_WORDS))
        return text.capitalize() if rng.random() < 0.5 else text.upper()
    text = "".join(rng.choice(LETTERS, int(rng.integers(2, 10))))
    case = rng.random()
    return text if case < 0.4 else text.lower() if case < 0.9 else text.upper()


def set_text(text: str, h: float, rng: np.random.Generator) -> Ink:
    """Letters as ink, set in type or in Hershey's script, slanted, cropped."""
    if rng.random() < 0.5:
        font = any_font(h * 1.35, rng)
        left, top, right, bottom = font.getbbox(text)
        size = max(1, int(right - left)) + 8, max(1, int(bottom - top)) + 8
        image = Image.new("L", size)
        ImageDraw.Draw(image).text((4 - left, 4 - top), text, 255, font=font)
        inked = np.asarray(image)
    else:
        face, scale = int(rng.integers(0, 8)), h / 22
        thick = max(1, round(h * rng.uniform(0.05, 0.13)))
        (wide, tall), below = cv2.getTextSize(text, face, scale, thick)
        shape = tall + below + 2 * thick + 8, wide + 2 * thick + 8
        inked, at = np.zeros(shape, np.uint8), (thick + 4, tall + thick + 4)
        cv2.putText(inked, text, at, face, scale, 255, thick, cv2.LINE_AA)
    lean, tall = rng.normal(0, 0.15), inked.shape[0]
    matrix = np.array([[1, -lean, max(0, lean) * tall], [0, 1, 0]])
    wide = int(inked.shape[1] + abs(lean) * tall) + 1
    inked = cv2.warpAffine(inked, matrix, (wide, tall))
    rows, columns = np.flatnonzero(inked.max(1) > 60), np.flatnonzero(inked.max(0) > 60)
    if not len(rows):
        return np.ones((2, 2), np.float32)
    part = inked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(part, np.float32) / np.float32(255)


def set_number(h: float, rng: np.random.Generator) -> tuple[Number, NDArray[np.uint8]]:
    """Digits in type: (number, labels)."""
    labels = rng.integers(0, 10, int(rng.integers(1, 9))).astype(np.uint8)
    font = any_font(h * 1.37, rng)
    x, base, spacing = h / 2, 2.2 * h, rng.uniform(0.02, 0.5) * h
    image = Image.new("L", (round(h * (2 + len(labels) * 1.6)), round(h * 3.2)))
    draw, boxes = ImageDraw.Draw(image), []
    for label in labels:
        left, top, right, bottom = font.getbbox(str(label))
        draw.text((x - left, base - bottom), str(label), 255, font=font)
        edges = x, base - bottom + top, x + right - left, base
        boxes.append(Box(*map(round, edges)))
        x += right - left + spacing
    inked = np.asarray(image, np.float32)[:, : round(x + h / 2)] / np.float32(255)
    return Number(inked, tuple(boxes), 0), labels


def print_form(
    sheet: NDArray[np.float32],
    boxes: tuple[Box, ...],
    h: float,
    rng: np.random.Generator,
) -> None:
    """Print on a sheet, in place: rules or frames, small words."""
    colour = np.full(3, rng.uniform(0, 0.6))
    if rng.random() < 0.5:
        colour = rng.uniform(0.0, 0.65, 3)
    strength = np.float32(rng.uniform(0.3, 1.0))
    kind = rng.random()
    segments: list[Segment] = []
    if kind < 0.17:
        segments = rules(sheet.shape, boxes, h, rng)
    elif kind < 0.22:
        segments = frames(boxes, h, rng)
    elif kind < 0.28:
        segments, strength = grid(sheet.shape, h, rng), strength * np.float32(0.7)
    if segments:
        thick = max(0.6, rng.uniform(0.02, 0.08) * h)
        mask = paper.draw_lines(
            (sheet.shape[0], sheet.shape[1]), np.array(segments, float), thickness=thick
        )
        if rng.random() < 0.2:  # dotted
            period = max(3, int(0.15 * h))
            mask[:, np.arange(mask.shape[1]) % period < period // 2] = 0
        paper.stain_ink(sheet, mask * strength, colour)
    if rng.random() < 0.3:
        paper.stain_ink(sheet, small_words(sheet.shape, boxes, h, rng), colour)
    if rng.random() < 0.12:
        paper.stain_ink(sheet, behind(sheet.shape, h, rng), rng.uniform(0.1, 0.9, 3))


def rules(
    shape: Shape, boxes: tuple[Box, ...], h: float, rng: np.random.Generator
) -> list[Segment]:
    """Rule the paper, or give a line to write on."""
    lean = rng.uniform(-0.03, 0.03) * (boxes[-1].right - boxes[0].left + h)
    start = float(np.median([box.bottom for box in boxes]))
    start += rng.uniform(-0.12, 0.25) * h
    pitch = rng.uniform(1.3, 2.2) * h
    count = 5 if rng.random() < 0.5 else 1
    return [
        (-9, start + k * pitch, shape[1] + 9, start + k * pitch + lean)
        for k in range(-(count // 2), count // 2 + 1)
    ]


def grid(shape: Shape, h: float, rng: np.random.Generator) -> list[Segment]:
    """Rule the paper in one direction or in two, level or aslant."""
    rows, columns = shape[0], shape[1]
    far = float(rows + columns)
    first = rng.uniform(-0.8, 0.8) if rng.random() < 0.5 else rng.normal(0, 0.03)
    angles = [first] if rng.random() < 0.4 else [first, first + np.pi / 2]
    segments: list[Segment] = []
    for angle in angles:
        along = np.array([np.cos(angle), np.sin(angle)]) * far
        step = np.array([-np.sin(angle), np.cos(angle)]) * rng.uniform(0.25, 1.1) * h
        start = rng.uniform(0, 1, 2) * shape[1::-1]
        reach = int(np.clip(far / np.hypot(*step) / 2, 1, 30))
        for k in range(-reach, reach + 1):
            middle = start + k * step
            start_at, end_at = (middle - along).tolist(), (middle + along).tolist()
            segments.append((*start_at, *end_at))
    return segments


def behind(shape: Shape, h: float, rng: np.random.Generator) -> Ink:
    """Print large pale letters behind what is written, level or aslant, as ink."""
    text = str(rng.choice(CURRENCY)) if rng.random() < 0.4 else word(rng)
    inked = set_text(text, h * rng.uniform(0.7, 2.2), rng)
    rows, columns = shape[:2]
    angle = rng.normal(0, 4) if rng.random() < 0.6 else rng.uniform(-40, 40)
    middle = inked.shape[1] / 2, inked.shape[0] / 2
    matrix = cv2.getRotationMatrix2D(middle, angle, 1.0)
    place = rng.uniform(-0.1, 1.1) * columns, rng.uniform(0.2, 0.8) * rows
    matrix[:, 2] += np.array(place) - middle
    laid: Ink = cv2.warpAffine(inked, matrix, (columns, rows))
    return laid * np.float32(rng.uniform(0.05, 0.4))


def frames(boxes: tuple[Box, ...], h: float, rng: np.random.Generator) -> list[Segment]:
    """Frame each digit, or all of them."""
    left, right = boxes[0].left - 0.4 * h, boxes[-1].right + 0.4 * h
    top = float(np.median([box.top for box in boxes])) - rng.uniform(0.12, 0.45) * h
    base = float(np.median([box.bottom for box in boxes])) + rng.uniform(0.12, 0.45) * h
    segments = [
        (left, top, right, top),
        (left, base, right, base),
        (left, top, left, base),
        (right, top, right, base),
    ]
    if rng.random() < 0.6:
        for one, two in itertools.pairwise(boxes):
            x = (one.right + two.left) / 2 + rng.normal(0, 0.04) * h
            segments.append((x, top, x, base))
    if rng.random() < 0.4:  # a side is not printed; one alone would be a 1
        del segments[int(rng.integers(4))]
    return segments


def small_words(
    shape: Shape, boxes: tuple[Box, ...], h: float, rng: np.random.Generator
) -> Ink:
    """Print small words above and below, as ink."""
    mask = np.zeros(shape[:2], np.uint8)
    top = float(np.median([box.top for box in boxes]))
    base = float(np.median([box.bottom for box in boxes]))
    for _ in range(int(rng.integers(1, 4))):
        text = str(rng.choice(CURRENCY + WORDS)) if rng.random() < 0.5 else word(rng)
        scale, face = h / 22 * rng.uniform(0.25, 0.6), int(rng.integers(0, 8))
        y = base + rng.uniform(0.5, 1.0) * h
        if rng.random() < 0.5:
            y = top - rng.uniform(0.15, 0.8) * h
        at = int(rng.uniform(-0.1, 0.9) * shape[1]), int(y)
        thick = max(1, round(scale * 1.2))
        cv2.putText(mask, text, at, face, scale, 255, thick, cv2.LINE_AA)
    return mask.astype(np.float32) * np.float32(rng.uniform(0.3, 1) / 255)


def background(shape: Shape, rng: np.random.Generator) -> Ink:
    """A printed ground beside waves: hatching, tiny print or a picture, as ink."""
    kind = rng.random()
    if kind < 0.35:  # a picture, out of focus
        small = max(2, round(shape[0] / rng.uniform(3, 14)))
        wide = max(2, round(small * shape[1] / shape[0]))
        coarse = rng.random((small, wide), np.float32) ** 2
        size = shape[1], shape[0]
        picture = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
        clipped: Ink = np.clip(picture, 0, 1).astype(np.float32)
        return clipped
    if kind < 0.7:  # hatched in one or two directions
        rows, columns = np.ogrid[: shape[0], : shape[1]]
        pitch = rng.uniform(2.5, 9)
        ink: Ink = np.zeros(shape, np.float32)
        for _ in range(int(rng.integers(1, 3))):
            angle = rng.uniform(0, np.pi)
            along = (columns * np.cos(angle) + rows * np.sin(angle)) / pitch
            stripes: Ink = (along % 1 < rng.uniform(0.2, 0.5)).astype(np.float32)
            np.maximum(ink, stripes, out=ink)
        return ink
    mask: NDArray[np.uint8] = np.zeros(shape, np.uint8)
    text = (word(rng) + " ") * 30
    scale, pitch = rng.uniform(0.2, 0.4), int(rng.integers(6, 14))
    for number, y in enumerate(range(0, shape[0] + pitch, pitch)):
        at = -int(number * 7 % 40), y
        cv2.putText(mask, text, at, 0, scale, 255, 1, cv2.LINE_AA)
    return np.asarray(mask, np.float32) / np.float32(255)
