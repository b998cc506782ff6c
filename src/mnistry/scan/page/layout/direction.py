"""The direction of lines on a page, by the nearest neighbour of each component."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnistry.box import Box
from mnistry.scan.page.ink.components import weighted_median
from mnistry.scan.page.layout.lines import LEAST_HEIGHT, SMALL

SAMPLE = 300  # boxes of a page, which are enough to know its direction
SIDEWAYS = 0.6  # share of boxes whose nearest neighbour is above or below


def is_sideways(boxes: Sequence[Box]) -> bool:
    """Return whether neighbours are above each other rather than side by side.

    Specks do not count: on squared paper they are left of its rules.

    Args:
        boxes: Of digits and letters.

    Example:
        >>> row = [Box(30 * n, 0, 30 * n + 20, 30) for n in range(5)]
        >>> column = [Box(0, 30 * n, 30, 30 * n + 20) for n in range(5)]
        >>> is_sideways(row), is_sideways(column)
        (False, True)
    """
    return share_above(boxes) > SIDEWAYS


def share_above(boxes: Sequence[Box]) -> float:
    """Return the share of boxes whose nearest neighbour is above or below, 0 to 1.

    Args:
        boxes: Of digits and letters.
    """
    if len(boxes) < 2 or _are_in_a_row(boxes):
        return 0.0
    sides = _without_specks(np.array(boxes, float))
    some = sides[:: max(1, len(sides) // SAMPLE)]
    across = _gaps(some[:, [0, 2]], sides[:, [0, 2]])
    down = _gaps(some[:, [1, 3]], sides[:, [1, 3]])
    beside = np.where((down < 0) & (across >= 0), across, np.inf).min(axis=1)
    above = np.where((across < 0) & (down >= 0), down, np.inf).min(axis=1)
    known = np.isfinite(beside) | np.isfinite(above)
    return float((above < beside)[known].mean()) if known.any() else 0.0


def _are_in_a_row(boxes: Sequence[Box]) -> bool:
    """Return quickly whether no box is above another, as in most lone lines."""
    ordered = sorted(boxes)
    reach = min(box.right - box.left for box in ordered) / 2
    right = -reach
    for box in ordered:
        if box.left <= right - reach:
            return False
        right = max(right, box.right)
    return True


def _without_specks(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out boxes (n, 4) that are small in both directions."""
    sizes = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    typical = weighted_median([(size, size) for size in sizes.tolist()])
    large: NDArray[np.float64] = boxes[sizes >= min(LEAST_HEIGHT * typical, SMALL)]
    return large


def _gaps(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the gap between spans; below 0 if they share half of the smaller one."""
    first, last = some[:, None, 0], some[:, None, 1]
    room = np.maximum(others[:, 0] - last, first - others[:, 1])
    least = np.minimum(last - first, others[:, 1] - others[:, 0])
    return np.where((room < 0) & (room > -least / 2), 0.0, room)
