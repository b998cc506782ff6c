"""How the columns of a table are distinguished."""

import numpy as np
import pytest

from mnistry.errors import ShapeError
from mnistry.views import layout


def test_names_that_others_give_their_columns_are_understood() -> None:
    kaggle = ["label", *(f"pixel{number}" for number in range(784))]
    fashion = ["label", *(f"{row}x{column}" for row in (1, 2) for column in (1, 2))]
    openml = [*(f"pixel{number}" for number in range(1, 785)), "class"]
    assert layout.find(kaggle)[1:3] == (list(range(1, 785)), 0)
    assert layout.find(fashion)[1:3] == ([1, 2, 3, 4], 0)
    assert layout.find(openml)[1:3] == (list(range(784)), 784)


def test_where_there_is_an_image_column_numbered_columns_are_facts() -> None:
    assert layout.find(["image", "1", "label"]) == (0, [], 2, [1])


@pytest.mark.parametrize(
    ("names", "missing"), [(["0", "1"], "label"), (["label", "text"], "images")]
)
def test_a_table_without_label_or_images_is_refused(
    names: list[str], missing: str
) -> None:
    with pytest.raises(ShapeError, match=f"no column for the {missing}; its columns"):
        layout.find(names)


def test_an_image_that_is_no_square_needs_its_shape() -> None:
    assert layout.shape_of(35, {"shape": (5, 7)}) == (5, 7)
    with pytest.raises(ShapeError, match="35 pixels, which is not a square"):
        layout.shape_of(35, {})


@pytest.mark.parametrize("odd", [256, -1, 0.5, float("nan"), float("inf")])
def test_numbers_that_are_no_pixels_are_refused_with_their_value(odd: float) -> None:
    with pytest.raises(ShapeError, match=rf"pixels hold {odd}"):
        layout.as_bytes(np.array([0, odd, 3]))


def test_text_that_is_a_number_is_taken_and_other_text_refused() -> None:
    digits = np.array(["7", "2"], object)  # as OpenML gives labels
    assert layout.as_bytes(digits).tolist() == [7, 2]
    with pytest.raises(ShapeError, match="labels hold 'seven'; expected integers"):
        layout.as_bytes(np.array(["seven"], object), "labels")


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"name": 7}', '{"shape": [2]}', '{"classes": "ab"}', "[" * 9999],
)
def test_facts_that_are_none_are_passed_over(text: str) -> None:
    assert layout.read_facts(text) == {}


def test_pixels_are_in_the_order_of_their_numbers() -> None:
    names = sorted([str(number) for number in range(16)])
    found = layout.find(["label", *names])
    assert [names[at - 1] for at in found.pixels] == [str(n) for n in range(16)]
    grid = ["1x1", "2x1", "1x2", "2x2", "label"]
    assert layout.find(grid).pixels == [0, 2, 1, 3]


@pytest.mark.parametrize("names", ["0 1 3", "1 1 2", "1x1 1x2 2x1", "0 1 1x1"])
def test_pixels_that_are_missing_or_twice_are_refused(names: str) -> None:
    with pytest.raises(ShapeError, match="expected each once, and none missing"):
        layout.find([*names.split(), "label"])
