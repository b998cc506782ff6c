"""Parquet whose footer miscounts its rows."""

from pathlib import Path

import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.errors import FormatError
from mnistry.files import export, load, parquet


@pytest.mark.parametrize(
    ("rows_there", "message"),
    [(0, "its footer counts 9 rows, but there are none"), (3, "but there are 3")],
)
def test_rows_that_are_not_there_are_missed(
    rows_there: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = Digits(np.zeros((9, 28, 28), np.uint8), np.zeros(9, np.uint8))
    (path,) = export(some, "parquet", tmp_path)
    (part,) = parquet._groups(path)

    def groups(_: Path) -> object:
        return iter([part[:rows_there]] if rows_there else [])

    monkeypatch.setattr(parquet, "_groups", groups)
    with pytest.raises(FormatError, match=message):
        load(path)
