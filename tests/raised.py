"""Which of the errors in `src` were raised on purpose by some test.

Each `raise` of an error of ours must be reached by a test: a message nobody has seen is
a message with a mistake in it. Errors record where they are made; at the end of a whole
run the places are compared with the `raise` statements of the source.
"""

import ast
import sys
from pathlib import Path
from typing import Any

from mnistry import errors

SOURCE = Path(errors.__file__).parent
OURS = {name for name in vars(errors) if name.endswith("Error")} | {"unknown_name"}
seen: set[tuple[str, int]] = set()


def watch() -> None:
    """From now on, note where each error of ours is made."""
    root: Any = errors.MnistryError

    def note(self: errors.MnistryError, *arguments: Any, **named: Any) -> None:
        frame = sys._getframe(1)
        while frame is not None and str(SOURCE) in frame.f_code.co_filename:
            seen.add((frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back  # type: ignore[assignment]
        super(root, self).__init__(*arguments, **named)

    root.__init__ = note


def unseen() -> list[str]:
    """Name the places in `src` that raise an error of ours and were not reached."""
    return [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Raise) and _is_ours(node) and not _was_seen(path, node)
    ]


def _is_ours(node: ast.Raise) -> bool:
    made = node.exc.func if isinstance(node.exc, ast.Call) else None
    return isinstance(made, ast.Name) and made.id in OURS


def _was_seen(path: Path, node: ast.Raise) -> bool:
    lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return any((str(path), line) in seen for line in lines)
