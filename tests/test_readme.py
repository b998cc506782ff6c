"""What README and the site tell people to type can be typed."""

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mnistry.cli import COMMANDS, mnistry
from tests.conftest import ROOT

READMES = (ROOT / "README.md", ROOT / "README.zh.md")
TEXTS = [*READMES, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
names = [str(path.relative_to(ROOT)) for path in TEXTS]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
    "optional-dependencies"
]


def blocks(path: Path) -> list[str]:
    """Give the blocks of code in a text."""
    return re.findall(r"^```.*?\n(.*?)^```", path.read_text("utf-8"), re.M | re.S)


def commands(path: Path) -> Iterator[list[str]]:
    """Give the words of each command of ours in blocks and in `code`."""
    text = path.read_text("utf-8")
    inline = re.findall(r"`(mnistry [a-z][^`]*)`", text)
    lines = "\n".join(blocks(path)).replace("\\\n", " ").splitlines()
    typed = [m[1] for line in lines if (m := re.search(r"^!?(mnistry [a-z].*)", line))]
    for line in [*inline, *typed]:
        words = shlex.split(line.replace("…", " "), comments=True)
        stops = (at for at, word in enumerate(words) if set(word) & set("|;&<>"))
        yield words[1 : next(stops, len(words))]


@pytest.mark.parametrize("path", TEXTS, ids=names)
def test_commands_that_are_named_have_these_options(path: Path) -> None:
    for name, *words in commands(path):
        assert name in COMMANDS, name
        command = mnistry.get_command(click.Context(mnistry), name)
        assert command is not None
        options = {"--help", *(opt for one in command.params for opt in one.opts)}
        given = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert given <= options, f"mnistry {name}: {given - options}"


@pytest.mark.parametrize("path", TEXTS, ids=names)
def test_targets_and_extras_that_are_named_are_there(path: Path) -> None:
    text = path.read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    typed = "\n".join(blocks(path)) + "\n".join(re.findall(r"`([^`\n]+)`", text))
    for target in re.findall(r"^(?:\S+=\S+ )?make ([a-z][\w-]*)", typed, re.M):
        assert re.search(rf"^{target}:", makefile, re.M), f"make {target}"
    for extras in re.findall(r"'\.\[([\w,]+)\]'", text):
        assert set(extras.split(",")) <= EXTRAS.keys(), extras


@pytest.mark.parametrize("path", READMES, ids=("en", "zh"))
def test_import_lines_of_readme_run(path: Path) -> None:
    lines = [
        line
        for block in blocks(path)
        for line in block.splitlines()
        if line.startswith("from mnistry.")
    ]
    assert len(lines) == 3
    for line in lines:
        exec(compile(ast.parse(line), str(path), "exec"), {})  # noqa: S102


@pytest.mark.parametrize("path", READMES, ids=("en", "zh"))
def test_files_that_readme_reads_are_those_of_the_demo(path: Path) -> None:
    demo = (ROOT / "src" / "mnistry" / "cli" / "demo.py").read_text("utf-8")
    named = set(re.findall(r"demo/([\w.]+)", path.read_text("utf-8")))
    assert {"report.html", "model.safetensors"} <= named
    for name in named:
        assert f'out / "{name}"' in demo, name


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")), ids=lambda path: path.name)
def test_what_a_text_at_the_root_links_to_is_there(path: Path) -> None:
    for address in re.findall(r"\]\(([^)#\s]+)\)", path.read_text("utf-8")):
        assert "://" in address or (ROOT / address).exists(), address


def test_both_readmes_tell_the_same() -> None:
    """Line by line: headings, rows of tables, items, pictures, code, but for words."""
    english, chinese = (
        [re.findall(r"^(#+ |\||- |!\[|```|>>> )", text, re.M), code_of(text)]
        for text in (path.read_text("utf-8") for path in READMES)
    )
    assert english == chinese


def code_of(text: str) -> list[str]:
    """Give the blocks of code without comments and without what is to be filled in."""
    found = re.findall(r"^```.*?\n(.*?)^```", text, re.M | re.S)
    return [re.sub(r" *(#|代替|for:).*|<.*?>", "", block) for block in found]
