"""Types of what is typed: numbers within bounds, paths that are no URLs."""

import math
from pathlib import Path
from typing import IO, Any

import click

from mnistry.errors import UsageError
from mnistry.escape import as_text
from mnistry.formats.budget import MOST_COUNTED, MOST_SECONDS
from mnistry.formats.plain import refuse_url

MOST_PROCESSES = 1024
MOST_SEED = 2**63 - 1  # that torch takes
FILES = (
    ".csv", ".gif", ".gz", ".htm", ".html", ".jpeg", ".jpg", ".json", ".jsonl",
    ".keras", ".npz", ".onnx", ".parquet", ".pdf", ".png", ".safetensors", ".tar",
    ".tif", ".tiff", ".tsv", ".txt", ".webp", ".xlsx", ".zip",
)  # fmt: skip
"""Endings of files that are written or read here, or are thought to be."""

ELSEWHERE = "Name a path of this machine, and upload what is written there afterwards."
EMPTY = (
    "the path is empty; expected one, such as '.' for the folder you are in. Is a"
    " variable of the shell not set?"
)

_TOO_LARGE = "{} is too large; expected at most {:,}."


class _Whole(click.IntRange):
    """A whole number; its bound is so far up that help does not show it."""

    name = "integer"  # of click's it is "integer range", which no value is

    def __init__(self, least: int, most: int) -> None:
        super().__init__(least)
        self.most = most

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the number, or refuse it."""
        number = super().convert(value, param, ctx)
        if number > self.most:
            self.fail(_TOO_LARGE.format(value, self.most), param, ctx)
        return number


class _Number(click.FloatRange):
    """A number above 0; "nan" is in no range, nor outside of any."""

    name = "number"

    def __init__(self, most: float, *, below: float | None = None) -> None:
        super().__init__(0, below, min_open=True, max_open=below is not None)
        self.most = most

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the number, or refuse it."""
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a valid number.", param, ctx)
        if number > self.most:
            self.fail(_TOO_LARGE.format(value, self.most), param, ctx)
        return number


class FilePath(click.Path):
    """A path of this machine: an empty one and a URL are refused, with what to do."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the path, or refuse it."""
        if value == "":  # which pathlib takes for the folder one is in
            self.fail(EMPTY, param, ctx)
        try:
            refuse_url(value, "" if self.exists else ELSEWHERE)
        except UsageError as error:
            self.fail(str(error), param, ctx)
        return super().convert(value, param, ctx)


class FolderPath(FilePath):
    """A folder that is written into, and made: its name is not that of a file."""

    def __init__(self, advice: str = "") -> None:
        super().__init__(file_okay=False, path_type=Path)
        self.advice = advice

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the path, or refuse it."""
        path = Path(super().convert(value, param, ctx))
        bare = path
        while bare.suffix.lower() in FILES:  # two of x.tar.gz
            bare = bare.with_suffix("")
        if bare != path and not path.is_dir():
            message = (
                f"{as_text(str(path))} is named as a file; expected a folder for"
                f" several files, such as {as_text(str(bare))}."
            )
            self.fail(f"{message} {self.advice}".strip(), param, ctx)
        return path


class OpenFile(click.File):
    """A file that is opened: a URL is refused, with what to do."""

    def convert(self, value: Any, param: Any, ctx: Any) -> IO[Any]:
        """Return the open file, or refuse it."""
        try:
            refuse_url(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)
        return super().convert(value, param, ctx)


COUNT = _Whole(1, MOST_COUNTED)
PLACE = _Whole(0, MOST_COUNTED)
PROCESSES = _Whole(1, MOST_PROCESSES)
PORT = click.IntRange(0, 65535)
PORT.name = "integer"
SEED = _Whole(0, MOST_SEED)
SECONDS = _Number(MOST_SECONDS)
SHARE = _Number(1, below=1)
