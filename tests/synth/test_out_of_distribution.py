"""Pictures of no digit: seeded, of MNIST's size, and not all alike."""

from pathlib import Path

import numpy as np
import pytest

from mnistry.errors import UnknownNameError, UsageError
from mnistry.synth.out_of_distribution import KINDS, out_of_distribution, printed
from mnistry.synth.out_of_distribution.letters import LETTERS, WRITTEN


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_of_mnists_size_and_the_seed_decides(kind: str) -> None:
    made = out_of_distribution(kind, 12, seed=3)
    assert made.shape == (12, 28, 28)
    assert made.dtype == np.uint8
    assert np.array_equal(made, out_of_distribution(kind, 12, seed=3))
    assert np.array_equal(made[:5], out_of_distribution(kind, 5, seed=3))
    assert not np.array_equal(made, out_of_distribution(kind, 12, seed=4))
    assert len({image.tobytes() for image in made}) >= 6  # blank paper may repeat


@pytest.mark.parametrize(
    "kind",
    [
        *("letters", "handwritten letters", "characters", "clothing", "scribble"),
        *("signs", "lines", "grid", "shapes"),
    ],
)
def test_what_is_drawn_has_ink_and_paper_in_the_middle(kind: str) -> None:
    made = out_of_distribution(kind, 40)
    share = (made > 96).mean(axis=(1, 2))
    assert (share > 0.005).mean() > 0.9
    assert share.max() < 0.7
    assert made[:, 10:18, 10:18].mean() > made[:, :3].mean()


def test_letters_that_look_like_digits_are_left_out() -> None:
    assert not set(LETTERS) & set("bglosqzBIOSZ")
    assert len(set(LETTERS)) == len(LETTERS)
    assert not {name[0] for name in WRITTEN} & set("bgijlosqyzBDGIJOQSYZ")


def test_a_face_and_its_letters_may_be_chosen() -> None:
    from matplotlib import get_data_path

    face = Path(get_data_path(), "fonts", "ttf", "DejaVuSerif-Bold.ttf")
    seeds = range(8)
    bars, same = (
        [make(np.random.default_rng(seed)) for seed in seeds]
        for make in (printed([face], "H"), printed(letters="H"))
    )
    assert not np.array_equal(bars, same)
    for picture in (*bars, *same):
        # two uprights and a bar between them: ink, paper, ink; and full in the middle
        upper = picture[7:10, 5:23].mean(axis=0)
        assert upper[7:11].max() < min(upper[:6].max(), upper[12:].max())
        assert picture[11:17, 13:15].max() > 100


def test_a_letter_is_handwritten_in_another_way_each_time() -> None:
    made = out_of_distribution("handwritten letters", 60)
    assert len({picture.tobytes() for picture in made}) == 60
    # framed as MNIST's digits are: the centre of mass lies in the middle
    places = np.arange(28) + 0.5
    for axis in (1, 2):
        mass = made.astype(float).sum(axis=3 - axis)
        middle = mass @ places / mass.sum(axis=1)
        assert np.abs(middle - 14.5).max() <= 1


def test_photographs_have_neither_paper_nor_one_ink() -> None:
    made = out_of_distribution("photograph", 50)
    assert np.median([len(np.unique(picture)) for picture in made]) > 50
    assert 40 < made.mean() < 215


def test_none_are_none() -> None:
    assert out_of_distribution("blank", 0).shape == (0, 28, 28)


def test_an_unknown_kind_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="no kind of outsider 'leters'"):
        out_of_distribution("leters", 1)


def test_fewer_than_none_is_an_error() -> None:
    with pytest.raises(UsageError, match="count is -1; expected 0 or more"):
        out_of_distribution("blank", -1)
