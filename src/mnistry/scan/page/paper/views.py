"""The ways to look at a picture: its sheet from above, without margins, as it is."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require
from mnistry.scan.page.paper.margins import cut_margins
from mnistry.scan.page.paper.sheet import find_sheet, rectify
from mnistry.scan.page.picture.halftone import without_halftone
from mnistry.scan.page.picture.load import Loaded
from mnistry.scan.page.picture.pixels import one_channel
from mnistry.scan.page.picture.transform import Homography, scaling

cv2 = require("cv2", extra="read")

TURNS = {  # to the left by so many degrees: a picture turned clockwise is upright
    90: cv2.ROTATE_90_COUNTERCLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_CLOCKWISE,
}


class View(NamedTuple):
    """A way to look at a picture.

    Attributes:
        pixels: (rows, columns, 3) uint8, or grey; what is seen.
        back: Transform from its points to those of the source.
        on_paper: It is known to be light paper.
        turned: Degrees by which the picture is turned clockwise; here it is upright.
    """

    pixels: NDArray[np.uint8]
    back: Homography
    on_paper: bool = False
    turned: int = 0


def find_views(loaded: Loaded) -> Iterator[View]:
    """Yield the ways to look at a picture, the likeliest first, the whole last.

    Args:
        loaded: The picture.
    """
    whole = as_it_is(loaded)
    apart = sheet_view(whole) or _without_margins(whole)
    if apart is not None:
        yield apart
    yield whole


def as_it_is(loaded: Loaded) -> View:
    """Look at all of a picture: grey if it has no colours, or is a halftone.

    Args:
        loaded: The picture.

    Example:
        >>> smaller = Loaded(np.zeros((20, 30), np.uint8), 0.5)
        >>> (as_it_is(smaller).back @ [30, 20, 1])[:2].tolist()
        [60.0, 40.0]
    """
    seen = without_halftone(one_channel(loaded.pixels))
    return View(seen, scaling(1 / loaded.scale))


def sheet_view(whole: View) -> View | None:
    """Look from above at the sheet of paper in a picture; None if there is none.

    Args:
        whole: The picture as it is.
    """
    corners = find_sheet(whole.pixels)
    if corners is None:
        return None
    sheet, back = rectify(whole.pixels, corners)
    view = View(sheet, whole.back @ back, on_paper=True)
    # a sheet may be on a photograph, on a screen or a page
    return sheet_view(view) or _without_margins(view) or view


def turned_view(view: View, degrees: int) -> View:
    """Look at what is seen as if it were turned, and turn it upright.

    Args:
        view: What is seen.
        degrees: 90, 180 or 270, clockwise.

    Example:
        >>> seen = View(np.zeros((2, 3, 3), np.uint8), np.eye(3))
        >>> upright = turned_view(seen, 90)
        >>> upright.pixels.shape
        (3, 2, 3)
        >>> (upright.back @ [0, 0, 1])[:2].tolist()  # the upper left was upper right
        [3.0, 0.0]
    """
    rows, columns = view.pixels.shape[:2]
    matrix = {
        90: [[0, -1, columns], [1, 0, 0], [0, 0, 1]],
        180: [[-1, 0, columns], [0, -1, rows], [0, 0, 1]],
        270: [[0, 1, 0], [-1, 0, rows], [0, 0, 1]],
    }[degrees]
    upright: NDArray[np.uint8] = cv2.rotate(view.pixels, TURNS[degrees])
    back = view.back @ np.array(matrix, float)
    return View(upright, back, view.on_paper, degrees)


def _without_margins(view: View) -> View | None:
    """Cut dark margins off, if there are any."""
    cut = cut_margins(view.pixels)
    if cut is None:
        return None
    move = np.array([[1, 0, cut.left], [0, 1, cut.top], [0, 0, 1]], float)
    return View(cut.picture, view.back @ move, on_paper=True)
