"""Listings of documents that are kept elsewhere: found, mended, and made to run.

`MNISTRY_LISTINGS` names the folder of the documents, which are Markdown files. What is
mended is a table for each document in tests/seeds/mended.py.
"""

import ast
import builtins
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

FENCED = re.compile(r"^```[ \t]*(\w*)[^\n]*\n(.*?)^```|`(\w+ = [^`\n]+)`", re.M | re.S)
LANGUAGES = {"", "py", "python"}
BUILT_IN = set(dir(builtins))
UNCOMPARED_METHODS = {"append", "format"}  # what they give is seen in what is printed

UNKNOWN = ast.Name("_")

Replacements = Sequence[tuple[str, str]]


def blocks(document: Path, replacements: Replacements) -> list[str]:
    """Give the blocks of Python in a document, each mended, in their order.

    Args:
        document: A Markdown file.
        replacements: Regular expressions and what to put in their place, in order;
            a block of which nothing is left is dropped.

    Raises:
        SyntaxError: A block is not Python, even when mended.
    """
    found = []
    for language, fenced, inline in FENCED.findall(document.read_text("utf-8")):
        if language.lower() not in LANGUAGES:
            continue
        block = fenced or inline
        for pattern, replacement in replacements:
            block = re.sub(pattern, replacement, block, flags=re.MULTILINE)
        if block.strip():
            compile(block, document.name, "exec")
            found.append(block)
    return found


def as_notebook(cells: Sequence[str]) -> str:
    """Give a script that shows the value of each cell's last line, as notebooks do."""
    lines = ["import sys"]
    for cell in cells:
        tree = ast.parse(cell)
        last = tree.body[-1]
        if isinstance(last, ast.Expr):
            show = ast.parse("sys.displayhook(_)", mode="eval").body
            assert isinstance(show, ast.Call)
            show.args = [last.value]
            last.value = show
        lines.append(ast.unparse(tree))
    return "\n".join(lines)


def calls(source: str) -> list[str]:
    """Give the calls in a script in the order of their evaluation, loops once.

    Constants are as they were written, also where a variable holds them; `_` stands for
    every other value. Built-in functions and the script's own are left out, and a
    function that is defined once more, with the same calls, counts once.

    Example:
        >>> calls("rate = 0.01; net.fit(read(x[0]), lr=rate)")
        ['read(_)', 'fit(_, lr=0.01)']
    """
    tree = ast.parse(source)
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    own |= {name for name, value in _assigned(tree) if isinstance(value, ast.Lambda)}
    constants = _constants(tree)
    functions: list[list[str]] = []
    found: list[str] = []
    for statement in tree.body:
        written = []
        for node in _in_order(statement):
            function = node.func
            if isinstance(function, ast.Name):
                name, ignored = function.id, own | BUILT_IN
            else:
                assert isinstance(function, ast.Attribute)
                name, ignored = function.attr, UNCOMPARED_METHODS
            if name not in ignored:
                arguments = _Simplified(constants).arguments(node)
                written.append(f"{name}({', '.join(arguments)})")
        if isinstance(statement, ast.FunctionDef):
            if written in functions:
                continue
            functions.append(written)
        found += written
    return found


def _constants(tree: ast.Module) -> dict[str, ast.Constant]:
    """Give the variables that are assigned once, and a constant."""
    times = Counter(name for name, _ in _assigned(tree))
    return {
        name: value
        for name, value in _assigned(tree)
        if times[name] == 1 and isinstance(value, ast.Constant)
    }


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _in_order(node: ast.AST) -> Iterator[ast.Call]:
    """Give the calls in a tree, those inside another's arguments before it."""
    for child in ast.iter_child_nodes(node):
        yield from _in_order(child)
    if isinstance(node, ast.Call):
        yield node


class _Simplified(ast.NodeTransformer):
    """Puts `_` for what is no constant."""

    def __init__(self, constants: Mapping[str, ast.Constant]) -> None:
        self.constants = constants

    def arguments(self, node: ast.Call) -> list[str]:
        positional = [ast.unparse(self.visit(value)) for value in node.args]
        named = [f"{k.arg}={ast.unparse(self.visit(k.value))}" for k in node.keywords]
        return positional + named

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return node if node.id in BUILT_IN else self.constants.get(node.id, UNKNOWN)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        values = (getattr(part, "value", None) for part in ast.walk(node))
        if any(isinstance(value, str) for value in values):
            return UNKNOWN  # a text put together
        self.generic_visit(node)
        return node

    def _unknown(self, node: ast.expr) -> ast.expr:
        return UNKNOWN

    visit_Call = visit_Attribute = visit_Subscript = visit_JoinedStr = _unknown  # noqa: N815
