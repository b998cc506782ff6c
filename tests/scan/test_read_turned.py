"""What is upside down, and what only looks like it."""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mnistry.box import Box
from mnistry.scan import read_picture
from mnistry.scan.orientation import (
    MOST_SHAPE,
    Way,
    choose_lying,
    is_upside_down,
    less_sure_by,
)
from mnistry.scan.page.ink.components import Component
from mnistry.scan.page.layout.lines import Line
from mnistry.scan.page.paper.views import View
from mnistry.scan.page.picture.transform import to_source
from mnistry.scan.page.prepare import prepare
from mnistry.scan.pattern import any_digits
from mnistry.scan.read import read
from mnistry.scan.recognize.line_reader import LineReader
from mnistry.scan.results import ReadDigit, ReadLine
from mnistry.scan.rivals import RatedLine
from mnistry.synth.documents.forms import make_form
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw


def way(*texts: str, confidence: float = 0.9, upright: float = 0.0) -> Way:
    box = Box(0, 0, 9, 9)
    lines = tuple(
        ReadLine(
            text,
            confidence,
            tuple(ReadDigit(int(value), 0.9, box, upright=upright) for value in text),
            box,
        )
        for text in texts
    )
    rated = tuple(RatedLine(line, confidence) for line in lines)
    return Way(None, rated, (), is_sampled=False)  # type: ignore[arg-type]


def test_the_shape_of_digits_tells_which_way_is_up() -> None:
    seen = way("106", confidence=0.8, upright=-2.0)
    turned = way("901", confidence=0.93, upright=2.0)
    assert is_upside_down(seen, turned)
    assert not is_upside_down(turned, seen)
    assert not is_upside_down(
        way("106", confidence=0.8, upright=-0.5),
        way("901", confidence=0.93, upright=0.5),
    )


def test_shape_alone_turns_no_picture_but_makes_it_unsure() -> None:
    seen, turned = way("106", upright=-2.0), way("901", upright=2.0)
    assert not is_upside_down(seen, turned)
    assert less_sure_by(seen, turned).lines[0].confidence < 0.5


def test_confidence_tells_too_but_most_pictures_are_upright() -> None:
    seen = way("4097", confidence=0.5)
    assert is_upside_down(seen, way("6604", confidence=0.99))
    assert not is_upside_down(seen, way("6604", confidence=0.9))
    assert not is_upside_down(
        way("4097", confidence=0.5, upright=1.0),
        way("6604", confidence=0.99, upright=-1.0),
    )


def test_a_confident_reading_is_not_turned_by_the_shape_of_its_digits() -> None:
    """In boxes whose sides hang on to its digits the net is wrong about all of them."""
    seen = way("407138", confidence=0.94, upright=-4.0)
    assert not is_upside_down(seen, way("882400", confidence=0.3, upright=4.0))


def test_a_digit_is_no_surer_than_the_net_may_be_of_another_hand() -> None:
    assert way("66", upright=30.0).shape == way("66", upright=MOST_SHAPE).shape


def test_a_lone_digit_does_not_tell() -> None:
    seen = way("17", confidence=0.3)
    assert not is_upside_down(seen, way("4", confidence=0.99))
    assert not is_upside_down(seen, way("4", "3", confidence=0.99))


def test_of_a_page_the_lines_tell_that_are_read_surely() -> None:
    seen, turned = ("086", "841202", "28529"), ("575837", "8011212", "9180")
    assert is_upside_down(way(*seen, confidence=0.5), way(*turned, confidence=0.88))
    assert not is_upside_down(way(*seen, confidence=0.7), way(*turned, confidence=0.7))
    assert not is_upside_down(way(), way(*turned, confidence=0.7))


def test_letters_are_not_read_upside_down_unless_surely_digits() -> None:
    assert not is_upside_down(way(), way("40", confidence=0.91, upright=3.0))
    assert is_upside_down(way(), way("73", confidence=0.99, upright=3.0))


def test_what_is_not_sure_is_looked_at_upside_down_unless_its_digits_tell() -> None:
    assert way("90881", confidence=0.6).may_be_upside_down
    assert way("90881", confidence=0.99).may_be_upside_down  # surely 18806, too
    assert way("90881", confidence=0.99, upright=-1.0).may_be_upside_down
    assert not way("90881", confidence=0.6, upright=2.0).may_be_upside_down
    assert not way("9", confidence=0.99, upright=3.0).may_be_upside_down
    assert not way().may_be_upside_down
    several = "90381", "4411", "7344"  # of a page read poorly, they may be wrong
    assert way(*several, confidence=0.7, upright=3.0).may_be_upside_down
    assert not way(*several, confidence=0.8, upright=3.0).may_be_upside_down


def test_what_is_another_number_upside_down_is_never_sure() -> None:
    seen = way("16", confidence=0.99)
    assert less_sure_by(seen, way("91", confidence=0.99)).lines[0].confidence < 0.95
    assert less_sure_by(seen, way("91", confidence=0.5)).lines[0].confidence > 0.95
    either = way("808", confidence=0.99)
    assert less_sure_by(either, either) == either
    assert less_sure_by(seen, way()) == seen


def lying(*texts: str, confidence: float = 0.9) -> Way:
    """Digits above each other, as a picture on its side has them."""
    boxes = [Box(0, 30 * n, 30, 30 * n + 20) for n in range(6)]
    parts = tuple(Component(box, 400, n + 1) for n, box in enumerate(boxes))
    page = prepare(np.full((180, 40), 255, np.uint8))[0]
    page = replace(page, lines=(Line(parts, (0.0, 30.0)),))
    return way(*texts, confidence=confidence)._replace(pages=(page,))


def test_what_lies_is_turned_though_its_digits_are_some_lying_too() -> None:
    """An 8 that lies is read as 00, and surely."""
    seen, nothing = lying("0", "00", "00", "9", "0", confidence=0.98), way()
    turned = way("088709", confidence=0.96)
    assert choose_lying(seen, nothing, turned) == turned
    assert choose_lying(seen, turned, nothing) == turned


def beside_each_other(tall: int, dots: int = 0) -> Line:
    """A line of so many digits, and of dots below them."""
    boxes = [Box(9 * n, 0, 9 * n + 7, 30) for n in range(tall)]
    boxes += [Box(9 * n, 31, 9 * n + 3, 34) for n in range(dots)]
    parts = tuple(Component(box, 9, n + 1) for n, box in enumerate(boxes))
    return Line(parts, (0.0, 30.0))


def test_a_number_on_a_dotted_rule_tells_whether_a_page_is_turned() -> None:
    """One of three lines was read of a page on its side, for it had fewer dots."""
    number, words = beside_each_other(7, dots=40), beside_each_other(30)
    blank = np.full((90, 400), 255, np.uint8)
    page = replace(prepare(blank)[0], lines=(words, number))
    assert read_picture._sample(page, 8) == (number,)
    reader = LineReader(any_digits())
    seen = [
        read_picture._read(View(blank, np.eye(3)), [page], reader, most)
        for most in (8, None)
    ]
    assert [way.is_sampled for way in seen] == [True, False]  # words were left out


@pytest.mark.parametrize(("likely", "share"), [(0.55, 0.77), (0.1, 0.97)])
def test_what_may_lie_is_less_sure(likely: float, share: float) -> None:
    seen = lying("0", "00", "9", confidence=0.8)
    chosen = choose_lying(seen, way("0803", confidence=likely), way())
    assert [line.text for line in chosen.lines] == ["0", "00", "9"]
    assert chosen.lines[0].confidence == pytest.approx(0.8 * share, rel=0.01)


def test_a_digit_alone_is_not_sure_to_lie() -> None:
    """A leaning 161 that hangs together is a 5 on its side."""
    chosen = choose_lying(lying(confidence=0.5), way("5", confidence=0.98), way())
    assert [line.text for line in chosen.lines] == ["5"]
    assert chosen.lines[0].confidence < 0.5


def test_a_digit_alone_is_no_surer_once_its_whole_page_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sampled = lying(confidence=0.5)
    chosen = choose_lying(
        sampled, way("5", confidence=0.98)._replace(is_sampled=True), way()
    )
    whole = way("5", confidence=0.98)
    monkeypatch.setattr(read_picture, "choose_lying", lambda *_: chosen)
    monkeypatch.setattr(read_picture, "_look", lambda *_: whole)
    monkeypatch.setattr(read_picture, "_read", lambda *_: whole)
    view = View(np.zeros((9, 9), np.uint8), np.eye(3), turned=90)
    chosen = chosen._replace(view=view)
    reader = LineReader(any_digits())
    read_again = read_picture._read_turned(sampled, reader)
    assert read_again.lines[0].confidence < 0.5


def test_numbers_of_several_digits_do_not_lie() -> None:
    seen = lying("0", "003", "9", confidence=0.8)
    assert choose_lying(seen, way("0803", confidence=0.55), way()) == seen


def test_neither_side_is_likelier_than_the_other() -> None:
    seen, either = lying("0", "8", confidence=0.5), way("968", confidence=0.98)
    chosen = choose_lying(seen, either, way("896", confidence=0.98))
    assert chosen.lines[0].text in {"968", "896"}
    assert chosen.lines[0].confidence < 0.6


def test_the_shape_of_digits_tells_on_which_side_they_lie() -> None:
    seen = lying("0", "8", confidence=0.5)
    chosen = choose_lying(seen, way("896", upright=-3.0), way("374", upright=3.0))
    assert chosen.lines[0].text == "374"
    assert chosen.lines[0].confidence == pytest.approx(0.9, abs=0.05)


def test_a_digit_alone_is_looked_at_upside_down(alphabet: Alphabet) -> None:
    scene = make_string(alphabet, "9", seed=4)
    upside_down = np.ascontiguousarray(scene.picture[::-1, ::-1])
    either = [read(picture) for picture in (scene.picture, upside_down)]
    texts = [line.text for reading in either for line in reading.lines]
    sure = [line.confidence for reading in either for line in reading.lines]
    assert len({*texts}) == len(texts)
    assert sum(sure) < 2 * 0.95


def test_a_page_tells_no_more_than_eight_of_its_digits() -> None:
    eight = way("33333333", upright=1.0)
    many, three = way(*["33333333"] * 9, upright=1.0), way("333", upright=1.0)
    assert many.shape == eight.shape > three.shape
    assert replace_lines(eight).shape == 0


def replace_lines(one: Way) -> Way:
    return one._replace(rated=())


def test_what_is_sideways_is_not_levelled_by_its_neighbours() -> None:
    picture = np.full((420, 400), 255, np.uint8)
    for left in range(60, 400, 70):  # lines from above to below, each begun lower
        for top in range(40 + left // 10, 320, 45):
            picture[top : top + 30, left : left + 8] = 0
            picture[top : top + 6, left : left + 20] = 0
    for page in prepare(picture):
        assert np.allclose(page.back, np.diag(page.back.diagonal()))


def test_strings_are_read_either_way_up(alphabet: Alphabet) -> None:
    for text in ("3743", "38", "904725", "886601"):
        scene = make_string(alphabet, text, seed=3)
        upside_down = np.ascontiguousarray(scene.picture[::-1, ::-1])
        for picture, turned in ((scene.picture, 0), (upside_down, 180)):
            lines = read(picture).lines
            assert [(line.text, line.turned) for line in lines] == [(text, turned)]


def test_what_is_read_poorly_may_lie() -> None:
    assert way("352", "61", confidence=0.4).is_poor
    assert not way("352", "61", confidence=0.6).is_poor
    assert way("352", "61", "4", confidence=0.6).is_poor  # a page
    assert lying("9", confidence=0.9).is_poor  # so much ink is more than a digit
    assert not lying("93", confidence=0.9).is_poor
    assert not way("9", confidence=0.9).is_poor


def write_page() -> np.ndarray:
    """Write four numbers below each other, on rules."""
    written = Alphabet(*draw(200))
    lean, gap, size = 20, 56, 56
    picture = np.full((500, 360), 255, np.uint8)
    for top in range(50, 500, 70):
        cv2.line(picture, (0, top), (359, top + lean), 120, 2, cv2.LINE_AA)
    for row, text in enumerate(TEXTS):
        for place, digit in enumerate(map(int, text)):
            image = written.images[np.flatnonzero(written.labels == digit)[5 + row]]
            left = 50 + gap * place
            top = 74 + 70 * row + lean * left // 360
            here = picture[top : top + size, left : left + size]
            np.minimum(here, 255 - cv2.resize(image, (size, size)), out=here)
    return picture


def test_a_page_that_lies_is_read_though_rules_join_its_digits() -> None:
    lines = read(np.ascontiguousarray(np.rot90(write_page(), 3))).lines
    assert {line.turned for line in lines} == {90}
    assert len({line.text for line in lines} & {*TEXTS}) >= 3


def test_a_page_is_not_turned_for_a_pattern_if_its_digits_tell_that_it_is_upright(
    alphabet: Alphabet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def turn(*_: Any) -> None:
        pytest.fail("it was turned")

    monkeypatch.setattr(read_picture, "turned_view", turn)
    page = make_form(alphabet, TEXTS, seed=3)
    reading = read(page.picture, pattern="[0-9]{9}")
    assert not reading.lines
    assert reading.pages[0].reason.startswith("no-match")


TEXTS = "7352", "4386", "9274", "5730"


def test_a_page_of_print_is_not_looked_at_on_its_side(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = np.full((460, 640, 3), 250, np.uint8)
    for row in range(40, 440, 40):
        at, face = (30, row), cv2.FONT_HERSHEY_COMPLEX
        cv2.putText(page, "Nobody wrote numbers here", at, face, 1.1, (20,) * 3, 2)
    looked: list[int] = []
    look = read_picture._look

    def spy(upright: Way, degrees: int, *rest: Any) -> Way:
        looked.append(degrees)
        return look(upright, degrees, *rest)

    monkeypatch.setattr(read_picture, "_look", spy)
    read(page)
    assert set(looked) <= {180}
    looked.clear()
    read(np.rot90(page).copy())
    assert {90, 270} <= set(looked)


def test_a_page_upside_down_is_what_the_turned_picture_is_prepared_to(
    alphabet: Alphabet,
) -> None:
    picture = make_string(alphabet, "2468", seed=3).picture
    [page] = prepare(picture)
    [wanted] = prepare(np.rot90(picture, 2).copy())
    given = page.upside_down()
    for name in "soft", "mask", "inked", "dark":
        np.testing.assert_array_equal(getattr(given, name), getattr(wanted, name))
    assert [line.band for line in given.lines] == [line.band for line in wanted.lines]
    assert [of.box for of in given.lines] == [of.box for of in wanted.lines]
    there, here = given.lines[0], page.lines[0]
    assert to_source(there.box, given.back) == to_source(here.box, page.back)
    np.testing.assert_array_equal(given.upside_down().soft, page.soft)


def test_what_is_read_poorly_is_not_prepared_again_to_look_at_it_upside_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepared: list[int] = []

    def spy(seen: NDArray[np.uint8], *rest: Any, **more: Any) -> Any:
        prepared.append(len(seen))
        return prepare(seen, *rest, **more)

    monkeypatch.setattr(read_picture, "prepare", spy)
    generator = np.random.default_rng(0)
    scrawl = np.full((60, 200, 3), 255, np.uint8)
    for at in 20, 70, 120, 160:
        points = generator.integers((at, 10), (at + 30, 50), (5, 2)).astype(np.int32)
        cv2.polylines(scrawl, [points], False, (0, 0, 0), 3)
    assert read(scrawl).text
    assert prepared == [60, 200]  # as it is, and on one side
