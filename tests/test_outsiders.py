"""Pictures of no digit: seeded, of MNIST's size, and not all alike."""

import numpy as np
import pytest

from mnistry.errors import UnknownNameError, UsageError
from mnistry.outsiders import KINDS, LETTERS, outsiders


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_of_mnists_size_and_the_seed_decides(kind: str) -> None:
    made = outsiders(kind, 12, seed=3)
    assert made.shape == (12, 28, 28)
    assert made.dtype == np.uint8
    assert np.array_equal(made, outsiders(kind, 12, seed=3))
    assert np.array_equal(made[:5], outsiders(kind, 5, seed=3))
    assert not np.array_equal(made, outsiders(kind, 12, seed=4))
    assert len({image.tobytes() for image in made}) >= 6  # blank paper may repeat


@pytest.mark.parametrize(
    "kind", ["letters", "characters", "clothing", "scribble", "lines", "grid", "shapes"]
)
def test_what_is_drawn_has_ink_and_paper_in_the_middle(kind: str) -> None:
    made = outsiders(kind, 40)
    share = (made > 96).mean(axis=(1, 2))
    assert (share > 0.005).mean() > 0.9
    assert share.max() < 0.7
    assert made[:, 10:18, 10:18].mean() > made[:, :3].mean()


def test_letters_that_look_like_digits_are_left_out() -> None:
    assert not set(LETTERS) & set("bglosqzBDIOSZ")
    assert len(set(LETTERS)) == len(LETTERS)


def test_none_are_none() -> None:
    assert outsiders("blank", 0).shape == (0, 28, 28)


def test_an_unknown_kind_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="no kind of outsider 'leters'"):
        outsiders("leters", 1)


def test_fewer_than_none_is_an_error() -> None:
    with pytest.raises(UsageError, match="count is -1; expected 0 or more"):
        outsiders("blank", -1)
