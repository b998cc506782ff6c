"""The command that trains a net with several seeds."""

import json
import os
from pathlib import Path

import click

from mnistry.cli.checks import expect_not_given
from mnistry.cli.options import as_they_are_option, data_option, json_option, net_option
from mnistry.cli.output import echo
from mnistry.cli.progress import transfer
from mnistry.cli.values import COUNT, FolderPath
from mnistry.data.load import load
from mnistry.formats.atomic import expect_writable_folder


@click.command(
    name="seeds", epilog="Example:  mnistry seeds --net balanced --seeds 5 --out seeds/"
)
@net_option
@click.option(
    "--seeds",
    default=5,
    show_default=True,
    type=COUNT,
    help="How many seeds, counted from 0.",
)
@data_option
@as_they_are_option
@click.option(
    "--out",
    default="seeds",
    show_default=True,
    type=FolderPath(),
    help="Folder for a run of each seed, and seeds.md, seeds.csv, seeds.tex.",
)
@click.option(
    "--format",
    "form",
    default="md",
    show_default=True,
    type=click.Choice(["md", "csv", "tex"]),
    help="Format of the printed table: Markdown, CSV, LaTeX.",
)
@json_option
def seeds_command(
    *,
    net: str,
    seeds: int,
    data: str,
    as_they_are: bool,
    out: Path,
    form: str,
    as_json: bool,
) -> None:
    """Train with several seeds: mean and spread of accuracy.

    If interrupted, run it again to continue; finished seeds are kept.
    """
    from mnistry.models.seeds import TABLES, train_seeds

    if as_json:
        expect_not_given(["form"], "with --json", "Leave one of them out.")
    expect_writable_folder(out)  # before the digits are fetched, not after it
    with transfer() as progress:
        train, test = (
            load(data, split=split, as_they_are=as_they_are, progress=progress)
            for split in ("train", "test")
        )
    try:
        found = train_seeds(
            train,
            test,
            net,
            seeds=seeds,
            folder=out,
            say=lambda line: echo(line, err=True),
        )
    except KeyboardInterrupt:
        kept = f"what was trained is in {out}{os.sep}"
        echo(f"{kept}; run the same command to continue", err=True)
        raise
    if as_json:
        echo(json.dumps(found.to_dict(), ensure_ascii=False))
        return
    echo(TABLES[form](found), nl=False)
