import importlib
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistry.box import Box
from mnistry.scan.page.page import Page
from mnistry.scan.page.prepare import prepare
from mnistry.scan.pattern import any_digits
from mnistry.scan.read import read
from mnistry.scan.read_page import read_page
from mnistry.scan.recognize.confidence import excluding
from mnistry.scan.recognize.line_reader import LineDigits, LineReader
from mnistry.scan.recognize.signs.separate import Separated, Sign
from mnistry.scan.results import ReadDigit, ReadLine, ReadSign
from mnistry.scan.rivals import RatedLine, surer_of_both, without_doubles
from mnistry.synth.documents.columns import make_register_column
from mnistry.synth.documents.scenes import Alphabet, make_string

PLACE = Box(0, 0, 20, 30)
LIKELY = st.floats(0, 1)
ReadAs = Callable[..., ReadLine]


def digits(text: str, confidence: float) -> LineDigits:
    """What a line reader gives for a text."""
    values = tuple(map(int, text))
    probabilities = np.full((len(values), 10), 0.06)
    probabilities[np.arange(len(values)), list(values)] = 0.46
    boxes = tuple(
        PLACE._replace(left=25 * n, right=25 * n + 20) for n in range(len(values))
    )
    none = np.zeros(len(values))
    sure = confidence, confidence
    return LineDigits(values, boxes, probabilities, none, *sure, upright=none)


def read_line(text: str, confidence: float) -> ReadLine:
    digit = ReadDigit(int(text[0]), confidence, PLACE)
    return ReadLine(text, confidence, (digit,), PLACE)


def rated(text: str, confidence: float) -> RatedLine:
    return RatedLine(read_line(text, confidence), confidence)


@given(LIKELY, LIKELY)
def test_of_two_that_exclude_each_other_both_are_never_likely(
    one: float, two: float
) -> None:
    first, second = excluding(one, two), excluding(two, one)
    assert 0 <= first <= one + 1e-9
    assert first + second <= 1 + 1e-9


@pytest.fixture
def read_as(alphabet: Alphabet, monkeypatch: pytest.MonkeyPatch) -> ReadAs:
    """Read a page whose line reader gives what is asked for, with signs or without."""
    module = importlib.import_module("mnistry.scan.read_line")
    (page,) = prepare(make_string(alphabet, "407", seed=3).picture)

    def read(
        sign: str, *given: LineDigits, shares: tuple[float, float] = (1.0, 1.0)
    ) -> ReadLine:
        signs = (), (Sign(sign, PLACE),)
        left = iter(given * 9)
        monkeypatch.setattr(
            module.separate,
            "separations",
            lambda page, line, *_: [
                Separated(page, line, *way) for way in zip(signs, shares, strict=True)
            ],
        )
        monkeypatch.setattr(LineReader, "read_line", lambda *_, **__: next(left))
        monkeypatch.setattr(Page, "without_boxes", lambda _: None)
        one_line = replace(page, lines=page.lines[:1])
        return read_page(one_line, LineReader(any_digits()))[0].line

    return read


def at(text: str, left: int, top: int, confidence: float) -> RatedLine:
    """A line of digits that stand side by side from a place on."""
    boxes = [
        PLACE._replace(left=x, top=top, right=x + 20, bottom=top + 30)
        for x in range(left, left + 25 * len(text), 25)
    ]
    read = tuple(
        ReadDigit(int(value), confidence, box)
        for value, box in zip(text, boxes, strict=True)
    )
    around = boxes[0]._replace(right=boxes[-1].right)
    return RatedLine(ReadLine(text, confidence, read, around), confidence)


def share(one: ReadLine, other: ReadLine) -> bool:
    return any(
        here.box.overlap(there.box) > 0.5
        for here in one.digits
        for there in other.digits
    )


def test_a_digit_is_in_one_line_only() -> None:
    whole, part, apart = at("91362", 0, 0, 0.9), at("9", 2, 1, 0.92), at("4", 0, 50, 1)
    assert without_doubles([part, whole, apart]) == [whole, apart]
    other = at("41", 0, 2, 0.6)
    ((line, _),) = without_doubles([other, whole])
    assert line.text == "91362"
    assert line.confidence == pytest.approx(excluding(0.9, 0.6))


PLACED = st.builds(at, st.text("0123456789", min_size=1, max_size=4),
                   st.integers(0, 150), st.integers(0, 60), LIKELY)  # fmt: skip


@given(st.lists(PLACED, max_size=6))
def test_lines_left_share_no_digit_and_each_that_went_shared_one(
    found: list[RatedLine],
) -> None:
    left = [line for line, _ in without_doubles(found)]
    for number, line in enumerate(left):
        assert not any(share(line, other) for other in left[:number])
    for line, _ in found:
        assert any(share(line, other) for other in left)


@pytest.mark.parametrize("seed", [2, 15, 105, 108])
def test_ticks_and_what_rules_leave_of_a_digit_are_not_surely_digits(
    seed: int, alphabet: Alphabet
) -> None:
    scene = make_register_column(alphabet, "47", seed=seed)
    written = {line.text for line in scene.lines}
    found = read(scene.picture).lines
    assert found
    assert all(line.confidence < 0.9 for line in found if line.text not in written)


def test_what_is_left_of_a_number_without_a_digit_like_a_sign_is_not_sure(
    read_as: ReadAs,
) -> None:
    found = read_as("%", digits("83", 0.3), digits("8", 0.99))
    assert found.text == "8"
    assert found.confidence == pytest.approx(0.99 * 0.7)
    kept = read_as("%", digits("510", 0.6), digits("51", 0.99))  # so unsure, a 0 stays
    assert (kept.text, kept.confidence) == ("510", 0.6)
    slashed = read_as("/", digits("817", 0.6), digits("87", 0.99))
    assert slashed.text == "87"
    assert slashed.confidence == pytest.approx(excluding(0.99, 0.6))


def test_a_line_read_surely_as_digits_has_no_signs_like_digits(read_as: ReadAs) -> None:
    found = read_as("%", digits("83", 0.95), digits("8", 0.99))
    assert (found.text, found.confidence) == ("83", 0.95)


def test_two_readings_of_one_place_make_each_other_less_sure() -> None:
    one, other = rated("14", 0.5), rated("4", 0.96)
    [(line, _)] = surer_of_both([one], [other])
    assert (line.text, line.confidence) == ("4", excluding(0.96, 0.5))
    [(line, _)] = surer_of_both([other], [one])
    assert (line.text, line.confidence) == ("4", excluding(0.96, 0.5))
    same = rated("4", 0.5)
    [(line, _)] = surer_of_both([other], [same])
    assert line.confidence == pytest.approx(0.96)


def test_in_a_frame_the_surer_reading_counts_however_little_surer() -> None:
    with_frame, without = rated("17", 0.5), rated("7", 0.6)
    [(line, _)] = surer_of_both([with_frame], [without])
    assert line.text == "17"
    around = without.line.box._replace(left=-20)
    [(line, _)] = surer_of_both([with_frame], [without], [around])
    assert line.text == "7"


def test_in_boxes_for_one_digit_each_the_surer_reading_counts() -> None:
    with_boxes, without = rated("17", 0.7), rated("7", 0.75)
    cell = without.line.box
    [(line, _)] = surer_of_both([with_boxes], [without], cells=[cell])
    assert (line.text, line.confidence) == ("7", excluding(0.75, 0.7))
    [(line, _)] = surer_of_both([with_boxes], [rated("7", 0.65)], cells=[cell])
    assert line.text == "17"
    elsewhere = cell._replace(left=cell.left + 900, right=cell.right + 900)
    [(line, _)] = surer_of_both([with_boxes], [without], cells=[elsewhere])
    assert line.text == "17"


def test_in_a_frame_a_poor_number_counts_where_nothing_else_was_read() -> None:
    alone = rated("7", 0.4)
    assert surer_of_both([], [alone]) == []
    around = alone.line.box._replace(left=-20)
    assert surer_of_both([], [alone], [around]) == [alone]


def test_a_slash_taken_for_a_one_makes_a_line_no_longer() -> None:
    ended = [Sign("/", Box(50, 0, 70, 30)), Sign("-", Box(75, 14, 90, 18))]
    line, sure = at("48", 0, 0, 0.96)
    signs = tuple(ReadSign(sign.text, sign.box) for sign in ended)
    slash, one = RatedLine(replace(line, signs=signs), sure), at("481", 0, 0, 0.94)
    [(kept, _)] = without_doubles([one, slash])
    assert kept.text == "48"


def test_a_stroke_before_a_dash_is_as_sure_as_it_is_likely_a_slash(
    read_as: ReadAs,
) -> None:
    found = read_as("/", digits("481", 0.9), digits("48", 0.9), shares=(0.7, 0.3))
    assert found.text == "481"
    assert found.confidence == pytest.approx(0.63)
    found = read_as("/", digits("481", 0.2), digits("48", 0.9), shares=(0.7, 0.3))
    assert found.text == "48"
    assert found.confidence == pytest.approx(0.27)


def test_lines_side_by_side_in_a_low_picture_are_as_sure_as_all_of_them(
    alphabet: Alphabet, monkeypatch: pytest.MonkeyPatch
) -> None:
    (page,) = prepare(make_string(alphabet, "407", seed=3).picture)
    module = importlib.import_module("mnistry.scan.read_page")
    part = read_line("8", 0.98)
    parts = [part, replace(part, confidence=0.5, box=Box(40, 0, 60, 30))]
    below = replace(part, confidence=0.9, box=Box(0, 40, 20, 70))
    found = [RatedLine(line, line.confidence) for line in (*parts, below)]
    monkeypatch.setattr(module, "_read_several", lambda *_: found)
    monkeypatch.setattr(module, "_read_only_line", lambda *_: [])
    monkeypatch.setattr(Page, "without_boxes", lambda _: None)
    low = replace(page, mask=np.pad(page.mask, ((0, 150 - len(page.mask)), (0, 0))))
    assert low.only_line is None
    assert low.whole_line is not None
    lines = [line for line, _ in read_page(low, LineReader(any_digits()))]
    assert [line.confidence for line in lines] == pytest.approx([0.49, 0.49, 0.9])


def test_the_only_line_is_read_within_the_frame_it_stood_in(
    alphabet: Alphabet, monkeypatch: pytest.MonkeyPatch
) -> None:
    (page,) = prepare(make_string(alphabet, "407", seed=3).picture)
    module = importlib.import_module("mnistry.scan.read_page")
    seen: list[tuple[float, float]] = []
    monkeypatch.setattr(
        module, "read_line", lambda _, __, ends, *___: seen.append(ends)
    )
    monkeypatch.setattr(Page, "without_boxes", lambda _: None)
    line = page.only_line
    assert line is not None
    around = line.box._replace(left=line.box.left + 5, right=line.box.right + 9)
    elsewhere = Box(0, 0, 2, 2)
    for frames in (), (elsewhere,), (around, elsewhere):
        read_page(replace(page, frames=frames), LineReader(any_digits()))
    room, (left, _, right, _) = module.BESIDE * line.height, line.box
    # all columns, and paper beside them where the line is closer to the edge
    wide = min(0.0, left - room), max(page.mask.shape[1], right + room)
    # a stroke on a side of the frame is a part of the number
    assert seen == [wide, wide, (left, right + 9)]


def test_where_a_number_by_hand_matches_one_in_print_is_not_sure(
    alphabet: Alphabet,
) -> None:
    picture = np.full((1400, 1000), 255, np.uint8)
    for row in range(8):
        words = "only look her or she will have wanted all"
        cv2.putText(picture, words, (60, 700 + 60 * row), 2, 0.9, 0, 2, cv2.LINE_AA)
    cv2.putText(picture, "Form 7308196", (60, 1300), 2, 0.9, 0, 2, cv2.LINE_AA)
    alone = read(picture, pattern="[0-9]{7}")
    written = cv2.cvtColor(
        make_string(alphabet, "2468013", seed=3).picture, cv2.COLOR_RGB2GRAY
    )
    size = 90 * written.shape[1] // len(written), 90
    written = cv2.resize(written, size, interpolation=cv2.INTER_AREA)
    written = np.where(written < 128, 0, 255)
    picture[200 : 200 + size[1], 100 : 100 + size[0]] = written
    both = read(picture, pattern="[0-9]{7}")
    assert [line.text for line in both.lines] == ["2468013", *alone.text.split()]
    assert both.lines[1].confidence < 0.8 * alone.lines[0].confidence
    assert both.lines[0].confidence > both.lines[1].confidence


def test_rows_of_more_boxes_than_a_number_has_digits_are_read(
    alphabet: Alphabet,
) -> None:
    count, side = 66, 40
    picture = np.full((side + 80, count * side + 80), 255, np.uint8)
    for number in range(count):
        left = 40 + number * side
        cv2.rectangle(picture, (left, 40), (left + side, 40 + side), 0, 2)
        image = alphabet.images[number % len(alphabet.images)]
        picture[46:74, left + 6 : left + 34] = 255 - image
    assert len(read(picture).text) > count // 2
