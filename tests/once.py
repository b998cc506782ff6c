"""The drawn digits, drawn once in a run: 70,000, alike each time, 7 seconds of work."""

from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from mnistry import Digits

Draw = Callable[[str, Any], Digits]


def drawn_once(draw: Draw, folder: Path | None) -> Draw:
    """Wrap what draws a split: it is called once, in one of the processes.

    Args:
        draw: Takes the name of a split, and whom to tell of its progress.
        folder: Where the processes of a run share what was drawn; None: there is one.
    """

    @cache
    def drawn(split: str) -> Digits:
        if folder is None:
            return draw(split, None)
        path = folder / f"drawn-{split}.npz"
        with FileLock(path.with_suffix(".lock")):
            if not path.exists():
                _write(draw(split, None), path)
        return _read(path, split)

    @wraps(draw)
    def once(split: str, _: Any) -> Digits:
        return drawn(split)

    return once


def _write(digits: Digits, path: Path) -> None:
    source, classes = np.array(digits.source), np.array(digits.classes)
    images, labels = np.asarray(digits.images), np.asarray(digits.labels)
    np.savez(path, images=images, labels=labels, source=source, classes=classes)


def _read(path: Path, split: str) -> Digits:
    with np.load(path) as stored:
        images, labels = stored["images"], stored["labels"]
        source, classes = str(stored["source"]), tuple(stored["classes"].tolist())
    return Digits(images, labels, "drawn", split, source, classes)
