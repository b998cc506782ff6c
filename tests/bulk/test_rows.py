"""Record batches in, record batches out: one row or more for each picture."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import mnistry
from mnistry.bulk import pages, rows
from mnistry.bulk.pages import page_count
from mnistry.bulk.rows import model_id, read_batch
from mnistry.bulk.schema import COLUMNS, STATUSES, output_schema
from mnistry.errors import FormatError, UsageError
from mnistry.scan.page.picture.load import load_pictures
from mnistry.scan.reasons import reason_of
from tests.bulk.conftest import Write

Make = Callable[[str], bytes]

PROMISED = """\
name: string
page: int32
line: int32
text: string
confidence: float
digits: list<item: struct<value: int8, confidence: float, \
box: struct<left: int32, top: int32, right: int32, bottom: int32>, \
alternatives: list<item: struct<value: int8, confidence: float>>, rejected: bool>>
status: string
error: string
model: string
box: struct<left: int32, top: int32, right: int32, bottom: int32>
seconds: float
version: string
reason: string"""


def batch(pictures: list[bytes], **more: Any) -> Any:
    names = [f"{number}.png" for number in range(len(pictures))]
    content = pa.array(pictures, pa.binary())
    return pa.record_batch({"name": names, "content": content} | more)


def without_time(table: Any) -> list[dict[str, Any]]:
    return table.drop_columns(["seconds"]).to_pylist()  # type: ignore[no-any-return]


def test_the_schema_is_the_promised_one() -> None:
    lines = [f"{field.name}: {field.type}" for field in COLUMNS]
    assert "\n".join(lines).replace("child 0, ", "") == PROMISED


def test_a_row_has_what_read_gives(picture: Make) -> None:
    data = picture("2468")
    (row,) = read_batch(batch([data])).to_pylist()
    reading = mnistry.read(data)
    assert (row["name"], row["page"], row["line"]) == ("0.png", 1, 1)
    assert row["text"] == reading.text
    assert row["confidence"] == pytest.approx(reading.confidence)
    assert (row["status"], row["error"]) == ("read", None)
    assert row["box"] == reading.lines[0].box._asdict()
    for got, digit in zip(row["digits"], reading.digits, strict=True):
        assert got["value"] == digit.value
        assert got["confidence"] == pytest.approx(digit.confidence)
        assert got["box"] == digit.box._asdict()
        others = [(one["value"], one["confidence"]) for one in got["alternatives"]]
        assert [value for value, _ in others] == [v for v, _ in digit.alternatives]
    assert row["model"] == model_id()
    assert len(row["model"]) == 64
    assert row["version"] == mnistry.__version__
    assert row["seconds"] > 0


def test_settings_are_those_of_read(picture: Make) -> None:
    (row,) = read_batch(
        batch([picture("2468")]), pattern="[0-9]{2}-[0-9]{2}"
    ).to_pylist()
    assert row["text"][2] == "-"
    with pytest.raises(UsageError):
        read_batch(batch([picture("2468")]), pattern="(")


def test_a_broken_picture_is_a_row_and_its_neighbours_are_read(picture: Make) -> None:
    good = picture("2468")
    table = read_batch(batch([b"", good, b"Dear", good[:200], good]))
    assert table.column("status").to_pylist() == [
        "error",
        "read",
        "error",
        "error",
        "read",
    ]
    empty, _, letter, cut, _ = table.column("error").to_pylist()
    assert empty.startswith("the picture is empty")
    assert "not in a format that mnistry reads" in letter
    assert cut.startswith("the picture is broken")


def test_what_has_no_digits_has_a_row() -> None:
    file = io.BytesIO()
    Image.new("L", (200, 100), 255).save(file, "PNG")
    (row,) = read_batch(batch([file.getvalue()])).to_pylist()
    assert (row["status"], row["line"], row["text"]) == ("empty", 0, "")
    assert (row["confidence"], row["digits"], row["box"]) == (0, [], None)
    assert (row["reason"], row["error"]) == (reason_of("blank"), None)


def test_a_page_without_digits_of_a_file_has_a_row_too(pdf: bytes) -> None:
    pages = [load.pixels for load in load_pictures(pdf)]
    file = io.BytesIO()
    first, *rest = map(Image.fromarray, pages)
    first.save(file, "TIFF", save_all=True, append_images=rest)
    table = read_batch(batch([file.getvalue()]))
    rows = [(row["page"], row["line"], row["status"]) for row in table.to_pylist()]
    assert rows == [(1, 1, "read"), (2, 0, "empty"), (3, 1, "read")]


def test_what_is_taken_for_no_single_digit_has_a_row() -> None:
    picture = np.full((60, 300), 255, np.uint8)
    for left in range(20, 280, 40):
        picture[10:50, left : left + 6] = 0
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    (row,) = read_batch(batch([file.getvalue()]), single=True).to_pylist()
    assert (row["status"], row["line"], row["text"]) == ("empty", 1, "")
    assert row["reason"].startswith("not-single: 5 ")  # of 7, two like sides of a box
    assert [digit["rejected"] for digit in row["digits"]] == [True]


def test_each_page_of_a_pdf_has_its_rows(pdf: bytes, tmp_path: Path) -> None:
    path = tmp_path / "three.pdf"
    path.write_bytes(pdf)
    table = read_batch(pa.record_batch({"path": [str(path)]}))
    assert table.column("page").to_pylist() == [1, 2, 3]
    assert table.column("status").to_pylist() == ["read", "empty", "read"]
    assert table.column("name").to_pylist() == [str(path)] * 3
    one_by_one = [
        read_batch(
            pa.record_batch({"path": [str(path)], "page": pa.array([n], pa.int32())})
        )
        for n in (1, 2, 3)
    ]
    assert without_time(pa.Table.from_batches(one_by_one)) == without_time(table)
    assert (
        page_count({"path": str(path), "content": None, "offset": 0, "length": None})
        == 3
    )
    assert page_count({"content": b"no PDF"}) == 1


def test_a_page_that_is_not_there_is_a_row(pdf: bytes) -> None:
    table = read_batch(batch([pdf], page=pa.array([4], pa.int32())))
    assert table.column("error").to_pylist() == [
        "the picture has 3 pages; page 4 was requested."
    ]


def test_a_broken_page_does_not_stop_the_next(
    pdf: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pypdfium2.PdfDocument.import_pages

    def second_is_broken(self: Any, document: Any, pages: list[int]) -> None:
        if pages == [1]:
            raise pypdfium2.PdfiumError("no such object")
        real(self, document, pages)

    monkeypatch.setattr(pypdfium2.PdfDocument, "import_pages", second_is_broken)
    table = read_batch(batch([pdf]))
    assert table.column("status").to_pylist() == ["read", "error", "read"]
    assert (
        table.column("error")[1].as_py().startswith("page 2 of the picture is broken")
    )


def test_a_broken_pdf_is_a_row() -> None:
    table = read_batch(batch([b"%PDF-1.7 and nothing else"]))
    assert table.column("error")[0].as_py().startswith("the picture is broken")
    with pytest.raises(FormatError):
        page_count({"content": b"%PDF-1.7 and nothing else"})


def test_a_part_of_a_file_is_read(picture: Make, tmp_path: Path) -> None:
    data = picture("2468")
    path = tmp_path / "archive"
    path.write_bytes(b"before" + data + b"after")
    place = {"path": [str(path)] * 2, "offset": [6, 6], "length": [len(data), 10**6]}
    table = read_batch(pa.record_batch(place | {"name": ["a", "b"]}))
    assert table.column("text").to_pylist() == [mnistry.read(data).text, ""]
    assert "its archive is truncated" in table.column("error")[1].as_py()


def test_files_that_cannot_be_opened_are_rows(tmp_path: Path, write: Write) -> None:
    paths = [str(tmp_path / "gone.png"), str(tmp_path), str(write("a.png", "13"))]
    table = read_batch(pa.record_batch({"path": paths}))
    gone, folder, _ = table.column("error").to_pylist()
    assert gone.startswith("the picture is not there; expected a picture")
    assert folder == "the picture cannot be read: Is a directory."
    assert table.column("name").to_pylist() == paths


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
def test_a_named_pipe_is_a_row_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.png")
    table = read_batch(pa.record_batch({"path": [str(tmp_path / "x.png")]}))
    reason = table.column("error")[0].as_py()
    assert reason.startswith("the picture is a named pipe; expected a plain file")


def test_what_is_too_large_is_not_read(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_BYTES", 100)
    table = read_batch(pa.record_batch({"path": [str(write("a.png", "13"))]}))
    assert "at most 100 bytes" in table.column("error")[0].as_py()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "the picture needs more memory than one picture may take."),
        (RuntimeError("a\n  b"), "a b"),
        (RuntimeError(), "RuntimeError"),
        (OSError(), "the picture cannot be read: OSError."),
    ],
)
def test_whatever_goes_wrong_is_a_row(
    error: Exception, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(rows, "read", fail)
    assert read_batch(batch([b"x"])).column("error").to_pylist() == [reason]


def test_columns_of_ones_own_are_kept(pdf: bytes, picture: Make) -> None:
    own = {"who": ["a", "b"], "tags": [[1], [2, 3]]}
    table = read_batch(batch([pdf, picture("13")], **own))
    assert table.column("who").to_pylist() == ["a", "a", "a", "b"]
    assert table.column("tags").to_pylist() == [[1], [1], [1], [2, 3]]
    assert table.schema == output_schema(batch([pdf, b""], **own).schema)


def test_columns_that_cannot_be_are_refused() -> None:
    with pytest.raises(UsageError, match="hold no pictures"):
        read_batch(pa.record_batch({"name": ["a"]}))
    with pytest.raises(UsageError, match="text have names that the output needs"):
        read_batch(pa.record_batch({"path": ["a"], "text": ["b"]}))


def test_nothing_in_nothing_out() -> None:
    assert read_batch(batch([])).num_rows == 0


def test_each_row_is_announced(picture: Make) -> None:
    announced: list[int] = []
    read_batch(batch([b"", picture("13")]), started=announced.append)
    assert announced == [0, 1]


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5))
def test_any_bytes_give_rows_and_a_batch_may_be_cut_anywhere(
    pictures: list[bytes],
) -> None:
    together = read_batch(batch(pictures))
    assert set(together.column("status").to_pylist()) <= set(STATUSES)
    alone = [read_batch(batch([data])) for data in pictures]
    together_rows = [row | {"name": ""} for row in without_time(together)]
    alone_rows = [row | {"name": ""} for one in alone for row in without_time(one)]
    assert together_rows == alone_rows
