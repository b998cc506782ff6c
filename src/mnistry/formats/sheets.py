"""Pictures of digits: several on one sheet, with words below, and a sheet as PNG."""

import base64
import io
import math
from collections.abc import Sequence

import numpy as np

from mnistry.arrays import Images, Pixels
from mnistry.errors import ShapeError

MARGIN = 8  # white around each image of a captioned sheet, so that words do not touch
LARGE, SMALL = 16, 11  # font sizes of the first line of a caption and of the others
LEADING = 1.3  # from line to line, in font sizes
GREY = 90  # of small words: dark enough on white to be read (contrast 7 to 1)


def sheet(images: Images, columns: int, *, gap: int = 1) -> Pixels:
    """Put images side by side on one sheet, row by row, dark ink on white paper.

    Args:
        images: (n, rows, columns) uint8, 0 paper to 255 ink.
        columns: How many images a row of the sheet has.
        gap: White pixels between two images.

    Returns:
        One picture, 0 black to 255 white; places left over are white.

    Example:
        >>> sheet(np.full((3, 28, 28), 255, np.uint8), 2).shape
        (57, 57)
    """
    count, height, width = images.shape
    rows = max(1, math.ceil(count / columns))
    paper = np.full((rows * columns, height + gap, width + gap), 255, np.uint8)
    paper[:count, :height, :width] = 255 - images
    paper = paper.reshape(rows, columns, height + gap, width + gap).swapaxes(1, 2)
    joined = paper.reshape(rows * (height + gap), columns * (width + gap))
    return joined[: joined.shape[0] - gap, : joined.shape[1] - gap]


def captioned_sheet(
    images: Images, captions: Sequence[Sequence[str]], columns: int, *, zoom: int = 4
) -> Pixels:
    """Put images on one sheet as `sheet` does, larger, each with words below.

    Args:
        images: (n, rows, columns) uint8, 0 paper to 255 ink.
        captions: For each image its lines; the first is written larger. A line that is
            wider than its image is cut off.
        columns: How many images a row of the sheet has.
        zoom: Each pixel becomes a square of this side.

    Returns:
        One picture, 0 black to 255 white.

    Raises:
        ShapeError: There is not one caption for each image.

    Example:
        >>> captioned_sheet(np.zeros((2, 28, 28), np.uint8), [["7"], ["2"]], 2).shape
        (149, 256)
    """
    if len(captions) != len(images):
        message = (
            f"there are {len(captions)} captions for {len(images)} images;"
            " expected one for each."
        )
        raise ShapeError(message)
    enlarged = images.repeat(zoom, axis=1).repeat(zoom, axis=2)
    lines = max((len(caption) for caption in captions), default=0)
    height = images.shape[1] * zoom
    words = _words_height(lines)
    tiles = np.zeros(
        (len(images), height + words + 2 * MARGIN, images.shape[2] * zoom + 2 * MARGIN),
        np.uint8,
    )
    tiles[:, MARGIN : MARGIN + height, MARGIN:-MARGIN] = enlarged
    for tile, caption in zip(tiles, captions, strict=True):
        tile[MARGIN + height : -MARGIN] = _words(caption, words, tile.shape[1])
    return sheet(tiles, columns, gap=0)


def _words_height(lines: int) -> int:
    return math.ceil(LEADING * (LARGE + SMALL * (lines - 1))) if lines else 0


def _words(lines: Sequence[str], height: int, width: int) -> Pixels:
    """Write lines in the middle of a strip: 0 paper to 255 ink."""
    from PIL import Image, ImageDraw, ImageFont

    strip = Image.new("L", (width, height))
    pen = ImageDraw.Draw(strip)
    top = 0.0
    for size, ink, line in zip(
        [LARGE, *[SMALL] * len(lines)],
        [255, *[255 - GREY] * len(lines)],
        lines,
        strict=False,
    ):
        font = ImageFont.load_default(size)
        left = max(MARGIN, (width - pen.textlength(line, font=font)) / 2)
        pen.text((left, top), line, fill=ink, font=font)
        top += LEADING * size
    return np.asarray(strip)


def encode_png(picture: Pixels, *, zoom: int = 1, comment: str = "") -> bytes:
    """Turn a grey picture into the bytes of a PNG file.

    Args:
        picture: (rows, columns) uint8, 0 black to 255 white.
        zoom: Each pixel becomes a square of this side.
        comment: What else the file says.

    Example:
        >>> encode_png(np.zeros((2, 2), np.uint8))[1:4]
        b'PNG'
    """
    from PIL import Image, PngImagePlugin

    text = PngImagePlugin.PngInfo()
    if comment:
        text.add_text("Comment", comment)
    enlarged = picture.repeat(zoom, axis=0).repeat(zoom, axis=1)
    file = io.BytesIO()
    Image.fromarray(enlarged).save(file, "PNG", optimize=True, pnginfo=text)
    return file.getvalue()


def data_uri(png: bytes) -> str:
    """Turn PNG bytes into a data URI, for self-contained pages.

    Example:
        >>> data_uri(b"PNG")
        'data:image/png;base64,UE5H'
    """
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
