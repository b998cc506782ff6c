"""`mnistry read` with many pictures: tables, lists, lines of JSON on all cores."""

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from mnistry.bulk import job, lines
from mnistry.cli import bulk
from mnistry.errors import UsageError
from tests.alphabet import alphabet
from tests.bulk.conftest import Write, picture, write
from tests.cli.run import run

parquet = pytest.importorskip("pyarrow.parquet")
__all__ = ["alphabet", "picture", "write"]


@pytest.fixture
def scans(write: Write, tmp_path: Path) -> Path:
    for number in (11, 12, 13):
        write(f"scans/{number}.png", str(number))
    (tmp_path / "scans" / "14.png").write_bytes(b"Dear Sir")
    return tmp_path / "scans"


def test_a_log_has_a_line_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0.0, 30.0, 61.0, 61.0, 100.0, 121.0, 121.0])
    say = bulk._line_a_minute(lambda: next(times))
    for pictures in (300, 610, 1000, 1210):
        say(job.Progress(2000 + pictures, pictures, 1, (2000 + pictures) / 4000))
    assert capsys.readouterr().err.splitlines() == [
        "1 min: 2,610 pages, 10/s, 1 error, 65 %",
        "2 min: 3,210 pages, 10/s, 1 error, 80 %",
    ]


def test_out_makes_a_table_and_says_what_is_in_it(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("read", str(scans), "--out", str(out), "--processes", "1", "--csv")
    assert done.code == 0
    assert done.out.startswith(f"4 pages in {out}: 3 lines read")
    assert "the same command with --retry-errors reads it again" in done.err
    assert (out / "shard-00000.parquet").is_file()
    assert len((out / "table.csv").read_text("utf-8").splitlines()) == 5
    again = run("read", str(scans), "--out", str(out), "--retry-errors", "--json")
    counts = json.loads(again.out)
    assert (counts["pages"], counts["lines"], counts["failed"]) == (4, 3, 1)


def test_after_a_stop_it_says_how_to_go_on(
    scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "read_many", stop)
    done = run("read", str(scans), "--out", str(tmp_path / "out"))
    assert done.code == 130
    first, *_, last = done.err.splitlines()
    kept = f"{tmp_path / 'out'} keeps what was read"
    assert first == f"{kept}; run the same command to continue"
    assert last == "stopped"


def test_options_that_cannot_be_are_refused(scans: Path, tmp_path: Path) -> None:
    done = run("read", "-", "--out", str(tmp_path / "out"))
    assert done.code == 2
    assert "--list -" in done.err
    assert run("read").code == 2


def test_names_come_from_a_list(
    scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = f"{scans}/11.png\n{scans}/12.png\n"
    (tmp_path / "names.txt").write_text(names)
    done = run("read", "--list", str(tmp_path / "names.txt"), "--json")
    files = [json.loads(line)["file"] for line in done.out.splitlines()]
    assert files == names.split()
    assert list(bulk.listed(io.StringIO("\ufeffa.png\r\n"))) == ["a.png"]
    assert list(bulk.listed(io.StringIO("  a b.png \n\n"))) == ["a b.png"]
    assert list(bulk.listed(io.StringIO("a\nb.png\0c.png\0"))) == ["a\nb.png", "c.png"]


def test_json_has_a_line_for_each_file_also_for_broken_ones(scans: Path) -> None:
    done = run("read", str(scans), "--json")
    assert done.code == 1
    printed = [json.loads(line) for line in done.out.splitlines()]
    assert [Path(facts["file"]).name for facts in printed] == [
        f"{number}.png" for number in (11, 12, 13, 14)
    ]
    assert "not in a format that mnistry reads" in printed[3]["error"]
    assert done.err.startswith("error: ")


def test_without_pyarrow_json_is_the_same(
    scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (scans / "ä.png").write_bytes(b"Dear Sir")
    with_it = run("read", str(scans), "--json")
    assert "ä.png is not in a format" in with_it.out
    monkeypatch.setattr(bulk, "can_read_side_by_side", lambda: False)
    without = run("read", str(scans), "--json")
    assert (without.out, without.code) == (with_it.out, with_it.code)


@pytest.mark.parametrize("is_side_by_side", [True, False])
def test_names_that_are_no_text_are_shown(
    write: Write, monkeypatch: pytest.MonkeyPatch, *, is_side_by_side: bool
) -> None:
    path = write("11.png", "11")
    named = path.rename(os.fsdecode(os.fsencode(path.parent) + b"/\xff\xe4.png"))
    monkeypatch.setattr(bulk, "can_read_side_by_side", lambda: is_side_by_side)
    done = run("read", str(named), "--json")
    assert done.code == 0, done.err
    facts = json.loads(done.out)
    assert (Path(facts["file"]).name, facts["text"]) == ("\\xff\\xe4.png", "11")


def test_a_table_names_files_whose_names_are_no_text(
    write: Write, tmp_path: Path
) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe4"))
    folder.mkdir()
    write("11.png", "11").rename(os.fsdecode(os.fsencode(folder) + b"/\xff.png"))
    out = tmp_path / "out"
    for _ in range(2):  # the second run finds all of them read
        done = run("read", str(folder), "--out", str(out))
        assert done.code == 0, done.err
    (row,) = parquet.read_table(next(out.glob("*.parquet"))).to_pylist()
    assert row["name"].endswith("/\\xe4/\\xff.png")
    assert row["text"] == "11"


def test_json_on_several_cores_is_in_order(
    scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = run("read", str(scans), "--json", "--processes", "1")
    monkeypatch.setattr(lines, "FEW", 2)
    several = run("read", str(scans), "--json", "--processes", "2")
    assert several.out == alone.out
    assert several.code == 1


def test_a_picture_on_standard_input(
    scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stdin:
        closed = False
        buffer = io.BytesIO((scans / "11.png").read_bytes())

    monkeypatch.setattr(sys, "stdin", Stdin)
    (facts,) = map(json.loads, run("read", "-", "--json").out.splitlines())
    assert facts["file"] == "-"


def test_progress_is_shown_while_somebody_looks(
    scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal: Any = Terminal()
    monkeypatch.setattr(bulk.sys, "stderr", terminal)  # type: ignore[attr-defined]
    monkeypatch.setenv("TERM", "xterm")
    options = {"out": tmp_path / "out", "processes": 1, "retry_errors": False}
    options |= {
        "time_limit": 60.0,
        "memory_limit": 3000,
        "as_csv": False,
        "as_json": True,
    }
    bulk.read_into([str(scans)], options, {})
    assert "4 pages" in terminal.getvalue()
    assert ", 1 error" in terminal.getvalue()


@pytest.mark.parametrize(
    "useless",
    [
        ["--out", "o", "--annotate", "a"],
        ["--out", "o", "--steps", "a"],
        ["--out", "o", "--signs"],
        ["--time-limit", "3"],
        ["--memory-limit", "3000"],
        ["--retry-errors"],
        ["--processes", "1"],
        ["--processes", "1", "--csv"],
        ["--processes", "1", "--json", "--steps", "a"],
        ["--json", "--csv"],
        ["--json", "--signs"],
        ["--csv", "--signs"],
        ["--pattern", ""],
    ],
)
def test_an_option_without_effect_is_refused(
    useless: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("read", "7.png", *useless)
    assert (done.code, list(tmp_path.iterdir())) == (2, [])
    assert "has no effect" in done.err


@pytest.mark.parametrize("source", ["nothere", "empty", "none/*.png"])
def test_a_source_without_pictures_fails_before_the_work(
    source: str, scans: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    out = tmp_path / "out"
    done = run("read", str(scans), str(tmp_path / source), "--out", str(out))
    assert (done.code, out.exists()) == (1, False)
    assert str(tmp_path / source) in done.err


def test_one_name_is_one_source_and_a_misspelt_setting_is_refused(
    scans: Path, tmp_path: Path
) -> None:
    assert job.read_many(str(scans / "11.png"), tmp_path / "out", 1).pages == 1
    with pytest.raises(UsageError, match="pattren"):
        job.read_many(scans, tmp_path / "other", 1, pattren="x")
