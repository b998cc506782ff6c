"""Picture files as images: ink is 255, and each digit in the frame of MNIST.

A picture of 28 by 28 pixels is taken to be framed already; any other is framed as
`mnistry.read` frames a single digit. Rule: whether ink is light or dark is decided for
each picture, by the same rule as in reading.
"""

import io
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images, Pixels
from mnistry.errors import FormatError
from mnistry.formats import png
from mnistry.formats.budget import check_unpacked
from mnistry.formats.paper import FEW, lightness
from mnistry.formats.plain import refuse_special
from mnistry.formats.progress import PICTURES, Progress
from mnistry.frame import SIDE
from mnistry.plural import counted

MOST_FILE_BYTES = 1 << 26  # 64 MB, as much as a picture of the most pixels can have
WHITE_INK = ".white-ink"  # a file beside pictures that must not be changed
MOST_NAMED = 8  # files in a message


def read_pictures(
    files: Sequence[Path],
    *,
    as_they_are: bool = False,
    progress: Progress | None = None,
) -> tuple[Images, NDArray[np.bool_]]:
    """Read picture files, in order.

    Pictures without ink are left out, and a warning that names them is logged.

    Args:
        files: One or more.
        as_they_are: Do not frame pictures; all must have the same size.
        progress: Called after each of them.

    Returns:
        (n, rows, columns) uint8, 0 paper to 255 ink; and the files they are from.

    Raises:
        FormatError: A picture is damaged, or of another size than the others; or none
            has ink to frame.
        MissingExtraError: OpenCV, which frames pictures, is not installed.
    """
    found: list[tuple[str, Pixels | None]] = []
    file_bytes = unpacked = 0
    for done, path in enumerate(files, start=1):
        image = _image(path, as_they_are=as_they_are)
        found.append((str(path), image))
        file_bytes += path.stat().st_size
        unpacked += 0 if image is None else image.size
        check_unpacked(str(path.parent), unpacked, file_bytes)
        if progress is not None:
            progress(f"{len(files):,} {PICTURES}", done, len(files))
    is_there = np.array([image is not None for _, image in found], bool)
    if not is_there.all():
        lost = [
            path for path, is_kept in zip(files, is_there, strict=True) if not is_kept
        ]
        _tell_left_out(lost, len(files))
    framed = [(name, image) for name, image in found if image is not None]
    return stack(framed, len(framed)), is_there


def stack(pictures: Iterable[tuple[str, Pixels]], count: int) -> Images:
    """Put pictures of one size into one array.

    Args:
        pictures: Names (for errors) and pixels.
        count: The number of pictures.

    Raises:
        FormatError: Their sizes differ; the error names those that do.
    """
    images = np.empty((0, SIDE, SIDE), np.uint8)
    differing = []
    for at, (name, pixels) in enumerate(pictures):
        if at == 0:
            images = np.empty((count, *pixels.shape), np.uint8)
        if pixels.shape == images.shape[1:]:
            images[at] = pixels
        else:
            differing.append(f"{name} ({_size(pixels.shape)})")
    if differing:
        message = (
            f"{len(differing)} of {count} pictures are not {_size(images.shape[1:])}"
            f" like the first: {_some(differing)}; expected one size for all. Resize"
            " them; or put them into a folder for each label, where each is framed"
            " unless as_they_are (--as-they-are) is set."
        )
        raise FormatError(message)
    return images


def read_bytes(path: Path) -> bytes:
    """Read a picture file of a sensible size."""
    try:
        refuse_special(path)
        with path.open("rb") as file:
            data = file.read(MOST_FILE_BYTES + 1)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}; expected a picture there."
        raise FormatError(f"{message} Check the path.") from error
    if len(data) > MOST_FILE_BYTES:
        message = f"{path} has more than {MOST_FILE_BYTES:,} bytes; expected a picture"
        raise FormatError(f"{message} of a digit. Take it out of the folder.")
    return data


def _image(path: Path, *, as_they_are: bool) -> Pixels | None:
    """Return the image of one file; None if there is no ink to frame."""
    data = read_bytes(path)
    if any((above / WHITE_INK).exists() for above in list(path.parents)[:2]):
        return png.decode(data, name=str(path))
    if as_they_are or png.size_of(data) in {None, (SIDE, SIDE)}:
        return _ink_is_255(png.decode(data, name=str(path)))
    from mnistry.scan.frame_single import frame_single  # OpenCV is heavy

    file = io.BytesIO(data)
    file.name = str(path)
    return frame_single(file)


def _ink_is_255(pixels: Pixels) -> Pixels:
    """Invert dark ink on light paper; leave light ink unchanged."""
    if max(pixels.shape) <= FEW:
        is_light_on_dark = lightness(pixels) < 0
    else:
        from mnistry.scan.page.paper import illumination  # OpenCV is heavy

        is_light_on_dark = illumination.is_light_on_dark(pixels)
    return pixels if is_light_on_dark else 255 - pixels


def _tell_left_out(files: Sequence[Path], count: int) -> None:
    """Log which files had nothing to frame.

    Raises:
        FormatError: None of them has ink.
    """
    if len(files) == count:
        message = (
            f"there is no ink to frame in {counted(count, 'picture')}:"
            f" {_some(files)}; expected a digit in each. Look at them; with as_they_are"
            " (--as-they-are) pictures are used unframed."
        )
        raise FormatError(message)
    lost = f"there is no ink to frame in {len(files)} of {count} pictures"
    logging.getLogger("mnistry").warning("%s; left out: %s", lost, _some(files))


def _some(names: Sequence[object]) -> str:
    shown = ", ".join(str(name) for name in names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}×{shape[0]}"
