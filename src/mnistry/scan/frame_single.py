"""Frame the only digit of a picture as MNIST's images are, without reading it.

Rule: no net decides anything here, so that what is learned from such images owes
nothing to one; `read_single` begins with the same steps.
"""

from mnistry.arrays import Pixels
from mnistry.errors import FormatError
from mnistry.scan.page.ink.binarize import soft_ink
from mnistry.scan.page.picture.load import Source, load_pictures
from mnistry.scan.page.single_view import single_view
from mnistry.scan.recognize import isolate


def frame_single(source: Source) -> Pixels | None:
    """Find the one digit in a picture, and bring it into the frame of MNIST.

    Args:
        source: As `mnistry.read` takes it; of one page.

    Returns:
        (28, 28) uint8, 0 paper to 255 ink, whichever way round the picture is; None if
        there is no ink at all.

    Raises:
        FormatError: No picture, broken, too large, or of several pages.
        ShapeError: An array of another shape or dtype.

    Example:
        >>> import numpy as np
        >>> drawing = np.full((400, 300), 255, np.uint8)
        >>> drawing[100:300, 140:170] = 0
        >>> image = frame_single(drawing)
        >>> image.shape, bool(image[14, 14] > 200)
        ((28, 28), True)
        >>> frame_single(np.full((400, 300), 255, np.uint8)) is None
        True
    """
    pages = list(load_pictures(source))
    if len(pages) != 1:
        message = (
            f"{getattr(source, 'name', source)} has {len(pages)} pages; expected one"
            " picture of one digit. Save each page by itself."
        )
        raise FormatError(message)
    picture = single_view(pages[0]).pixels
    dark = isolate.darkness(isolate.work_size(picture), max(picture.shape[:2]))
    candidates = isolate.candidates_of(isolate.find_ink(dark), soft_ink(dark))
    return candidates[0].image if candidates else None
