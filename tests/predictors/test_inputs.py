from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mnistry.arrays import MEAN, STANDARD_DEVIATION
from mnistry.errors import UsageError
from mnistry.predictors.inputs import (
    LAYOUTS,
    PIXELS,
    Input,
    inputs_of_shape,
    parse_input,
    prepare,
)

IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4) * 10
INPUTS = st.builds(
    Input,
    st.sampled_from(list(PIXELS)),
    st.sampled_from(list(LAYOUTS)),
    inverted=st.booleans(),
    transposed=st.booleans(),
    side=st.sampled_from([0, 32, 224]),
)


@given(INPUTS)
def test_what_is_written_is_read_back(how: Input) -> None:
    found, given_fields = parse_input(str(how))
    assert found == how
    assert {"pixels", "layout"} <= given_fields


def test_ranges_are_those_of_the_code_that_people_run() -> None:
    shares = IMAGES.astype(np.float32) / 255
    normalised = (shares - np.float32(MEAN)) / np.float32(STANDARD_DEVIATION)
    wanted: dict[str, NDArray[Any]] = {
        "0-1": shares,
        "0-255": IMAGES.astype(np.float32),
        "normalised": normalised,
        "centred": shares * 2 - 1,
    }
    for name, pixels in wanted.items():
        found = prepare(IMAGES, Input(name, "nhw"))
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, pixels, atol=1e-6)


@pytest.mark.parametrize(
    ("layout", "shape"),
    [
        ("nchw", (2, 1, 3, 4)),
        ("nhwc", (2, 3, 4, 1)),
        ("nhw", (2, 3, 4)),
        ("flat", (2, 12)),
        ("nchw3", (2, 3, 3, 4)),
        ("nhwc3", (2, 3, 4, 3)),
    ],
)
def test_each_layout_has_its_shape(layout: str, shape: tuple[int, ...]) -> None:
    found = prepare(IMAGES, Input("0-255", layout), np.uint8)
    assert found.shape == shape
    assert found.flags.c_contiguous
    assert set(found.ravel()) == set(IMAGES.ravel())


def test_inverted_transposed_and_padded_images() -> None:
    how = Input("0-255", "nhw", inverted=True, transposed=True)
    assert (prepare(IMAGES, how) == 255 - IMAGES.swapaxes(1, 2)).all()
    padded = prepare(IMAGES, Input("0-255", "nhw", side=6))
    assert (padded[:, 1:4, 1:5] == IMAGES).all()
    assert padded.sum() == IMAGES.sum()
    assert prepare(IMAGES, Input("0-255", "nhw", inverted=True, side=6)).max() == 255


def test_much_larger_sides_enlarge() -> None:
    found = prepare(np.full((1, 28, 28), 200, np.uint8), Input("0-255", "nhw", side=64))
    assert found.shape == (1, 64, 64)
    assert (found == 200).all()


@pytest.mark.parametrize(
    ("shape", "layouts", "side"),
    [
        ((1, 28, 28), ("nchw",), 28),
        ((28, 28, 1), ("nhwc",), 28),
        ((3, 32, 32), ("nchw3",), 32),
        ((224, 224, 3), ("nhwc3",), 224),
        ((28, 28), ("nhw",), 28),
        ((784,), ("flat",), 28),
        ((None,), ("flat",), 0),
        ((1, None, None), ("nchw",), 0),
        ((None, None, None), ("nchw", "nhwc"), 0),
        ((64, 7, 7), (), 0),
        ((1, 28, 28, 1), (), 0),
        ((), (), 0),
    ],
)
def test_a_declared_shape_tells_the_layout(
    shape: tuple[int | None, ...], layouts: tuple[str, ...], side: int
) -> None:
    assert inputs_of_shape(shape) == (layouts, side)


@pytest.mark.parametrize("text", ["0-2", "0-1 0-255", "28x29", "flat nchw", "99999x9"])
def test_words_that_are_none_are_named(text: str) -> None:
    with pytest.raises(UsageError, match="is unknown, or a second word"):
        parse_input(text)
