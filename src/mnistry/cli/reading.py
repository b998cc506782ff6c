"""The command about photographs: read."""

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from mnistry.cli import bulk
from mnistry.cli.checks import (
    expect_effects,
    expect_folders,
    expect_paths,
    expect_pattern,
)
from mnistry.cli.output import STDIN, echo, read_stdin
from mnistry.cli.values import FolderPath
from mnistry.errors import MnistryError
from mnistry.escape import as_text, for_csv

if TYPE_CHECKING:
    from mnistry.scan.page.picture.load import Source
    from mnistry.scan.results import Reading

BROKEN, WITHOUT_DIGITS = 1, 3  # exit status; 2 is wrong usage


@click.command(
    name="read",
    epilog="Example:  mnistry read photo.jpg more.png --json --annotate out/",
)
@click.argument("pictures", nargs=-1)
@click.option("--single", is_flag=True, help="Each picture has exactly one digit.")
@click.option("--pattern", help="What each line must match, such as '[0-9]{6}'.")
@click.option("--allowed", help="The only digits that may occur, such as 01.")
@click.option("--signs", is_flag=True, help="Print signs too, such as -1,234.50.")
@click.option(
    "--annotate",
    type=FolderPath(),
    help="Folder for copies of the pictures with the readings drawn in.",
)
@click.option(
    "--steps",
    type=FolderPath(),
    help="Folder for a picture of each step.",
)
@bulk.bulk_options
@click.option(
    "--csv",
    "as_csv",
    is_flag=True,
    help="Print CSV, one row per digit; with --out: add table.csv, one row per line.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, one line per picture."
)
def read_command(
    *,
    pictures: tuple[str, ...],
    single: bool,
    pattern: str | None,
    allowed: str | None,
    signs: bool,
    annotate: Path | None,
    steps: Path | None,
    as_csv: bool,
    as_json: bool,
    **many: Any,
) -> None:
    """Read the digits in pictures, PDFs, folders; "-" is stdin.

    A quoted pattern ('scans/**/*.jpg') stands for the files it matches. A line that is
    more likely wrong than right is followed by its confidence and "unsure".

    With --out: also tar archives and Parquet files, into a folder of tables.

    Exit status: 0 every picture has digits, 1 some are broken, 3 none is broken but
    some have no digits, 2 wrong usage. With --out: 0 when every picture has its row.
    """
    settings: dict[str, Any] = {"single": single, "pattern": pattern}
    settings |= {} if allowed is None else {"allowed": allowed}
    pictures = (*pictures, *bulk.listed(many["names"]))
    if not pictures:
        raise click.UsageError(_missing(many["names"]))
    form = "json" if as_json else "csv" if as_csv else "signs" if signs else "text"
    given = {"annotate": annotate, "steps": steps, "signs": signs}
    expect_effects(form, given, has_out=many["out"] is not None, as_csv=as_csv)
    expect_pattern(settings)
    expect_paths(pictures)
    if many["out"] is not None:
        into = many | {"as_csv": as_csv, "as_json": as_json}
        bulk.read_into(pictures, into, settings)
        return
    pictures = tuple(_named_by(pictures))
    folders = {"annotate": annotate, "steps": steps}
    expect_folders(pictures, **folders)
    if as_json and not (annotate or steps) and bulk.can_read_side_by_side():
        counts = bulk.print_json(pictures, many["processes"], settings)
    else:
        counts = _print_readings(pictures, settings, folders, form)
    _end(counts)


def _missing(names: IO[str] | None) -> str:
    """Say that no picture is named, by an argument or in a list."""
    if names is None:
        return "Missing argument 'PICTURES...', or --list."
    return f"--list {as_text(names.name)} names no picture; expected one a line."


def _named_by(pictures: Iterable[str]) -> Iterator[str]:
    """Yield the names, and of patterns what they match: a shell did not, in quotes."""
    from mnistry.scan.folders import matches

    for picture in pictures:
        yield from matches(picture)


def _end(counts: Counter[str]) -> None:
    """Say how many were read, unless it is one that was; end with the exit status."""
    if counts.total() > 1 or not counts["read"]:
        numbers = f"{counts['read']:,} read, {counts['empty']:,} without digits"
        echo(f"{numbers}, {counts['error']:,} broken", err=True)
    if counts["error"]:
        sys.exit(BROKEN)
    if counts["empty"]:
        sys.exit(WITHOUT_DIGITS)


def _print_readings(
    pictures: Iterable[str],
    settings: dict[str, Any],
    folders: dict[str, Path | None],
    form: str,
) -> Counter[str]:
    """Read one picture after the other, print each; count what came of them."""
    from mnistry.scan.annotate import save_annotated, save_steps
    from mnistry.scan.read import read_each
    from mnistry.scan.results import CSV_COLUMNS

    steps, annotate = folders["steps"], folders["annotate"]
    counts: Counter[str] = Counter()
    if form == "csv":
        echo(",".join(("file", *CSV_COLUMNS)))
    made = [folder for folder in folders.values() if folder]
    for name, stem, source in _sources(pictures, without=made):
        observed = {} if steps is None else {"watch": save_steps(steps / stem)}
        for _, outcome in read_each([(name, source)], **settings, **observed):
            if isinstance(outcome, MnistryError):
                counts["error"] += 1
                _print_broken(name, outcome, form)
                continue
            counts["empty" if outcome.reason else "read"] += 1
            echo(_format_reading(name, outcome, form), nl=False)
            if annotate is not None:
                save_annotated(source, outcome, annotate / f"{stem}.png")
    return counts


def _print_broken(name: str, error: MnistryError, form: str) -> None:
    """Print the row of a picture that cannot be read, and why on stderr."""
    from mnistry.scan.reasons import broken, json_line
    from mnistry.scan.results import Reading, ReadPage

    if form == "csv":
        page = ReadPage(reason=broken(error))
        echo(_csv_rows(name, Reading((), pages=(page,))), nl=False)
    text = " ".join(str(error).split())
    if form == "json":
        echo(json_line(name, error))
    echo(f"error: {text}", err=True)


def _sources(
    pictures: Iterable[str], without: Iterable[Path] = ()
) -> Iterator[tuple[str, str, "Source"]]:
    """Yield each picture's name, a unique name for its outputs, and the picture."""
    from mnistry.scan.folders import find_pictures

    taken: Counter[str] = Counter()
    for picture in pictures:
        found = find_pictures([picture], without=without)
        for path in [None] if picture == STDIN else found:
            stem = _unused(path.stem if path else "stdin", taken)
            source = path or read_stdin()
            yield as_text(str(path or STDIN)), stem, source


def _unused(stem: str, taken: Counter[str]) -> str:
    name = stem
    while name in taken:
        taken[stem] += 1
        name = f"{stem}-{taken[stem]}"
    taken[name] = 1
    return name


def _format_reading(name: str, reading: "Reading", form: str) -> str:
    from mnistry.scan.reasons import json_line
    from mnistry.scan.results import UNSURE_BELOW

    if form == "json":
        return json_line(name, reading) + "\n"
    if form == "csv":
        return _csv_rows(name, reading)
    if not reading.text:
        return f"{name}  (no digits) {reading.reason}\n"
    has_pages = max((page.number for page in reading.pages), default=1) > 1
    rows = []
    for line in reading.lines:
        where = f"{name}  page {line.page}" if has_pages else name
        text, confidence = line.text, line.confidence
        if form == "signs":
            text, confidence = line.signed_text, line.signed_confidence
        doubt = f"  {confidence:.2f} unsure" if confidence < UNSURE_BELOW else ""
        rows.append(f"{where}  {text}{doubt}\n")
    return "".join(rows)


def _csv_rows(name: str, reading: "Reading") -> str:
    """Return the reading's table without header, each row after the file's name."""
    _, *rows = csv.reader(reading.to_csv().splitlines())
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(
        [for_csv(name), *row] for row in rows
    )
    return file.getvalue()
