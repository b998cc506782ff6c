"""The command that tests models, and how it and others open them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from mnistry.cli.checks import expect_not_given
from mnistry.cli.options import (
    as_they_are_option,
    data_option,
    input_option,
    json_option,
    models_argument,
)
from mnistry.cli.output import echo, expect_page
from mnistry.cli.progress import transfer
from mnistry.cli.values import SHARE, FilePath, FolderPath
from mnistry.data.load import load
from mnistry.digits import Digits
from mnistry.errors import MnistryError
from mnistry.formats.atomic import expect_writable_folder


def open_all(
    paths: Sequence[Path | None],
    data: str,
    input: str | None,
    *,
    as_they_are: bool,
    split: str = "test",
) -> tuple[Digits, list[Any]]:
    """Load images to be read, and a model or predictions from each file.

    Files that are not opened are refused before any work. None: the packaged model.
    `input` is for the ONNX models among them; where there is none, it is refused.
    """
    from mnistry.models.files import open_file
    from mnistry.models.handed_over import expect_opened
    from mnistry.models.packaged import load_model
    from mnistry.predictors.predictor import training_images

    if not any(paths):
        expect_input_used()
    for path in paths:
        if path:
            expect_opened(path, data)
    with transfer() as progress:
        give: Any = partial(load, data, as_they_are=as_they_are, progress=progress)
        digits: Digits = give(split=split)

        def training() -> Digits:
            try:
                images: Digits = give(split="train")
            except MnistryError:  # no such split, or no network: drawn ones may do
                return training_images(digits)
            return images

        opened = [
            open_file(path, digits, input=given, training=training, data=data)
            if path
            else load_model()
            for path, given in zip(paths, _inputs(paths, input), strict=True)
        ]
    return digits, opened


def _inputs(paths: Sequence[Path | None], given: str | None) -> list[str | None]:
    """Give --input to the ONNX models alone, if there are any."""
    foreign = [path and path.suffix.lower() == ".onnx" for path in paths]
    return [given if one or not any(foreign) else None for one in foreign]


def expect_input_used() -> None:
    """Refuse --input where the packaged model is the only one."""
    expect_not_given(["input"], "on the packaged model; it is for ONNX models")


@click.command(
    name="test",
    epilog="Example:  mnistry test run/model.safetensors --report report.html",
)
@models_argument
@data_option
@as_they_are_option
@input_option
@click.option(
    "--average", "is_average", is_flag=True, help="Test the average of several models."
)
@click.option("--shifts", is_flag=True, help="Also read each image shifted by a pixel.")
@click.option(
    "--report",
    type=FilePath(dir_okay=False, path_type=Path),
    help="Write an HTML page.",
)
@click.option(
    "--csv",
    "tables",
    type=FolderPath(),
    help="Folder for all tables of the report.",
)
@click.option("--stress", is_flag=True, help="Also on images made hard to read.")
@click.option(
    "--attack",
    is_flag=True,
    help="Also under Square Attack: 100 images, 500 queries, 3 minutes at most.",
)
@click.option(
    "--coverage",
    type=SHARE,
    help="Also name for each image the digits it might be (a conformal prediction"
    " set), with this coverage, such as 0.999.",
)
@json_option
def test_command(
    *,
    models: Sequence[Path],
    data: str,
    as_they_are: bool,
    input: str | None,
    is_average: bool,
    shifts: bool,
    report: Path | None,
    tables: Path | None,
    stress: bool,
    attack: bool,
    coverage: float | None,
    as_json: bool,
) -> None:
    """Test a model, or the packaged one, on images it has not seen.

    MODEL is .safetensors of mnistry, .onnx of any origin, or predictions: .csv, .npz,
    .npy, .parquet with labels, probabilities or logits. `mnistry compare` compares
    several.
    """
    from mnistry.report.evaluate import evaluate
    from mnistry.report.tables import save_tables

    if report is not None:
        expect_page(report)
    if tables is not None:
        expect_writable_folder(tables)
    _expect_average(models, is_average=is_average)
    digits, loaded = open_all(models or (None,), data, input, as_they_are=as_they_are)
    reader = _average(loaded, digits, shifts=shifts)
    kinds = ["corruptions"] * stress + ["attack"] * attack
    evaluation = evaluate(reader, digits, stress=kinds, coverage=coverage)
    if not evaluation.facts:  # of predictions: the files that they are in
        named = {"net": ", ".join(path.name for path in models)}
        evaluation = replace(evaluation, facts=named)
    if report is not None:
        evaluation.save(report)
    if tables is not None:
        save_tables(evaluation, tables)
    if as_json:
        echo(json.dumps(evaluation.to_dict(), ensure_ascii=False))
        return
    echo(_in_words(evaluation, notes_of(loaded)))


def _in_words(evaluation: Any, notes: Sequence[str]) -> str:
    """Return an evaluation as text: accuracy, input, robustness."""
    from mnistry.report.conformal import in_words

    lines = [evaluation.summary, *notes]
    if evaluation.sets is not None:
        lines.append(in_words(evaluation.sets))
    if evaluation.stress:
        levels = "  ".join(f"{level:>8}" for level in range(6))  # 0: as they are
        lines.append(f"  {'severity':14} {levels}")
    for curve in evaluation.stress:
        row = "  ".join(f"{100 * share:6.2f} %" for share in curve["accuracy"])
        lines.append(f"  {curve['kind']:14} {row}")
    lines += [
        f"  square attack, pixels changed by up to {made['budget']:g}:"
        f" {100 * made['accuracy']:.1f} % of {made['images']} images still right after"
        f" {made['queries']} queries"
        for made in evaluation.attack
    ]
    return "\n".join(lines)


def _expect_average(models: Sequence[Path], *, is_average: bool) -> None:
    if len(models) > 1 and not is_average:
        message = (
            f"{len(models)} models: --average tests their average; `mnistry compare"
            f" {' '.join(map(str, models))}` compares them"
        )
        raise click.UsageError(message)


def notes_of(loaded: Sequence[Any]) -> list[str]:
    """Return the notes on how models were asked, each once."""
    notes = (getattr(one, "note", "") for one in loaded)
    return [note for note in dict.fromkeys(notes) if note]


def _average(loaded: Sequence[Any], digits: Digits, *, shifts: bool) -> Any:
    """Average models; or predictions, also with those of models; one stays itself."""
    from mnistry.models.ensemble import average
    from mnistry.predictions import Predictions, ensemble_predictions

    if len(loaded) == 1 and not shifts:
        return loaded[0]
    if not any(isinstance(one, Predictions) for one in loaded):
        return average(loaded, shifted=shifts)
    if shifts:
        message = "--shifts is for models, and there are predictions: leave it out"
        raise click.UsageError(message)
    return ensemble_predictions(
        [
            one if isinstance(one, Predictions) else one.predict(digits.images)
            for one in loaded
        ]
    )
