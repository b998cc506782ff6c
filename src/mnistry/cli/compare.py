"""The command that compares models on the same images."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mnistry.cli.checks import expect_kept
from mnistry.cli.models import notes_of, open_all
from mnistry.cli.options import (
    as_they_are_option,
    data_option,
    input_option,
    json_option,
    models_argument,
)
from mnistry.cli.output import echo, expect_page
from mnistry.cli.values import FilePath
from mnistry.formats.atomic import expect_writable, write_atomic

if TYPE_CHECKING:
    from mnistry.report.compare import ModelComparison


@click.command(
    name="compare",
    epilog="Example:  mnistry compare ours.safetensors theirs.onnx --out both.html",
)
@models_argument
@data_option
@as_they_are_option
@input_option
@click.option(
    "--out",
    type=FilePath(dir_okay=False, path_type=Path),
    help="Write an HTML page of the images that they read differently.",
)
@click.option(
    "--csv",
    "table",
    type=FilePath(dir_okay=False, path_type=Path),
    help="Write a CSV file of those images.",
)
@json_option
def compare_command(
    *,
    models: Sequence[Path],
    data: str,
    as_they_are: bool,
    input: str | None,
    out: Path | None,
    table: Path | None,
    as_json: bool,
) -> None:
    """Compare models or predictions on the same images, pair by pair.

    It takes the files that `mnistry test` takes. A single one is compared with the
    packaged model.
    """
    from mnistry.report.compare import compare_models
    from mnistry.report.tables import to_csv

    if not models:
        message = "give two files or more; with one the packaged model is the other"
        raise click.UsageError(message)
    if out is not None:
        expect_page(out)
    if table is not None:
        expect_kept(table, *models, data)
        expect_writable(table)
    paths: Sequence[Path | None] = models if len(models) > 1 else (*models, None)
    digits, loaded = open_all(paths, data, input, as_they_are=as_they_are)
    named = dict(zip(_names(paths), loaded, strict=True))
    found = compare_models(named, digits)
    if out is not None:
        found.save(out)
    if table is not None:
        write_atomic(table, to_csv(found.rows()).encode(errors="replace"))
    if as_json:
        echo(json.dumps(found.to_dict(), ensure_ascii=False))
    else:
        _echo_words(found, named)


def _echo_words(found: "ModelComparison", named: Mapping[str, Any]) -> None:
    """Print how right each model is, what parts them, and how each was asked."""
    width = max(map(len, found.evaluations))
    for name, evaluation in found.evaluations.items():
        words = evaluation.summary
        echo(f"{name:{width}}  {words}")
    for pair in found.pairs:
        echo(str(pair))
    for name, one in named.items():
        for note in notes_of([one]):
            echo(f"{name}: {note}")


def _names(paths: Sequence[Path | None]) -> list[str]:
    """Name models by their files, with as many folders as tell them apart."""
    for parts in range(1, max(len(path.parts) for path in paths if path) + 1):
        names = [
            "packaged" if path is None else "/".join(path.parts[-parts:])
            for path in paths
        ]
        if len(set(names)) == len(names):
            return names
    message = "a model is named twice: give each file once"
    raise click.UsageError(message)
