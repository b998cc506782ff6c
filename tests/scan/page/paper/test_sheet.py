import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistry.box import Box
from mnistry.scan.page.layout.order import reading_order
from mnistry.scan.page.paper.margins import cut_margins
from mnistry.scan.page.paper.sheet import find_sheet, rectify
from mnistry.scan.page.paper.views import find_views, turned_view
from mnistry.scan.page.picture.load import Loaded, load_pictures
from mnistry.scan.page.rules.deskew import skew_of_rules
from mnistry.scan.page.rules.rule_lines import find_rule_lines
from mnistry.scan.read import read
from mnistry.scan.results import Reading
from mnistry.synth.documents.forms import make_form
from mnistry.synth.documents.pages import (
    WORDS,
    make_cell,
    make_number_table,
    make_print,
    make_ruled_page,
)
from mnistry.synth.documents.photographs import (
    make_dark_margins,
    make_photographed_form,
    turned,
)
from mnistry.synth.documents.scenes import Alphabet, Scene, make_string

TEXTS = ["31415", "926535", "8979"]


def share_read(scene: Scene, reading: Reading | None = None) -> float:
    texts = [line.text for line in (reading or read(scene.picture)).lines]
    return float(np.mean([line.text in texts for line in scene.lines]))


def on_ground(corners: np.ndarray, paper: int, ground: int) -> np.ndarray:
    picture = np.full((400, 300, 3), ground, np.uint8)
    cv2.fillConvexPoly(picture, corners.astype(np.int32), (paper,) * 3)
    return picture


@settings(max_examples=20)
@given(
    st.lists(st.integers(-20, 20), min_size=8, max_size=8),
    st.integers(150, 250),
    st.integers(0, 110),
)
def test_the_corners_of_a_sheet_are_found_wherever_they_are(
    moves: list[int], paper: int, ground: int
) -> None:
    square = np.array([[40, 50], [260, 50], [260, 350], [40, 350]])
    corners = square + np.array(moves).reshape(4, 2)
    found = find_sheet(on_ground(corners, paper, ground))
    assert found is not None
    assert np.abs(found - corners).max() < 8


def test_one_of_two_cards_is_not_all_that_was_photographed() -> None:
    first = np.array([[20, 40], [280, 50], [275, 190], [25, 185]])
    picture = on_ground(first, paper=220, ground=60)
    assert find_sheet(picture) is not None
    cv2.fillConvexPoly(picture, first[:, None] + np.array([5, 170]), (210,) * 3)
    assert find_sheet(picture) is None


@pytest.mark.parametrize("turns", range(4))
def test_the_lit_part_of_a_sheet_in_a_shadow_is_no_sheet(turns: int) -> None:
    beyond = np.array([[-20, 60], [250, 55], [255, 420], [-20, 420]])
    picture = on_ground(beyond, paper=220, ground=60)
    lit = np.clip((220 - np.arange(400)) / 8 + 0.5, 0, 1)  # a shadow with a soft edge
    shaded = (picture * (0.55 + 0.45 * lit)[:, None, None]).astype(np.uint8)
    assert find_sheet(np.rot90(shaded, turns).copy()) is None


def test_a_sheet_seen_from_above_is_a_rectangle_that_leads_back() -> None:
    corners = np.array([[40.0, 50], [250, 70], [270, 350], [20, 330]])
    sheet, back = rectify(on_ground(corners, 220, 40), corners)
    assert (sheet[3:-3, 3:-3] == 220).all()
    rows, columns = sheet.shape[:2]
    end = back @ [columns, rows, 1]
    assert np.allclose(end[:2] / end[2], corners[2], atol=1e-3)


@pytest.mark.parametrize("darker", ["everywhere", "on two sides"])
def test_paper_within_paper_is_no_sheet(darker: str) -> None:
    picture = np.full((400, 300, 3), 235, np.uint8)
    if darker == "on two sides":
        picture[:, :60] = picture[:60] = 40
    assert find_sheet(picture) is None
    framed = cv2.rectangle(picture.copy(), (80, 80), (280, 380), (0, 0, 0), 3)
    assert find_sheet(framed) is None


@pytest.fixture(scope="module")
def photographed(alphabet: Alphabet) -> tuple[Scene, Reading]:
    scene = make_photographed_form(alphabet, TEXTS, seed=72)
    return scene, read(scene.picture)


def test_a_form_on_any_table_is_read(
    alphabet: Alphabet, photographed: tuple[Scene, Reading]
) -> None:
    narrow = make_photographed_form(alphabet, TEXTS, seed=73, border=(120, 0.1))
    scenes = [make_photographed_form(alphabet, TEXTS, seed=71), narrow]
    shares = [share_read(*photographed), *map(share_read, scenes)]
    assert np.mean(shares) >= 0.75


def test_digits_of_a_sheet_have_boxes_where_they_are_in_the_photograph(
    photographed: tuple[Scene, Reading],
) -> None:
    scene, reading = photographed
    found = {line.text: line for line in reading.lines}
    known = [line for line in scene.lines if line.text in found]
    assert known
    for line in known:
        for digit, box in zip(found[line.text].digits, line.boxes, strict=True):
            middle = (digit.box.left + digit.box.right) / 2
            assert box.left - 4 <= middle <= box.right + 4
            assert digit.box.top < (box.top + box.bottom) / 2 < digit.box.bottom


@pytest.mark.parametrize("seed", range(4))
def test_dark_margins_are_cut_off_and_what_is_written_stays(
    alphabet: Alphabet, seed: int
) -> None:
    scene = make_dark_margins(make_cell(alphabet, "35", seed=seed), seed=seed)
    cut = cut_margins(scene.picture)
    assert cut is not None
    assert (cut.picture.mean(axis=2) < 50).mean() < 0.15
    for box in scene.lines[0].boxes:
        assert cut.left <= box.left + 2
        assert box.right <= cut.left + cut.picture.shape[1] + 2


def test_a_sheet_in_a_photograph_in_a_picture_is_looked_at() -> None:
    screen = np.full((900, 600, 3), 20, np.uint8)
    screen[100:800, 60:540] = 150  # the photograph: a table
    screen[200:700, 120:480] = 235
    screen[400:460, 200:206] = 30
    view = next(find_views(Loaded(screen, 1.0)))
    assert view.pixels.shape[0] < 510
    left, top, scale = view.back @ [0, 0, 1]
    assert abs(left / scale - 120) < 10
    assert abs(top / scale - 200) < 10


def test_two_sheets_on_something_dark_stay() -> None:
    picture = np.full((600, 500, 3), 10, np.uint8)
    picture[30:260, 40:300] = 240
    picture[330:560, 150:450] = 230
    cut = cut_margins(picture)
    assert cut is not None
    assert min(cut.picture.shape[:2]) > 390
    assert cut.picture.min() > 200


@pytest.mark.parametrize("is_written", [True, False])
def test_only_a_dark_side_with_nothing_written_on_it_is_a_margin(
    *, is_written: bool
) -> None:
    picture = np.full((300, 400, 3), 230, np.uint8)
    for left in range(20 if is_written else 220, 380, 30):
        picture[100:130, left : left + 4] = 40
    picture[:, :160] = (picture[:, :160] * 0.4).astype(np.uint8)
    assert (cut_margins(picture) is None) == is_written


def test_a_number_in_a_hard_shadow_is_read(alphabet: Alphabet) -> None:
    scene = make_form(alphabet, TEXTS, seed=6)
    assert share_read(scene) == 1
    picture = scene.picture.copy()
    dark = slice(min(box.left for box in scene.lines[1].boxes) + 30, None)
    picture[:, dark] = (picture[:, dark] * 0.35).astype(np.uint8)
    assert share_read(scene._replace(picture=picture)) == 1


def test_strokes_at_the_border_are_no_margin(alphabet: Alphabet) -> None:
    for seed in range(8):
        picture = make_string(alphabet, "7777", seed=seed).picture
        ink = picture.mean(axis=2) < 120
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        close = picture[rows[0] : rows[-1], columns[0] : columns[-1]]
        assert cut_margins(close) is None


def test_light_digits_on_a_dark_ground_are_no_paper(alphabet: Alphabet) -> None:
    for digit in range(10):
        image = 255 - alphabet.images[alphabet.labels == digit][0]
        large = np.dstack([cv2.resize(image, (120, 120))] * 3)
        assert read(255 - large).text == read(large).text


@pytest.mark.parametrize("angle", [-15.0, -8, -3, 0, 3, 8, 15])
@pytest.mark.parametrize("squared", [False, True])
def test_rules_tell_by_how_much_paper_is_askew(
    alphabet: Alphabet, angle: float, squared: bool
) -> None:
    scene = make_ruled_page(alphabet, TEXTS, seed=5, squared=squared, angle=angle)
    assert skew_of_rules(find_rule_lines(scene.picture)) == pytest.approx(
        angle, abs=0.4
    )


def test_writing_without_rules_is_not_turned_by_its_strokes(alphabet: Alphabet) -> None:
    for seed in range(6):
        picture = make_string(alphabet, "1717", seed=seed).picture
        large = cv2.resize(picture, None, fx=4, fy=4)
        assert skew_of_rules(find_rule_lines(large)) is None


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_form_is_read_and_the_turn_is_given(
    alphabet: Alphabet, degrees: int
) -> None:
    upright = make_form(alphabet, ["34725", "473275", "2435"], seed=2)
    reading = read(turned(upright, degrees).picture)
    assert reading.text == read(upright.picture).text
    assert {line.turned for line in reading.lines} == {degrees}


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_view_leads_back_to_the_same_pixels(degrees: int) -> None:
    picture = np.random.default_rng(3).integers(0, 255, (30, 40, 3)).astype(np.uint8)
    *_, view = find_views(next(load_pictures(picture)))
    upright = turned_view(view, degrees)
    for column, row in ((0, 0), (7, 11), (29, 29)):
        x, y, _ = upright.back @ [column + 0.5, row + 0.5, 1]
        here = upright.pixels[row, column]
        assert (here == picture[int(y), int(x)]).all()


def test_cells_of_a_table_are_lines_of_their_own_row_by_row(alphabet: Alphabet) -> None:
    rows = [["31", "4159", "26"], ["535", "89", "7932"], ["3846", "", "264"]]
    wanted = [text for row in rows for text in row if text]
    for seed in (1, 4):
        lines = read(make_number_table(alphabet, rows, seed=seed).picture).lines
        texts = [line.text for line in lines if line.text in wanted]
        assert len(texts) >= 6
        assert texts == [text for text in wanted if text in texts]


@given(st.permutations(range(12)))
def test_reading_order_does_not_depend_on_the_order_given(order: list[int]) -> None:
    rise = np.random.default_rng(1).integers(-6, 7, 12)
    boxes = [
        (100 * (n % 3), 50 * (n // 3) + rise[n], 80 + 100 * (n % 3), 30 + 50 * (n // 3))
        for n in range(12)
    ]
    given_boxes = [Box(*map(int, boxes[n])) for n in order]
    assert [order[place] for place in reading_order(given_boxes)] == list(range(12))


def test_a_page_of_print_has_no_sure_numbers() -> None:
    lines = read(make_print(seed=31).picture).lines
    assert len(lines) <= 3
    assert all(line.confidence < 0.95 for line in lines)


def test_digits_in_print_keep_their_uprights() -> None:
    page = make_print(seed=5003, words=[*WORDS, "1984"]).picture
    sure = {line.text for line in read(page).lines if line.confidence >= 0.95}
    assert sure
    assert all(text.replace("1984", "") == "" for text in sure)


def test_squares_fainter_than_the_pen_tear_no_digit(alphabet: Alphabet) -> None:
    scenes = [
        make_ruled_page(alphabet, TEXTS, seed=seed, squared=True) for seed in (3, 4, 5)
    ]
    assert np.mean([share_read(scene) for scene in scenes]) >= 0.6


@pytest.mark.parametrize("steps", [(-6, 6), (-9, -3, 3, 9)])
def test_rules_that_run_in_several_ways_are_one_of_them_or_none(
    steps: tuple[int, ...],
) -> None:
    picture = np.full((300, 600, 3), 240, np.uint8)
    for number, row in enumerate(range(60, 260, 25)):
        rise = round(600 * np.tan(np.radians(steps[number % len(steps)])))
        ends = (0, row), (599, row + rise)
        cv2.line(picture, *ends, (40, 40, 40), 2, cv2.LINE_AA)
    angle = skew_of_rules(find_rule_lines(picture)) or 0.0
    assert min(abs(angle - step) for step in (*steps, 0)) < 1
