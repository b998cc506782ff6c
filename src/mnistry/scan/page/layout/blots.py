"""Leave out what is filled: holes that were punched, buttons of a drawing program.

To the nets a disc is a zero whose hole ran full. One among other digits may be that;
where nearly all of a line is filled, nothing is written.
"""

from collections.abc import Sequence

from mnistry.scan.page.ink.components import Component
from mnistry.scan.page.layout.lines import Line

FILLED = 0.68  # of its box; a disc fills 0.79, a heart or a star less
ROUND = 0.7  # of the longer side is the shorter one; a thick stroke is narrower
MOSTLY = 0.85  # of the ink of a line; in a 10 whose zero ran full it has less
LEAST = 10  # pixels tall; of what is lower, holes of digits are filled too


def without_blots(found: Sequence[Line]) -> list[Line]:
    """Leave out lines of which most ink is filled: beside it are specks.

    Args:
        found: Lines of a picture.

    Example:
        >>> import numpy as np
        >>> from mnistry.scan.page.ink.components import find_components
        >>> from mnistry.scan.page.layout.lines import find_lines
        >>> ink = np.zeros((60, 120), bool)
        >>> ink[10:40, 20:50] = ink[10:40, 70:100] = True
        >>> without_blots(find_lines(find_components(ink)[0]))
        []
        >>> ink[15:35, 76:94] = False
        >>> len(without_blots(find_lines(find_components(ink)[0])))
        1
    """
    return [line for line in found if _filled(line) < MOSTLY]


def _filled(line: Line) -> float:
    """Return the share of the ink of a line that is in what is filled."""
    filled = sum(one.area for one in line.components if _is_filled(one))
    return filled / sum(one.area for one in line.components)


def _is_filled(component: Component) -> bool:
    """Return whether it is about as wide as tall, and has neither hole nor bay."""
    width, height = component.box.width, component.box.height
    shorter, longer = sorted((width, height))
    is_round = shorter >= max(LEAST, ROUND * longer)
    return is_round and component.area >= FILLED * width * height
