"""One image explained: by whatever model, of whatever it was given as."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mnistry
from mnistry.digits import Digits
from mnistry.errors import ShapeError, UsageError
from mnistry.predictions import Predictions
from mnistry.report.explain import Explanation, explain, named_as_explanation


class Corner:
    """A model that reads 1 where there is ink at the top left, else 0."""

    def predict(self, images: Any) -> Predictions:
        ink = np.asarray(images, np.float32)[:, :8, :8].mean(axis=(1, 2)) / 255
        against = np.asarray(images, np.float32)[:, 20:, 20:].mean(axis=(1, 2)) / 255
        score = 8 * ink - 4 * against
        return Predictions(np.stack([-score, score], axis=1))


def one(image: Any) -> Digits:
    return Digits(image[None], np.ones(1, np.uint8))


@pytest.fixture
def image() -> Any:
    drawn = np.zeros((28, 28), np.uint8)
    drawn[1:7, 1:7] = drawn[21:27, 21:27] = 255
    return drawn


def test_ink_that_counts_is_found_where_it_is(image: Any) -> None:
    found = explain(Corner(), image)
    assert found.read == 1
    assert found.place == "top left"
    assert found.map[4, 4] > 0 > found.map[24, 24]
    assert "read 1;" in repr(found)
    assert "at the top left" in repr(found)


@pytest.mark.parametrize(
    "give",
    [
        lambda image: image,
        lambda image: image[None],
        lambda image: image[None, None],
        lambda image: image.reshape(1, 784),
        lambda image: image / 255,
        lambda image: (image, 1),
        lambda image: one(image),
        lambda image: one(image)[0],
    ],
)
def test_an_image_is_the_same_however_it_is_given(image: Any, give: Any) -> None:
    found, expected = explain(Corner(), give(image)), explain(Corner(), image)
    np.testing.assert_array_equal(found.map, expected.map)
    np.testing.assert_array_equal(found.image, image)
    assert found.written in (None, 1)


def test_several_images_and_none_are_refused(image: Any) -> None:
    several = Digits(np.stack([image] * 3), np.ones(3, np.uint8))
    wrong: Any
    for wrong in (several, several[:0], several.images, np.zeros((0, 28, 28))):
        with pytest.raises(UsageError, match=r"there are [03] images; expected one"):
            explain(Corner(), wrong)
    with pytest.raises(ShapeError, match="expected"):
        explain(Corner(), np.zeros((1, 28, 28, 3), np.uint8))


def test_labels_alone_tell_nothing_of_ink(image: Any) -> None:
    with pytest.raises(UsageError, match="only labels; expected probabilities"):
        explain(lambda images: images.reshape(len(images), -1).argmax(1) % 10, image)


def test_the_packaged_model_reads_by_ink_and_not_by_paper() -> None:
    digits = mnistry.load("drawn", split="test")[:4]
    for row in range(4):
        found = mnistry.explain(mnistry.load_model(), digits[row : row + 1])
        weights = np.abs(found.map)
        assert weights[found.image > 127].mean() > weights[found.image == 0].mean()
        assert found.to_dict()["model"] == "packaged"


@pytest.fixture
def explanation(image: Any) -> Explanation:
    digits = Digits(image[None], np.zeros(1, np.uint8), classes=("<b>none</b>", "some"))
    return explain(Corner(), digits)


def test_what_is_taken_for_no_digit_is_reported_so(image: Any) -> None:
    model = mnistry.load_model()
    noise = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)
    found = explain(model, noise)
    assert found.is_rejected
    assert found.to_dict()["rejected"]
    assert "; taken for no digit>" in repr(found)
    assert "no digit" not in repr(explain(Corner(), image))


def test_json_has_all_that_is_known(explanation: Explanation) -> None:
    facts = json.loads(json.dumps(explanation.to_dict()))
    assert (facts["read"], facts["name"], facts["written"]) == (1, "some", 0)
    assert sum(facts["probabilities"]) == pytest.approx(1)
    assert np.shape(facts["map"]) == (28, 28)


def test_a_picture_has_the_image_and_its_map(
    explanation: Explanation, tmp_path: Path
) -> None:
    explanation.save(tmp_path / "explained.png")
    with Image.open(tmp_path / "explained.png") as saved:
        pixels = np.asarray(saved)[5::10, 5::10]
    np.testing.assert_array_equal(pixels[:, :28, 0], 255 - explanation.image)
    np.testing.assert_array_equal(pixels[:, -28:], explanation.painted())


def test_a_page_shows_names_as_text_in_both_languages(
    explanation: Explanation, tmp_path: Path
) -> None:
    explanation.save(tmp_path / "explained.html")
    page = (tmp_path / "explained.html").read_text("utf-8")
    assert "&lt;b&gt;none" in page
    assert "<b>none" not in page + explanation._repr_html_()
    assert "One image, explained" in page
    assert "解释一张图像" in page
    assert "http" not in page.replace("http-equiv", "")


def test_another_name_is_refused() -> None:
    with pytest.raises(UsageError, match=r"named neither .* expected a name such as"):
        named_as_explanation("explained.pdf")
