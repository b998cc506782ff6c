"""Signs that are read as digits, and surely: per cent as 96."""

from mnistry.box import Box
from mnistry.scan.page.order import overlap
from mnistry.scan.recognize.separate import Sign


def may_be_percent(signs: tuple[Sign, ...], boxes: tuple[Box, ...]) -> bool:
    """Tell whether what may be a per cent sign was read as two digits, as 96.

    Args:
        signs: That may be there.
        boxes: Of the digits that were read.

    Example:
        >>> boxes = Box(0, 0, 20, 40), Box(30, 0, 50, 40), Box(52, 0, 72, 40)
        >>> may_be_percent((Sign("%", Box(30, 0, 72, 40)),), boxes)
        True
    """
    rings = [sign.box for sign in signs if sign.text == "%"]
    return any(sum(overlap(one, box) > 0.5 for box in boxes) > 1 for one in rings)
