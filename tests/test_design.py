"""DESIGN.md and CONTRIBUTING.md name files that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "mnistry"
PATH = re.compile(r"`([\w./-]+(?:\.py|\.toml|\.md|/))(?::[\w.]+)?`")


def missing(text: str) -> list[str]:
    """List the paths in backticks that are neither in the package nor at the top."""
    return [
        name
        for name in PATH.findall(text)
        if not any((place / name).exists() for place in (PACKAGE, ROOT))
    ]


@pytest.mark.parametrize("document", ["DESIGN.md", "CONTRIBUTING.md"])
def test_every_path_that_a_document_names_exists(document: str) -> None:
    assert missing((ROOT / document).read_text("utf-8")) == []


def test_the_test_above_can_fail() -> None:
    assert missing("see `learn/nowhere.py` and `learn/nets.py`") == ["learn/nowhere.py"]


def unnamed(text: str) -> set[str]:
    """List the modules that are not named, nor in a folder that is."""
    named = {name for name in PATH.findall(text) if (PACKAGE / name).exists()}
    folders = tuple(name for name in named if name.endswith("/"))
    paths = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")}
    return {
        path
        for path in paths - named
        if "/" in path and not path.startswith(folders) and "/__" not in path
    }


def test_every_module_is_found_where_a_change_goes() -> None:
    text = (ROOT / "DESIGN.md").read_text("utf-8")
    where = text.partition("## Where does my change go?")[2].partition("\n## ")[0]
    assert unnamed(where) == set()
    assert "learn/nets.py" in unnamed(where.replace("`learn/nets.py`", ""))


def test_every_package_and_module_at_the_top_has_its_place_in_the_layers() -> None:
    text = (ROOT / "DESIGN.md").read_text("utf-8")
    table = text.partition("## The layers")[2].partition("\n## ")[0]
    names = {
        path.stem
        for path in PACKAGE.iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").is_file())
        and not path.stem.startswith("__")
    }
    assert {name for name in names if f"`{name}`" not in table} == set()
