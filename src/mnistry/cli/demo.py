"""The main job in one command: load, look, train, test, see the mistakes, report."""

import json
from pathlib import Path

import click

from mnistry.cli.progress import transfer
from mnistry.digits import Digits
from mnistry.errors import FetchError
from mnistry.loading import load
from mnistry.whole import write_whole

PROBE = ".can-be-written"


@click.command(name="demo", epilog="Example:  mnistry demo --out demo")
@click.option(
    "--out",
    default="demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the model, the pictures and the report.",
)
@click.option("--data", default="mnist", show_default=True, help="Data set.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0))
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def demo_command(*, out: Path, data: str, seed: int, as_json: bool) -> None:
    """Load digits, look, train, test, show the mistakes, write a report."""
    say = (lambda _: None) if as_json else click.echo
    from mnistry.learn.train import train
    from mnistry.look.terminal import to_text
    from mnistry.report.evaluate import evaluate

    write_whole(out / PROBE, b"")  # better known before training than after it
    (out / PROBE).unlink()
    learned, unseen = _digits(data)
    say(f"1. {learned}\n   {unseen}\n   from {learned.source}")
    say(to_text(learned[:8]))
    model = train(learned, "fast", seed=seed)
    last = model.facts["history"][-1]
    say(
        f"2. trained 'fast' in {last['seconds']:.1f} s:"
        f" {last['validation_accuracy']:.2%} of the held-back images right"
    )
    evaluation = evaluate(model, unseen)
    told = str(evaluation).strip("<>").partition(": ")[2]
    say(f"3. of what it never saw: {told}")
    model.save(out / "model.safetensors")
    evaluation.save_mistakes(out / "mistakes.png")
    evaluation.save(out / "report.html")
    say(
        f"4. the {len(evaluation.mistakes)} mistakes: {out / 'mistakes.png'}\n"
        f"   the report, for your browser: {out / 'report.html'}\n"
        f"   the model: {out / 'model.safetensors'}"
    )
    if as_json:
        click.echo(json.dumps(evaluation.to_dict(), ensure_ascii=False))


def _digits(data: str) -> tuple[Digits, Digits]:
    """Give what was asked for; where MNIST cannot be had, say so and draw digits."""
    try:
        with transfer() as progress:
            return load(data, progress=progress)
    except FetchError:
        if data != "mnist":
            raise
        click.echo(
            "MNIST is not on this machine and no mirror can be reached:"
            " using the digits that mnistry draws itself.",
            err=True,
        )
        return load("drawn")
