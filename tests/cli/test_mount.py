import json
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mnistry import Digits
from mnistry.files import export
from tests.cli.run import run
from tests.conftest import leave_out


@pytest.fixture
def few(toy: Digits, tmp_path: Path) -> str:
    """A folder of digits of one's own, which a program loads in a moment."""
    test = replace(toy[:10], split_name="test")
    export((toy, test), "npz", tmp_path / "few")
    return str(tmp_path / "few")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "place"
    place.mkdir()
    return place


def heed_ctrl_c() -> None:
    """Undo what a shell does to programs in the background: they ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_mount_shows_files_until_it_is_stopped(
    folder: Path, few: str, sent: signal.Signals
) -> None:
    if not Path("/dev/fuse").exists():
        leave_out("FUSE", "a kernel with /dev/fuse; apt install fuse3")
    command = [sys.executable, "-m", "mnistry", "mount", str(folder)]
    process = subprocess.Popen(
        [*command, "--data", few],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
    )
    assert process.stderr is not None
    assert "mounted; Ctrl-C unmounts" in process.stderr.readline()
    assert {path.name for path in folder.iterdir()} == {"train", "test", "raw"}
    picture = next((folder / "test" / "7").iterdir())
    assert picture.read_bytes().startswith(b"\x89PNG")
    process.send_signal(sent)
    process.communicate(timeout=60)
    for _ in range(1000):  # SIGTERM ends the program at once, its server a moment later
        if not folder.is_mount():
            break
        time.sleep(0.01)
    assert list(folder.iterdir()) == []


def test_a_program_gets_json_when_it_is_there(folder: Path, few: str) -> None:
    if not Path("/dev/fuse").exists():
        leave_out("FUSE", "a kernel with /dev/fuse; apt install fuse3")
    command = [sys.executable, "-m", "mnistry", "mount", str(folder), "--json"]
    with subprocess.Popen(
        [*command, "--data", few],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
    ) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        names = {path.name for path in folder.iterdir()}
        process.send_signal(signal.SIGINT)
    assert facts == {
        "folder": str(folder),
        "data": few,
        "images": {"train": 30, "test": 10},
    }
    assert names == {"train", "test", "raw"}


def test_a_folder_that_is_not_empty_is_refused(folder: Path, few: str) -> None:
    (folder / "file").write_text("mine")
    command = [sys.executable, "-m", "mnistry", "mount", str(folder)]
    done = subprocess.run(
        [*command, "--data", few], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert (folder / "file").read_text() == "mine"


def test_a_folder_is_looked_at_before_the_digits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnistry.cli.data.load_there", None)  # must not be come to
    (tmp_path / "file").write_text("mine")
    done = run("mount", str(tmp_path / "file"))
    assert done.code == 1
    assert "Not a directory; expected an empty folder." in done.err
    missing = tmp_path / "not there"
    way_out = run("mount", str(missing)).err.strip().partition(" Make it: ")[2]
    subprocess.run(shlex.split(way_out), check=True)
    assert list(missing.iterdir()) == []
