"""Jobs: shards written at once, resumed after anything, the same as in one go."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

import mnistry
from mnistry.bulk import job, shards
from mnistry.bulk import pages as pages_of
from mnistry.bulk import rows as rows_of
from mnistry.bulk.facts import Errors, Names, read_facts, shard_path, shard_paths
from mnistry.bulk.job import LOCK, Progress, read_many
from mnistry.bulk.process import PictureLimits, ReadingProcess, Task
from mnistry.bulk.rows import model_id, read_batch
from mnistry.bulk.schema import COLUMNS
from mnistry.bulk.shards import Shard
from mnistry.bulk.sources import Picture, find, to_batch
from mnistry.bulk.spreadsheet import write_csv
from mnistry.bulk.worker import TASKS
from mnistry.errors import CacheError, FormatError, UsageError
from mnistry.scan.read import read
from tests.bulk.conftest import Hanging, Write
from tests.bulk.test_sources import make_tar

Make = Callable[[str], bytes]
TIMELESS = [name for name in COLUMNS.names if name != "seconds"]
known: dict[tuple[bytes, str], Any] = {}


@pytest.fixture(autouse=True)
def _small_shards(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shards of four; but in tests of processes everything is read in this one."""
    monkeypatch.setattr(job, "SHARD_PICTURES", 4)
    if "processes" not in request.fixturenames:
        monkeypatch.setattr(rows_of, "read", read_once)
        monkeypatch.setattr(job, "run", run_here)
        monkeypatch.setattr(ReadingProcess, "ask", count_here)


@pytest.fixture
def processes() -> None:
    """Mark a test that starts processes."""


def run_here(pictures: Iterator[Picture], task: Task, _: int) -> Iterator[Any]:
    """Read in this process, out of order: two pictures, then the three before them."""
    while some := list(islice(pictures, 5)):
        for part in filter(None, (some[3:], some[:3])):
            yield read_batch(to_batch(part, task.columns), **task.settings)


def read_once(source: Any, **settings: Any) -> Any:
    """Read what was not read before: these tests ask what becomes of a reading."""
    key = bytes(source), repr(settings)
    if key not in known:
        known[key] = read(source, **settings)
    return known[key]


def count_here(_: ReadingProcess, pictures: list[Picture]) -> Any:
    return TASKS["pages"](to_batch(pictures, ()), lambda _: None, {})


@pytest.fixture
def scans(write: Write, tmp_path: Path, pdf: bytes) -> Path:
    """Nine pictures in nested folders: strings, a PDF, two that are broken."""
    for number in (11, 12, 13):
        write(f"scans/a/{number}.png", str(number))
    write("scans/b/c/14.png", "14")
    (tmp_path / "scans" / "b" / "d.pdf").write_bytes(pdf)
    (tmp_path / "scans" / "e.png").write_bytes(b"")
    (tmp_path / "scans" / "f.jpg").write_bytes(b"Dear Sir")
    (tmp_path / "scans" / "notes.txt").write_bytes(b"not a picture")
    return tmp_path / "scans"


def rows(folder: Path) -> Any:
    tables = [pq.read_table(path) for path in shard_paths(folder)]
    table = pa.concat_tables([table.replace_schema_metadata() for table in tables])
    return table.drop_columns(["seconds"])


def expected(*sources: Path) -> Any:
    count = lambda picture: 3 if picture.name.endswith("d.pdf") else 1  # noqa: E731
    batch = to_batch(find(sources, count_pages=count), pa.schema([]))
    return pa.Table.from_batches([read_batch(batch)]).drop_columns(["seconds"])


@pytest.mark.usefixtures("processes")
def test_a_folder_becomes_a_table(scans: Path, tmp_path: Path) -> None:
    watched: list[Progress] = []
    out = tmp_path / "out"
    summary = read_many([scans], out, 2, watch=watched.append)
    assert rows(out) == expected(scans)
    assert [path.name for path in sorted(out.iterdir())] == [
        ".lock",
        "manifest.json",
        "shard-00000.parquet",
        "shard-00001.parquet",
        "shard-00002.parquet",
    ]
    assert (summary.pages, summary.empty, summary.failed) == (9, 1, 2)
    assert summary.lines == sum(summary.histogram) == 6
    assert set(summary.reasons.values()) == {1}
    assert watched[-1] == Progress(9, 9, 2, 1.0)
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["asked"]["sources"] == [str(scans)]
    assert manifest["asked"]["model"] == model_id()
    assert manifest["finished"]
    assert manifest["counts"]["pages"] == 9


def test_run_again_nothing_is_read_again(
    scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    first = read_many([scans], out, 1)
    written = [path.stat().st_mtime_ns for path in shard_paths(out)]
    watched: list[Progress] = []
    second = read_many([scans], out, 1, watch=watched.append)
    assert not watched
    assert second.to_dict() | {"seconds": 0} == first.to_dict() | {"seconds": 0}
    assert [path.stat().st_mtime_ns for path in shard_paths(out)] == written


def test_an_output_inside_the_source_is_not_read(scans: Path) -> None:
    first = read_many([scans], scans / "out", 1)
    assert read_many([scans], scans / "out", 1).pages == first.pages == 9


def test_stopped_and_resumed_gives_the_same(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    class StopError(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.read_now >= 2:
            raise StopError

    for _ in range(9):
        try:
            read_many([scans], out, 1, watch=stop)
            break
        except StopError:
            assert not json.loads((out / "manifest.json").read_text())["finished"]
    assert rows(out) == expected(scans)
    assert not list(out.glob("*.journal"))


@pytest.mark.parametrize("cut", [0, 1, 100, 3000])
def test_a_journal_that_was_cut_gives_what_it_has(
    scans: Path, tmp_path: Path, cut: int
) -> None:
    out = tmp_path / "out"
    read_many([scans], out, 1)
    table = pq.read_table(shard_path(out, 0)).replace_schema_metadata()
    table = table.append_column("__number__", pa.array(range(4), pa.int64()))
    shard_path(out, 0).unlink()
    shard = Shard(out, 0, 0)
    for batch in table.to_batches(max_chunksize=1)[:3]:
        shard.add(batch)
    shard.close()
    journal = out / "shard-00000.journal"
    journal.write_bytes(journal.read_bytes()[: -cut or None])
    read_many([scans], out, 1)
    assert rows(out) == expected(scans)


@pytest.mark.parametrize("written", [0, 2])
def test_killed_and_run_again_gives_each_row_once(
    write: Write, tmp_path: Path, written: int
) -> None:
    numbers = range(10, 30)
    for number in numbers:
        write(f"scans/{number}.png", str(number))
    script = (
        "from mnistry.bulk import job; import sys;"
        "job.SHARD_PICTURES = 4;"
        "job.read_many([sys.argv[1]], sys.argv[2], 2)"
    )
    command = [sys.executable, "-c", script, "scans", "out"]
    out = tmp_path / "out"
    started = subprocess.Popen(command, cwd=tmp_path)
    while started.poll() is None and not (
        (out / "manifest.json").exists() and len(shard_paths(out)) >= written
    ):
        time.sleep(0.01)
    started.send_signal(signal.SIGKILL)
    assert started.wait() == -signal.SIGKILL
    assert written <= len(shard_paths(out)) < len(numbers) / 4
    subprocess.run(command, cwd=tmp_path, check=True)
    table = rows(out)
    names = [f"scans/{number}.png" for number in numbers]
    assert sorted(set(table.column("name").to_pylist())) == names
    assert table.num_rows == expected(tmp_path / "scans").num_rows


def test_what_failed_is_tried_again_when_asked(
    scans: Path, tmp_path: Path, picture: Make
) -> None:
    out = tmp_path / "out"
    read_many([scans], out, 1)
    (scans / "e.png").write_bytes(picture("77"))
    assert read_many([scans], out, 1).failed == 2
    watched: list[Progress] = []
    summary = read_many([scans], out, 1, retry_errors=True, watch=watched.append)
    assert watched[-1].read_now == 2
    assert summary.failed == 1
    assert rows(out) == expected(scans)
    facts = read_facts(shard_path(out, 2))
    assert facts is not None
    assert facts.errors == (Errors(0, 0, 1),)
    (scans / "f.jpg").write_bytes(picture("78"))
    assert read_many([scans], out, 1, retry_errors=True).failed == 0
    assert rows(out) == expected(scans)
    assert read_many([scans], out, 1, retry_errors=True).failed == 0


def test_a_pdf_that_was_mended_is_read_again_page_by_page(
    scans: Path, tmp_path: Path, pdf: bytes, picture: Make
) -> None:
    """Its pages could not be counted before: what comes after it keeps its place."""
    out, letter = tmp_path / "out", scans / "b" / "b.pdf"
    letter.write_bytes(pdf[:100])
    assert read_many([scans], out, 1).failed == 3
    assert read_many([scans], out, 1, retry_errors=True).failed == 3
    letter.write_bytes(pdf)
    (scans / "e.png").write_bytes(picture("77"))
    summary = read_many([scans], out, 1, retry_errors=True)
    assert (summary.pages, summary.failed) == (12, 1)
    assert read_many([scans], out, 1, retry_errors=True).failed == 1
    table = rows(out)
    of_letter = table.filter(pa.compute.equal(table["name"], str(letter)))
    assert of_letter["page"].to_pylist() == [1, 2, 3]
    fresh = read_many([scans], tmp_path / "fresh", 1)
    assert fresh.pages == 12
    assert rows(tmp_path / "fresh") == table


def test_all_rows_of_a_picture_are_replaced_if_one_is_an_error(
    tmp_path: Path, pdf: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a PDF in a table, which is read as a whole."""
    table = {"content": [b"", pdf, b"", pdf]}
    pq.write_table(pa.table(table), tmp_path / "in.parquet")
    with monkeypatch.context() as patched:
        one_page = pages_of._one_page
        patched.setattr(
            pages_of,
            "_one_page",
            lambda document, number: (
                one_page(document, number) if number == 1 else b"broken"
            ),
        )
        assert read_many([tmp_path / "in.parquet"], tmp_path / "out", 1).failed == 6
    watched: list[Progress] = []
    summary = read_many(
        [tmp_path / "in.parquet"],
        tmp_path / "out",
        1,
        retry_errors=True,
        watch=watched.append,
    )
    assert (summary.failed, watched[-1].read_now) == (2, 4)
    assert rows(tmp_path / "out") == expected(tmp_path / "in.parquet")


def test_another_job_does_not_mix_in(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    read_many([scans], out, 1, single=True)
    with pytest.raises(UsageError, match="another job: its settings differ"):
        read_many([scans], out, 1)
    with pytest.raises(UsageError, match="its sources, settings differ"):
        read_many([scans / "a"], out, 1)
    (out / "manifest.json").write_text("[]")
    with pytest.raises(UsageError, match="its all of it differ"):
        read_many([scans], out, 1)


@pytest.mark.parametrize("change", ["add", "remove", "rename", "remove many"])
def test_changed_sources_are_noticed(
    scans: Path, tmp_path: Path, write: Write, change: str
) -> None:
    out = tmp_path / "out"
    read_many([scans], out, 1)
    if change == "add":
        write("scans/a/10.png", "10")
    elif change == "rename":
        (scans / "e.png").rename(scans / "g.png")
    elif change == "remove":
        (scans / "f.jpg").unlink()
    else:
        for path in scans.rglob("*.*"):
            if path.name not in {"11.png", "12.png", "13.png", "14.png"}:
                path.unlink()
    with pytest.raises(UsageError, match="from other pictures"):
        read_many([scans], out, 1)


def test_many_small_batches_are_put_together(
    scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "MOST_BATCHES", 2)
    table = expected(scans).append_column("seconds", pa.array([0.0] * 9, pa.float32()))
    table = table.append_column("__number__", pa.array(range(9), pa.int64()))
    shard, names = Shard(tmp_path, 0, 0), Names()
    for picture, batch in zip(
        find([scans], count_pages=lambda _: 3),
        table.to_batches(max_chunksize=1),
        strict=True,
    ):
        names.add(picture)
        shard.add(batch)
        assert len(shard._batches) <= 2
    shard.finish(names)
    assert rows(tmp_path) == expected(scans)


def test_a_journal_of_other_pictures_is_noticed(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    read_many([scans], out, 1)
    table = pq.read_table(shard_path(out, 0)).replace_schema_metadata()
    shard_path(out, 0).unlink()
    shard = Shard(out, 0, 0)
    number = pa.array([1, 0, 2, 3], pa.int64())
    shard.add(table.append_column("__number__", number).to_batches()[0])
    shard.close()
    with pytest.raises(UsageError, match="from other pictures"):
        read_many([scans], out, 1)


def test_a_folder_that_cannot_be_written_to_is_named_itself(
    scans: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    folder = tmp_path / "file" / "read"
    with pytest.raises(CacheError, match=f"^{re.escape(str(folder))} cannot be"):
        read_many([scans], folder)


def test_two_runs_do_not_write_into_one_folder(scans: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with (
        FileLock(tmp_path / "out" / LOCK),
        pytest.raises(UsageError, match="by another run"),
    ):
        read_many([scans], tmp_path / "out")


def test_a_file_that_is_no_shard_is_named(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    shard_path(out, 1).write_bytes(b"PAR1 and no more")
    with pytest.raises(FormatError, match=r"shard-00001.parquet is not a shard"):
        read_many([scans], out, 1)


@pytest.mark.usefixtures("processes")
def test_what_hangs_does_not_stop_the_others(
    scans: Path, tmp_path: Path, hanging: Hanging
) -> None:
    sources: list[str | Path] = [hanging.path, scans]
    summary = read_many(sources, tmp_path / "out", 2, limits=PictureLimits(seconds=2))
    assert summary.reasons["the picture took more than N seconds"] == 1
    assert (summary.pages, summary.failed) == (10, 3)


def test_progress_ends_at_all_of_an_archive(tmp_path: Path, picture: Make) -> None:
    watched: list[Progress] = []
    members = {"1.png": picture("14"), "2.png": picture("12")}
    archive = make_tar(tmp_path / "in.tar", members)  # its headers are of no picture
    read_many(archive, tmp_path / "out", watch=watched.append)
    assert watched[-1] == Progress(2, 2, 0, 1.0)


def test_columns_of_a_table_are_in_the_output(tmp_path: Path, picture: Make) -> None:
    table = {"content": [picture("12"), picture("13")], "who": ["=cmd()", "b"]}
    pq.write_table(pa.table(table), tmp_path / "in.parquet")
    make_tar(tmp_path / "in.tar", {"1.png": picture("14")})
    summary = read_many(
        [tmp_path / "in.parquet", tmp_path / "in.tar"], tmp_path / "out", 1
    )
    assert summary.pages == 3
    assert rows(tmp_path / "out").column("who").to_pylist() == ["=cmd()", "b", None]
    write_csv(tmp_path / "out", tmp_path / "out.csv")
    header, first, *_ = (tmp_path / "out.csv").read_text("utf-8").splitlines()
    names = header.replace('"', "")
    assert names.startswith("name,page,line,text,confidence,status,error,model,")
    assert names.endswith("seconds,version,reason,who,left,top,right,bottom")
    assert '/in.parquet/0",1,1,"12",0.9' in first  # text in quotation marks, no number
    assert ',"\'=cmd()",' in first


def test_the_table_opens_in_pandas_and_polars(scans: Path, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    out = tmp_path / "out"
    read_many([scans], out, 1)
    write_csv(out, tmp_path / "out.csv")
    frame = pandas.concat(pandas.read_parquet(path) for path in shard_paths(out))
    assert len(frame) == len(pandas.read_csv(tmp_path / "out.csv")) == 9
    assert len(polars.read_parquet(out / "*.parquet")) == 9
    assert list(frame.columns) == COLUMNS.names


def test_a_summary_names_the_files_that_others_read(
    scans: Path, tmp_path: Path
) -> None:
    """The folder cannot: manifest.json, a promised name, is no Parquet."""
    dataset = pytest.importorskip("pyarrow.dataset").dataset
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    out = tmp_path / "out"
    summary = read_many([scans], out, 1)
    write_csv(out, out / "table.csv")
    assert summary.shards == [str(shard_path(out, number)) for number in range(3)]
    names = dataset(summary.shards).to_table()["name"].to_pylist()
    assert pandas.read_parquet(summary.shards)["name"].tolist() == names
    assert polars.read_parquet(summary.shards)["name"].to_list() == names
    assert len(pandas.read_parquet(sorted(out.glob("*.parquet")))) == len(names) == 9


def test_a_summary_is_a_few_lines(scans: Path, tmp_path: Path) -> None:
    text = str(read_many([scans], tmp_path / "out", 1))
    first, *more = text.splitlines()
    assert first.startswith(f"9 pages in {tmp_path / 'out'}: 6 lines read (")
    assert "1 page without digits, 2 failed" in first
    assert "          1  the picture is empty" in more
    assert more[-1].startswith("  0.9–1.0")
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "7.png").write_bytes(b"Dear Sir")
    nothing = str(read_many([tmp_path / "none"], tmp_path / "out2", 1))
    assert "0 lines read" in nothing
    assert "confidence" not in nothing


def test_the_name_is_at_the_front_door() -> None:
    assert mnistry.read_many is read_many
