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
from mnistry.scan.page.picture.transform import Projective, scaling

cv2 = require("cv2", extra="read")

TURNS = {  # to the left by so many degrees: a picture turned clockwise is upright
    90: cv2.ROTATE_90_COUNTERCLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_CLOCKWISE,
}


class View(NamedTuple):
    """A way to look at a picture.

    Attributes:
        loaded: What is seen.
        back: Transform from the source of `loaded` to the source of the picture.
        on_paper: It is known to be light paper.
        turned: Degrees by which the picture is turned clockwise; here it is upright.
    """

    loaded: Loaded
    back: Projective
    on_paper: bool = False
    turned: int = 0


def find_views(loaded: Loaded) -> Iterator[View]:
    """Yield the ways to look at a picture, the likeliest first, the whole last.

    Args:
        loaded: The picture.
    """
    loaded = to_look_at(loaded)
    sheet = sheet_view(loaded)
    if sheet is not None:
        yield sheet
    else:
        cut = _without_margins(as_it_is(loaded))
        if cut is not None:
            yield cut
    yield View(loaded, np.eye(3))


def to_look_at(loaded: Loaded) -> Loaded:
    """Keep one channel of a picture without colours; make greys of a halftone.

    Args:
        loaded: The picture.

    Example:
        >>> to_look_at(Loaded(np.zeros((20, 30, 3), np.uint8), 0.5)).pixels.shape
        (20, 30)
    """
    return loaded._replace(pixels=without_halftone(one_channel(loaded.pixels)))


def as_it_is(loaded: Loaded) -> View:
    """Look at a picture as it was loaded, in its own points.

    Args:
        loaded: The picture.

    Example:
        >>> smaller = Loaded(np.zeros((20, 30), np.uint8), 0.5)
        >>> (as_it_is(smaller).back @ [30, 20, 1])[:2].tolist()
        [60.0, 40.0]
    """
    return View(Loaded(loaded.pixels, 1.0), scaling(1 / loaded.scale))


def sheet_view(loaded: Loaded) -> View | None:
    """Look from above at the sheet of paper in a picture; None if there is none.

    Args:
        loaded: The picture.
    """
    corners = find_sheet(loaded.pixels)
    if corners is None:
        return None
    sheet, back = rectify(loaded.pixels, corners)
    view = View(Loaded(sheet, 1.0), as_it_is(loaded).back @ back, on_paper=True)
    return _without_margins(view) or view


def turned_view(view: View, degrees: int) -> View:
    """Look at what is seen as if it were turned, and turn it upright.

    Args:
        view: What is seen.
        degrees: 90, 180 or 270, clockwise.

    Example:
        >>> seen = View(Loaded(np.zeros((2, 3, 3), np.uint8), 1.0), np.eye(3))
        >>> upright = turned_view(seen, 90)
        >>> upright.loaded.pixels.shape
        (3, 2, 3)
        >>> (upright.back @ [0, 0, 1])[:2].tolist()  # the upper left was upper right
        [3.0, 0.0]
    """
    pixels, scale = view.loaded
    rows, columns = (side / scale for side in pixels.shape[:2])
    matrix = {
        90: [[0, -1, columns], [1, 0, 0], [0, 0, 1]],
        180: [[-1, 0, columns], [0, -1, rows], [0, 0, 1]],
        270: [[0, 1, 0], [-1, 0, rows], [0, 0, 1]],
    }[degrees]
    upright: NDArray[np.uint8] = cv2.rotate(pixels, TURNS[degrees])
    back = view.back @ np.array(matrix, float)
    return View(Loaded(upright, scale), back, view.on_paper, degrees)


def _without_margins(view: View) -> View | None:
    """Cut dark margins off, if there are any."""
    cut = cut_margins(view.loaded.pixels)
    if cut is None:
        return None
    move = np.array([[1, 0, cut.left], [0, 1, cut.top], [0, 0, 1]], float)
    return View(Loaded(cut.picture, 1.0), view.back @ move, on_paper=True)
