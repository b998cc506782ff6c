"""Signs are found by their shape, on strings drawn by the generator."""

import re
from collections import Counter
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from mnistry.box import Box
from mnistry.scan.page.layout.lines import Line
from mnistry.scan.page.page import Page
from mnistry.scan.page.prepare import prepare
from mnistry.scan.pattern import any_digits, parse_pattern
from mnistry.scan.read import read
from mnistry.scan.recognize.signs.find_signs import currency_of, find_signs
from mnistry.scan.recognize.signs.near import ink_near
from mnistry.scan.recognize.signs.separate import (
    TALL,
    Separated,
    Sign,
    find_gaps,
    separations,
)
from mnistry.scan.recognize.signs.shapes import find_holes
from mnistry.scan.recognize.signs.tall_signs import TALLER, Search, is_number_sign
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.documents.signs import SIGNS, write_sign
from mnistry.synth.documents.signs import Sign as Strokes
from mnistry.synth.drawn import draw

TEXTS = ("5,234.60", "-52", "6-5-2025", "28/06/2023", "2:30", "60%", "25.-", "+352",
         "2'350", "3/5")  # fmt: skip


@pytest.fixture(scope="module")
def drawn() -> Alphabet:
    return Alphabet(*draw(300, seed=11))


def page_of(alphabet: Alphabet, text: str, seed: int) -> Page:
    scene = make_string(alphabet, text, seed=seed)
    (page,) = prepare(scene.picture)
    return page


def separated(page: Page) -> Separated | None:
    line = page.only_line
    return line and all_signs(page, line)


def all_signs(page: Page, line: Line) -> Separated:
    """Take a line apart in the way that takes most for signs: the last."""
    *_, last = separations(page, line, (0, page.mask.shape[1]), any_digits())
    return last


def found_in(alphabet: Alphabet, text: str) -> Iterator[str]:
    for seed in range(8):
        parts = separated(page_of(alphabet, text, seed))
        yield "".join(sign.text for sign in parts.signs) if parts else ""


def test_more_signs_are_found_only_where_there_may_be_more(drawn: Alphabet) -> None:
    detected = []
    for text in (*TEXTS, "12345", "$17", "(120)", "1717"):
        page = page_of(drawn, text, seed=1)
        line = page.only_line
        assert line
        pieces = ink_near(page, line, (0, page.mask.shape[1])).pieces
        first, more = (find_signs(pieces, Search(TALL, *of)) for of in ((), (TALLER,)))
        detected.append(first.may_be_more or bool(currency_of(pieces)))
        assert detected[-1] or first.groups == more.groups
    assert 0 < sum(detected) < len(detected)


def test_most_signs_are_found_and_few_that_are_none(drawn: Alphabet) -> None:
    right: Counter[str] = Counter()
    wrong, missed = 0, 0
    for text in TEXTS:
        written = Counter(char for char in text if not char.isdigit())
        for found in found_in(drawn, text):
            right += written & Counter(found)
            missed += (written - Counter(found)).total()
            wrong += (Counter(found) - written).total()
    assert set(right) == set("".join(TEXTS)) - set("0123456789")
    assert right.total() / (right.total() + missed) > 0.8
    assert right.total() / (right.total() + wrong) > 0.9


@pytest.mark.parametrize(
    ("aside", "signs"), [(-6, ":"), (0, ":"), (10, ":"), (20, ".")]
)
def test_the_points_of_a_colon_lean_as_a_hand_does(aside: int, signs: str) -> None:
    picture = np.full((100, 220, 3), 255, np.uint8)
    for left in (20, 150):
        cv2.ellipse(picture, (left + 25, 50), (18, 22), 0, 0, 360, (0, 0, 0), 4)
    for column, row in (100 + aside, 42), (100, 68):
        cv2.circle(picture, (column, row), 4, (0, 0, 0), -1)
    (page,) = prepare(picture)
    parts = separated(page)
    assert parts is not None
    assert [sign.text for sign in parts.signs] == [*signs]


@pytest.mark.parametrize(
    ("heights", "written"),
    [((70, 70), "//"), ((70, 68, 70), "/1/"), ((70, 60), "/1"), ((60, 70), "1/")],
)
def test_between_two_slashes_there_is_a_digit(
    heights: tuple[int, ...], written: str
) -> None:
    """Strokes beside each other, but two noughts stand between the first two."""
    picture = np.full((110, 330, 3), 255, np.uint8)
    nought = (16, 22), 0, 0, 360, (0, 0, 0), 4
    columns = [100, 190] if written == "//" else [130 + 32 * n for n in range(3)]
    for column in (40, 145, 290) if written == "//" else (40, 80, 290):
        cv2.ellipse(picture, (column, 55), *nought)
    for column, height in zip(columns, heights, strict=False):
        ends = (column + height // 5, 55 - height // 2), (column, 55 + height // 2)
        cv2.line(picture, *ends, (0, 0, 0), 4)
    (page,) = prepare(picture)
    parts = separated(page)
    assert parts is not None
    slashes = [sign.box.left for sign in parts.signs if sign.text == "/"]
    there = [column for column, of in zip(columns, written, strict=False) if of == "/"]
    assert np.allclose(slashes, there, atol=10)


def test_digits_alone_have_no_signs(drawn: Alphabet) -> None:
    found = [
        sign for text in ("2468", "10117", "940") for sign in found_in(drawn, text)
    ]
    assert sum(map(bool, found)) <= 1


def test_a_sign_as_tall_as_digits_is_out_of_the_ink(drawn: Alphabet) -> None:
    page = page_of(drawn, "3/5", 2)
    line, parts = page.only_line, separated(page)
    assert line is not None
    assert parts is not None
    (slash,) = parts.signs
    assert slash.text == "/"
    box = slash.box
    inside = np.s_[box.top : box.bottom, box.left : box.right]
    gone = (page.component_map != parts.page.component_map)[inside]
    assert gone.any()
    assert not parts.page.component_map[inside][gone].any()
    assert not parts.page.soft[inside][gone].any()
    assert page.soft[inside][gone].any()  # the page itself stays as it was
    assert len(parts.line.components) == len(line.components) - 1


def test_small_signs_stay_in_the_ink(drawn: Alphabet) -> None:
    page = page_of(drawn, "38-52", 3)
    parts = separated(page)
    assert parts is not None
    assert [sign.text for sign in parts.signs] == ["-"]
    assert parts.page is page


def test_a_dash_far_aside_is_no_sign_of_the_number(drawn: Alphabet) -> None:
    scene = make_string(drawn, "5274", seed=1)
    rows = len(scene.picture)
    paper = np.median(scene.picture, axis=(0, 1)).astype(np.uint8)
    beside = np.broadcast_to(paper, (rows, 300, 3))
    picture = np.concatenate([beside, scene.picture], axis=1)
    box = read(scene.picture).lines[0].box
    middle = (box.top + box.bottom) // 2
    read_as = []
    for heights in (0.5, 2.4):  # from the first digit
        end = box.left + 300 - int(heights * box.height)
        start, seen = end - box.height // 2, picture.copy()
        cv2.line(seen, (start, middle), (end, middle), (40, 40, 40), 4)
        read_as.append([line.signed_text for line in read(seen).lines])
    assert read_as == [["-5274"], ["5274"]]


def test_ink_that_goes_on_beyond_the_line_is_no_sign(drawn: Alphabet) -> None:
    page = page_of(drawn, "38-52", 3)
    line = page.only_line
    assert line is not None
    top, bottom = line.band
    for rows in (slice(0, int(top) - 1), slice(int(bottom) + 2, None)):
        page.component_map[rows, 30:33] = 10_000  # strokes of lines above and below
    tall = Page(
        np.pad(page.soft, ((90, 90), (0, 0))),
        np.pad(page.mask, ((90, 90), (0, 0))),
        np.pad(page.component_map, ((90, 90), (0, 0)), mode="edge"),
        page.lines,
        page.back,
        np.pad(page.inked, ((90, 90), (0, 0))),
        np.pad(page.dark, ((90, 90), (0, 0))),
    )
    moved = line._replace(band=(top + 90, bottom + 90))
    signs = all_signs(tall, moved).signs
    assert [sign.text for sign in signs] == ["-"]


def test_strokes_like_ones_are_slashes_only_where_a_pattern_has_them(
    drawn: Alphabet,
) -> None:
    page = page_of(drawn, "28/06/2023", 0)
    line = page.only_line
    assert line is not None
    ends = 0.0, float(page.mask.shape[1])

    def texts(pattern: str) -> list[str]:
        parts = separations(page, line, ends, parse_pattern(pattern))
        return ["".join(sign.text for sign in part.signs) for part in parts]

    assert texts("[0-9]{8,10}") == [""]
    assert texts("[0-9]{2}/[0-9]{2}/[0-9]{4}") == ["//"]
    assert texts("[0-9]{2}-[0-9]{2}-[0-9]{4}") == [""]


def test_a_sign_that_no_digit_is_like_is_never_read_as_one(drawn: Alphabet) -> None:
    readings = [read(make_string(drawn, "45%", seed=s).picture) for s in range(8)]
    assert sum(reading.signed_text == "45%" for reading in readings) >= 6


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("53+", r"[0-9]{2}\+"),
        ("+53", r"\+[0-9]{2}"),
        ("8+61", r"[0-9]\+[0-9]{2}"),
    ],
)
def test_a_plus_is_surely_one_where_a_pattern_writes_it_or_it_is_read_as_no_digit(
    drawn: Alphabet, text: str, pattern: str
) -> None:
    pictures = [make_string(drawn, text, seed=seed).picture for seed in range(8)]
    texts = [read(picture, pattern=pattern).text for picture in pictures]
    assert texts.count(text) >= 6
    lines = [line for picture in pictures for line in read(picture).lines]
    sure = [line for line in lines if line.confidence >= 0.95]
    assert {line.signed_text for line in sure if "+" in line.signed_text} <= {text}


def test_of_ones_and_slashes_the_taller_are_slashes(drawn: Alphabet) -> None:
    pattern = "[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"
    texts = [
        read(make_string(drawn, "5/12/8019", seed=seed).picture, pattern=pattern).text
        for seed in range(16)
    ]
    assert texts.count("5/12/8019") >= 9


def test_one_slash_that_is_certain_shows_the_other_of_a_date(drawn: Alphabet) -> None:
    pictures = [make_string(drawn, "56/8/8979", seed=seed).picture for seed in range(8)]
    signs = [re.sub("[0-9]", "", read(picture).signed_text) for picture in pictures]
    assert signs.count("/") == 0  # both or none


@pytest.mark.parametrize(
    ("top", "lean", "signs"), [(12, 8, "//"), (12, 0, "/"), (28, 4, "/")]
)
def test_beside_a_slash_the_other_one_may_be_almost_upright_if_it_is_tall(
    top: int, lean: int, signs: str
) -> None:
    picture = np.full((100, 420, 3), 255, np.uint8)
    for x in (30, 130, 230, 280, 330, 380):
        cv2.ellipse(picture, (x, 50), (14, 20), 0, 0, 360, (0, 0, 0), 5)
    cv2.line(picture, (80 + lean, top), (80, 100 - top), (0, 0, 0), 5)
    cv2.line(picture, (194, 12), (166, 88), (0, 0, 0), 5)
    (page,) = prepare(picture)
    parts = separated(page)
    assert parts
    assert "".join(sign.text for sign in parts.signs) == signs


def test_what_has_five_digits_after_a_slash_is_no_date(drawn: Alphabet) -> None:
    pictures = [make_string(drawn, "0519/85882", seed=s).picture for s in range(8)]
    signs = [re.sub("[0-9]", "", read(picture).signed_text) for picture in pictures]
    assert set(signs) == {"/", ""}  # and no one is the other slash of a date


def test_two_dashes_above_each_other_are_an_equals_sign(drawn: Alphabet) -> None:
    pictures = [make_string(drawn, "60-3=57", seed=s).picture for s in range(8)]
    signs = [re.sub("[0-9]", "", read(picture).signed_text) for picture in pictures]
    assert sum("=" in text for text in signs) >= 4


@pytest.mark.parametrize("end", [((0, 0.55), (1.3, 0.5)), ((0, 0.7), (0.45, 0.4))])
def test_a_long_or_rising_dash_at_the_end_is_no_digit(
    drawn: Alphabet, end: tuple[tuple[float, float], ...]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SIGNS, "-", Strokes((np.array(end),)))
        pictures = [make_string(drawn, "362-", seed=s).picture for s in range(8)]
    texts = [re.sub("[0-9]", "0", read(picture).signed_text) for picture in pictures]
    assert texts.count("000-") >= 7


def test_points_above_each_other_are_no_plus_and_a_long_comma_is_one(
    drawn: Alphabet,
) -> None:
    for text, sign in (("8:16", ":"), ("2,816", ",")):
        found = list(found_in(drawn, text))
        assert found.count(sign) >= 7


def test_a_gap_has_its_signs_and_whether_it_is_wide() -> None:
    boxes = tuple(Box(left, 0, left + 20, 40) for left in (0, 25, 90, 115, 140))
    signs = Sign("+", Box(-30, 10, -10, 30)), Sign(".", Box(21, 36, 24, 40))
    gaps = find_gaps(boxes, (*signs, Sign("-", Box(165, 18, 180, 22))))
    assert [gap.signs for gap in gaps] == ["+", ".", "", "", "", "-"]
    assert [gap.is_wide for gap in gaps] == [False, False, True, False, False, False]
    assert [gap.signs for gap in find_gaps(boxes[:1], ())] == ["", ""]


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("6-5-2025", "[0-9]{1,2}-[0-9]{1,2}-[0-9]{2,4}"),
        ("28/06/2023", "[0-9]{2}/[0-9]{2}/[0-9]{4}"),
    ],
)
def test_a_pattern_puts_its_separators_where_signs_are(
    drawn: Alphabet, text: str, pattern: str
) -> None:
    forms = Counter(
        re.sub("[0-9]", "0", read(picture, pattern=pattern).text)
        for picture in (make_string(drawn, text, seed=s).picture for s in range(6))
    )
    assert forms[re.sub("[0-9]", "0", text)] >= 5


def test_text_is_digits_and_signed_text_has_the_signs(drawn: Alphabet) -> None:
    reading = read(make_string(drawn, "-38.50", seed=3).picture)
    assert reading.text == "3850"
    assert reading.signed_text == "-38.50"
    (line,) = reading.to_dict()["lines"]
    assert [sign["value"] for sign in line["signs"]] == ["-", "."]


def test_a_number_sign_is_no_plus(drawn: Alphabet) -> None:
    found = [of for text in ("#352", "62#") for of in found_in(drawn, text)]
    assert not any("+" in signs for signs in found)
    plus = [of for text in ("+352", "62+") for of in found_in(drawn, text)]
    assert sum("+" in signs for signs in plus) >= 12


def test_a_number_sign_is_recognised_by_its_shape(drawn: Alphabet) -> None:
    generator = np.random.default_rng(4)
    signs = [
        write_sign(SIGNS["#"], height=36, slant=0.1, thickness=0.1, generator=generator)
        for _ in range(20)
    ]
    inks = [ink > 0.5 for ink, _ in signs]
    assert sum(is_number_sign(ink, find_holes(ink)) for ink in inks) >= 12
    for image in drawn.images:
        rows, columns = (np.flatnonzero((image > 110).any(axis=of)) for of in (1, 0))
        inked = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        ink = image[inked] > 110
        assert not is_number_sign(ink, find_holes(ink))


def test_a_number_sign_is_no_one(drawn: Alphabet) -> None:
    readings = [
        read(make_string(drawn, "#104", seed=seed).picture) for seed in range(6)
    ]
    assert sum(reading.signed_text == "#104" for reading in readings) >= 4
    assert all(
        reading.text == "104" for reading in readings if "#" in reading.signed_text
    )
