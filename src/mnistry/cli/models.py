"""Commands about models: train, test, mistakes."""

import json
from pathlib import Path
from typing import Any

import click

from mnistry.cli.progress import transfer
from mnistry.loading import load

SUFFIX = ".safetensors"
data_option = click.option(
    "--data", default="mnist", show_default=True, help="Data set."
)
model_argument = click.argument(
    "model", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


@click.command(
    name="train", epilog="Example:  mnistry train --net fast --seed 0 --out run/"
)
@click.option("--net", default="fast", show_default=True)
@click.option("--epochs", type=click.IntRange(min=1), help="Default: the recipe's.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0))
@data_option
@click.option(
    "--out",
    default="run",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for model.safetensors and history.csv.",
)
def train_command(
    *, net: str, epochs: int | None, seed: int, data: str, out: Path
) -> None:
    """Train a net; part of the training images is held back to see how it goes."""
    from mnistry.learn.history import save_history
    from mnistry.learn.train import train

    with transfer() as progress:
        digits = load(data, split="train", progress=progress)
    changes: dict[str, Any] = {} if epochs is None else {"epochs": epochs}
    model = train(digits, net, seed=seed, **changes)
    out.mkdir(parents=True, exist_ok=True)
    model.save(out / f"model{SUFFIX}")
    save_history(model, out / "history.csv")
    last = model.facts["history"][-1]
    click.echo(
        f"{out / f'model{SUFFIX}'}: {last['validation_accuracy']:.2%} of the held-back"
        f" images right after {len(model.facts['history'])} epochs,"
        f" {last['seconds']:.1f} s"
    )


@click.command(
    name="test",
    epilog="Example:  mnistry test run/model.safetensors --report report.html",
)
@model_argument
@data_option
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="HTML.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def test_command(*, model: Path, data: str, report: Path | None, as_json: bool) -> None:
    """Test a model on images it has not seen."""
    from mnistry.learn.model import load_model
    from mnistry.report.evaluate import evaluate

    loaded = load_model(model)
    with transfer() as progress:
        digits = load(data, split="test", progress=progress)
    evaluation = evaluate(loaded, digits)
    if report is not None:
        evaluation.save(report)
    if as_json:
        click.echo(json.dumps(evaluation.to_dict(), ensure_ascii=False))
        return
    click.echo(str(evaluation))


@click.command(
    name="mistakes",
    epilog="Example:  mnistry mistakes run/model.safetensors --out mistakes.png",
)
@model_argument
@data_option
@click.option(
    "--out",
    default="mistakes.png",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
)
def mistakes_command(*, model: Path, data: str, out: Path) -> None:
    """Show the images a model reads wrongly: what was written, what was read."""
    from mnistry.learn.model import load_model
    from mnistry.report.evaluate import evaluate

    loaded = load_model(model)
    with transfer() as progress:
        digits = load(data, split="test", progress=progress)
    evaluation = evaluate(loaded, digits)
    evaluation.save_mistakes(out)
    click.echo(f"{out}: {len(evaluation.mistakes)} of {len(digits):,} read wrongly")
