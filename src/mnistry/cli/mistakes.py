"""The command that shows misread images, and labels that are probably wrong."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from mnistry.cli.checks import expect_kept, expect_not_given
from mnistry.cli.models import notes_of, open_all
from mnistry.cli.options import (
    as_they_are_option,
    data_option,
    input_option,
    json_option,
    net_option,
)
from mnistry.cli.output import echo, expect_png
from mnistry.cli.progress import transfer
from mnistry.cli.values import FilePath
from mnistry.data.load import load
from mnistry.digits import Digits
from mnistry.formats.atomic import write_atomic

MOST_SHOWN = 96  # suspicious labels in a picture: twelve rows of eight


@click.command(
    name="mistakes",
    epilog="Example:  mnistry mistakes run/model.safetensors --out mistakes.png",
)
@click.argument("model", required=False, type=FilePath(exists=True, path_type=Path))
@data_option
@as_they_are_option
@input_option
@click.option("--split", default="test", show_default=True, help="Such as train.")
@click.option(
    "--labels",
    "check_labels",
    is_flag=True,
    help="Find labels that are probably wrong; needs no MODEL.",
)
@net_option
@click.option(
    "--out",
    type=FilePath(dir_okay=False, path_type=Path),
    help="PNG to write. Default: mistakes.png, with --labels suspicious.png.",
)
@json_option
def mistakes_command(
    *,
    model: Path | None,
    data: str,
    as_they_are: bool,
    input: str | None,
    split: str,
    check_labels: bool,
    net: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Show the images that a model, or the packaged one, misreads.

    MODEL is a file that `mnistry test` takes. With --labels a --net is trained instead,
    to find labels that are probably wrong.
    """
    from mnistry.report.evaluation import MOST_IN_PICTURE

    _expect_effects(check_labels=check_labels)
    out = out or Path("suspicious.png" if check_labels else "mistakes.png")
    expect_kept(out, data)
    expect_png(out)
    rows: Sequence[Any]
    if check_labels:
        with transfer() as progress:
            digits = load(data, split=split, as_they_are=as_they_are, progress=progress)
        rows = _suspicious(digits, net, out)
        summary = f"{out}: {len(rows)} of {len(digits):,} labels are suspicious"
        if len(rows) > MOST_SHOWN:
            summary += f"; it shows the first {MOST_SHOWN}"
    else:
        digits, (opened,) = open_all(
            [model], data, input, as_they_are=as_they_are, split=split
        )
        rows = _mistaken(digits, opened, out)
        summary = f"{out}: {len(rows)} of {len(digits):,} misread"
        if len(rows) > MOST_IN_PICTURE:
            summary += f"; it shows the {MOST_IN_PICTURE} most confident"
        summary = "\n".join([summary, *notes_of([opened])])
    echo(json.dumps(rows, ensure_ascii=False) if as_json else summary)


def _expect_effects(*, check_labels: bool) -> None:
    """Refuse an option that would do nothing beside the others."""
    if check_labels:
        expect_not_given(["model", "input"], "with --labels, which asks no model")
    else:
        expect_not_given(["net"], "without --labels")


def _mistaken(digits: Digits, model: Any, out: Path) -> Sequence[Any]:
    from mnistry.report.evaluate import evaluate

    evaluation = evaluate(model, digits, maps=0)
    evaluation.save_mistakes(out)
    return evaluation.mistakes


def _suspicious(digits: Digits, net: str, out: Path) -> Sequence[Any]:
    from mnistry.learn.train import train
    from mnistry.report.label_errors import (
        cross_validated,
        find_label_errors,
        label_errors_picture,
    )

    predictions = cross_validated(digits, partial(train, net=net))
    rows = find_label_errors(digits, predictions)
    write_atomic(out, label_errors_picture(digits, rows[:MOST_SHOWN]))
    return rows
