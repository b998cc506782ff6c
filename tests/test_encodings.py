"""Text is read and written as one encoding says, not as the machine's does."""

import ast
from pathlib import Path

import mnistry

TEXT = {"read_text": 0, "write_text": 1}  # where the encoding stands, by position


def unspecified(source: str) -> list[int]:
    """List the lines that read or write text without an encoding."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        named = {word.arg for word in node.keywords} & {"encoding", None}
        modes = [of.value for of in node.args if isinstance(of, ast.Constant)]
        is_open = name == "open" and ast.unparse(node.func) != "tarfile.open"
        in_text = is_open and any(mode in {"r", "w", "a", "x"} for mode in modes)
        lacks = name in TEXT and len(node.args) <= TEXT[name]
        if (lacks or in_text) and not named:
            found.append(node.lineno)
    return found


def test_every_text_has_its_encoding() -> None:
    folder = Path(mnistry.__file__).parent
    paths = {
        path: unspecified(path.read_text("utf-8")) for path in folder.rglob("*.py")
    }
    assert {path: lines for path, lines in paths.items() if lines} == {}


def test_the_test_above_can_fail() -> None:
    assert unspecified("path.read_text()\npath.write_text('7')\nopen(p, 'w')") == [
        1,
        2,
        3,
    ]
    assert (
        unspecified("path.read_text('utf-8')\npath.open('w', encoding='ascii')") == []
    )
