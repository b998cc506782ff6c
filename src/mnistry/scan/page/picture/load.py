"""Load pictures: paths, bytes, files, Pillow images, arrays, PDF pages.

Rule: whatever comes in, what goes out is (rows, columns, 3) uint8, upright, on white
paper, with square pixels and of bounded size; or a `FormatError` that says what is
wrong with the file. Sizes are looked at before memory is taken.
"""

import math
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.errors import FormatError, MissingExtraError
from mnistry.extras import install_command, require
from mnistry.formats.budget import megabytes, most_pixels
from mnistry.formats.pictures import begins_as, open_picture
from mnistry.formats.plain import refuse_special
from mnistry.scan.folders import ANNOTATED, not_there
from mnistry.scan.page.picture.pdf import broken, page_numbers, pdf_pages
from mnistry.scan.page.picture.pixels import (
    LONGEST_SIDE,
    MOST_PIXELS,
    from_array,
    one_channel,
    shrink,
    three_channels,
)
from mnistry.scan.page.picture.reduce import reduced, square_size, stretched, upright

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | Any
"""A path, bytes, an open file, a Pillow image, an array, or a `Loaded` page."""

MOST_BYTES = 256 << 20  # of a file; a scan of a page has a hundredth
MOST_PIXELS_OF_PAGES = 1_000_000_000  # for a megabyte; a faxed page has 4 million
ORIENTATION = 0x0112  # EXIF's tag
PACKED = (  # how such a file begins, what it is, what to do
    (
        b"PK\x03\x04",
        "a zip archive, as .docx and .xlsx are, too",
        "Unpack it and name its folder, or save the document as PDF.",
    ),
    (
        b"\x1f\x8b",
        "packed by gzip",
        "Unpack it, or read it with --out, which opens tar archives.",
    ),
)
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"}


class Loaded(NamedTuple):
    """A picture as it is worked on.

    Attributes:
        pixels: (rows, columns, 3) uint8, red, green and blue, upright.
        scale: Its size, compared with the source's; boxes are given in the source's.
    """

    pixels: NDArray[np.uint8]
    scale: float


def load_pictures(source: Source, *, page: int | None = None) -> Iterator[Loaded]:
    """Load the pictures of a source, one after the other.

    Args:
        source: A path, bytes, an open file, a Pillow image, or an array (rows,
            columns), (rows, columns, 3) or (rows, columns, 4) of uint8, uint16, bool,
            or floats from 0 to 1. PDF and TIFF files may have several pages. A page
            that was loaded before is given as it is.
        page: The only one that is wanted, from 1; None: all.

    Yields:
        Pictures, at most 2400 pixels long.

    Raises:
        FormatError: Not a picture, broken, empty, animated, too large, or without
            such a page.
        ShapeError: An array of another shape or dtype.
        NotThereError: There is no such file.
        OSError: The file cannot be opened.
    """
    if isinstance(source, Loaded):
        yield source
        return
    if isinstance(source, np.ndarray):
        page_numbers(1, page, "the array")
        yield _loaded(from_array(source), max(source.shape[:2]))
        return
    if hasattr(source, "getbands") and hasattr(source, "convert"):
        page_numbers(1, page, "the Pillow image")
        image: Any = source
        longest = max(square_size(image))
        yield _loaded(_flat(image.copy(), "the Pillow image"), longest)
        return
    data, name = _bytes_of(source)
    if b"%PDF-" in data[:1024]:
        for pixels, scale in pdf_pages(data, name, page):
            yield Loaded(from_array(pixels), scale)
        return
    yield from _image_pages(data, name, page)


def _loaded(picture: NDArray[np.uint8], longest: int) -> Loaded:
    # grey is shrunk in a third of the time; what is small enough is not looked at
    is_large = max(picture.shape) > LONGEST_SIDE
    small = three_channels(shrink(one_channel(picture))) if is_large else picture
    return Loaded(small, max(small.shape[:2]) / longest)


def _bytes_of(source: Any) -> tuple[bytes, str]:
    if isinstance(source, bytes | bytearray | memoryview):
        data, name = bytes(source), "the picture"
    elif isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        if Path(name).is_dir():
            message = (
                f"{name} is a folder, and no picture in it was named; expected PNG,"
                " JPEG, TIFF, WebP, GIF, BMP, HEIC or PDF files. Check the folder."
            )
            raise FormatError(message)
        if not os.path.lexists(name):
            raise not_there(name)
        refuse_special(name)
        size = Path(name).stat().st_size
        if size > MOST_BYTES:
            raise _too_large(name, f"{size:,} bytes", f"{MOST_BYTES:,}")
        with Path(name).open("rb") as file:  # a device tells no size, and may not end
            data = file.read(MOST_BYTES + 1)
    elif hasattr(source, "read"):
        name = str(getattr(source, "name", "the file"))
        data = source.read(MOST_BYTES + 1)
        if not isinstance(data, bytes):
            message = f"{name} gives text; expected bytes. Open it with mode 'rb'."
            raise FormatError(message)
    else:
        message = (
            f"cannot read digits from {type(source).__name__!r}; expected a path,"
            f" bytes, an open file, a Pillow image or a NumPy array.{_advice(source)}"
        )
        raise FormatError(message)
    if len(data) > MOST_BYTES:
        raise _too_large(name, "more bytes", f"{MOST_BYTES:,}")
    if not data:
        message = f"{name} is empty; expected a picture. Was it written to the end?"
        raise FormatError(message)
    return data, name


def _advice(source: Any) -> str:
    """Say what to do with what is no picture, but may have one, or several."""
    if isinstance(source, list | tuple):
        return " Read each by itself: [mnistry.read(one) for one in pictures]"
    if hasattr(source, "labels") and hasattr(source, "images"):
        return " These are framed: mnistry.load_model().predict(digits) reads them."
    if hasattr(source, "numpy"):
        return " Give one picture as an array: .numpy()"
    return ""


def _too_large(name: str, got: str, wanted: str) -> FormatError:
    message = f"{name} has {got}; expected at most {wanted}. Make it smaller first."
    return FormatError(message)


def _image_pages(data: bytes, name: str, wanted: int | None) -> Iterator[Loaded]:
    from PIL import Image

    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        _learn_heic(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = open_picture(data)
            pages = int(getattr(image, "n_frames", 1))
    except Image.DecompressionBombError as error:
        raise _too_large(name, "too many pixels", f"{MOST_PIXELS:,}") from error
    except Exception as error:  # decoders raise anything on broken files
        raise _broken(name, data, error) from error
    if image.info.get("Comment") == ANNOTATED:
        message = (
            f"{name} is annotated: mnistry has drawn in it what it read; expected the"
            " picture without that. Name the one that was read."
        )
        raise FormatError(message)
    if pages > 1 and image.format not in {"TIFF", "MPO", "HEIF"}:
        message = (
            f"{name} is animated: {pages} frames; expected one picture."
            " Save the frame with the digits by itself."
        )
        raise FormatError(message)
    left = MOST_PIXELS_OF_PAGES * megabytes(len(data))
    count = pages if image.format == "TIFF" else 1
    for page in page_numbers(count, wanted, name):
        try:
            image.seek(page)
        except Exception as error:
            raise _broken(name, data, error) from error
        left -= math.prod(image.size)
        if left < 0:
            most = f"{MOST_PIXELS_OF_PAGES:,} for each megabyte begun"
            raise _too_large(name, f"too many pixels in {pages} pages", most)
        longest = max(square_size(image))
        yield _loaded(_flat(image, name, data), longest)


def _learn_heic(name: str) -> None:
    """Teach Pillow the pictures of phones that save HEIC, if somebody can."""
    try:
        pillow_heif = require("pillow_heif", extra="heic")
    except MissingExtraError as error:
        message = (
            f"{name} is a HEIC picture, as phones save them, and pillow-heif is not"
            " installed; expected PNG, JPEG, TIFF, WebP, GIF, BMP or PDF. Run:"
            f" {install_command('heic')}, or save it as JPEG."
        )
        raise FormatError(message) from error
    pillow_heif.register_heif_opener()


def _flat(image: Any, name: str, data: bytes | None = None) -> NDArray[np.uint8]:
    """Decode, shrink, put on white, turn upright; sizes are checked before all that."""
    columns, rows = image.size
    most = MOST_PIXELS if data is None else min(MOST_PIXELS, most_pixels(image, data))
    if columns * rows > most:
        raise _too_large(name, f"{columns}×{rows} pixels", f"{most:,} in all")
    if not columns * rows:
        message = f"{name} has no pixels; expected a picture."
        raise FormatError(message)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted = square_size(image)
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            square = stretched(reduced(image), wanted)
            return upright(square, image.getexif().get(ORIENTATION, 1))
    except FormatError:
        raise
    except Exception as error:
        raise _broken(name, data or b"", error) from error


def _broken(name: str, data: bytes, error: Exception) -> FormatError:
    import PIL

    if isinstance(error, PIL.UnidentifiedImageError):
        for begins, kind, advice in PACKED:
            if data.startswith(begins):
                message = f"{name} is {kind}; expected a picture or a PDF. {advice}"
                return FormatError(message)
        if begun := begins_as(data):
            return broken(name, f"after its beginning as {begun} it is cut or damaged")
        message = (
            f"{name} is not in a format that mnistry reads; expected PNG, JPEG, TIFF,"
            " WebP, GIF, BMP, PPM, JPEG 2000, HEIC or PDF. Save the picture as PNG."
        )
        return FormatError(message)
    return broken(name, error)
