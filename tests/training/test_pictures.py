"""Pictures that nets learn from and are chosen by: print, and hands held out."""

from typing import Any

import numpy as np
import pytest

from mnistry.synth.drawn import draw
from training.reading import compose_scenes, measure_pictures, prose
from training.reading.centre_lines import centre_lines
from training.reading.glyphs import Glyphs


def reading(read: list[str], confidence: list[float]) -> dict[str, Any]:
    return {"kind": "string", "true": ["42"], "read": read, "confidence": confidence}


def test_boxes_of_print_hold_its_digits() -> None:
    scene = prose.make_prose(np.random.default_rng(4))
    assert scene.lines
    grey = scene.picture.min(axis=2)
    for line in scene.lines:
        assert len(line.boxes) == sum(map(str.isdigit, line.text))
        for box in line.boxes:
            left, top, right, bottom = map(round, box)
            assert grey[top:bottom, left:right].min() < grey.max() / 2


def test_print_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prose, "NUMBERS", 0.01)
    assert prose.make_prose(np.random.default_rng(2)).lines


def test_strips_of_print_may_have_no_digit_those_of_hands_have() -> None:
    rng = np.random.default_rng(1)
    counts = [
        len(strip.digits)
        for seed in range(6)
        for strip in compose_scenes.strips_of(
            prose.make_prose(np.random.default_rng(seed)), rng, empty=True
        )
    ]
    assert min(counts) == 0 < max(counts)


@pytest.mark.parametrize(
    ("one", "is_right", "sure_wrong"),
    [
        (reading(["42"], [0.5]), True, (0, 0)),
        (reading(["42", "7"], [0.97, 0.6]), True, (1, 0)),
        (reading(["42", "7"], [0.97, 0.96]), False, (2, 1)),
        (reading(["43"], [0.99]), False, (1, 1)),
        (reading([], []), False, (0, 0)),
    ],
)
def test_a_picture_is_right_where_nothing_else_is_read_surely(
    one: dict[str, Any], is_right: bool, sure_wrong: tuple[int, int]
) -> None:
    assert measure_pictures.is_right(one) == is_right
    assert measure_pictures.count_sure(one) == sure_wrong


def test_readings_of_two_nets_are_set_beside_each_other() -> None:
    before = [reading(["42"], [0.9]), reading(["12"], [0.99]), reading([], [])]
    now = [reading(["12"], [0.9]), reading(["42"], [0.99]), reading(["42"], [0.3])]
    lines = list(measure_pictures.compare(now, before))
    assert lines[0].removeprefix("string") == lines[1].removeprefix("all")
    assert "right 1 -> 2 (2 won, 1 lost), sure lines 1 -> 1, wrong 1 -> 0" in lines[1]
    with pytest.raises(ValueError, match="other pictures were read"):
        list(measure_pictures.compare(now, before[1:]))


def test_each_kind_is_measured_in_hands_that_were_given() -> None:
    images, labels = draw(60, seed=3)
    source, rows = np.zeros(60, np.uint8), (np.arange(60),)
    centres = centre_lines(images)
    hands = Glyphs(images, labels, centres, source, rows, np.ones(1))
    made = list(measure_pictures.pictures(hands, 1, 0))
    kinds = [kind for kind, _, _ in made]
    assert kinds == [*compose_scenes.KINDS, *4 * [measure_pictures.COMPOSED]]
    assert all("".join(texts).isdigit() for _, _, texts in made if texts)
