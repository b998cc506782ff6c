"""How the program ends when it is interrupted, from its first moment."""

import gc
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from mnistry import __main__, cli
from mnistry.cli import data, models
from mnistry.learn import progress, train
from mnistry.learn.checkpoint import CHECKPOINT
from mnistry.learn.progress import StepCallback
from mnistry.models import packaged
from mnistry.synth.drawn import draw
from tests.cli.run import run


@pytest.mark.parametrize("module", ["click", "mnistry.cli.output"])
def test_ctrl_c_while_the_command_line_is_imported_is_no_traceback(
    module: str, tmp_path: Path
) -> None:
    """Other than the packages themselves, which Python imports before any of ours."""
    (tmp_path / "sitecustomize.py").write_text(
        f"import os, signal, sys\n"
        f"class Finder:\n"
        f"    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}:\n"
        f"            os.kill(os.getpid(), signal.SIGINT)\n"
        f"sys.meta_path.insert(0, Finder())\n",
        "utf-8",
    )
    places = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-m", "mnistry", "list"],
        env=os.environ | {"PYTHONPATH": places},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")


def test_the_end_of_the_program_searches_for_no_cycles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cli, "main", lambda: sys.exit(3))
    try:
        with pytest.raises(SystemExit, match="3"):
            __main__.main()
        assert gc.get_freeze_count()
    finally:
        gc.unfreeze()


@pytest.fixture
def a_few(tmp_path: Path) -> Path:
    images = np.random.default_rng(0).integers(0, 256, (64, 28, 28), np.uint8)
    path = tmp_path / "a few.npz"
    np.savez(path, x_train=images, y_train=np.arange(64) % 10)
    return path


@pytest.mark.parametrize(("sent", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_training_that_is_stopped_says_by_what(
    sent: str,
    status: int,
    a_few: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @contextmanager
    def stopping(_: object) -> Iterator[StepCallback]:
        yield lambda _: signal.raise_signal(signal.Signals[sent])

    monkeypatch.setattr(progress, "step_callback", stopping)
    out = tmp_path / "run"
    options = ["--data", str(a_few), "--out", str(out)]
    options += ["--tensorboard"] * (sent == "SIGINT")
    done = run("train", "--net", "linear", *options)
    assert done.code == status, done.err
    assert (out / CHECKPOINT).exists()
    command = next(line for line in done.err.splitlines() if "to continue: " in line)
    words = shlex.split(command.partition("to continue: ")[2])
    assert words == ["mnistry", "train", "--resume", *options]
    monkeypatch.undo()
    assert run(*words[1:]).code == 0


def test_what_is_stopped_before_the_first_step_is_not_called_stored(
    a_few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(train, "train", stop)
    done = run("train", "--data", str(a_few), "--net", "linear", "--out", str(tmp_path))
    assert (done.code, done.err.strip()) == (130, "stopped")


LATE = {  # commands, and the first work that each of them would do
    "show": (["show", "--out", "{}/a.png"], data, "load"),
    "export": (["export", "--to", "npz", "--out", "{}/a"], data, "load_there"),
    "convert": (
        ["convert", "--to", "card", "--out", "{}/a.md"],
        packaged,
        "load_model",
    ),
    "mistakes": (["mistakes", "--out", "{}/a.png"], models, "load"),
    "test": (["test", "--report", "{}/a.html"], models, "load"),
}


@pytest.mark.parametrize("command", LATE)
def test_what_cannot_be_written_is_known_before_the_work(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*_: object, **__: object) -> None:
        raise AssertionError

    words, module, name = LATE[command]
    monkeypatch.setattr(module, name, work)
    (tmp_path / "file").write_bytes(b"no folder")
    done = run(*(word.format(tmp_path / "file") for word in words))
    assert done.code == 1
    assert "cannot be written" in done.err


@pytest.mark.filterwarnings("default:no number in")
def test_a_warning_is_one_line(tmp_path: Path) -> None:
    images, labels = draw(40)
    np.savez(tmp_path / "few.npz", x_test=images // 16, y_test=labels)
    done = run("test", "--data", str(tmp_path / "few.npz"))
    assert done.err.startswith("warning: no number in 40 images is above 15; expected")
    assert "UserWarning" not in done.err


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("test --model a.safetensors", "mnistry test MODELS"),
        ("read --picture a.png", "mnistry read PICTURES"),
    ],
)
def test_an_argument_given_as_an_option_is_named_as_one(
    line: str, instead: str
) -> None:
    ended = run(*line.split())
    assert ended.code == 2
    assert ended.err.endswith(f"Leave it out: {instead}\n")
