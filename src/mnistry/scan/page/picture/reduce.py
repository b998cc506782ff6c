"""Shrink large pictures while their colours and depth are converted.

Each chunk of rows is converted and averaged by itself, so that no second copy of the
whole picture is ever made.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.scan.page.picture.pixels import LONGEST_SIDE, from_array

CHUNK_PIXELS = 1 << 21  # converted at a time
DEEP = {"I;16", "I;16L", "I;16B", "I;16N", "I", "F"}
GREY = {"1", "L"}
FADED = {"RGBA", "LA", "PA", "La", "RGBa"}
TURNS = {3: 2, 6: 3, 8: 1, 5: 1, 7: 3}  # quarter turns to the left, by EXIF's number
MIRRORED = {2, 4, 5, 7}


def reduced(image: Any) -> NDArray[np.uint8]:
    """Return a Pillow image as a picture, averaged if it is needlessly large.

    Args:
        image: Of any mode and size; what EXIF says of its orientation is ignored.

    Returns:
        (rows, columns, 3) uint8, on white; of what was longer than `LONGEST_SIDE` at
        least that, and less than twice.

    Raises:
        ShapeError: It has no pixels.

    Example:
        >>> from PIL import Image
        >>> reduced(Image.new("1", (9600, 20), 1)).shape
        (5, 2400, 3)
    """
    factor = max(1, max(image.size) // LONGEST_SIDE)
    if image.mode in DEEP:
        return from_array(_deep(image, factor))
    is_faded = image.mode in FADED or "transparency" in image.info
    mode = "RGBA" if is_faded else "L" if image.mode in GREY else "RGB"
    if max(image.size) <= LONGEST_SIDE and image.width * image.height <= CHUNK_PIXELS:
        whole = image if image.mode == mode else image.convert(mode)
        return from_array(np.asarray(whole))
    parts = (part.convert(mode).reduce(factor) for part in _chunks(image, factor))
    small = np.concatenate([np.asarray(part) for part in parts])
    if is_faded and max(small.shape) > LONGEST_SIDE:
        from PIL import Image

        thumbnail = Image.fromarray(small)  # Pillow weights colours by opacity
        thumbnail.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BOX)
        small = np.asarray(thumbnail)
    return from_array(small)


def upright(picture: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn a picture as EXIF says.

    Args:
        picture: (rows, columns, 3).
        orientation: EXIF's tag 274: 1 to 8; others leave it as it is.

    Source:
        Exif 3.0 (CIPA DC-008), "Orientation".

    Example:
        >>> upright(np.zeros((2, 3, 3), np.uint8), 6).shape
        (3, 2, 3)
    """
    mirrored = picture[:, ::-1] if orientation in MIRRORED else picture
    turned = np.rot90(mirrored, TURNS.get(orientation, 2 * (orientation == 4)))
    return np.ascontiguousarray(turned)


def _chunks(image: Any, factor: int) -> Iterator[Any]:
    columns, rows = image.size
    height = max(1, CHUNK_PIXELS // (columns * factor)) * factor
    for top in range(0, rows, height):
        yield image.crop((0, top, columns, min(rows, top + height)))


def _deep(image: Any, factor: int) -> NDArray[np.uint8]:
    """Bring deep pixels to bytes by their own range: 12 bits come in 16 as well.

    What is not finite counts as 0; all is 255 if there is but one value.
    """
    from PIL import Image

    def values() -> Iterator[NDArray[np.float32]]:
        for part in _chunks(image, factor):
            deep = np.asarray(part).astype(np.float32)
            yield np.nan_to_num(deep, copy=False, nan=0.0, posinf=0.0, neginf=0.0)

    ranges = [(float(part.min()), float(part.max())) for part in values()]
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    if high <= low:
        return np.full([-(-side // factor) for side in image.size[::-1]], 255, np.uint8)
    grey = [
        Image.fromarray(
            ((part.astype(np.float64) - low) / (high - low) * 255)
            .round()
            .astype(np.uint8)
        ).reduce(factor)
        for part in values()
    ]
    return np.concatenate([np.asarray(part) for part in grey])
