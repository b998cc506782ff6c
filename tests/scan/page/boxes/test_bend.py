"""What is flattened and put back is where it was."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mnistry.scan.page.boxes.bend import Bend, flatten, put_back


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=9), st.integers(-3, 12))
def test_what_is_flattened_goes_back(offsets: list[int], first: int) -> None:
    picture = np.random.default_rng(0).random((12, 12)) < 0.5
    place, bend = (slice(-9, 21), slice(2, 10)), Bend(first, np.array(offsets))
    back = np.zeros_like(picture)
    put_back(flatten(picture, *place, bend), back, place, bend)
    assert np.array_equal(back[:, 2:10], picture[:, 2:10])
    assert not back[:, :2].any()
    assert not back[:, 10:].any()
