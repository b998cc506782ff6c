"""The main job in one command: load, look, train, test, see the mistakes, report."""

from pathlib import Path

import click

from mnistry.cli.progress import transfer
from mnistry.digits import Digits
from mnistry.errors import FetchError
from mnistry.loading import load


@click.command(name="demo", epilog="Example:  mnistry demo --out demo")
@click.option(
    "--out",
    default="demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the model, the pictures and the report.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0))
def demo_command(*, out: Path, seed: int) -> None:
    """Load digits, look, train, test, show the mistakes, write a report."""
    from mnistry.learn.train import train
    from mnistry.look.terminal import to_text
    from mnistry.report.evaluate import evaluate

    learned, unseen = _digits()
    click.echo(f"1. {learned}\n   {unseen}\n   from {learned.source}")
    click.echo(to_text(learned[:8]))
    model = train(learned, "fast", seed=seed)
    last = model.facts["history"][-1]
    click.echo(
        f"2. trained 'fast' in {last['seconds']:.1f} s:"
        f" {last['validation_accuracy']:.2%} of the held-back images right"
    )
    evaluation = evaluate(model, unseen)
    click.echo(f"3. {evaluation}")
    out.mkdir(parents=True, exist_ok=True)
    model.save(out / "model.safetensors")
    evaluation.save_mistakes(out / "mistakes.png")
    evaluation.save(out / "report.html")
    click.echo(
        f"4. the {len(evaluation.mistakes)} mistakes: {out / 'mistakes.png'}\n"
        f"   the report, for your browser: {out / 'report.html'}\n"
        f"   the model: {out / 'model.safetensors'}"
    )


def _digits() -> tuple[Digits, Digits]:
    """Give MNIST; where it cannot be had, say so and give the drawn digits."""
    try:
        with transfer() as progress:
            return load("mnist", progress=progress)
    except FetchError:
        click.echo(
            "MNIST is not on this machine and no mirror can be reached:"
            " using the digits that mnistry draws itself.",
            err=True,
        )
        return load("drawn")
