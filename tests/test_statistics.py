import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from mnistry import Digits
from mnistry.statistics import common, facts

some_images = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(0, 9), st.just(3), st.just(3)),
    elements=st.sampled_from([0, 9, 255]),
)


def digits_of(images: NDArray[np.uint8]) -> Digits:
    return Digits(images, np.zeros(len(images), np.uint8))


@given(some_images)
def test_facts_are_what_numpy_says(images: NDArray[np.uint8]) -> None:
    found = facts(digits_of(images))
    if images.size:
        assert np.isclose(found.mean, (images / 255).mean())
        assert np.isclose(found.standard_deviation, (images / 255).std())
        assert np.isclose(sum(found.ink), 1)
    distinct = [image.tolist() for image in images]
    earlier = sum(image in distinct[:i] for i, image in enumerate(distinct))
    assert found.duplicates == earlier


@given(some_images, some_images)
def test_common_images_are_those_a_loop_finds(
    first: NDArray[np.uint8], second: NDArray[np.uint8]
) -> None:
    slow = sum(any(np.array_equal(a, b) for a in first) for b in second)
    assert common(digits_of(first), digits_of(second)) == slow
