"""Split a line where another pen begins: a red tick beside a number, a correction.

Pens are told apart by the colours that their ink absorbs from the light of the paper,
whatever the light is: black ink absorbs all alike, red ink all but red.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import cos, radians
from statistics import median

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import ComponentMap
from mnistry.scan.page.ink.components import Component
from mnistry.scan.page.layout.lines import Line, split_at

# cosine of the angle between the colours that two inks absorb, in red, green and blue:
# red and black are 24 degrees apart, red and blue 33; blue and black, which grain may
# change, 12
ANOTHER = cos(radians(18))
MOST = 3  # changes of ink in a line; with more each digit has a colour of its own
LEAST = 0.2  # of the usual area; with less ink it is left of the side of a box
GAP = 0.25  # heights of a digit between two pens, at least


def split_inks(
    found: Sequence[Line],
    picture: NDArray[np.uint8],
    paper: NDArray[np.uint8],
    component_map: ComponentMap,
) -> list[Line]:
    """Split lines where the colour of the ink changes.

    Args:
        found: Lines of a page.
        picture: (rows, columns, 3) uint8; a grey one has no colours.
        paper: What it would be without its ink, as `find_paper` gives it.
        component_map: The number of the component at each pixel, 0 for none.

    Example:
        >>> from mnistry.scan.page.ink.components import find_components
        >>> from mnistry.scan.page.layout.lines import find_lines
        >>> picture = np.full((60, 200, 3), 240, np.uint8)
        >>> component_map = np.zeros((60, 200), np.int32)
        >>> colours = (30, 30, 30), (30, 30, 30), (200, 30, 40)
        >>> for number, colour in enumerate(colours, 1):
        ...     here = slice(15, 45), slice(40 * number, 40 * number + 4)
        ...     picture[here], component_map[here] = colour, number
        >>> some = find_lines(find_components(component_map > 0)[0])
        >>> paper = np.full((60, 200, 3), 240, np.uint8)
        >>> split = split_inks(some, picture, paper, component_map)
        >>> [len(line.components) for line in split]
        [2, 1]
    """
    if picture.ndim == 2 or not any(map(_wide_gaps, found)):
        return [*found]
    inks = _inks(picture, paper, component_map)
    return [part for line in found for part in _split(line, inks)]


def _inks(
    picture: NDArray[np.uint8],
    paper: NDArray[np.uint8],
    component_map: ComponentMap,
) -> NDArray[np.float64]:
    """Return the colour that the ink of each component absorbs, as a unit vector."""
    at = np.flatnonzero(component_map > 0)
    numbers = component_map.ravel()[at]
    light = paper.reshape(-1, 3)[at].astype(np.float64)
    taken = 1 - picture.reshape(-1, 3)[at] / light
    sums = np.stack([np.bincount(numbers, one) for one in taken.T], axis=1)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    inks: NDArray[np.float64] = sums / np.maximum(lengths, 1e-9)
    return inks


def _wide_gaps(line: Line) -> list[tuple[Component, Component]]:
    """Return the components beside each gap that may be between two pens."""
    least = GAP * line.height
    usual = median([one.area for one in line.tall] or [0])
    written = [one for one in line.tall if one.area >= LEAST * usual]
    return [
        (one, two)
        for one, two in pairwise(written)
        if two.box.left - one.box.right >= least
    ]


def _split(line: Line, inks: NDArray[np.float64]) -> Iterator[Line]:
    """Split a line at gaps behind which another ink begins."""
    places = [
        (one.box.right + two.box.left) / 2
        for one, two in _wide_gaps(line)
        if inks[one.number] @ inks[two.number] < ANOTHER
    ]
    if not 0 < len(places) <= MOST:
        yield line
        return
    yield from split_at(line, places)
