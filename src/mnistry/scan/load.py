"""Load pictures: paths, bytes, files, Pillow images, arrays, PDF pages.

Rule: whatever comes in, what goes out is (rows, columns, 3) uint8, upright and on white
paper, of bounded size; or a `FormatError` that says what is wrong with the file.
Sizes are looked at before memory is taken.
"""

import io
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.errors import FormatError, ShapeError
from mnistry.extras import require

cv2 = require("cv2", extra="read")

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | Any
"""A path, bytes, an open file, a Pillow image, or an array (rows, columns[, 3|4])."""

MOST_BYTES = 256 << 20  # of a file; a scan of a page has a hundredth
MOST_PIXELS = 100_000_000  # of a picture; the largest phone cameras of 2026 have 200
LONGEST_SIDE = 2400  # pixels kept; an A4 page at 200 dpi has 2339
DOTS_PER_INCH = 200  # at which pages of a PDF are drawn
MOST_PAGES = 500  # of one file


class Loaded(NamedTuple):
    """A picture as it is worked on.

    Attributes:
        pixels: (rows, columns, 3) uint8, red, green and blue, upright.
        scale: Its size, compared with the source's; boxes are told in the source's.
    """

    pixels: NDArray[np.uint8]
    scale: float


def load_pictures(source: Source) -> Iterator[Loaded]:
    """Load the pictures of a source, one after the other.

    Args:
        source: A path, bytes, an open file, a Pillow image, or an array (rows,
            columns), (rows, columns, 3) or (rows, columns, 4) of uint8, uint16, bool,
            or floats from 0 to 1. PDF and TIFF files may have several pages.

    Yields:
        Pictures, at most 2400 pixels long.

    Raises:
        FormatError: Not a picture, broken, empty, animated, or too large.
        ShapeError: An array of another shape or dtype.
        OSError: The file cannot be opened.
    """
    if isinstance(source, np.ndarray):
        yield _loaded(from_array(source), max(source.shape[:2]))
        return
    if hasattr(source, "getbands") and hasattr(source, "convert"):
        image: Any = source
        yield _loaded(_flat(image.copy(), "the Pillow image"), max(image.size))
        return
    data, name = _bytes_of(source)
    if b"%PDF-" in data[:1024]:
        yield from _pdf_pages(data, name)
        return
    yield from _image_pages(data, name)


def from_array(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Turn an array into a picture.

    Args:
        array: (rows, columns), (rows, columns, 1), (rows, columns, 3) or (rows,
            columns, 4); uint8, uint16, bool, or floats from 0 to 1.

    Raises:
        ShapeError: Another shape or dtype, or nothing in it.

    Example:
        >>> from_array(np.zeros((2, 3), bool)).shape
        (2, 3, 3)
    """
    planes = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in {2, 3} or planes not in {1, 3, 4} or 0 in array.shape:
        message = (
            f"the picture has shape {array.shape}; expected (rows, columns), or that"
            " with 3 or 4 colours. Give several pictures one by one."
        )
        raise ShapeError(message)
    if array.shape[0] * array.shape[1] > MOST_PIXELS:
        message = (
            f"the picture has shape {array.shape}; expected at most {MOST_PIXELS:,}"
            " pixels. Make it smaller first."
        )
        raise ShapeError(message)
    grey = _as_bytes(array).reshape(*array.shape[:2], planes)
    if planes == 4:
        return _on_white(grey)
    return np.ascontiguousarray(np.broadcast_to(grey, (*grey.shape[:2], 3)))


def shrink(
    picture: NDArray[np.uint8], longest: int = LONGEST_SIDE
) -> NDArray[np.uint8]:
    """Shrink a picture that is longer than can be of use.

    Example:
        >>> shrink(np.zeros((10, 4800, 3), np.uint8)).shape
        (5, 2400, 3)
    """
    factor = longest / max(picture.shape[:2])
    if factor >= 1:
        return picture
    size = [max(1, round(side * factor)) for side in picture.shape[1::-1]]
    small: NDArray[np.uint8] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return small


def _loaded(picture: NDArray[np.uint8], longest: int) -> Loaded:
    small = shrink(picture)
    return Loaded(small, max(small.shape[:2]) / longest)


def _as_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype == np.uint16:
        return (array >> 8).astype(np.uint8)
    if np.issubdtype(array.dtype, np.floating) and (
        np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1
    ):
        return (array * 255).round().astype(np.uint8)
    message = (
        f"the picture has dtype {array.dtype}; expected uint8, uint16, bool, or floats"
        " from 0 to 1. Other numbers become so by scaling and .astype('uint8')."
    )
    raise ShapeError(message)


def _on_white(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    alpha = picture[:, :, 3:].astype(np.float32) / 255
    flat = picture[:, :, :3] * alpha + 255 * (1 - alpha)
    if alpha.min() < 1 and np.ptp(picture[:, :, :3][alpha[:, :, 0] > 0.5]) < 16:
        # one colour alone: the drawing is in the alpha; white ink would vanish
        flat = np.broadcast_to(255 * (1 - alpha), flat.shape)
    return np.ascontiguousarray(flat.round().astype(np.uint8))


def _bytes_of(source: Any) -> tuple[bytes, str]:
    if isinstance(source, bytes | bytearray | memoryview):
        data, name = bytes(source), "the picture"
    elif isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        size = Path(name).stat().st_size
        if size > MOST_BYTES:
            raise _too_large(name, f"{size:,} bytes", f"{MOST_BYTES:,}")
        data = Path(name).read_bytes()
    elif hasattr(source, "read"):
        name = str(getattr(source, "name", "the file"))
        data = source.read(MOST_BYTES + 1)
        if not isinstance(data, bytes):
            message = f"{name} gives text; expected bytes. Open it with mode 'rb'."
            raise FormatError(message)
    else:
        message = (
            f"cannot read digits from {type(source).__name__!r}; expected a path,"
            " bytes, an open file, a Pillow image or a NumPy array."
        )
        raise FormatError(message)
    if len(data) > MOST_BYTES:
        raise _too_large(name, "more bytes", f"{MOST_BYTES:,}")
    if not data:
        message = f"{name} is empty; expected a picture. Was it written to the end?"
        raise FormatError(message)
    return data, name


def _too_large(name: str, got: str, wanted: str) -> FormatError:
    message = f"{name} has {got}; expected at most {wanted}. Make it smaller first."
    return FormatError(message)


def _image_pages(data: bytes, name: str) -> Iterator[Loaded]:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data))
            pages = int(getattr(image, "n_frames", 1))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large(name, "too many pixels", f"{MOST_PIXELS:,}") from error
    except Exception as error:  # decoders raise anything on broken files
        raise _broken(name, error) from error
    if pages > 1 and image.format not in {"TIFF", "MPO"}:
        message = (
            f"{name} is animated: {pages} frames; expected one picture."
            " Save the frame with the digits by itself."
        )
        raise FormatError(message)
    count = min(pages, MOST_PAGES) if image.format == "TIFF" else 1
    for page in range(count):
        try:
            image.seek(page)
        except Exception as error:
            raise _broken(name, error) from error
        longest = max(image.size)
        yield _loaded(_flat(image, name), longest)


def _flat(image: Any, name: str) -> NDArray[np.uint8]:
    """Decode, turn upright, put on white; sizes are checked before pixels are made."""
    from PIL import ImageOps

    columns, rows = image.size
    if columns * rows > MOST_PIXELS:
        raise _too_large(name, f"{columns}×{rows} pixels", f"{MOST_PIXELS:,} in all")
    if not columns * rows:
        message = f"{name} has no pixels; expected a picture."
        raise FormatError(message)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image)
            return from_array(_pixels(upright))
    except FormatError:
        raise
    except Exception as error:
        raise _broken(name, error) from error


def _pixels(image: Any) -> NDArray[Any]:
    if image.mode in {"I;16", "I;16L", "I;16B", "I;16N", "I", "F"}:
        deep = np.asarray(image).astype(np.float64)
        return _stretched(deep)
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        return np.asarray(image.convert("RGBA"))
    return np.asarray(image.convert("RGB"))


def _stretched(deep: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Bring deep pixels to bytes by their own range: 12 bits come in 16 as well."""
    deep = np.nan_to_num(deep, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(deep.min()), float(deep.max())
    if high <= low:
        return np.full(deep.shape, 255, np.uint8)
    return ((deep - low) / (high - low) * 255).round().astype(np.uint8)


def _broken(name: str, error: Exception) -> FormatError:
    import PIL

    if isinstance(error, PIL.UnidentifiedImageError):
        message = (
            f"{name} is no picture that Pillow knows; expected PNG, JPEG, TIFF, WebP,"
            " GIF, BMP or PDF."
        )
        return FormatError(message)
    reason = str(error) or type(error).__name__
    message = (
        f"{name} is broken: {reason}; expected a whole picture. Take or fetch it again."
    )
    return FormatError(message)


def _pdf_pages(data: bytes, name: str) -> Iterator[Loaded]:
    pdfium = require("pypdfium2", extra="read")
    try:
        document = pdfium.PdfDocument(data)
    except Exception as error:
        raise _broken(name, error) from error
    try:
        count = len(document)
        if not count:
            message = f"{name} has no pages; expected a PDF with at least one."
            raise FormatError(message)
        for number in range(min(count, MOST_PAGES)):
            yield _pdf_page(document, number, name)
    finally:
        document.close()


def _pdf_page(document: Any, number: int, name: str) -> Loaded:
    try:
        page = document[number]
        columns, rows = page.get_size()
        longest = max(columns, rows) * DOTS_PER_INCH / 72  # points of 1/72 inch
        scale = min(1.0, LONGEST_SIDE / max(1.0, longest))
        bitmap = page.render(scale=scale * DOTS_PER_INCH / 72)
        picture = bitmap.to_numpy()[:, :, :3][:, :, ::-1].copy()
        bitmap.close()
        page.close()
    except Exception as error:
        raise _broken(f"page {number + 1} of {name}", error) from error
    return Loaded(from_array(picture), scale)
