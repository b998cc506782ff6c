"""Pictures of digits: several on one sheet, and a sheet as PNG bytes."""

import base64
import io
import math

import numpy as np

from mnistry.arrays import Images, Pixels


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


def encode_png(picture: Pixels, *, zoom: int = 1) -> bytes:
    """Turn a grey picture into the bytes of a PNG file.

    Args:
        picture: (rows, columns) uint8, 0 black to 255 white.
        zoom: Each pixel becomes a square of this side.

    Example:
        >>> encode_png(np.zeros((2, 2), np.uint8))[1:4]
        b'PNG'
    """
    from PIL import Image

    enlarged = picture.repeat(zoom, axis=0).repeat(zoom, axis=1)
    file = io.BytesIO()
    Image.fromarray(enlarged).save(file, "PNG", optimize=True)
    return file.getvalue()


def data_uri(png: bytes) -> str:
    """Turn PNG bytes into an address that carries them, for pages without other files.

    Example:
        >>> data_uri(b"PNG")
        'data:image/png;base64,UE5H'
    """
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
