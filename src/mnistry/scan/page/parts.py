"""The ends of a line where it has gaps: words and a number may stand in one row.

`lines` parts a row only where no number has a gap. What is no number as a whole may be
words with a number after them, as on a cheque whose words end close to the amount.
"""

from mnistry.scan.page.lines import Component, Line, find_lines

GAP = 0.6  # heights of a line; words of print stand closer
LONGEST_NUMBER = 24  # components; what is longer is seldom one, and takes long to read
SHORTEST = 2  # components: a digit alone among words is not read


def ends_apart(line: Line) -> list[Line]:
    """Give what stands apart at the ends of a line and may be a number.

    Args:
        line: With its components from left to right.

    Example:
        >>> from mnistry.box import Box
        >>> lefts = 0, 22, 70, 92, 140, 162
        >>> six = tuple(Component(Box(x, 0, x + 20, 30), 200, x) for x in lefts)
        >>> [end.box.left for end in ends_apart(Line(six, (0, 30)))]
        [0, 140]
        >>> ends_apart(Line(six[:2], (0, 30)))
        []
    """
    reached = line.components[0].box.left
    parts: list[list[Component]] = [[]]
    for component in line.components:
        if component.box.left - reached > GAP * line.height:
            parts.append([])
        parts[-1].append(component)
        reached = max(reached, component.box.right)
    ends = [parts[0], parts[-1]] if len(parts) > 1 else []
    fitting = [part for part in ends if SHORTEST <= len(part) <= LONGEST_NUMBER]
    return [found for part in fitting for found in find_lines(part)]
