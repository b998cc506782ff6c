"""Nothing is read wrongly in silence: order of columns, place of labels, axes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mnistry.digits import Digits
from mnistry.errors import FormatError
from mnistry.files import load
from mnistry.formats import idx
from mnistry.synth.drawn import draw
from mnistry.views.pandas import from_pandas

SOME = Digits(*draw(40, seed=2))
SEVEN = int(np.flatnonzero(SOME.labels == 7)[0])


def test_columns_in_the_order_of_their_text_are_put_in_that_of_their_numbers(
    tmp_path: Path,
) -> None:
    frame = pd.DataFrame(SOME.images.reshape(len(SOME), -1)).rename(columns=str)
    frame["label"] = SOME.labels
    frame = frame.sort_index(axis=1)
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    assert from_pandas(frame) == SOME
    for name in ("a.csv", "a.parquet"):
        (found,) = load(tmp_path / name).values()
        assert found == SOME


@pytest.mark.parametrize("side", [0, 784])
@pytest.mark.parametrize("rows", [range(40), [SEVEN], [SEVEN] * 3])
def test_a_label_without_a_name_is_found_first_or_last(
    side: int, rows: list[int], tmp_path: Path
) -> None:
    some = SOME[list(rows)]
    lines = np.insert(some.images.reshape(len(some), -1), side, some.labels, axis=1)
    np.savetxt(tmp_path / "a.csv", lines, fmt="%d", delimiter=",")
    assert list(load(tmp_path / "a.csv").values()) == [some]


def test_a_label_that_may_be_either_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,200,9,9,2\n2,9,200,9,1\n")
    with pytest.raises(FormatError, match="either the first or the last number"):
        load(tmp_path / "a.csv")


@pytest.mark.parametrize("name", ["emnist-letters-train", "train"])
def test_emnists_own_files_are_turned(name: str, tmp_path: Path) -> None:
    is_emnist = name.startswith("emnist")
    pixels = SOME.images.swapaxes(1, 2) if is_emnist else SOME.images
    idx.write(tmp_path / f"{name}-images-idx3-ubyte", pixels)
    idx.write(tmp_path / f"{name}-labels-idx1-ubyte", SOME.labels)
    assert load(tmp_path)["train"] == SOME
