"""CSV as people have it: with and without names, quotes, floats."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistry.digits import Digits
from mnistry.errors import FormatError
from mnistry.files import csv as rows
from mnistry.files import export, load

FOUR = Digits(
    np.array([[[0, 9], [10, 255]], [[99, 100], [1, 2]]], np.uint8),
    np.array([7, 2], np.uint8),
)


def read(tmp_path: Path, text: str) -> Digits:
    path = tmp_path / "train.csv"
    path.write_bytes(text.encode())
    return load(path)["train"]


def test_the_lines_are_what_people_expect(tmp_path: Path) -> None:
    first = export(FOUR, "csv", tmp_path)[0]
    last = export(FOUR, "csv-label-last", tmp_path / "b")[0]
    assert first.read_text() == "label,0,1,2,3\n7,0,9,10,255\n2,99,100,1,2\n"
    assert last.read_text() == "0,1,2,3,label\n0,9,10,255,7\n99,100,1,2,2\n"


@pytest.mark.parametrize(
    "text",
    [
        "7,0,9,10,255\n2,99,100,1,2\n",
        "7,0,9,10,255\r\n2,99,100,1,2\r\n",
        "7,0,9,10,255\n2,99,100,1,2",
        "7,0,9,10,255\n\n2,99,100,1,2\n\n",
        "label,pixel0,pixel1,pixel2,pixel3\n7,0,9,10,255\n2,99,100,1,2\n",
        "label,1x1,1x2,2x1,2x2\n7,0,9,10,255\n2,99,100,1,2\n",
        '"label","0","1","2","3"\n"7",0,9,10,255\n2,99,100,1,2\n',
        "pixel1,pixel2,pixel3,pixel4,class\n0,9,10,255,7\n99,100,1,2,2\n",
        "label,0,1,2,3\n7.0,0.0,9.0,10.0,255.0\n2, 99, 100, 1, 2\n",
        "\ufefflabel,0,1,2,3\n7,0,9,10,255\n2,99,100,1,2\n",
        "label,0,1,2,3\n007,0,009,10,255\n2,0099,100,1,2\n",
    ],
)
def test_the_ways_others_write_it_are_read(text: str, tmp_path: Path) -> None:
    assert read(tmp_path, text) == FOUR


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("label,0,1,2,3\n7,0,9,10\n", "line 2 has 4 fields; expected 5"),
        ("7,0,9,10,255\n7,0,9,10,256\n", "fields of line 2 hold 256"),
        ("7,0,9,10,255\n7,0,9,10,-1\n", "line 2 hold -1"),
        ("7,0,9,10,255\n7,0,9,,0\n", "line 2 hold ''; expected"),
        ("7,0,9,10,255\n7,0,9,ink,0\n", "line 2 hold 'ink'; expected"),
        ("7,0,9,0.5,255\n", "line 1 hold 0.5; expected integers"),
        ("label,0,1,2,3,writer\n", r"columns \['writer'\] are missing"),
        ("label,text\n7,seven\n", "no column for the images"),
        ("pixel0,pixel1\n0,1\n", "no column for the label"),
        ("0,1,2,3,4\n7,0,9,10,255\n", "its first line numbers the columns"),
        ("label\n7\n", "no column for the images"),
        ("7\n7\n", "no column for the label"),
        ("7,0,9,10\n", "3 pixels, which is not a square"),
        ("", "its first line is empty; expected names"),
        ("\n7,0,9,1,0\n", "its first line is empty; expected names"),
    ],
)
def test_what_is_wrong_is_reported_with_its_line(
    text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(FormatError, match=message):
        read(tmp_path, text)


@given(
    table=st.lists(st.lists(st.integers(0, 300), min_size=3, max_size=3), min_size=1)
)
def test_the_fast_reader_agrees_with_the_slow_or_leaves_it_the_work(
    table: list[list[int]],
) -> None:
    text = "".join(",".join(map(str, row)) + "\n" for row in table).encode()
    fast = rows._fast(text, 3)
    if fast is None:
        assert max(map(max, table)) > 255
    else:
        np.testing.assert_array_equal(fast, rows._slow(text, 3, 1))


def test_files_larger_than_a_block_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (300, 5, 5), np.uint8)
    digits = Digits(images, rng.integers(0, 10, 300, np.uint8))
    path = export(digits, "csv", tmp_path)[0]
    for size in (1, 64, 1000):
        monkeypatch.setattr(rows, "BLOCK_BYTES", size)
        assert list(load(path).values()) == [digits]


def test_empty_lines_count_as_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BLOCK_BYTES", 16)
    with pytest.raises(FormatError, match="line 9 has 2 fields; expected 5"):
        read(tmp_path, "label,0,1,2,3\n7,0,0,0,0\n\n\n\n\n7,0,0,0,0\n\n7,0\n")


def test_a_line_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_LINE_BYTES", 100)
    monkeypatch.setattr(rows, "BLOCK_BYTES", 50)
    with pytest.raises(FormatError, match="a line is longer than 100 bytes"):
        read(tmp_path, "label,0,1,2,3\n" + "0," * 500)


@pytest.mark.parametrize("text", ["étiquette,0,1\n7,0,9\n", "file,é\na.png,7\n"])
def test_the_error_for_a_file_that_is_not_utf_8_says_how_to_save_it(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "train.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(FormatError, match=r"is not in UTF-8; .* Save it as UTF-8\.$"):
        load(tmp_path / "train.csv")
