from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mnistry.box import Box
from mnistry.scan.page.ink.components import Component
from mnistry.scan.recognize.signs.endings import find_endings
from mnistry.scan.recognize.signs.shapes import Piece

SLASH = np.flip(np.eye(16, dtype=bool), axis=1)


def piece(left: float, top: float, width: float, height: float) -> Piece:
    component = Component(Box(0, 0, 16, 16), 16, 1)
    return Piece(component, SLASH, 0.1, left, top, left + width, top + height)


FOUR, STROKE, DASH = (0, 0, 0.6, 1), (0.8, -0.2, 0.4, 1.4), (1.4, 0.5, 0.6, 0.1)


def test_the_last_stroke_before_a_dash_may_be_a_slash() -> None:
    four, stroke, dash = (piece(*of) for of in (FOUR, STROKE, DASH))
    found = find_endings([four, stroke, dash])
    assert [*found] == [stroke]
    assert found[stroke] > 0
    assert not find_endings([four, stroke])
    assert not find_endings([stroke, dash])
    last = piece(1.3, -0.2, 0.4, 1.4)
    assert [*find_endings([four, stroke, last, piece(1.8, 0.5, 0.6, 0.1)])] == [last]


sizes = st.tuples(
    st.integers(0, 6), st.integers(-3, 9), st.integers(1, 6), st.integers(1, 14)
)


@given(st.lists(sizes, max_size=9))
def test_what_follows_a_stroke_is_looked_for_as_if_one_by_one(
    some: list[tuple[int, int, int, int]],
) -> None:
    pieces = sorted(
        (piece(x / 4, y / 10, w / 10, h / 10) for x, y, w, h in some),
        key=lambda of: of.left,
    )
    expected = []
    for stroke in pieces:
        after = [p for p in pieces if p.centre > stroke.centre and 0 < p.middle < 1]
        is_first = not any(p.right < stroke.centre and p.height > 0.5 for p in pieces)
        if stroke.height <= 0.5 or not after or is_first:
            continue
        dash = min(after, key=lambda p: p.left)
        is_flat = dash.width > max(0.3, 1.3 * dash.height) and dash.height < 0.3
        slope, spread = stroke.slope
        if is_flat and dash.left <= stroke.right + 0.6:
            expected += [stroke] if -slope > 0.12 and spread < 0.085 else []
    assert [*find_endings(pieces)] == expected


class Counted(list[Piece]):
    """Pieces, and how often one of them is looked at."""

    looks = 0

    def __iter__(self) -> Iterator[Piece]:
        for one in super().__iter__():
            self.looks += 1
            yield one

    def __getitem__(self, at: Any) -> Any:
        self.looks += 1
        return super().__getitem__(at)


def test_twice_the_pieces_are_looked_at_twice_as_often() -> None:
    looks = []
    for count in (200, 400):
        pieces = Counted(piece(at, 0.1 * (at % 3), 0.7, 1) for at in range(count))
        find_endings(pieces)
        looks.append(pieces.looks)
    assert looks[1] <= 2.1 * looks[0]
