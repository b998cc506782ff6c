"""The one way in which picture files are opened: only the promised kinds.

Pillow knows some forty formats, told by their bytes and not by their names. Some start
other programs: PostScript runs Ghostscript, from a file that is called digit.png.
"""

import io
from typing import Any

KINDS = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "PPM", "JPEG2000", "HEIF")
"""As Pillow names them; HEIF is there once pillow-heif has been registered."""


def open_picture(data: bytes) -> Any:
    """Open a picture, as Pillow does, if it is of a promised kind.

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
