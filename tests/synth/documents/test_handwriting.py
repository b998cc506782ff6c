import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistry.box import Box
from mnistry.synth.documents.handwriting import Hand, line_field, to_field, write_line
from mnistry.synth.documents.scenes import Alphabet


def bar(width: int = 4) -> np.ndarray:
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 12 : 12 + width] = 255
    return image


def test_the_same_seed_writes_the_same(alphabet: Alphabet) -> None:
    fields = [to_field(image) for image in alphabet.images[:6]]
    once, again = (
        write_line(fields, Hand(), generator=np.random.default_rng(5)) for _ in "ab"
    )
    assert np.array_equal(once.ink, again.ink)
    assert once.boxes == again.boxes


@given(
    height=st.floats(16, 60),
    gap=st.floats(-0.1, 0.6),
    slant=st.floats(-0.4, 0.4),
    kerned=st.booleans(),
    seed=st.integers(0, 99),
)
@settings(max_examples=25)
def test_each_box_holds_ink_and_lies_within(
    height: float, gap: float, slant: float, kerned: bool, seed: int
) -> None:
    hand = Hand(height=height, gap=gap, slant=slant, kerned=kerned)
    fields = [to_field(bar(width)) for width in (3, 6, 4)]
    ink, boxes, _ = write_line(fields, hand, generator=np.random.default_rng(seed))
    assert len(boxes) == 3
    for box in boxes:
        assert 0 <= box.left < box.right <= ink.shape[1]
        assert 0 <= box.top < box.bottom <= ink.shape[0]
        assert ink[box.top : box.bottom, box.left : box.right].max() > 0.9
    assert ink.min() >= 0
    assert ink.max() <= 1


def test_digits_are_as_tall_as_the_hand_says() -> None:
    hand = Hand(height=40, size_spread=0, rise_spread=0)
    _, boxes, _ = write_line(
        [to_field(bar())], hand, generator=np.random.default_rng(0)
    )
    assert abs(boxes[0].height - 40) <= 1


@pytest.mark.parametrize("glyph", [bar(), None])
def test_a_thicker_pen_leaves_more_ink(glyph: np.ndarray | None) -> None:
    if glyph is None:
        line = np.zeros((60, 60), bool)
        line[10:50, 30] = True
        field = line_field(line, 2.0)
    else:
        field = to_field(glyph)
    amounts = [
        write_line(
            [field], Hand(thickness=thick), generator=np.random.default_rng(1)
        ).ink.sum()
        for thick in (0.06, 0.1, 0.15, 0.2)
    ]
    assert amounts == sorted(amounts)
    assert amounts[-1] > 2 * amounts[0]


def test_kerned_strokes_keep_the_gap_between_them() -> None:
    hand = Hand(height=40, gap=0.3, gap_spread=0, size_spread=0, kerned=True)
    fields = [to_field(bar()), to_field(bar())]
    _, boxes, _ = write_line(fields, hand, generator=np.random.default_rng(0))
    assert boxes[1].left - boxes[0].right == pytest.approx(12, abs=1)


def test_a_box_knows_its_sides() -> None:
    assert (Box(1, 2, 5, 9).width, Box(1, 2, 5, 9).height) == (4, 7)
