"""The only way in which picture files are opened, and put on white paper.

Only the promised kinds are opened.

Pillow knows some forty formats, known by their bytes and not by their names. Some start
other programs: PostScript runs Ghostscript, from a file that is called digit.png.
"""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPAQUE = 0.5  # of the most opaque pixel; the colours of clearer ones are not drawn in
ONE_COLOUR = 16  # of 255; colours no further apart are one, give or take JPEG's noise
# of the edge of either is where ink and white meet, at most, if both are strokes: they
# cross; ink on paper has white all around
ON_PAPER = 0.25

KINDS = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "PPM", "JPEG2000", "HEIF")
"""As Pillow names them; HEIF is there once pillow-heif has been registered."""

ENDINGS = frozenset(
    f".{kind}"
    for kind in (
        *("png", "jpg", "jpeg", "tif", "tiff", "webp", "gif", "bmp", "ppm", "pgm"),
        *("pbm", "jp2", "heic", "heif"),
    )
)
"""Of the names of such files, in small letters."""

AS_TEXT = {"BMP", "PPM"}  # are known by two letters, with which a text may begin


def open_picture(data: bytes) -> Any:
    """Open a picture with Pillow, if it is of a supported format.

    Args:
        data: The bytes of the file.

    Returns:
        A Pillow image, nothing of it decoded yet.

    Raises:
        PIL.UnidentifiedImageError: It is of no such kind.

    Example:
        >>> from mnistry.formats import png
        >>> import numpy as np
        >>> open_picture(png.encode(np.zeros((28, 28), np.uint8))).size
        (28, 28)
    """
    from PIL import Image

    known = [kind for kind in KINDS if kind in Image.OPEN or kind != "HEIF"]
    return Image.open(io.BytesIO(data), formats=known)


def begins_as(data: bytes) -> str | None:
    """Return the format that the first bytes of an unreadable file indicate, if any.

    Example:
        >>> begins_as(b"GIF89a, and no more")
        'GIF'
        >>> begins_as(b"Dear reader")
    """
    from PIL import Image

    Image.init()
    for kind in KINDS:
        if kind in AS_TEXT:
            continue
        _, accepts = Image.OPEN.get(kind, (None, None))
        try:
            if accepts is not None and accepts(data[:16]) is True:
                return kind
        except IndexError:  # the beginning is shorter than what it is known by
            continue
    return None


def on_white(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Put a picture with transparency on white paper.

    Where all that is drawn is of one colour, or some of it in white beside others, the
    drawing is in the transparency alone: it becomes black, since white ink would vanish
    on white paper.

    Args:
        picture: (rows, columns, 4) uint8: red, green, blue, and 0 clear to 255 opaque.

    Returns:
        (rows, columns, 3) uint8.

    Example:
        >>> white_ink = np.full((1, 2, 4), 255, np.uint8)
        >>> white_ink[0, 0, 3] = 0
        >>> on_white(white_ink)[0, :, 0].tolist()
        [255, 0]
    """
    alpha = picture[:, :, 3:].astype(np.float32) / 255
    colours = _straight(picture)
    flat = colours * alpha + 255 * (1 - alpha)
    drawn = alpha[:, :, 0] >= OPAQUE * alpha.max()
    if alpha.min() < 1 and (
        np.ptp(colours[drawn]) < ONE_COLOUR or _is_beside_white(colours, drawn)
    ):
        flat = np.broadcast_to(255 * (1 - alpha), flat.shape)
    return np.ascontiguousarray(flat.round().astype(np.uint8))


def _straight(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return colours as they are; of a picture saved premultiplied, divided by opacity.

    Premultiplied, no colour is more than its opacity; so is hardly any other picture
    whose edges are soft, unless it is black.
    """
    colours, opacity = picture[:, :, :3], picture[:, :, 3:]
    is_soft = (opacity > 0) & (opacity < 255)
    if (colours > opacity).any() or not is_soft.any():
        return colours
    straight = colours * (255 / np.maximum(opacity, 1).astype(np.float32))
    return straight.round().astype(np.uint8)


def _is_beside_white(colours: NDArray[np.uint8], drawn: NDArray[np.bool_]) -> bool:
    """Return whether white strokes and others stand side by side on nothing.

    Both end where nothing is drawn; on white paper ink ends at white.
    """
    white = drawn & (colours >= 255 - ONE_COLOUR).all(axis=2)
    ink, clear = drawn & ~white, ~drawn
    at_edge = min(_borders(ink, clear), _borders(white, clear))
    return _borders(ink, white) < ON_PAPER * at_edge


def _borders(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> int:
    """Count how often pixels of one kind have one of another beside or below them."""
    return sum(
        int(np.count_nonzero(a[:, 1:] & b[:, :-1]) + np.count_nonzero(a[1:] & b[:-1]))
        for a, b in ((one, other), (other, one))
    )
