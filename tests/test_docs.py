"""The site: what its pages promise, without building it. `make docs` runs the cells."""

import ast
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
from myst_nb.core.read import read_myst_markdown_notebook

import mnistry
from mnistry.cli import COMMANDS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
names = [str(page.relative_to(DOCS)) for page in PAGES]
LINK = re.compile(r"\]\((\w+:[^)\s]+)\)")


@pytest.fixture(scope="module")
def tool() -> Any:
    spec = importlib.util.spec_from_file_location("docs", ROOT / "tools" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_public_name_is_in_the_reference() -> None:
    pages = "".join(page.read_text("utf-8") for page in DOCS.glob("reference/*.md"))
    documented = set(
        re.findall(r"^\.\. (?:auto\w+|py:data):: mnistry\.(\w+)$", pages, re.M)
    )
    assert documented >= set(mnistry.__all__)


def test_every_command_is_in_the_reference() -> None:
    page = (DOCS / "reference" / "commands.md").read_text("utf-8")
    shown = re.findall(r"^!mnistry (\w+) --help$", page, re.M)
    assert shown == list(COMMANDS)


def test_every_command_has_a_worked_example() -> None:
    cells = [
        cell.source
        for page in DOCS.glob("how-to/*.md")
        for cell in read_myst_markdown_notebook(page.read_text("utf-8")).cells
        if cell.cell_type == "code"
    ]
    index = (DOCS / "how-to" / "command-line.md").read_text("utf-8")
    for command in COMMANDS:
        run = re.compile(rf'^!mnistry {command}\b|"mnistry", "{command}"', re.M)
        assert any(run.search(cell) for cell in cells), f"run mnistry {command}"
        assert f"| [`mnistry {command}`](" in index, "how-to/command-line.md names all"


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_cell_is_python(page: Path) -> None:
    text = page.read_text("utf-8")
    notebook = read_myst_markdown_notebook(text)
    is_run = text.startswith("---\nfile_format: mystnb\n")
    assert is_run == ("{code-cell}" in text), "cells run only under this first line"
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) == text.count("```{code-cell}")
    for cell in cells:
        ast.parse(re.sub(r"^( *)[!%].*$", r"\1pass", cell, flags=re.M))


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_links_to_elsewhere_are_well_formed(page: Path) -> None:
    for address in LINK.findall(page.read_text("utf-8")):
        assert re.fullmatch(r"https?://[\w.-]+\.\w+(/\S*)?|doi:10\.\S+", address)


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_links_to_other_files_of_the_site_lead_there(page: Path) -> None:
    for address in re.findall(r"\]\(([\w./-]+\.\w+)[)#]", page.read_text("utf-8")):
        assert (page.parent / address).is_file(), address


def test_no_string_lacks_its_translation(tool: Any, tmp_path: Path) -> None:
    tool.WORK = tmp_path
    assert not list(tool.untranslated(tool.strings()))


def test_a_string_without_translation_is_named(tool: Any, tmp_path: Path) -> None:
    (tmp_path / "page.pot").write_text('msgid "Nobody translated this."\nmsgstr ""\n')
    (line,) = tool.untranslated(tmp_path)
    assert line == "docs/page.md: no translation: 'Nobody translated this.'"


def test_links_that_lead_nowhere_are_named(tool: Any, tmp_path: Path) -> None:
    (tmp_path / "there.html").write_text('<h1 id="top">There</h1>')
    (tmp_path / "page.html").write_text(
        '<a href="there.html#top"></a> <a href="there.html#gone"></a>'
        '<a href="gone.html"></a> <script src="https://cdn.example/x.js"></script>'
        '<a href="https://example.org"></a> <img src="data:image/png;base64,AAAA">'
    )
    assert list(tool.broken_links(tmp_path)) == [
        "page.html: asks https://cdn.example/x.js of the network",
        "page.html: gone.html leads nowhere",
        "page.html: there.html#gone leads nowhere",
    ]


def test_links_to_elsewhere_that_give_no_page_are_counted(tool: Any) -> None:
    lines = [
        f'{{"uri": "{uri}", "status": "{status}"}}'
        for uri, status in [
            *(("https://a", "working"), ("https://a", "working"), ("#x", "unchecked")),
            *(("https://b", "broken"), ("https://c", "redirected")),
            *(("http://127.0.0.1", "ignored"), ("https://d", "timeout")),
        ]
    ]
    assert tool.count_links("\n".join(lines)) == (4, 2)


def test_a_command_that_fails_ends_the_build_of_its_page(
    tool: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tool.WORK, tool.DOCS = tmp_path / "work", tmp_path / "docs"
    tool.DOCS.mkdir()
    (tool.DOCS / "conf.py").write_text(
        "extensions = ['myst_nb']\nnb_execution_show_tb = True\n"
    )
    head = (DOCS / "lessons" / "first-look.md").read_text("utf-8").split("\n# ")[0]
    (tool.DOCS / "index.md").write_text(
        f"{head}\n# Page\n\n```{{code-cell}}\n!exit 3\n```\n"
    )
    assert tool.sphinx("html", tmp_path / "site")
    assert ": exit 3 ended with 3" in capfd.readouterr().err


def test_a_notebook_speaks_the_other_language(tool: Any) -> None:
    text = "# Load\n\nTwo lines of\none paragraph.\n\n1. Why?\n2. How?\n\n| a | b |"
    translation = {
        "Load": "加载",
        "Two lines of one paragraph.": "一段。",
        "Why?": "为什么？",
        "b": "乙",
    }
    translated = tool.translate(text, translation)
    assert translated == "# 加载\n\n一段。\n\n1. 为什么？\n2. How?\n\n| a | 乙 |"
