"""The main job in one command: load, look, train, test, report; then read a letter."""

import json
import shlex
from pathlib import Path

import click
import numpy as np

from mnistry.cli.options import as_they_are_option, data_option, json_option
from mnistry.cli.output import echo, echo_drawing
from mnistry.cli.progress import transfer
from mnistry.cli.values import SEED, FolderPath
from mnistry.data.load import datasets, load
from mnistry.digits import Digits
from mnistry.errors import FetchError, MissingExtraError
from mnistry.formats.atomic import expect_writable_folder

CODE_LENGTH = 6  # an Indian PIN, as on the letters of the first seed
ALPHABET = 2000  # unseen digits to write with


@click.command(name="demo", epilog="Example:  mnistry demo --out demo")
@click.option(
    "--out",
    default="demo",
    show_default=True,
    type=FolderPath(),
    help="Folder for the model, the pictures and the report.",
)
@data_option
@as_they_are_option
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=SEED,
    help="Seed of training and of the letter.",
)
@json_option
def demo_command(
    *, out: Path, data: str, as_they_are: bool, seed: int, as_json: bool
) -> None:
    """Load, look, train, test, write a report; then read a letter."""
    say, draw = (_silent, _silent) if as_json else (echo, echo_drawing)
    from mnistry.learn.train import train
    from mnistry.look.terminal import to_text
    from mnistry.models.few import train_on_own
    from mnistry.report.evaluate import evaluate
    from mnistry.report.evaluation import mistakes_shown

    expect_writable_folder(out)  # better known before training than after it
    learned, unseen = _digits(data, as_they_are=as_they_are)
    say(f"1. {learned}\n   {unseen}\n   from {learned.source}")
    draw(to_text(learned[:8]))
    learn = train if data in datasets() else train_on_own
    model = learn(learned, "fast", seed=seed)
    last = model.facts["history"][-1]
    seen = last["validation_accuracy"]
    how = "" if seen is None else f": {100 * seen:.2f} % of the held-out images right"
    say(f"2. trained {model.facts['net']!r} in {last['seconds']:.1f} s{how}")
    evaluation = evaluate(model, unseen)
    summary = evaluation.summary
    say(f"3. of what it never saw: {summary}")
    model.save(out / "model.safetensors")
    evaluation.save_mistakes(out / "mistakes.png")
    evaluation.save(out / "report.html")
    say(
        f"4. {mistakes_shown(len(evaluation.mistakes))}: {out / 'mistakes.png'}\n"
        f"   the report, for your browser: {out / 'report.html'}\n"
        f"   the model: {out / 'model.safetensors'}"
    )
    written = unseen if data in {"mnist", "drawn"} else load("drawn", split="test")
    say(_letter(written, out, seed))
    if as_json:
        echo(json.dumps(evaluation.to_dict(), ensure_ascii=False))


def _silent(_text: str) -> None:
    """Say nothing: JSON alone is asked for."""


def _letter(digits: Digits, out: Path, seed: int) -> str:
    """Write a code on an envelope, photograph it, read it, and keep the picture."""
    try:
        from mnistry.scan.annotate import save_annotated, save_png
        from mnistry.scan.read import read
        from mnistry.synth.documents.scenes import Alphabet, make_envelope
    except MissingExtraError as error:
        return f"5. no letter is read: {error}"
    code = "".join(map(str, np.random.default_rng(seed).integers(0, 10, CODE_LENGTH)))
    few = digits[:ALPHABET]
    scene = make_envelope(Alphabet(few.images, few.labels), code, seed=seed)
    pattern, picture = f"[0-9]{{{CODE_LENGTH}}}", out / "envelope.png"
    reading = read(scene.picture, pattern=pattern)
    save_png(picture, scene.picture)
    save_annotated(scene.picture, reading, out / "envelope-read.png")
    summary = ", ".join(
        f"{line.text} ({100 * line.confidence:.0f} % sure)" for line in reading.lines
    )
    again = ["mnistry", "read", str(picture), "--pattern", pattern]
    return (
        f"5. an envelope, {code} written on it with unseen digits: read"
        f" {summary or 'nothing'}\n"
        f"   what was read drawn in: {out / 'envelope-read.png'}\n"
        f"   to read it again: {shlex.join(again)}"
    )


def _digits(data: str, *, as_they_are: bool) -> tuple[Digits, Digits]:
    """Return what was asked for; where MNIST cannot be had, say so and draw digits."""
    try:
        with transfer() as progress:
            return load(data, as_they_are=as_they_are, progress=progress)
    except FetchError:
        if data != "mnist":
            raise
        echo(
            "MNIST is not on this machine and no mirror can be reached:"
            " using the digits that mnistry draws itself.",
            err=True,
        )
        with transfer() as progress:
            return load("drawn", progress=progress)
