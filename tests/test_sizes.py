"""Modules stay small enough to be taken in at a glance."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "mnistry"
MOST_LINES_OF_A_MODULE = 300
MOST_LINES_OF_A_FUNCTION = 40  # without its docstring
MOST_PARAMETERS = 6
modules = sorted(SOURCE.rglob("*.py"))
ids = [str(path.relative_to(SOURCE)) for path in modules]


def functions(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def body_lines(function: ast.FunctionDef) -> int:
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


@pytest.mark.parametrize("path", modules, ids=ids)
def test_a_module_is_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES_OF_A_MODULE


@pytest.mark.parametrize("path", modules, ids=ids)
def test_functions_are_short_and_take_few_parameters(path: Path) -> None:
    for function in functions(path):
        given = function.args
        count = len(given.args) + len(given.kwonlyargs)
        count -= bool(given.args) and given.args[0].arg in {"self", "cls"}
        assert body_lines(function) <= MOST_LINES_OF_A_FUNCTION, function.name
        is_command = path.parent.name == "cli"  # one parameter for each option
        assert is_command or count <= MOST_PARAMETERS, function.name
