"""Commands about models: train, test, mistakes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from mnistry.cli.completion import NETS, one_of
from mnistry.cli.data import data_option, expect_png, json_option
from mnistry.cli.progress import transfer
from mnistry.digits import Digits
from mnistry.loading import load
from mnistry.whole import write_whole

MOST_SHOWN = 96  # suspicious labels in a picture: twelve rows of eight
model_argument = click.argument(
    "model",
    required=False,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)


models_argument = click.argument(
    "models",
    nargs=-1,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)


@click.command(
    name="train", epilog="Example:  mnistry train --net fast --seed 0 --out run/"
)
@click.option(
    "--net",
    default="fast",
    show_default=True,
    shell_complete=one_of(lambda: NETS),
    help=", ".join(NETS),
)
@click.option("--epochs", type=click.IntRange(min=1), help="Default: the recipe's.")
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="Same seed, same digits, same machine: same model.",
)
@data_option
@click.option(
    "--out",
    default="run",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for model.safetensors, history.csv, curves.png and checkpoints.",
)
@click.option(
    "--tensorboard", is_flag=True, help="Also write event files for TensorBoard there."
)
@click.option("--resume", is_flag=True, help="Go on with the run in --out.")
@click.option("--summary", is_flag=True, help="Print the net's layers, train nothing.")
@json_option
def train_command(
    *,
    net: str,
    epochs: int | None,
    seed: int,
    data: str,
    out: Path,
    resume: bool,
    tensorboard: bool,
    summary: bool,
    as_json: bool,
) -> None:
    """Train a net, with some images held back to see how it goes."""
    from mnistry.learn import train as room

    if summary:
        click.echo(_summary(net, as_json=as_json))
        return
    more: dict[str, Any] = {} if epochs is None else {"epochs": epochs}
    learn = partial(room.train, net=net, seed=seed, folder=out, **more)
    if resume:
        _refuse_changes()
        learn = partial(room.resume, out, **more)
    with transfer() as progress:
        digits = load(data, split="train", progress=progress)
    try:
        with _watching(out, tensorboard=tensorboard) as watch:
            model = learn(digits=digits, watch=watch)
    except KeyboardInterrupt:
        click.echo(
            "everything up to the last whole step is kept; to go on:"
            f" mnistry train --resume --data {data} --out {out}",
            err=True,
        )
        raise
    path, last = str(out / "model.safetensors"), _last_look(model.facts)
    click.echo(json.dumps({"model": path} | last) if as_json else _told(path, last))


def _last_look(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Give the row of the history whose weights were kept."""
    return dict(facts["history"][facts["epoch"] - 1])


def _told(path: str, last: dict[str, Any]) -> str:
    seen = last["validation_accuracy"]
    how = "" if seen is None else f"{seen:.2%} of the held-back images right after "
    epochs = f"{last['epoch']} epoch{'s' * (last['epoch'] > 1)}"
    return f"{path}: {how}{epochs}, {last['seconds']:.1f} s"


@contextmanager
def _watching(out: Path, *, tensorboard: bool) -> Iterator[Any]:
    """A progress bar for eyes and, if asked for, event files, both of each step."""
    from mnistry.learn.progress import watching
    from mnistry.learn.tensorboard import tensorboard as writing

    with ExitStack() as stack:
        watches = [stack.enter_context(watching(None))]
        if tensorboard:
            watches.append(stack.enter_context(writing(out)))

        def tell(step: Any) -> None:
            for watch in watches:
                watch(step)

        yield tell


def _refuse_changes() -> None:
    """A run is gone on with as it was begun."""
    context = click.get_current_context()
    asked = click.core.ParameterSource.COMMANDLINE
    for option in ("net", "seed"):
        if context.get_parameter_source(option) is asked:
            message = f"a run is gone on with as it was begun: leave --{option} out"
            raise click.UsageError(message)


def _summary(net: str, *, as_json: bool) -> str:
    from mnistry.learn.layers import summary
    from mnistry.learn.nets import build

    rows = summary(build(net))
    total = sum(row["parameters"] for row in rows)
    if as_json:
        return json.dumps({"layers": rows, "parameters": total})
    lines = [f"{'layer':20}  {'output shape':16}  {'parameters':>12}"]
    lines += [
        f"{row['layer']:20}  {row['shape']!s:16}  {row['parameters']:12,}"
        for row in rows
    ]
    return "\n".join([*lines, f"{'total':20}  {'':16}  {total:12,}"])


@click.command(
    name="test",
    epilog="Example:  mnistry test run/model.safetensors --report report.html",
)
@models_argument
@data_option
@click.option("--shifts", is_flag=True, help="Read each image moved by a pixel, too.")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="An HTML page."
)
@click.option(
    "--csv",
    "tables",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for all tables of the report.",
)
@click.option("--stress", is_flag=True, help="Also on images made hard to read.")
@click.option(
    "--coverage",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Also name for each image the digits it might be (conformal prediction sets),"
    " so that the true one is among them in this share, such as 0.999.",
)
@json_option
def test_command(
    *,
    models: Sequence[Path],
    data: str,
    shifts: bool,
    report: Path | None,
    tables: Path | None,
    stress: bool,
    coverage: float | None,
    as_json: bool,
) -> None:
    """Test a model, or the packaged one, on images it has not seen.

    Of several models it is their average that is tested.
    """
    from mnistry.averages import average
    from mnistry.packaged import load_model
    from mnistry.report.evaluate import evaluate
    from mnistry.report.evaluation import named_as_page
    from mnistry.report.sets import in_words
    from mnistry.report.spreadsheets import save_tables

    if report is not None:
        named_as_page(report)  # better refused before the work than after it
    loaded: list[Any] = [load_model(path) for path in models] or [load_model()]
    is_plain = len(loaded) == 1 and not shifts
    reader = loaded[0] if is_plain else average(loaded, shifted=shifts)
    with transfer() as progress:
        digits = load(data, split="test", progress=progress)
    evaluation = evaluate(reader, digits, stress=stress, coverage=coverage)
    if report is not None:
        evaluation.save(report)
    if tables is not None:
        save_tables(evaluation, tables)
    if as_json:
        click.echo(json.dumps(evaluation.to_dict(), ensure_ascii=False))
        return
    click.echo(str(evaluation).strip("<>").partition(": ")[2])
    if evaluation.sets is not None:
        click.echo(in_words(evaluation.sets))
    for curve in evaluation.stress:
        row = "  ".join(f"{share:7.2%}" for share in curve["accuracy"])
        click.echo(f"  {curve['kind']:14} {row}")


@click.command(
    name="mistakes",
    epilog="Example:  mnistry mistakes run/model.safetensors --out mistakes.png",
)
@model_argument
@data_option
@click.option("--split", default="test", show_default=True, help="Such as train.")
@click.option(
    "--labels",
    "check_labels",
    is_flag=True,
    help="Find labels that are probably wrong; needs no model.",
)
@click.option("--net", default="fast", show_default=True, help="For --labels.")
@click.option(
    "--out",
    default="mistakes.png",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A PNG.",
)
@json_option
def mistakes_command(
    *,
    model: Path | None,
    data: str,
    split: str,
    check_labels: bool,
    net: str,
    out: Path,
    as_json: bool,
) -> None:
    """Show what a model, or the packaged one, reads wrongly."""
    expect_png(out)
    with transfer() as progress:
        digits = load(data, split=split, progress=progress)
    rows: Sequence[Any]
    if check_labels:
        rows = _suspicious(digits, net, out)
        told = f"{out}: {len(rows)} of {len(digits):,} labels are suspicious"
    else:
        rows = _mistaken(digits, model, out)
        told = f"{out}: {len(rows)} of {len(digits):,} read wrongly"
    click.echo(json.dumps(rows, ensure_ascii=False) if as_json else told)


def _mistaken(digits: Digits, model: Path | None, out: Path) -> Sequence[Any]:
    from mnistry.packaged import load_model
    from mnistry.report.evaluate import evaluate

    evaluation = evaluate(load_model(model), digits, maps=0)
    evaluation.save_mistakes(out)
    return evaluation.mistakes


def _suspicious(digits: Digits, net: str, out: Path) -> Sequence[Any]:
    from mnistry.learn.train import train
    from mnistry.report.suspicion import (
        cross_validated,
        suspicions_picture,
        suspicious_labels,
    )

    predictions = cross_validated(digits, partial(train, net=net))
    rows = suspicious_labels(digits, predictions)
    write_whole(out, suspicions_picture(digits, rows[:MOST_SHOWN]))
    return rows
