"""The command that trains."""

import itertools
import json
import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from mnistry.cli.checks import expect_not_given, is_given
from mnistry.cli.options import as_they_are_option, data_option, json_option, net_option
from mnistry.cli.output import echo
from mnistry.cli.progress import transfer
from mnistry.cli.values import COUNT, PROCESSES, SEED, FolderPath
from mnistry.data.load import datasets, load

THREADS = "MNISTRY_THREADS"  # as learn.device reads it


@click.command(
    name="train", epilog="Example:  mnistry train --net fast --seed 0 --out run/"
)
@net_option
@click.option(
    "--from",
    "start",
    metavar="packaged|FILE",
    help="Start from the weights of the packaged model or of a file (fine-tuning).",
)
@click.option("--epochs", type=COUNT, help="Default: the recipe's.")
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=SEED,
    help="Same seed, digits and machine: same model.",
)
@click.option(
    "--threads",
    type=PROCESSES,
    help="Number of threads; changes the time, never the weights.",
)
@data_option
@as_they_are_option
@click.option(
    "--teacher",
    "teachers",
    multiple=True,
    metavar="packaged|FILE",
    help="A trained model whose probabilities are learned in place of the labels;"
    " several --teacher are averaged.",
)
@click.option(
    "--out",
    default="run",
    show_default=True,
    type=FolderPath(),
    help="Folder for model.safetensors, history.csv, checkpoints and, from three epochs"
    " on, curves.png.",
)
@click.option(
    "--tensorboard", is_flag=True, help="Also write event files for TensorBoard there."
)
@click.option("--resume", is_flag=True, help="Continue the run in --out.")
@click.option("--summary", is_flag=True, help="Only print the net's layers.")
@json_option
def train_command(
    *,
    net: str,
    start: str | None,
    epochs: int | None,
    seed: int,
    threads: int | None,
    data: str,
    as_they_are: bool,
    teachers: Sequence[str],
    out: Path,
    resume: bool,
    tensorboard: bool,
    summary: bool,
    as_json: bool,
) -> None:
    """Train a net, with some images held out for validation.

    With fewer than 10,000 images of your own, and neither --net nor --from, the
    packaged model is also fine-tuned. Of the two, the better on the held-out
    images is kept; or the packaged model unchanged, if neither beats it there.
    """
    if summary:
        echo(_summary(net, as_json=as_json))
        return
    if threads is not None:
        os.environ[THREADS] = str(threads)  # the option is the variable, for this run
    settings = {"folder": out} | ({} if epochs is None else {"epochs": epochs})
    is_open = not (is_given("net") or start or data in datasets())
    begin = {"net": net if start is None else _model(start), "seed": seed}
    resumed = out if resume else None
    learn = _learner(teachers, begin, resumed=resumed, is_open=is_open)
    if not resume and (line := _replaced(out)):
        echo(line, err=True)
    with transfer() as progress:
        digits = load(data, split="train", as_they_are=as_they_are, progress=progress)
    try:
        with _callbacks(out, tensorboard=tensorboard) as watch:
            model = learn(digits=digits, watch=watch, **settings)
    except KeyboardInterrupt as stopped:
        if str(stopped):  # after a step; before the first one nothing is stored
            command = ["train", "--resume", "--data", data, "--out", str(out)]
            command += ["--as-they-are"] * as_they_are + ["--tensorboard"] * tensorboard
            _echo_continued(["mnistry", *command, *_each("--teacher", teachers)])
        raise
    _echo_trained(out / "model.safetensors", model.facts, as_json=as_json)


def _each(option: str, values: Sequence[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


def _echo_continued(command: Sequence[object]) -> None:
    typed = shlex.join(map(str, command))
    message = f"everything up to the last step is stored; to continue: {typed}"
    echo(message, err=True)


def _replaced(out: Path) -> str:
    """Name what is in the folder and will be replaced, and how to keep it."""
    if (out / "model.safetensors").exists():
        what = "model.safetensors is replaced when this run is done, its history before"
        keep = "To keep them"
    elif (out / "checkpoint.safetensors").exists():
        what = "checkpoint.safetensors, of a run that can be continued, is replaced"
        keep = "To continue it, press Ctrl-C now and give --resume; to keep it"
    else:
        return ""
    named = out if out.name not in {"", ".."} else out / "run"
    places = (Path(f"{named}-{number}") for number in itertools.count(2))
    free = next(place for place in places if not place.exists())
    return (
        f"{out / what}. {keep}, press Ctrl-C now and give another folder:"
        f" --out {shlex.quote(str(free))}"
    )


def _echo_trained(path: Path, facts: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the epoch whose weights were selected, and which start read best."""
    rows = facts.get("history")
    last = dict(rows[facts["epoch"] - 1]) if rows else {}
    if starts := facts.get("starts"):
        read = ", ".join(f"{name} {100 * of:.2f} %" for name, of in starts.items())
        echo(f"read of the images held out: {read}", err=True)
        last |= {"starts": starts}
    result = {"model": str(path)} | last
    echo(json.dumps(result) if as_json else _summary_line(str(path), last))


def _learner(
    teachers: Sequence[str],
    begin: Mapping[str, Any],
    *,
    resumed: Path | None,
    is_open: bool,
) -> Callable[..., Any]:
    """Choose how it learns: on from where it was, from a teacher, or from labels."""
    from mnistry.learn import distill, train

    if resumed:
        from mnistry.learn.checkpoint import expect_checkpoint

        _refuse_changes()
        expect_checkpoint(resumed)  # before the digits are fetched, not after it
        return partial(train.resume, teacher=_teacher(teachers))
    if teachers:
        return partial(distill.distill, _teacher(teachers), **begin)
    if is_open:
        from mnistry.models.few import train_on_own

        return partial(train_on_own, **begin)
    return partial(train.train, **begin)


def _model(start: str) -> Any:
    """Load what --from names, and refuse a net beside it."""
    if is_given("net"):
        message = "--from takes the net of its model: leave --net out"
        raise click.UsageError(message)
    return _opened(start)


def _opened(model: str) -> Any:
    from mnistry.models.packaged import load_model

    return load_model(None if model == "packaged" else model)


def _teacher(paths: Sequence[str]) -> Any:
    """Load a teacher: one model, the average of several, or none."""
    from mnistry.models.ensemble import average

    models = [_opened(path) for path in paths]
    return average(models) if len(models) > 1 else next(iter(models), None)


def _summary_line(path: str, last: dict[str, Any]) -> str:
    if "validation_accuracy" not in last:
        return (
            f"{path}: the packaged model as it is; what learned from these images read"
            " no more of those held out"
        )
    seen = last["validation_accuracy"]
    share = "" if seen is None else f"{100 * seen:.2f} %"
    how = share and f"{share} of the held-out images right after "
    epochs = f"{last['epoch']} epoch{'s' * (last['epoch'] > 1)}"
    return f"{path}: {how}{epochs}, {last['seconds']:.1f} s"


@contextmanager
def _callbacks(out: Path, *, tensorboard: bool) -> Iterator[Any]:
    """A progress bar on a terminal and, if asked for, event files."""
    from mnistry.learn.progress import step_callback
    from mnistry.learn.tensorboard import tensorboard as writing

    with ExitStack() as stack:
        watches = [stack.enter_context(step_callback(None))]
        if tensorboard:
            watches.append(stack.enter_context(writing(out)))

        def call_all(step: Any) -> None:
            for watch in watches:
                watch(step)

        yield call_all


def _refuse_changes() -> None:
    """A run is resumed as it was begun."""
    for name, option in {"net": "net", "seed": "seed", "start": "from"}.items():
        if is_given(name):
            message = f"a run is resumed as it was begun: leave --{option} out"
            raise click.UsageError(message)


def _expect_net_alone() -> None:
    """--summary prints the layers of --net, whatever else is asked for."""
    used = {"net", "summary", "as_json", "debug"}
    others = [one.name or "" for one in click.get_current_context().command.params]
    when = "with --summary, which prints the layers of --net"
    expect_not_given((name for name in others if name not in used), when)


def _summary(net: str, *, as_json: bool) -> str:
    from mnistry.learn.layers import summary
    from mnistry.learn.nets import build

    _expect_net_alone()
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
