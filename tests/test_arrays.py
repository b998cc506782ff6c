from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mnistry
from mnistry.arrays import as_images, as_ink
from mnistry.errors import ShapeError, UsageError
from mnistry.frame import stack_frames


@given(st.lists(st.integers(0, 9), max_size=20))
def test_the_place_of_the_one_is_the_label(labels: list[int]) -> None:
    rows = mnistry.one_hot(labels)
    assert rows.shape == (len(labels), 10)
    assert rows.dtype == np.float32
    assert rows.sum() == len(labels)
    assert rows.argmax(axis=1).tolist() == labels


def test_digits_give_their_labels() -> None:
    digits = mnistry.Digits(np.zeros((2, 28, 28), np.uint8), np.array([7, 2]))
    assert mnistry.one_hot(digits).argmax(axis=1).tolist() == [7, 2]


def test_the_error_for_the_path_of_a_picture_names_what_reads_it() -> None:
    with pytest.raises(ShapeError, match=r"is read by mnistry\.read\(path, single=T"):
        as_images("seven.png")


def test_a_label_beyond_the_classes_is_refused() -> None:
    with pytest.raises(
        ShapeError, match="a label 12; expected 0 to 9. Pass classes=13"
    ):
        mnistry.one_hot([12])


def test_a_single_label_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"labels have shape \(\); expected \(1,\)"):
        mnistry.one_hot(7)


@pytest.mark.parametrize("shape", [(0, 0, 28), (5, 28, 0), (5, 0, 0)])
def test_images_without_pixels_are_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(ShapeError, match="so they have no pixels; expected 1 or more"):
        as_images(np.zeros(shape, np.uint8))


def test_digits_in_place_of_images_give_theirs(toy: mnistry.Digits) -> None:
    assert as_images(toy) is toy.images


@given(st.integers(1, 4), st.sampled_from(["uint8", "int64", "float32", "float64"]))
def test_images_of_any_usual_shape_and_scale_are_the_same(
    count: int, dtype: str
) -> None:
    images = np.random.default_rng(count).integers(0, 256, (count, 28, 28), np.uint8)
    images[0, 0, :2] = 0, 255
    shapes = (-1, 28, 28), (-1, 784), (-1, 1, 28, 28), (-1, 28, 28, 1)
    for shape in shapes:
        given_so = images.reshape(shape).astype(dtype)
        assert (as_images(given_so) == images).all()
        if "float" in dtype:
            assert (as_images(given_so / 255) == images).all()
        binary = (images > 127).reshape(shape)
        for ones in (binary, binary.astype(dtype)):
            assert (as_ink(ones) == 255 * (images > 127)).all()


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 100)), r"shape \(2, 100\); .*images.reshape\(n, rows, columns"),
        (np.zeros((2, 28, 28, 3)), r"shape \(2, 28, 28, 3\).*mean\(axis=-1\)"),
        (np.zeros(784), r"shape \(784,\); expected"),
        (np.full((1, 2, 2), -0.4), r"from -0.4 to -0.4; .*images \* 0.3081"),
        (np.full((1, 2, 2), 256), "from 256 to 256"),
        (np.full((1, 2, 2), np.nan), "from nan to nan"),
        (np.full((1, 2, 2), "7"), "dtype <U1; expected numbers"),
    ],
)
def test_the_error_for_what_are_no_images_names_what_mends_it(
    images: np.ndarray, message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        as_images(images)


SIXTEEN = np.random.default_rng(0).integers(0, 17, (20, 28, 28), np.uint8)
SIXTEEN[0, 0, 0] = 16


def test_images_of_another_scale_are_refused_with_what_mends_them() -> None:
    images: Any = SIXTEEN.astype(np.float64)
    with pytest.raises(
        ShapeError, match="no number in 20 images is above 16"
    ) as raised:
        mnistry.Digits(images, np.zeros(20, int))
    assert "give images * (255 / 16)." in str(raised.value)
    assert as_images(images * (255 / 16)).max() == 255
    assert as_images(images[:19]).max() == 16  # so few may be blank
    assert as_images(images % 8).max() == 7  # no scale that digits come in
    assert not as_images(0 * images).any()


def test_bytes_of_another_scale_are_warned_of_where_they_are_given() -> None:
    labels = np.zeros(20, int)
    with pytest.warns(UserWarning, match="is above 16") as raised:
        digits = mnistry.Digits(SIXTEEN, labels)
    assert raised[0].filename == __file__
    assert (digits.images == SIXTEEN).all()
    with pytest.warns(UserWarning, match="is above 16") as raised:
        mnistry.load_model().predict(SIXTEEN)
    assert raised[0].filename == __file__


@pytest.mark.parametrize("name", ["predict", "train"])
def test_the_error_for_images_of_another_size_has_the_line_that_frames_them(
    toy: mnistry.Digits, name: str
) -> None:
    if name == "train":
        pytest.importorskip("torch")
    use = mnistry.train if name == "train" else mnistry.load_model().predict
    small = mnistry.Digits(toy.images[:, 4:24, 4:24], toy.labels)
    with pytest.raises(ShapeError, match=r"20x20 pixels; .* 28x28\.") as raised:
        use(small)
    line = "from mnistry.frame import stack_frames; images = stack_frames(images)"
    assert str(raised.value).splitlines()[-1].strip() == line
    assert stack_frames(small.images).shape == (len(toy), 28, 28)


def test_training_on_zeros_and_ones_of_bytes_is_refused(toy: mnistry.Digits) -> None:
    ones = mnistry.Digits(toy.images // 255, toy.labels)
    with pytest.raises(UsageError, match=r"no pixel is above 1; .*images \* 255"):
        mnistry.train(ones, "linear")


def test_models_take_digits(toy: mnistry.Digits) -> None:
    model = mnistry.load_model()
    logits = model.predict(toy.images).logits
    for given_so in (toy, toy.images[:, None], toy.images.reshape(-1, 784) / 255):
        assert (model.predict(given_so).logits == logits).all()
