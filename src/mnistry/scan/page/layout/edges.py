"""Leave out the edges of a sheet: where it ends on a table there is a long dark line.

Rule: an edge goes from one side of the picture to another, and is many times as long as
digits are tall. So digits that fill their picture are no edges.
"""

from collections.abc import Sequence

from mnistry.box import Box
from mnistry.scan.page.ink.components import Component, typical_height
from mnistry.scan.page.layout.lines import SMALL, Line

LONG = 4.0  # times the height of digits; an edge is longer
SIDES = 2  # of the picture at which an edge ends
WRITTEN = 3  # components of a line of writing; fewer may be pieces of an edge
TALLER = 3.0  # times the height of such a line are pieces of an edge
NARROW = 0.4  # of their height, at most, is their width
FEWEST = 2  # components that tell how tall digits are


def without_edges(
    components: Sequence[Component], shape: tuple[int, ...]
) -> list[Component]:
    """Leave out components that are edges of a sheet, or lie beyond one.

    Args:
        components: Of a picture.
        shape: Rows and columns of the picture.

    Example:
        >>> digits = [Component(Box(x, 40, x + 20, 70), 200, x) for x in (50, 80)]
        >>> edge = Component(Box(0, 0, 20, 300), 600, 9)
        >>> [one.number for one in without_edges([*digits, edge], (300, 200))]
        [50, 80]
        >>> len(without_edges([edge], (300, 200)))
        1
    """
    ending = [one for one in components if _sides_of(one, shape) >= SIDES]
    if not ending:
        return list(components)
    others = [one for one in components if one not in ending]
    if sum(one.box.height >= SMALL for one in others) < FEWEST:
        return list(components)
    longest = LONG * max(SMALL, typical_height(others))
    return [
        one
        for one in components
        if one not in ending or max(one.box.width, one.box.height) < longest
    ]


def without_pieces(found: Sequence[Line], shape: tuple[int, ...]) -> list[Line]:
    """Leave out pieces of upright edges and corners: far taller than the writing.

    Args:
        found: Lines of a picture.
        shape: Rows and columns of the picture.

    Example:
        >>> digits = [Component(Box(x, 40, x + 20, 70), 200, x) for x in (50, 80, 110)]
        >>> number = Line(tuple(digits), (40, 70))
        >>> piece = Line((Component(Box(3, 0, 20, 200), 600, 9),), (0, 200))
        >>> without_pieces([piece, number], (300, 200)) == [number]
        True
        >>> without_pieces([piece], (300, 200)) == [piece]
        True
    """
    written = [
        line.height
        for line in found
        if len(line.components) >= WRITTEN and _width(line) > line.height
    ]
    if not written:
        return list(found)
    most = TALLER * max(written)
    return [line for line in found if line.height <= most or not _is_piece(line, shape)]


def _is_piece(line: Line, shape: tuple[int, ...]) -> bool:
    """Return whether what is far taller than the writing is narrow or a corner."""
    if _width(line) <= NARROW * line.height:
        return True
    return all(_sides_of(one, shape) >= SIDES for one in line.tall or line.components)


def _width(line: Line) -> int:
    """Return the width of a line without small components, such as grain."""
    return Box.around(one.box for one in line.tall or line.components).width


def _sides_of(component: Component, shape: tuple[int, ...]) -> int:
    """Count the sides of the picture at which a component ends."""
    left, top, right, bottom = component.box
    return sum((left <= 1, top <= 1, right >= shape[1] - 1, bottom >= shape[0] - 1))
