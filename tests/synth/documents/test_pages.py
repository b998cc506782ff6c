from collections.abc import Callable

import numpy as np
import pytest

from mnistry.synth.documents.columns import make_register_column
from mnistry.synth.documents.exams import make_exam
from mnistry.synth.documents.handheld import make_photographed_lines
from mnistry.synth.documents.pages import (
    make_cell,
    make_number_table,
    make_print,
    make_ruled_page,
)
from mnistry.synth.documents.photographs import (
    make_dark_margins,
    make_photographed_form,
    turned,
)
from mnistry.synth.documents.registers import make_register_cell
from mnistry.synth.documents.rows import make_rows
from mnistry.synth.documents.scenes import Alphabet, Scene, make_string

TEXTS = ["3141", "592653"]
Maker = Callable[[Alphabet, int], Scene]
MAKERS: dict[str, Maker] = {
    "form": lambda alphabet, seed: make_photographed_form(alphabet, TEXTS, seed=seed),
    "bordered form": lambda alphabet, seed: make_photographed_form(
        alphabet, TEXTS, seed=seed, border=(80, 0.1)
    ),
    "dark margins": lambda alphabet, seed: make_dark_margins(
        make_string(alphabet, TEXTS[0], seed=seed), seed=seed
    ),
    "cell": lambda alphabet, seed: make_cell(alphabet, "42", seed=seed),
    "register": lambda alphabet, seed: make_register_cell(alphabet, "42", seed=seed),
    "column": lambda alphabet, seed: make_register_column(alphabet, "42", seed=seed),
    "ruled": lambda alphabet, seed: make_ruled_page(alphabet, TEXTS, seed=seed),
    "squared": lambda alphabet, seed: make_ruled_page(
        alphabet, TEXTS, seed=seed, squared=True
    ),
    "table": lambda alphabet, seed: make_number_table(
        alphabet, [TEXTS, ["", "27"]], seed=seed
    ),
    "rows": lambda alphabet, seed: make_rows(alphabet, [TEXTS, ["27"]], seed=seed),
    "handheld": lambda alphabet, seed: make_photographed_lines(
        alphabet, TEXTS, seed=seed, sides=(400, 700)
    ),
    "exam": lambda alphabet, seed: make_exam(alphabet, "2718281", seed=seed),
    "exam number": lambda alphabet, seed: make_exam(
        alphabet, "2718281", seed=seed, cut="number"
    ),
    "turned": lambda alphabet, seed: turned(
        make_string(alphabet, TEXTS[0], seed=seed), 90
    ),
}


@pytest.mark.parametrize("name", MAKERS)
def test_each_digit_has_a_box_with_ink_in_it(name: str, alphabet: Alphabet) -> None:
    scene = MAKERS[name](alphabet, 3)
    assert scene.lines
    for line in scene.lines:
        assert len(line.boxes) == len(line.text)
        for box in line.boxes:
            part = scene.picture[max(0, box.top) : box.bottom, box.left : box.right]
            assert np.ptp(part.mean(axis=2)) > 40


@pytest.mark.parametrize(
    "name", [name for name in MAKERS if name not in ("form", "exam")]
)
def test_the_same_seed_gives_the_same_picture(name: str, alphabet: Alphabet) -> None:
    once, again, other = (MAKERS[name](alphabet, seed) for seed in (1, 1, 2))
    assert np.array_equal(once.picture, again.picture)
    assert once.lines == again.lines
    assert not np.array_equal(once.picture, other.picture)


def test_a_plain_border_is_as_wide_and_as_light_as_asked_for(
    alphabet: Alphabet,
) -> None:
    scene = make_photographed_form(alphabet, TEXTS, seed=5, border=(120, 0.1))
    assert scene.picture.shape == (1754 + 240, 1240 + 240, 3)
    assert scene.picture[:110].max() < 60 < scene.picture[200:400, 200:400].mean()


def test_dark_margins_are_added_around_what_was_there(alphabet: Alphabet) -> None:
    scene = make_string(alphabet, TEXTS[0], seed=1)
    for seed in range(4):
        margined = make_dark_margins(scene, seed=seed)
        assert margined.picture.size > scene.picture.size
        assert (margined.picture.mean(axis=2) < 60).mean() > 0.02


def test_a_page_of_print_has_ink_and_no_numbers() -> None:
    scene = make_print(seed=2)
    assert scene.lines == ()
    assert 0.01 < (scene.picture.mean(axis=2) < 110).mean() < 0.3
