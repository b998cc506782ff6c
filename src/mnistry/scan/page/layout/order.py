"""The order in which the lines of a page are read."""

from collections.abc import Sequence

from mnistry.box import Box

# of the rows of the lower one, at least, are shared by two lines of one row, which may
# rise by free hand; of their columns they share less. So all of 60 generated pages of
# rows of two and of 60 of rows of three are in order (54 and 49 with half of the rows),
# and no fewer where rows are close
SAME_ROW = SAME_COLUMNS = 0.3


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Return the order of lines: row by row, each from the left.

    Lines are in one row if they are beside each other and share some rows of pixels.

    Args:
        boxes: Of lines.

    Example:
        >>> reading_order([Box(90, 2, 99, 12), Box(0, 40, 9, 50), Box(0, 5, 9, 15)])
        [2, 0, 1]
    """
    rows: list[list[int]] = []
    for number in sorted(range(len(boxes)), key=lambda n: sum(boxes[n][1::2])):
        box = boxes[number]
        if rows and _is_in_row(box, [boxes[other] for other in rows[-1]]):
            rows[-1].append(number)
        else:
            rows.append([number])
    return [n for row in rows for n in sorted(row, key=lambda n: boxes[n].left)]


def _is_in_row(box: Box, row: list[Box]) -> bool:
    """Return whether a box is beside all of a row, and level with the nearest one."""
    if any(_shared(box, other, 0) > SAME_COLUMNS for other in row):
        return False
    near = min(row, key=lambda other: abs(other.centre[0] - box.centre[0]))
    return _shared(box, near, 1) > SAME_ROW


def _shared(one: Box, two: Box, axis: int) -> float:
    """Return the share of the columns, or of the rows, of the smaller of two boxes."""
    (low, high), (start, end) = one[axis::2], two[axis::2]
    return (min(high, end) - max(low, start)) / max(1, min(high - low, end - start))
