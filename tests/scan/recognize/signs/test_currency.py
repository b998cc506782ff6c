"""Signs of currencies, and the slash that ends an amount, are no digits."""

import cv2
import numpy as np
import pytest

from mnistry.scan.read import read
from mnistry.scan.recognize.signs.currency import name_currency
from mnistry.scan.recognize.signs.endings import right_stroke
from mnistry.scan.recognize.signs.shapes import STRAIGHT, fit_line
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.documents.signs import SIGNS, write_sign
from mnistry.synth.drawn import draw


@pytest.mark.parametrize("sign", "$€₹")
def test_most_signs_are_recognised_by_their_shape(sign: str) -> None:
    generator = np.random.default_rng(4)
    names = []
    for _ in range(20):
        ink, _ = write_sign(
            SIGNS[sign], height=36, slant=0.05, thickness=0.1, generator=generator
        )
        names.append(name_currency(ink > 0.5))
    assert names.count(sign) >= 16
    assert set(names) <= {sign, ""}


@pytest.fixture(scope="module")
def drawn() -> Alphabet:
    return Alphabet(*draw(300, seed=11))


def test_few_digits_are_like_one(drawn: Alphabet) -> None:
    found = []
    for image in drawn.images:
        large = cv2.resize(image, (60, 60), interpolation=cv2.INTER_CUBIC) > 127
        rows, columns = np.nonzero(large)
        cropped = large[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        found.append(name_currency(cropped))
    assert found.count("₹") <= 6  # ignored where digits are read with confidence
    assert found.count("$") + found.count("€") <= 1


def test_a_currency_before_an_amount_is_left_out(drawn: Alphabet) -> None:
    scenes = [make_string(drawn, "$482", seed=seed) for seed in range(8)]
    readings = [read(scene.picture) for scene in scenes]
    assert sum(reading.text == "482" for reading in readings) >= 6
    assert sum(reading.signed_text == "$482" for reading in readings) >= 6


def test_digits_that_are_read_are_no_currency(drawn: Alphabet) -> None:
    readings = [
        read(make_string(drawn, "8694", seed=seed).picture) for seed in range(8)
    ]
    assert not any("$" in reading.signed_text for reading in readings)


def test_a_currency_in_the_corner_of_a_field_is_left_out(drawn: Alphabet) -> None:
    for away in (0.6, 1.5):  # heights of a digit, from there to the number
        texts = []
        for seed in range(6):
            scene = make_string(drawn, "₹482", seed=seed)
            (sign,), digits = scene.lines[0].signs, scene.lines[0].boxes
            end = (sign.right + digits[0].left) // 2
            paper = np.median(scene.picture, axis=(0, 1)).astype(np.uint8)
            room = round(away * digits[0].height) - digits[0].left + sign.right
            between = np.broadcast_to(paper, (len(scene.picture), max(0, room), 3))
            parts = scene.picture[:, :end], between, scene.picture[:, end:]
            texts.append(read(np.concatenate(parts, axis=1)).text)
        assert texts.count("482") >= 4


def test_digits_have_no_slash_at_their_right(drawn: Alphabet) -> None:
    found = 0
    for image in drawn.images:
        large = cv2.resize(image, (60, 60), interpolation=cv2.INTER_CUBIC) > 127
        rows, columns = np.nonzero(large)
        cropped = large[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        is_straight = fit_line(cropped)[1] < STRAIGHT * len(cropped)
        found += not is_straight and right_stroke(cropped, len(cropped)) is not None
    assert found <= 1


def test_the_slash_that_ends_an_amount_is_no_one(drawn: Alphabet) -> None:
    for text, least in (("482/-", 7), ("481-", 6)):
        readings = [
            read(make_string(drawn, text, seed=seed).picture) for seed in range(8)
        ]
        wanted = "".join(filter(str.isdigit, text))
        assert sum(reading.text == wanted for reading in readings) >= least
        wrong = [one for one in readings if one.text != wanted]
        assert all(one.confidence < 0.95 for one in wrong)
