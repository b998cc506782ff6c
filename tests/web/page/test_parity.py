"""The page answers as Python does: of MNIST's kind, of no digit, and of any canvas."""

from base64 import b64encode
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import mnistry
from mnistry.arrays import Images
from mnistry.frame import to_frame
from mnistry.models.packaged import PackagedModel
from mnistry.predictions import Predictions
from mnistry.synth.drawn import draw, trace
from mnistry.synth.drawn.render import ink
from mnistry.synth.out_of_distribution import KINDS, out_of_distribution
from tests.opened import Opened

EDGE = 63  # of 255, as script/ink.js has it
PREDICT = """(base64) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return Array.from({ length: bytes.length / 784 }, (_, i) =>
    window.mnistry.predict(bytes.subarray(784 * i, 784 * (i + 1))));
}"""
READ = """([base64, width, height]) => {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  image.data.set(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
  context.putImageData(image, 0, 0);
  return window.mnistry.readCanvas(canvas);
}"""


@pytest.fixture(scope="module")
def model() -> PackagedModel:
    return mnistry.load_model()


def expect_same(page: Any, images: Images, expected: Predictions) -> None:
    answers = page.evaluate(PREDICT, b64encode(images.tobytes()).decode())
    labels = [answer["label"] for answer in answers]
    assert labels == expected.labels.tolist()
    probabilities = np.array([answer["probabilities"] for answer in answers])
    assert np.abs(probabilities - expected.probabilities).max() < 0.001
    rejected = np.array([answer["rejected"] for answer in answers])
    doubtful = np.abs(expected.digit_scores - expected.reject_below) < 0.001
    assert ((rejected == expected.rejected) | doubtful).all()


def test_drawn_digits_and_what_is_none(opened: Opened, model: PackagedModel) -> None:
    digits, _ = draw(700, seed=5)
    others = [out_of_distribution(kind, 40, seed=5) for kind in KINDS]
    images = np.concatenate([digits, *others])
    assert len(images) >= 1200
    expect_same(opened(), images, model.predict(images))


@pytest.mark.usefixtures("real_mnist")
def test_mnist(opened: Opened, model: PackagedModel) -> None:
    images = mnistry.load(split="test").images[:600]
    expect_same(opened(), images, model.predict(images))


def canvas(place: int) -> NDArray[np.uint8]:
    """Draw a digit on a canvas of odd size, in an odd place, dark or light: RGBA."""
    generator = np.random.default_rng([5, place])
    [written] = trace(generator.integers(0, 10, 1), seed=place)
    size = int(generator.integers(40, 160))
    dots = np.concatenate(written.strokes)[None] * 0.8 * size + 0.1 * size
    radii = np.full(dots.shape[:2], generator.uniform(0.03, 0.07) * size, "f4")
    rows, columns = size + generator.integers(3, 90, 2)
    down, across = (
        int(generator.integers(room)) for room in (rows - size, columns - size)
    )
    covered = np.zeros((rows, columns, 1), np.float32)
    [soft] = ink(dots.astype("f4"), radii, size=size)
    covered[down : down + size, across : across + size, 0] = soft
    colours = np.array([generator.integers(0, 90, 3), generator.integers(180, 256, 3)])
    dark, light = colours[:: generator.choice([1, -1])]
    picture = np.full((rows, columns, 4), 255, np.uint8)
    picture[..., :3] = np.rint(light + covered * (dark - light))
    return picture


def contrast_of(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Tell ink from a canvas of two colours: a slow twin of script/ink.js."""
    dark = 255 - picture[..., :3] @ [0.299, 0.587, 0.114]
    contrast = np.abs(dark - dark[0, 0])
    whole: NDArray[np.float64] = np.floor(contrast * 255 / contrast.max() + 0.5)
    return whole


def test_canvases_of_odd_sizes_and_places(opened: Opened, model: PackagedModel) -> None:
    page = opened()
    drawings = [canvas(place) for place in range(120)]
    images = np.stack([to_frame(contrast_of(one), paper=EDGE) for one in drawings])
    expected = model.predict(images)
    several = 0
    for place, picture in enumerate(drawings):
        rows, columns = picture.shape[:2]
        base64 = b64encode(picture.tobytes()).decode()
        reading = page.evaluate(READ, [base64, columns, rows])
        if len(reading["digits"]) > 1:
            several += 1  # a wide digit is cut where it may be two that touch
            continue
        [digit] = reading["digits"]
        assert digit["value"] == expected.labels[place]
        assert np.abs(np.array(digit["image"]) - images[place].ravel()).max() <= 1
        difference = digit["probabilities"] - expected.probabilities[place]
        assert np.abs(difference).max() < 0.001, place
        if not digit["rejected"]:
            assert reading["text"] == str(expected.labels[place])
    assert several <= 3  # of 600 canvases the page takes seven for two digits


def test_a_blank_canvas_is_no_digit(opened: Opened) -> None:
    page = opened()
    for colour in (0, 255, 128):
        blank = np.full((50, 70, 4), colour, np.uint8)
        reading = page.evaluate(READ, [b64encode(blank.tobytes()).decode(), 70, 50])
        assert reading == {"text": "", "confidence": 0, "digits": []}


def test_images_of_another_size_are_refused(opened: Opened) -> None:
    with pytest.raises(Exception, match=r"783 pixels; expected 784"):
        opened().evaluate("window.mnistry.predict(new Uint8Array(783))")
