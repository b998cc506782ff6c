import importlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mnistry
from mnistry.box import Box
from mnistry.errors import UsageError
from mnistry.predictions import Predictions
from mnistry.scan.annotate import annotate, annotate_pages, save_png, save_steps
from mnistry.scan.page.ink.components import Component
from mnistry.scan.page.layout.lines import Line
from mnistry.scan.page.page import LOW
from mnistry.scan.page.prepare import TALLEST, prepare
from mnistry.scan.read import read
from mnistry.synth.documents.forms import make_form
from mnistry.synth.documents.scenes import Alphabet, make_envelope, make_string


@pytest.fixture(scope="module")
def drawn() -> Alphabet:
    toy = mnistry.load("drawn", split="test")[:2000]
    return Alphabet(toy.images, toy.labels)


def codes(count: int) -> list[str]:
    generator = np.random.default_rng(11)
    return ["".join(map(str, generator.integers(0, 10, 6))) for _ in range(count)]


def test_most_generated_strings_are_read(drawn: Alphabet) -> None:
    right = [
        read(make_string(drawn, code, seed=seed).picture).text == code
        for seed, code in enumerate(codes(12))
    ]
    assert sum(right) >= 6  # of 12; benchmarks/reading.py has the honest share


def test_the_code_of_an_envelope_is_found_among_other_ink(drawn: Alphabet) -> None:
    right = []
    for seed, code in enumerate(codes(4)):
        scene = make_envelope(drawn, code, seed=seed)
        reading = read(scene.picture, pattern="[0-9]{6}")
        right.append(code in [line.text for line in reading.lines])
    assert sum(right) >= 2


def test_boxes_of_a_page_lie_on_the_digits(drawn: Alphabet) -> None:
    scene = make_form(drawn, ["40713", "852"], seed=4)
    reading = read(scene.picture)
    for line in scene.lines:
        found = [one for one in reading.lines if one.text == line.text]
        assert len(found) == 1
        for digit, box in zip(found[0].digits, line.boxes, strict=True):
            middle = (digit.box.left + digit.box.right) / 2
            assert box.left - 4 <= middle <= box.right + 4
            assert digit.box.top < box.bottom
            assert digit.box.bottom > box.top


def test_lines_are_given_in_reading_order(drawn: Alphabet) -> None:
    entries = ["1234", "5678", "9012"]
    reading = read(make_form(drawn, entries, seed=5).picture)
    tops = [line.box.top for line in reading.lines]
    assert tops == sorted(tops)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("digit", range(10))
def test_one_digit_is_read_dark_on_light_and_light_on_dark(
    alphabet: Alphabet, digit: int, flip: bool
) -> None:
    image = alphabet.images[3 * digit].repeat(4, axis=0).repeat(4, axis=1)
    reading = read(image if flip else 255 - image, single=True)
    assert reading.text == str(digit)
    (one,) = reading.digits
    rows, columns = np.nonzero(image > 128)
    assert abs(one.box.left - columns.min()) <= 6
    assert abs(one.box.bottom - rows.max()) <= 7
    assert digit not in [value for value, _ in one.alternatives]


def test_a_low_picture_is_read_as_one_line_where_dots_hide_its_height(
    alphabet: Alphabet, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = make_string(alphabet, "40713", seed=3).picture
    assert read(picture).text == "40713"
    [ready] = prepare(picture)
    dot = Component(Box(3, 20, 7, 24), 16, 1)
    dotted = replace(ready, lines=(Line((dot,), (20.0, 24.0)),))
    assert dotted.only_line is None
    module = importlib.import_module("mnistry.scan.read_picture")
    monkeypatch.setattr(module, "prepare", lambda *_, **__: [dotted])
    assert read(picture).text == "40713"


def test_a_low_picture_as_one_line_leaves_little_ink_outside(
    drawn: Alphabet,
) -> None:
    picture = make_string(drawn, "5040", seed=1).picture
    [ready] = prepare(picture)
    whole = ready.whole_line
    assert whole is not None
    top, bottom = map(int, whole.band)
    assert ready.mask[top:bottom].sum() > 0.85 * ready.mask.sum()
    assert ready.mask[:top].any()
    tall = replace(ready, mask=np.pad(ready.mask, ((0, LOW), (0, 0))))
    assert tall.whole_line is None
    assert replace(ready, lines=()).whole_line is None


def test_a_pattern_decides_length_and_form(drawn: Alphabet) -> None:
    picture = make_string(drawn, "941033021", seed=2).picture
    text = read(picture, pattern="[0-9]{5}-[0-9]{4}").text
    assert re.fullmatch("[0-9]{5}-[0-9]{4}", text)


def test_digits_not_allowed_are_kept_out(drawn: Alphabet) -> None:
    text = read(make_string(drawn, "888", seed=2).picture, allowed="01").text
    assert set(text) <= {"0", "1"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"pattern": re.compile("[0-9]{6}")},
            "pattern is Pattern; expected text,",
        ),
        ({"allowed": 12}, "allowed is int; expected text"),
    ],
)
def test_patterns_and_digits_are_text(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(np.zeros((20, 20), np.uint8), **settings)


def test_a_pattern_and_allowed_digits_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="pattern and allowed were both given; write"):
        read(np.zeros((9, 9), np.uint8), pattern="[0-9]", allowed="1")


@pytest.mark.parametrize("pattern", ["[0-9]{2}", "[0-9]{3}|12", "A[0-9]-[0-9]"])
def test_a_pattern_that_no_single_digit_matches_is_refused(pattern: str) -> None:
    message = "no single digit matches the pattern .* Leave out single, or write"
    with pytest.raises(UsageError, match=message):
        read(np.zeros((9, 9), np.uint8), single=True, pattern=pattern)


@pytest.mark.parametrize("pattern", ["[1-6]", "[0-9]{1,3}", "No\\. ?[0-9]"])
def test_a_pattern_that_a_single_digit_matches_is_taken(pattern: str) -> None:
    assert read(np.zeros((9, 9), np.uint8), single=True, pattern=pattern).text == ""


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("shade", [0, 128, 255])
@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3), (64, 64)])
def test_blank_paper_has_no_digits(
    shape: tuple[int, int], shade: int, single: bool
) -> None:
    assert read(np.full(shape, shade, np.uint8), single=single).lines == ()


class SaysSeven:
    """A model that takes everything for a seven."""

    def predict(self, images: np.ndarray) -> Predictions:
        logits = np.zeros((len(images), 10), np.float32)
        logits[:, 7] = 9
        return Predictions(logits)


def test_another_model_classifies_the_digits(alphabet: Alphabet) -> None:
    picture = 255 - alphabet.images[0].repeat(4, axis=0).repeat(4, axis=1)
    assert read(picture, single=True).text == "0"
    assert read(picture, single=True, model=SaysSeven()).text == "7"


def test_every_page_is_read(alphabet: Alphabet, tmp_path: Path) -> None:
    pages = [
        Image.fromarray(255 - alphabet.images[3 * n].repeat(4, 0).repeat(4, 1))
        for n in (3, 8)
    ]
    path = tmp_path / "pages.tiff"
    pages[0].save(path, save_all=True, append_images=pages[1:])
    reading = read(path, single=True)
    assert reading.text == "3\n8"
    assert [line.page for line in reading.lines] == [1, 2]
    assert annotate(path, reading, page=2).shape[2] == 3
    assert json.loads(reading.to_json())["text"] == "3\n8"


def test_each_step_leaves_a_picture(drawn: Alphabet, tmp_path: Path) -> None:
    scene = make_string(drawn, "2468", seed=1)
    read(scene.picture, watch=save_steps(tmp_path / "steps"))
    names = sorted(path.stem for path in (tmp_path / "steps").iterdir())
    assert {"1-picture", "2-light", "3-ink", "4-rules", "5-strip", "6-digits"} <= set(
        names
    )


def test_each_step_of_a_single_digit_leaves_a_picture(
    alphabet: Alphabet, tmp_path: Path
) -> None:
    picture = 255 - alphabet.images[9].repeat(4, axis=0).repeat(4, axis=1)
    read(picture, single=True, watch=save_steps(tmp_path))
    names = [path.stem for path in sorted(tmp_path.iterdir())]
    assert names == ["1-picture", "2-light", "3-guesses", "4-digit", "5-image"]
    with Image.open(tmp_path / "5-image.png") as image:
        assert image.size == (28, 28)


def test_annotation_draws_on_a_copy_of_the_picture(
    drawn: Alphabet, tmp_path: Path
) -> None:
    scene = make_string(drawn, "2468", seed=1)
    before = scene.picture.copy()
    drawn_on = annotate(scene.picture, read(scene.picture))
    assert np.array_equal(scene.picture, before)
    assert drawn_on.shape[0] > before.shape[0]
    assert (drawn_on != 255).any()
    save_png(tmp_path / "seen.png", drawn_on)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "seen.png")), drawn_on)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("seed", [0, 2, 4, 5])
def test_a_postmark_is_no_code(seed: int) -> None:
    unseen = mnistry.load("drawn", split="test")[:2000]
    alphabet = Alphabet(unseen.images, unseen.labels)
    scene = make_envelope(alphabet, "865230", seed=seed)
    assert len(read(scene.picture, pattern="[0-9]{6}").lines) == 1


def test_a_stamp_does_not_make_small_digits_smaller(drawn: Alphabet) -> None:
    line = make_string(drawn, "2468", seed=3).picture
    page = np.full((600, 900, 3), 250, np.uint8)
    page[400 : 400 + line.shape[0], 300 : 300 + line.shape[1]] = line
    stamp = np.indices((180, 160)).sum(axis=0) % 16 < 8
    page[20:200, 700:860][stamp] = 60
    near, far = prepare(page)
    assert near.mask.shape == page.shape[:2]
    assert far.mask.shape[0] < 400
    assert all(line.height <= TALLEST for line in near.lines)
    assert "2468" in [line.text for line in read(page).lines]


def test_digits_taller_than_windows_are_read_in_a_smaller_copy(
    drawn: Alphabet,
) -> None:
    picture = make_string(drawn, "2468", seed=3).picture
    large = picture.repeat(6, axis=0).repeat(6, axis=1)
    (only,) = prepare(large)
    assert only.only_line is not None
    reading = read(large)
    assert reading.text == "2468"
    assert reading.digits[0].box.height > 100


def test_every_page_is_drawn_with_what_was_read_on_it(
    alphabet: Alphabet, tmp_path: Path
) -> None:
    pages = [
        Image.fromarray(255 - alphabet.images[3 * n].repeat(4, 0).repeat(4, 1))
        for n in (3, 8)
    ]
    pages[0].save(tmp_path / "two.tiff", save_all=True, append_images=pages[1:])
    reading = read(tmp_path / "two.tiff", single=True)
    drawn = list(annotate_pages(tmp_path / "two.tiff", reading))
    assert len(drawn) == 2
    for number, picture in enumerate(drawn, 1):
        alone = annotate(tmp_path / "two.tiff", reading, page=number)
        assert np.array_equal(picture, alone)
    assert not np.array_equal(drawn[0], drawn[1])
