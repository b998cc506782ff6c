"""What names hold does nothing to a terminal, a spreadsheet or a page."""

import ast
import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mnistry
from mnistry.digits import Digits
from mnistry.errors import FormatError, MnistryError
from mnistry.escape import as_text, for_csv, for_html, for_terminal
from mnistry.formats import png
from mnistry.learn.curves import write_history
from mnistry.report.tables import tables_of, to_csv
from mnistry.synth.drawn import draw
from tests.cli.run import run

SOURCE = Path(mnistry.__file__).parent
EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
FORMULA = "=cmd|' /C calc'!A0"
HARMLESS = set(map(chr, (9, 10, *range(32, 127))))


@given(st.text())
def test_no_control_reaches_a_terminal_and_nothing_else_changes(text: str) -> None:
    shown = for_terminal(text)
    left = {sign for sign in shown if ord(sign) < 32 or 127 <= ord(sign) < 160}
    assert left <= {"\n", "\t"}
    assert set(text) - HARMLESS or shown == text


@given(st.binary(min_size=1))
def test_any_name_of_a_file_can_be_shown_and_kept_in_tables(name: bytes) -> None:
    shown = as_text(os.fsdecode(name))
    assert shown.encode() == (name if is_utf8(name) else shown.encode())
    assert for_terminal(os.fsdecode(name)).encode()
    narrow = name.decode("ascii", "surrogateescape")  # as LC_ALL=C has it
    assert as_text(narrow) == shown


def is_utf8(name: bytes) -> bool:
    try:
        return bool(name.decode())
    except UnicodeDecodeError:
        return False


@given(st.recursive(st.text() | st.integers(), st.lists, max_leaves=5))
def test_json_says_the_same_on_a_terminal(value: Any) -> None:
    assert json.loads(for_terminal(json.dumps(value, ensure_ascii=False))) == value


@pytest.mark.parametrize("cell", [FORMULA, "+1+1", "@SUM(1)", "\t=1", "-2+3", "＝1"])
def test_a_formula_is_text_to_a_spreadsheet(cell: str) -> None:
    assert for_csv(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-2", "+1,234.50", "7", "", None, -5, 0.5, "5 %"])
def test_numbers_stay_numbers_in_a_spreadsheet(cell: Any) -> None:
    assert for_csv(cell) == cell


@given(st.text())
def test_html_has_no_markup_of_others(text: str) -> None:
    assert not set("<>\"'") & set(for_html(text))


def test_messages_of_errors_are_harmless_wherever_they_are_shown() -> None:
    assert "\x1b" not in str(MnistryError(EVIL))
    with pytest.raises(FormatError) as caught:
        png.decode(b"junk", name=EVIL)
    assert "\x1b" not in str(caught.value)


def calls(path: Path) -> set[str]:
    """List what a module calls, such as "csv.writer"."""
    tree = ast.parse(path.read_text("utf-8"))
    named = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {ast.unparse(of) for of in named if isinstance(of, ast.Attribute | ast.Name)}


def test_every_door_has_its_function() -> None:
    by_path = {path: calls(path) for path in SOURCE.rglob("*.py")}
    echo = {path for path, called in by_path.items() if "click.echo" in called}
    assert echo == {SOURCE / "cli" / "output.py"}
    html = {path for path, called in by_path.items() if "html.escape" in called}
    assert html == {SOURCE / "escape.py"}
    tables = {
        path: called
        for path, called in by_path.items()
        if called & {"csv.writer", "csv.DictWriter"}
    }
    assert SOURCE / "report" / "tables.py" in tables
    for path, called in tables.items():
        text = path.read_text("utf-8")
        is_numbers = path == SOURCE / "scan" / "results.py"  # a row is eleven numbers
        assert "csv.DictWriter" not in called, path
        assert "for_csv" in text or is_numbers, path


def drawn_pictures(folder: Path) -> None:
    dark, light = np.zeros((28, 28), np.uint8), np.full((28, 28), 255, np.uint8)
    for label in (EVIL, "b"):
        (folder / "set" / label).mkdir(parents=True)
        for name in ("1", "2"):
            path = folder / "set" / label / f"{label}{name}.png"
            path.write_bytes(png.encode(dark))
    (folder / "photos").mkdir()
    (folder / "photos" / f"{EVIL}.png").write_bytes(png.encode(light))
    (folder / "photos" / f"x{EVIL}.png").write_bytes(b"junk")
    (folder / "photos" / f"{FORMULA[:4]}.png").write_bytes(png.encode(light))


@pytest.mark.parametrize(
    "command",
    [
        ["read", "photos"],
        ["read", "photos", "--csv"],
        ["read", "photos", "--json"],
        ["show", "set", "--split", "all", "--count", "4"],
        ["info", "set"],
        ["info", "set", "--json"],
        ["info", EVIL],
        ["test", EVIL],
        ["export", "set", "--to", EVIL, "--out", "x"],
    ],
    ids=" ".join,
)
def test_no_command_lets_an_escape_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    drawn_pictures(tmp_path)
    monkeypatch.chdir(tmp_path)
    done = run(*command)
    assert done.out + done.err
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(done.out + done.err)


def test_no_table_lets_a_formula_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    images = np.zeros((3, 28, 28), np.uint8)
    toy = Digits(images, np.arange(3, dtype=np.uint8), classes=(FORMULA, "+1+1", "ok"))
    model = mnistry.train(toy, "linear", epochs=1, watch=False)
    evaluation = mnistry.evaluate(model, toy, maps=0)
    tables = [to_csv(rows) for rows in tables_of(evaluation).values()]
    write_history(tmp_path / "history.csv", [{"=1+1": "@SUM(1)"}])
    tables.append((tmp_path / "history.csv").read_text("utf-8"))
    picture = draw(1)[0][0]
    (tmp_path / "=1+1.png").write_bytes(png.encode(255 - np.pad(picture, 20)))
    tables.append(run("read", "=1+1.png", "--csv").out)
    assert "'=1+1.png" in tables[-1]
    for table in tables:
        cells = {cell for row in csv.reader(io.StringIO(table)) for cell in row}
        assert not {cell for cell in cells if cell[:1] in set("=+@")}
