import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.learn.validation import FEW_OF_A_CLASS, split_held_out


def numbered(count: int, writers: int = 0) -> Digits:
    columns = {"row": np.arange(count)}
    if writers:
        columns["writer"] = np.random.default_rng(0).integers(0, writers, count)
    return Digits(
        np.zeros((count, 1, 1), np.uint8), np.zeros(count, np.uint8), columns=columns
    )


@given(st.integers(2, 200), st.floats(0, 0.5), st.integers(0, 99))
def test_every_image_is_either_learned_from_or_held_out(
    count: int, share: float, seed: int
) -> None:
    learning, held_out, how = split_held_out(numbered(count), share, seed)
    rows = [*learning.columns["row"], *held_out.columns["row"]]
    assert sorted(rows) == list(range(count))
    few = round(share * count) > 0 and count < FEW_OF_A_CLASS
    assert len(held_out) == max(int(few), round(share * count))
    unit = "at random, of each class" if few else "at random"
    assert how == f"{len(held_out):,} of {count:,} images, {unit}"


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=80),
    st.floats(0.3, 0.9),
    st.integers(0, 99),
)
def test_of_few_images_each_class_has_some_on_both_sides(
    labels: list[int], share: float, seed: int
) -> None:
    digits = Digits(np.zeros((2 * len(labels), 1, 1), np.uint8), np.array(2 * labels))
    learning, held_out, _ = split_held_out(digits, share, seed)
    for part in (learning, held_out, *digits.split(share, seed=seed, stratify=True)):
        assert set(part.labels) == set(labels)


@given(st.integers(2, 30), st.floats(0.05, 0.5), st.integers(0, 99))
def test_no_writer_is_on_both_sides(writers: int, share: float, seed: int) -> None:
    digits = numbered(400, writers)
    learning, held_out, how = split_held_out(digits, share, seed)
    assert not set(learning.columns["writer"]) & set(held_out.columns["writer"])
    largest = np.unique(digits.columns["writer"], return_counts=True)[1].max()
    assert abs(len(held_out) - share * 400) <= largest
    assert how.endswith("images, by writer")


def test_another_seed_holds_back_others() -> None:
    digits = numbered(100)
    rows = [
        split_held_out(digits, 0.1, seed)[1].columns["row"].tolist()
        for seed in (0, 0, 1)
    ]
    assert rows[0] == rows[1] != rows[2]


@pytest.mark.parametrize(("count", "share"), [(1, 0.9), (0, 0.1)])
def test_nothing_left_to_learn_from_is_an_error(count: int, share: float) -> None:
    with pytest.raises(UsageError, match="expected some left to learn from"):
        split_held_out(numbered(count), share, 0)


def test_a_single_writer_cannot_be_held_out() -> None:
    digits = numbered(20, writers=1)
    with pytest.raises(UsageError, match="of 20 images 20 would be held out"):
        split_held_out(digits, 0.1, 0)
