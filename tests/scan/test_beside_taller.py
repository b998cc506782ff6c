"""A lone digit far lower than what stands on another page is likely a mark."""

from mnistry.box import Box
from mnistry.scan.results import ReadDigit, ReadLine
from mnistry.scan.rivals import RatedLine, beside_taller

SURE = 0.98


def line(text: str, height: int) -> RatedLine:
    boxes = [Box(30 * at, 0, 30 * at + 20, height) for at in range(len(text))]
    digits = [
        ReadDigit(int(of), SURE, box) for of, box in zip(text, boxes, strict=True)
    ]
    return RatedLine(ReadLine(text, SURE, tuple(digits), Box.around(boxes)), SURE)


def test_a_button_beside_a_tall_number_is_no_sure_zero() -> None:
    button, code, number = line("0", 37), line("12", 37), line("296", 130)
    low, kept, tall = beside_taller([[button, code], [number]])
    assert low.line.confidence < 0.5
    assert (kept, tall) == (code, number)


def test_nothing_changes_where_there_is_one_page() -> None:
    assert beside_taller([[line("0", 37), line("296", 130)]])[0].line.confidence == SURE
