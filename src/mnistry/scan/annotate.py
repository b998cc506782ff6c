"""Show what was read: digits drawn on the picture, and a picture for each step."""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require
from mnistry.formats.atomic import atomic_path
from mnistry.scan.folders import ANNOTATED
from mnistry.scan.page.page import StepObserver
from mnistry.scan.page.picture.load import Loaded, Source, load_pictures
from mnistry.scan.results import UNSURE_BELOW, ReadDigit, Reading, ReadLine

cv2 = require("cv2", extra="read")

SURE_COLOUR = (0, 130, 60)  # a green that most eyes tell from amber
UNSURE_COLOUR = (220, 120, 0)
REJECTED_COLOUR = (150, 150, 150)
SURE_FROM = 0.95  # confidence
LEAST_SIDE = 96  # pixels; what is smaller is enlarged
LABEL = 0.6  # of a digit's height: labels stay between lines written closely
BESIDE = 0.75  # of the room for a label, across or above it, that it takes
LEAST_LABEL = 9.0  # pixels; lower ones cannot be read
BOLD, THIN = 8, 14  # the height of a label by the width of its pen, and of a box's
FONT_HEIGHT = 21  # pixels of OpenCV's digits at size 1


def annotate(source: Source, reading: Reading, *, page: int = 1) -> NDArray[np.uint8]:
    """Draw a reading on its picture.

    Args:
        source: What was read.
        reading: What `read` made of it.
        page: Which page of the source, from 1.

    Returns:
        (rows, columns, 3) uint8: green boxes are sure, grey rejected; amber are unsure,
            as are all of a line that is more likely wrong than right.

    Raises:
        FormatError: There is no such page.
    """
    (loaded,) = load_pictures(source, page=page)
    return _annotated(loaded, [line for line in reading.lines if line.page == page])


def annotate_pages(source: Source, reading: Reading) -> Iterator[NDArray[np.uint8]]:
    """Draw a reading on each page of its source, as `annotate` does on one.

    Args:
        source: What was read.
        reading: What `read` made of it.

    Yields:
        (rows, columns, 3) uint8, page by page.
    """
    for page, loaded in enumerate(load_pictures(source), 1):
        yield _annotated(loaded, [line for line in reading.lines if line.page == page])


def _annotated(loaded: Loaded, lines: list[ReadLine]) -> NDArray[np.uint8]:
    canvas = loaded.pixels.copy()
    zoom = max(1, LEAST_SIDE // min(canvas.shape[:2]))
    canvas = canvas.repeat(zoom, axis=0).repeat(zoom, axis=1)
    scale = loaded.scale * zoom
    labels = [_label_height(line, scale) for line in lines]
    room = round(max(labels, default=LEAST_LABEL) / BESIDE)
    canvas = np.pad(canvas, ((room, 0), (0, 0), (0, 0)), constant_values=255)
    for line, height in zip(lines, labels, strict=True):
        is_sure = line.confidence >= UNSURE_BELOW
        for digit in line.digits:
            is_green = is_sure and digit.confidence >= SURE_FROM
            colour = SURE_COLOUR if is_green else UNSURE_COLOUR
            _draw(canvas, digit, scale, room, colour, height)
    return canvas


def _label_height(line: ReadLine, scale: float) -> float:
    """Return how tall the labels of a line are: as its digits, with room for each.

    Digits of a picture on its side stand above each other.

    Args:
        line: What was read.
        scale: Pixels of the canvas for each of the source.
    """
    tall = median(digit.box.height for digit in line.digits)
    centres = [np.add(digit.box[:2], digit.box[2:]) / 2 for digit in line.digits]
    apart = [float(np.abs(b - a).max()) for a, b in pairwise(centres)]
    fitting = min(LABEL * tall, BESIDE * median(apart)) if apart else LABEL * tall
    return max(LEAST_LABEL, fitting * scale)


def save_steps(folder: str | os.PathLike[str]) -> StepObserver:
    """Make an observer for `read` that saves the picture of each step in a folder.

    Args:
        folder: Is made if missing; files are named after the steps.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}

    def keep(step: str, picture: NDArray[np.uint8]) -> None:
        counts[step] = counts.get(step, 0) + 1
        often = f"-{counts[step]}" if counts[step] > 1 else ""
        save_png(target / f"{step}{often}.png", picture)

    return keep


def save_png(
    path: str | os.PathLike[str], picture: NDArray[np.uint8], *, comment: str = ""
) -> None:
    """Save a picture as PNG; the file appears whole or not at all.

    Args:
        path: Where to; a file that is there is replaced.
        picture: (rows, columns) or (rows, columns, 3) uint8.
        comment: What else the file says, such as `ANNOTATED`.
    """
    from PIL import Image, PngImagePlugin

    text = PngImagePlugin.PngInfo()
    if comment:
        text.add_text("Comment", comment)  # a keyword of the PNG specification
    with atomic_path(path) as part:
        Image.fromarray(picture).save(part, "PNG", pnginfo=text)


def save_annotated(
    source: Source, reading: Reading, target: str | os.PathLike[str]
) -> None:
    """Save each page with what was read drawn in; `read` takes none of them again.

    Args:
        source: What was read.
        reading: What was made of it.
        target: Where to; names of pages after the first are numbered.
    """
    first = Path(target)
    first.parent.mkdir(parents=True, exist_ok=True)
    for page, picture in enumerate(annotate_pages(source, reading), 1):
        numbered = f"{first.stem}-page-{page}" if page > 1 else first.stem
        path = first.with_name(f"{numbered}{first.suffix}")
        save_png(path, picture, comment=ANNOTATED)


def _draw(
    canvas: NDArray[np.uint8],
    digit: ReadDigit,
    scale: float,
    room: int,
    colour: tuple[int, int, int],
    height: float,
) -> None:
    if digit.rejected:
        colour = REJECTED_COLOUR
    left, top, right, bottom = (round(side * scale) for side in digit.box)
    thin, thick = (max(1, round(height / share)) for share in (THIN, BOLD))
    cv2.rectangle(canvas, (left, top + room), (right, bottom + room), colour, thin)
    if not digit.rejected:
        at = left, top + room - thick - round(height / 6)
        size = height / FONT_HEIGHT
        cv2.putText(canvas, str(digit.value), at, 0, size, colour, thick, cv2.LINE_AA)
