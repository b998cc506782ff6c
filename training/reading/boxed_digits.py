"""A digit as small scans of forms have it: thin, pale, off centre, in pieces of a box.

Exams and forms are scanned at so few pixels that a stroke is one pixel wide or less: it
turns pale, or breaks in two tones. What nobody could read any more is not composed.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Ink
from mnistry.scan.page.ink.masks import box_of
from mnistry.synth.documents import handwriting, paper
from training.reading.glyphs import Glyphs
from training.reading.habits import habitual_field, hole_of
from training.reading.writing import write_alone

BOX = 112  # pixels of a form's box before it is scanned
SIDES = (16, 20, 24, 28, 28, 28, 28, 32, 40)  # pixels of it afterwards
PENS = 0.6, 3.0  # pixels of a stroke afterwards
BOLDEST = 0.14  # of the digit's height: rings of bolder ones are filled
LEAST_TALL = 9  # pixels of a digit afterwards
SEEN = 0.85  # of the stroke's pixels must be seen for a person to read it
LEAST_SEEN = 0.06  # of full contrast: the eye sees so much on even paper
RING_SEEN = 0.6  # of the stroke's darkness, at most, in the middle of a ring
CUT_OFF = 0.06  # of the digit's size, at most, lies outside the picture

Grey = NDArray[np.floating]
"""(rows, columns) from 0 dark to 1 light."""


def draw_boxed(
    glyphs: Glyphs, row: int, rng: np.random.Generator
) -> tuple[Grey, tuple[float, ...]] | None:
    """Draw a digit in its box and scan it.

    Returns:
        The scan, and the left, top, right and bottom of the digit as shares of its
        sides; none if nobody could read it.
    """
    side = int(rng.choice(SIDES))
    ink = written(glyphs, row, side, rng)
    canvas = placed(ink, rng)
    centre = np.unpackbits(glyphs.centres[row], axis=1).astype(bool)
    if hole_of(centre) is not None and hole_of(canvas > 0.5 * canvas.max()) is None:
        return None  # a bold pen filled its ring
    around = np.maximum(box_lines(rng), dots(rng))
    grey = scanned(canvas, around, side, rng)
    if grey is None:
        return None
    box = box_of(canvas > 0.25 * canvas.max())
    return grey, tuple(at / BOX for at in box)


def written(glyphs: Glyphs, row: int, side: int, rng: np.random.Generator) -> Ink:
    """Write one digit, cropped, by a pen so wide that it is thin on the small scan."""
    least = max(0.34, LEAST_TALL / side)
    height = float(rng.uniform(least, 0.88)) * BOX
    pen = float(np.exp(rng.uniform(*np.log(PENS)))) * BOX / side
    hand = handwriting.Hand(
        height=height,
        thickness=float(np.clip(pen / height, 0.02, BOLDEST)),
        slant=rng.normal(0, 0.2),
        wobble=0.08,
    )
    ink = write_alone(habitual_field(glyphs, row, rng), hand, rng)
    if rng.random() < 0.5:  # the pen presses more and less
        press = rng.uniform(0, 1, (3, 3)).astype(np.float32)
        press = cv2.resize(press, ink.shape[::-1], interpolation=cv2.INTER_CUBIC)
        ink = ink * np.clip(1 - rng.uniform(0, 0.6) * press, 0.25, 1)
    return np.asarray(ink, np.float32)


def placed(ink: Ink, rng: np.random.Generator) -> Ink:
    """Put a digit off the centre of its box; it may touch an edge."""
    size = np.array(ink.shape)
    room, cut = BOX - size, (CUT_OFF * size).astype(int)
    least, most = np.minimum(-cut, room), np.maximum(room + cut, 0)
    at = np.clip(rng.normal(room / 2, np.abs(room) / 4 + 3), least, most).astype(int)
    canvas = np.zeros((3 * BOX, 3 * BOX), np.float32)
    y, x = BOX + at
    canvas[y : y + size[0], x : x + size[1]] = ink[: 2 * BOX, : 2 * BOX]
    return canvas[BOX : 2 * BOX, BOX : 2 * BOX]


def box_lines(rng: np.random.Generator) -> Ink:
    """Lines along the edges of a box, as ink."""
    segments = []
    for _ in range(int(rng.choice([0, 1, 2, 3, 4], p=[0.3, 0.3, 0.2, 0.1, 0.1]))):
        at = rng.uniform(0, 14)
        at = at if rng.random() < 0.5 else BOX - at
        lean, whole = rng.normal(0, 2), rng.random() < 0.7
        start, end = (0, BOX) if whole else sorted(rng.uniform(0, BOX, 2))
        upright = (at, start, at + lean, end)
        segments.append(upright if rng.random() < 0.5 else (start, at, end, at + lean))
    lines = paper.draw_lines(
        (BOX, BOX),
        np.array(segments, float).reshape(-1, 4),
        thickness=float(rng.uniform(1.5, 7)),
    )
    return lines * np.float32(rng.uniform(0.4, 1))


def dots(rng: np.random.Generator) -> Ink:
    """Dots and specks, as ink."""
    ink = np.zeros((BOX, BOX), np.float32)
    y, x = np.mgrid[:BOX, :BOX]
    for _ in range(int(rng.choice([0, 1, 3, 6], p=[0.4, 0.25, 0.2, 0.15]))):
        (row, column), radius = rng.uniform(0, BOX, 2), rng.uniform(1, 5)
        dot = np.clip(radius - np.hypot(y - row, x - column), 0, 1)
        ink = np.maximum(ink, (dot * rng.uniform(0.3, 1)).astype(np.float32))
    return ink


def scanned(
    canvas: Ink, around: Ink, side: int, rng: np.random.Generator
) -> Grey | None:
    """Scan a box small: grey, or in two tones, or as JPEG; none if it is unreadable.

    Args:
        canvas: The digit alone.
        around: Lines and dots.
        side: Pixels of the scan.
        rng: Decides contrast, blur, noise and tones.
    """
    whole = np.maximum(canvas, around)
    blur = rng.uniform(0.5, 2.5) if rng.random() < 0.3 else 0.0
    way = int(rng.choice([cv2.INTER_AREA, cv2.INTER_AREA, cv2.INTER_LINEAR]))
    digit, small = (
        cv2.resize(
            cv2.GaussianBlur(of, (0, 0), blur) if blur else of, (side, side),
            interpolation=way,
        )
        for of in (canvas, whole)
    )  # fmt: skip
    if digit.max() <= 0:
        return None
    white, contrast = rng.uniform(0.8, 1.0), float(np.exp(rng.uniform(-1.4, -0.05)))
    noise = rng.uniform(0, 0.04) if rng.random() < 0.7 else 0.0
    grey = white - small * contrast + rng.normal(0, noise, small.shape)
    if rng.random() < 0.25:  # two tones
        grey = (grey > white - contrast * digit.max() * rng.uniform(0.25, 0.6)) * 1.0
        white = 1.0
    if rng.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 95))]
        pixels = (np.clip(grey, 0, 1) * 255).astype(np.uint8)
        decoded = cv2.imdecode(cv2.imencode(".jpg", pixels, quality)[1], 0)
        grey = np.asarray(decoded, np.float64) / 255
    ideal = cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA)
    is_seen = is_legible(ideal, grey, white) and is_ring_seen(canvas, grey, white)
    return grey if is_seen else None


def is_legible(ideal: Grey, grey: Grey, white: float) -> bool:
    """Return whether a person sees the strokes: nearly all of them, darker than noise.

    Args:
        ideal: The digit's ink without noise, on the same pixels.
        grey: The scan.
        white: How light its paper is.
    """
    stroke = crest(ideal)
    if not stroke.any():
        return False
    rest = grey[ideal < 0.02]
    noise = float(np.median(np.abs(rest - np.median(rest)))) * 1.5 if len(rest) else 0.0
    darker = cv2.dilate((white - grey).astype(np.float32), np.ones((2, 2)))
    return bool((darker[stroke] > max(LEAST_SEEN, 3 * noise)).mean() >= SEEN)


def is_ring_seen(canvas: Ink, grey: Grey, white: float) -> bool:
    """Return whether a ring is still one: a nine whose ring is filled looks like a 1.

    Args:
        canvas: The digit's ink before it is scanned.
        grey: The scan.
        white: How light its paper is.
    """
    inked = canvas > 0.5 * canvas.max()
    hole = hole_of(inked)
    if hole is None:
        return True
    size = grey.shape[1], grey.shape[0]
    within, ink = (
        cv2.resize(of.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        for of in (hole, inked)
    )
    around = cv2.dilate(within, np.ones((3, 3))) * ink
    dark = white - grey
    middle = dark[within >= 0.9 * within.max()].min()
    return bool(middle <= RING_SEEN * np.average(dark, weights=around + 1e-9))


def crest(ideal: Grey) -> NDArray[np.bool_]:
    """Return the pixels where a stroke's ink is about as dark as any near it."""
    near = cv2.dilate(ideal.astype(np.float32), np.ones((3, 3)))
    along: NDArray[np.bool_] = (ideal >= 0.75 * near) & (ideal > 0.08)
    return along
