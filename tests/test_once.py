"""What tests share is what each of them would have made."""

from pathlib import Path

import numpy as np
import pytest

from mnistry import Digits
from mnistry.data import load
from tests.once import drawn_once


@pytest.mark.parametrize("is_shared", [True, False])
def test_processes_of_a_run_draw_a_split_once(is_shared: bool, tmp_path: Path) -> None:
    drawn: list[str] = []

    def draw(split: str, _: object) -> Digits:
        drawn.append(split)
        images = np.full((10, 28, 28), len(drawn), np.uint8)
        return Digits(images, np.arange(10, dtype=np.uint8), "drawn", split, "a seed")

    folder = tmp_path if is_shared else None
    processes = [drawn_once(draw, folder) for _ in range(2)]
    found = [once("test", None) for once in processes for _ in range(2)]
    seen = [int(digits.images.max()) for digits in found]
    assert seen == ([1, 1, 1, 1] if is_shared else [1, 1, 2, 2])


def test_what_is_shared_is_what_is_drawn(tmp_path: Path) -> None:
    ours = load.load("drawn", split="test")
    shared = drawn_once(lambda *_: ours, tmp_path)("test", None)
    assert shared == ours
    assert [shared.source, shared.classes] == [ours.source, ours.classes]
