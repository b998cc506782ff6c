"""Commands about the data: list, info, show, export, mount."""

import json
from pathlib import Path
from typing import Any

import click

from mnistry.cli.checks import expect_kept, expect_not_given
from mnistry.cli.options import (
    as_they_are_option,
    data_option,
    json_option,
    name_argument,
    one_of,
)
from mnistry.cli.output import echo, echo_drawing, expect_png
from mnistry.cli.progress import transfer
from mnistry.cli.values import COUNT, PLACE, SEED, FilePath, FolderPath
from mnistry.data.catalog import DATASETS
from mnistry.data.load import datasets, load, load_there
from mnistry.digits import Digits
from mnistry.errors import FetchError, unknown_name
from mnistry.files import FORMATS, export, format_of
from mnistry.formats.atomic import expect_writable_folder

DRAWN = "Digits drawn by mnistry itself, from a seed; no file needed", "MIT"
MOST_DRAWN = 200  # in a terminal, some screens full
OWN = "digits of your own", "yours to say"  # title and licence
_TABLE_OF_FORMATS = "\n".join(  # after \b click leaves lines as they are
    ["\b", "Formats:", *(f"  {to:20} {FORMATS[to].title}" for to in FORMATS)]
)


@click.command(name="list", epilog="Example:  mnistry list --json")
@json_option
def list_command(*, as_json: bool) -> None:
    """List the data sets there are."""
    rows = [_row(name) for name in datasets()]
    if as_json:
        echo(json.dumps(rows, ensure_ascii=False))
        return
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        splits = ", ".join(row["splits"])
        echo(f"{row['name']:{width}}  {row['title']} ({splits})")


@click.command(name="info", epilog="Example:  mnistry info mnist --json")
@name_argument
@as_they_are_option
@json_option
def info_command(*, name: str, as_they_are: bool, as_json: bool) -> None:
    """Describe a data set: shapes, counts, ink, duplicates.

    NAME is one of `mnistry list`, or the path of your own digits. Default: mnist.
    """
    from mnistry.statistics import common, facts

    try:
        with transfer() as progress:
            splits = load_there(name, as_they_are=as_they_are, progress=progress)
    except FetchError:  # the licence is known without the files
        if name in DATASETS and not as_json:
            echo(_info_text(_row(name) | {"test_images_in_train": None}))
        raise
    about = _row(name) | {
        split.split_name: facts(split).to_dict() | {"source": split.source}
        for split in splits
    }
    about["test_images_in_train"] = common(*splits) if len(splits) == 2 else None
    echo(json.dumps(about, ensure_ascii=False) if as_json else _info_text(about))


@click.command(
    name="show", epilog="Example:  mnistry show mnist --count 9 --out grid.png"
)
@name_argument
@click.option("--split", default="train", show_default=True, help="Such as test.")
@click.option(
    "--count",
    default=9,
    show_default=True,
    type=COUNT,
    help="How many images.",
)
@click.option(
    "--start",
    default=0,
    show_default=True,
    type=PLACE,
    help="Index of the first one.",
)
@click.option(
    "--random",
    "seed",
    type=SEED,
    help="Take them at random, with this seed.",
)
@click.option(
    "--out", type=FilePath(dir_okay=False, path_type=Path), help="Write a PNG."
)
@as_they_are_option
@json_option
def show_command(
    *,
    name: str,
    split: str,
    count: int,
    start: int,
    seed: int | None,
    out: Path | None,
    as_they_are: bool,
    as_json: bool,
) -> None:
    """Show images, in the terminal or as a PNG.

    NAME is one of `mnistry list`, or the path of your own digits. Default: mnist.
    """
    from mnistry.look.picture import save_picture
    from mnistry.look.terminal import to_text

    if seed is not None:
        expect_not_given(["start"], "with --random", "Leave one of them out.")
    if out is not None:
        expect_kept(out, name)
        expect_png(out)
    with transfer() as progress:
        digits = load(name, split=split, as_they_are=as_they_are, progress=progress)
    if not len(digits):
        message = f"{name} {split} has no images; expected 1 or more to show"
        raise click.UsageError(message)
    chosen = _chosen(digits, count, start, seed)
    if out is not None:
        _expect_shown(len(chosen))
        save_picture(chosen, out)
    if as_json:
        written = {"labels": chosen.labels.tolist(), "picture": out and str(out)}
        echo(json.dumps(written))
    elif out is None:
        echo_drawing(to_text(chosen[:MOST_DRAWN]))
        if len(chosen) > MOST_DRAWN:
            more = "--out FILE.png shows more"
            echo(f"{MOST_DRAWN} of {len(chosen):,} are shown; {more}")
    else:
        echo(str(out))


def _chosen(digits: Digits, count: int, start: int, seed: int | None) -> Digits:
    if seed is None:
        if start >= len(digits):
            message = f"there are {len(digits):,} images; expected --start below that"
            raise click.UsageError(message)
        return digits[start : start + count]
    return digits.choose(count, seed=seed)


def _expect_shown(count: int) -> None:
    from mnistry.look.grid import MOST_IMAGES

    if count > MOST_IMAGES:
        message = (
            f"--count is {count:,}; a picture shows up to {MOST_IMAGES:,} images. Take"
            " fewer, or write them all: mnistry export --to png"
        )
        raise click.UsageError(message)


@click.command(
    name="export",
    epilog=f"{_TABLE_OF_FORMATS}\n\n"
    "Example:  mnistry export mnist --to parquet --out DIR",
)
@name_argument
@click.option(
    "--to",
    "to",
    required=True,
    shell_complete=one_of(lambda: FORMATS),
    help="One of the formats below.",
)
@click.option(
    "--out",
    required=True,
    type=FolderPath(),
    help="Folder; created if missing.",
)
@click.option("--split", help="Only this split. Default: train and test.")
@as_they_are_option
@json_option
def export_command(
    *,
    name: str,
    to: str,
    out: Path,
    split: str | None,
    as_they_are: bool,
    as_json: bool,
) -> None:
    """Write a data set as files of another format.

    NAME is one of `mnistry list`, or the path of your own digits. Default: mnist.
    """
    if to not in FORMATS:
        raise unknown_name("format", to, FORMATS)
    _expect_kept(name, to, out)
    expect_writable_folder(out)  # before the digits are fetched, not after it
    with transfer() as progress:
        digits = (
            load_there(name, as_they_are=as_they_are, progress=progress)
            if split is None
            else [load(name, split=split, as_they_are=as_they_are, progress=progress)]
        )
        written = [str(path) for path in export(digits, to, out)]
    echo(json.dumps(written) if as_json else "\n".join(written))


def _expect_kept(name: str, to: str, out: Path) -> None:
    """Refuse to write where digits of that format are read: names would be the same."""
    path = Path(name)
    if name in datasets() or not path.exists():
        return
    folder = path if path.is_dir() else path.parent
    if out.resolve() != folder.resolve():
        return
    if format_of(path).module == FORMATS[to].module:
        message = f"{name} is read from {out}, and could be overwritten. Name another."
        raise click.UsageError(message)


@click.command(name="mount", epilog="Example:  mnistry mount DIR")
@click.argument("folder", type=FilePath(path_type=Path))
@data_option
@as_they_are_option
@json_option
def mount_command(*, folder: Path, data: str, as_they_are: bool, as_json: bool) -> None:
    """Show a data set as a folder of files, until Ctrl-C. Nothing is written."""
    from mnistry.mount import expect_empty_folder, serve

    expect_empty_folder(folder)  # before the digits are fetched, not after it
    with transfer() as progress:
        splits = load_there(data, as_they_are=as_they_are, progress=progress)

    def ready() -> None:
        counts = {split.split_name: len(split) for split in splits}
        mounted = {"folder": str(folder.absolute()), "data": data, "images": counts}
        if as_json:
            echo(json.dumps(mounted, ensure_ascii=False))
        else:
            echo(f"{folder}: mounted; Ctrl-C unmounts", err=True)

    serve(folder, *splits, ready=ready)


def _row(name: str) -> dict[str, Any]:
    row = DATASETS.get(name)
    if row is None:
        title, licence = DRAWN if name == "drawn" else OWN
        facts = {"title": title, "splits": ["train", "test"], "licence": licence}
        return {"name": name, **facts, "citation": "", "homepage": "", "notes": []}
    return {
        "name": row.name,
        "title": row.title,
        "splits": list(row.splits),
        "licence": row.licence,
        "citation": row.citation,
        "homepage": row.homepage,
        "notes": list(row.notes),
    }


def _info_text(about: dict[str, Any]) -> str:
    lines = [f"{about['name']}: {about['title']}", ""]
    there = [split for split in ("train", "test") if split in about]
    for split in there:
        lines += [
            f"X_{split}: {tuple(about[split]['images'])}",
            f"Y_{split}: {tuple(about[split]['labels'])}",
        ]
    for split in there:
        facts = about[split]
        counts = "  ".join(f"{label}: {n:,}" for label, n in enumerate(facts["counts"]))
        ink = ", ".join(f"{100 * share:.1f} %" for share in facts["ink"])
        lines += [
            "",
            f"{split}, from {facts['source']}",
            f"  labels       {counts}",
            f"  mean         {facts['mean']:.4f}",
            f"  deviation    {facts['standard_deviation']:.4f}",
            f"  ink, 0..255  {ink}",
            f"  duplicates   {facts['duplicates']}",
        ]
    if about["test_images_in_train"] is not None:
        both = about["test_images_in_train"]
        lines += ["", f"test images that are in train too: {both}"]
    lines += [*[""] * bool(there), f"licence: {about['licence']}"]
    if about["citation"]:
        lines += [f"cite: {about['citation']}", f"see: {about['homepage']}"]
    return "\n".join([*lines, *about["notes"]])
