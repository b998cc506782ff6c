"""Pictures are found in files, folders, patterns, archives and tables, in order."""

import gzip
import io
import os
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mnistry.bulk import archives, tables
from mnistry.bulk.job import read_many
from mnistry.bulk.rows import read_batch
from mnistry.bulk.sources import Picture, find, survey, to_batch
from mnistry.errors import UsageError
from mnistry.formats import budget
from tests.bulk.conftest import Write

Make = Callable[[str], bytes]
NO_COLUMNS = pa.schema([])


def names(*sources: Path | str, **options: Any) -> list[str]:
    return [picture.name for picture in find(sources, **options)]


def make_tar(path: Path, members: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def contents(pictures: list[Picture]) -> list[bytes]:
    """Give the bytes of pictures as reading them finds them."""
    return [
        picture.content
        if picture.content is not None
        else Path(str(picture.path)).read_bytes()[picture.offset or 0 :][
            : picture.length
        ]
        for picture in pictures
    ]


def test_a_folder_is_walked_in_order(tmp_path: Path) -> None:
    for name in ("b.png", "a/z.JPG", "a/a.pdf", "c.txt", "c/d/e.tif"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1234")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = list(find([tmp_path]))
    wanted = ["a/a.pdf", "a/z.JPG", "b.png", "c/d/e.tif"]
    assert [picture.name for picture in found] == [
        f"{tmp_path}/{name}" for name in wanted
    ]
    assert [picture.size for picture in found] == [4] * 4
    assert survey([tmp_path]).size == 16
    assert names(tmp_path, without=tmp_path / "a") == [
        f"{tmp_path}/b.png",
        f"{tmp_path}/c/d/e.tif",
    ]


def test_what_is_not_there_or_empty_is_a_picture_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    sources = [f"{tmp_path}/{name}" for name in ("gone.png", "empty", "*.none")]
    assert names(*sources) == sources
    table = read_batch(to_batch(find(sources), NO_COLUMNS))
    assert set(table.column("status").to_pylist()) == {"error"}

    def refused(_: str) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "scandir", refused)
    assert names(tmp_path) == [str(tmp_path)]


def test_patterns_are_those_of_a_shell(tmp_path: Path) -> None:
    for name in ("a1.png", "a2.png", "d/a3.png", "[x].png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    assert names(f"{tmp_path}/**/a*.png") == [
        f"{tmp_path}/{name}" for name in ("a1.png", "a2.png", "d/a3.png")
    ]
    assert names(f"{tmp_path}/f*.png") == [f"{tmp_path}/f*.png"]
    assert names(f"{tmp_path}/[x].png") == [f"{tmp_path}/[x].png"]


@pytest.mark.parametrize(
    ("name", "mode"), [("a.tar", "w"), ("a.tar.gz", "w:gz"), ("a.tgz", "w:gz")]
)
def test_members_of_an_archive(name: str, mode: str, tmp_path: Path) -> None:
    members = {"x/1.png": b"one", "x/1.txt": b"7", "2.jpg": b"two", "3.PNG": b""}
    path = make_tar(tmp_path / name, members, mode)
    found = list(find([tmp_path]))
    wanted = [f"{path}/{member}" for member in ("x/1.png", "2.jpg", "3.PNG")]
    assert [picture.name for picture in found] == wanted
    assert contents(found) == [b"one", b"two", b""]
    assert all((picture.path is None) == ("gz" in mode) for picture in found)


def test_a_broken_archive_gives_what_it_has_and_a_problem(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "a.tar", {"1.png": b"1" * 3000, "2.png": b"2" * 3000})
    path.write_bytes(path.read_bytes()[:6000])  # in the middle of the second
    (tmp_path / "b.tar").write_bytes(b"no archive at all" * 100)
    (tmp_path / "c.tgz").write_bytes(b"nor this")
    one, two, *problems = find([tmp_path])
    assert [one.name, two.name] == [f"{path}/1.png", f"{path}/2.png"]
    assert [picture.name for picture in problems] == [
        f"{tmp_path}/{name}" for name in ("a.tar", "b.tar", "c.tgz")
    ]
    assert all("the archive is broken" in str(p.problem) for p in problems)
    table = read_batch(to_batch([two, *problems], NO_COLUMNS))
    assert "its archive is truncated" in table.column("error")[0].as_py()
    assert table.column("error")[1].as_py() == problems[0].problem


def test_a_compressed_member_that_is_too_large_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 10)
    path = make_tar(tmp_path / "a.tgz", {"1.png": b"0" * 11, "2.png": b"0"}, "w:gz")
    large, small = find([path])
    assert "at most 10 bytes" in str(large.problem)
    assert small.content == b"0"


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_that_claims_hundreds_of_megabytes_is_not_read(
    kind: bytes, tmp_path: Path
) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = kind, 300 << 20
    path = tmp_path / "a.tar.gz"
    data = header.tobuf(tarfile.USTAR_FORMAT) + bytes(2 << 20)
    path.write_bytes(gzip.compress(data))
    (picture,) = find([path])
    assert "a header of 314,572,800 bytes" in str(picture.problem)


def test_what_is_passed_over_has_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "DECODED_BYTES", 4 << 20)
    members = {"0.png": b"0", "film.mp4": bytes(5 << 20), "1.png": b"1"}
    for name, mode, problems in (("a.tar", "w", 0), ("a.tar.gz", "w:gz", 1)):
        path = make_tar(tmp_path / name, members, mode)
        found = list(find([path]))
        assert [one.problem is not None for one in found] == [False, bool(problems)]
    assert "would be unpacked to" in str(found[1].problem)


def repeated(path: Path, value: bytes, rows: int) -> Path:
    """Write a table that has one value once, and many rows of it."""
    places = pa.array(np.zeros(rows, np.int32))
    column = pa.DictionaryArray.from_arrays(places, pa.array([value], pa.binary()))
    options = {"compression": "zstd", "dictionary_pagesize_limit": 1 << 30}
    pq.write_table(pa.table({"content": column}), path, store_schema=False, **options)
    return path


def test_a_picture_that_many_rows_share_is_in_memory_a_few_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = repeated(tmp_path / "a.parquet", bytes(1 << 20), 64)
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(tables, "DECODED_BYTES", 10 << 20)
    before = pa.total_allocated_bytes()
    count = 0
    for picture in find([path]):
        assert picture.content == bytes(1 << 20)
        assert pa.total_allocated_bytes() - before < 10 << 20
        count += 1
    assert count == 64
    monkeypatch.setattr(budget, "DECODED_BYTES", 2 << 20)
    (picture,) = find([path])
    assert "would be unpacked to" in str(picture.problem)


def test_a_packed_archive_cut_anywhere_has_a_problem(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "a.tar.gz", {"1.png": b"1" * 3000}, "w:gz")
    data = bytearray(path.read_bytes())
    data[3] = (
        0xFF  # more fields follow in the header of gzip, tarfile takes for granted
    )
    for cut in (5, 11, len(data) // 2, len(data)):
        path.write_bytes(data[:cut])
        assert [one for one in find([path]) if one.problem]


def test_an_archive_is_not_held_in_memory(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "a.tar", {f"{n}.png": b"" for n in range(3000)})
    tracemalloc.start()
    count = sum(1 for _ in find([path]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 3000
    assert peak < 1_000_000  # 3000 members would take 3 MB


def write_table(file: Path, /, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), file)
    return file


@pytest.mark.parametrize("name", tables.BYTES_NAMES)
def test_a_table_of_bytes(name: str, tmp_path: Path) -> None:
    columns = {name: [b"one", b"two", None], "who": ["a", "b", "c"]}
    path = write_table(tmp_path / "t.parquet", **columns)
    *found, missing = find([tmp_path])
    assert contents(found) == [b"one", b"two"]
    assert [picture.name for picture in found] == [f"{path}/0", f"{path}/1"]
    assert [picture.columns for picture in found] == [{"who": "a"}, {"who": "b"}]
    assert missing.problem == "the table has no picture in row 2."
    assert survey([tmp_path]).columns == pa.schema([("who", pa.string())])


def test_a_table_as_hugging_face_writes_it(tmp_path: Path) -> None:
    images = [{"bytes": b"one", "path": "1.png"}]
    path = write_table(tmp_path / "t.parquet", image=images, name=["first"], label=[7])
    (found,) = find([path])
    assert (found.name, found.content, found.columns) == ("first", b"one", {"label": 7})


@pytest.mark.parametrize("name", tables.PATH_NAMES)
def test_a_table_of_paths_from_its_folder(name: str, tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.parquet", **{name: ["a/b.png", "/c.png"]})
    found = list(find([path]))
    assert [picture.path for picture in found] == [f"{tmp_path}/a/b.png", "/c.png"]
    assert [picture.name for picture in found] == [f"{tmp_path}/a/b.png", "/c.png"]


def test_tables_that_cannot_be_read_are_problems(tmp_path: Path) -> None:
    write_table(tmp_path / "a.parquet", image=["text"], other=[1])
    (tmp_path / "b.parquet").write_bytes(b"PAR1 and no more")
    without, broken = find([tmp_path])
    assert "has no column of pictures, but image, other" in str(without.problem)
    assert "is broken" in str(broken.problem)


def test_columns_of_several_tables_become_one_schema(tmp_path: Path) -> None:
    write_table(tmp_path / "a.parquet", content=[b"1"], who=["a"])
    write_table(tmp_path / "b.parquet", content=[b"2"], age=[3])
    (tmp_path / "c.png").write_bytes(b"3")
    columns = survey([tmp_path]).columns
    assert columns.names == ["who", "age"]
    table = read_batch(to_batch(find([tmp_path]), columns))
    assert table.column("who").to_pylist() == ["a", None, None]
    assert table.column("age").to_pylist() == [None, 3, None]


def test_columns_that_cannot_go_together_are_refused(tmp_path: Path) -> None:
    write_table(tmp_path / "a.parquet", content=[b"1"], who=["a"])
    write_table(tmp_path / "b.parquet", content=[b"2"], who=[3])
    with pytest.raises(UsageError, match="column who is int64, but string"):
        survey([tmp_path])
    write_table(tmp_path / "b.parquet", content=[b"2"], status=[3])
    with pytest.raises(UsageError, match="status have names that the output needs"):
        survey([tmp_path])


def test_what_was_read_is_no_source_though_it_lies_beside_the_pictures(
    write: Write, tmp_path: Path
) -> None:
    scans = tmp_path / "scans"
    pictures = [str(write(f"scans/{text}.png", text)) for text in ("11", "12")]
    within = scans / "table"
    for sources, out in (
        ([scans], within),
        ([scans, within], within),  # as the shell's * gives them to the second run
        ([scans], scans),
        ([scans], scans),
    ):
        assert read_many(sources, out, 1).pages == 2
    assert len(list(scans.rglob("*.parquet"))) == 2
    assert names(scans) == names(f"{scans}/*.p*") == pictures
    with pytest.raises(UsageError, match="parquet has only results of reading"):
        read_many(scans / "shard-00000.parquet", within, 1)
    with pytest.raises(UsageError, match="is a pattern that matches no pictures"):
        read_many(f"{scans}/*.parquet", within, 1)
    os.mkfifo(scans / "pipe.parquet")
    assert not tables.is_shard(str(scans / "pipe.parquet"))


def test_pages_are_pictures_of_their_own(tmp_path: Path, pdf: bytes) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf)
    make_tar(tmp_path / "b.tar", {"c.pdf": pdf})
    found = list(find([tmp_path], count_pages=lambda _: 3))
    assert [picture.page for picture in found] == [1, 2, 3] * 2
    assert found[0].size == len(pdf) // 3
    whole = read_batch(to_batch(find([tmp_path]), NO_COLUMNS))
    pages = read_batch(to_batch(found, NO_COLUMNS))
    assert pages.drop_columns(["seconds"]) == whole.drop_columns(["seconds"])
