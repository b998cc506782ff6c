"""Shrink large pictures while their colours and depth are converted.

Each chunk of rows is converted and averaged by itself, so that no second copy of the
whole picture is ever made.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require
from mnistry.scan.page.picture.pixels import LONGEST_SIDE, from_array

cv2 = require("cv2", extra="read")

CHUNK_PIXELS = 1 << 21  # converted at a time
DEEP = {"I;16", "I;16L", "I;16B", "I;16N", "I", "F"}
GREY = {"1", "L"}
FADED = {"RGBA", "LA", "PA", "La", "RGBa"}
TURNS = {3: 2, 6: 3, 8: 1, 5: 1, 7: 3}  # quarter turns to the left, by EXIF's number
MIRRORED = {2, 4, 5, 7}
# times as high as wide are pixels that are no square, or as wide as high: 2.1 those of
# a fax in standard resolution (ITU-T T.4). What is beyond is a wrong tag
OBLONG = 1.2, 2.5


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


def square_size(image: Any) -> tuple[int, int]:
    """Return the columns and rows of a picture once its pixels are square.

    A fax has half as many dots per inch down as across; its file says so.

    Args:
        image: A Pillow image.

    Example:
        >>> from PIL import Image
        >>> fax = Image.new("1", (1728, 1100))
        >>> fax.info["dpi"] = 204, 98
        >>> square_size(fax)
        (1728, 2290)
    """
    columns, rows = image.size
    dpi = image.info.get("dpi")
    if not isinstance(dpi, tuple) or len(dpi) != 2:
        return columns, rows
    across, down = map(float, dpi)
    if across > 0 and down > 0:
        if OBLONG[0] <= across / down <= OBLONG[1]:
            rows = round(rows * across / down)
        elif OBLONG[0] <= down / across <= OBLONG[1]:
            columns = round(columns * down / across)
    return columns, rows


def stretched(picture: NDArray[np.uint8], square: tuple[int, int]) -> NDArray[np.uint8]:
    """Stretch a picture whose pixels were no squares, if they were none.

    Args:
        picture: (rows, columns, 3), reduced or not.
        square: Columns and rows of the whole picture, as `square_size` gives them.

    Example:
        >>> stretched(np.zeros((550, 864, 3), np.uint8), (1728, 2290)).shape
        (1145, 864, 3)
        >>> stretched(np.zeros((550, 864, 3), np.uint8), (1728, 1100)).shape
        (550, 864, 3)
    """
    rows, columns = picture.shape[:2]
    times = square[1] / square[0] * columns / rows
    if max(times, 1 / times) < OBLONG[0]:
        return picture
    size = columns * max(1.0, 1 / times), rows * max(1.0, times)
    longer: NDArray[np.uint8] = cv2.resize(
        picture, [round(side) for side in size], interpolation=cv2.INTER_LINEAR
    )
    return longer


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
