import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import leave_out


def heed_ctrl_c() -> None:
    """Undo what a shell does to programs in the background: they ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_mount_shows_files_until_it_is_stopped(
    tmp_path: Path, sent: signal.Signals
) -> None:
    if not Path("/dev/fuse").exists():
        leave_out("FUSE", "a kernel with /dev/fuse; apt install fuse3 libfuse3-3")
    command = [sys.executable, "-m", "mnistry", "mount", str(tmp_path)]
    process = subprocess.Popen(
        [*command, "--data", "drawn"],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
    )
    assert process.stderr is not None
    assert "mounted; Ctrl-C unmounts" in process.stderr.readline()
    assert {path.name for path in tmp_path.iterdir()} == {"train", "test", "raw"}
    picture = next((tmp_path / "test" / "7").iterdir())
    assert picture.read_bytes().startswith(b"\x89PNG")
    process.send_signal(sent)
    process.communicate(timeout=60)
    for _ in range(1000):  # SIGTERM ends the program at once, its server a moment later
        if not tmp_path.is_mount():
            break
        time.sleep(0.01)
    assert list(tmp_path.iterdir()) == []


def test_a_program_is_told_as_json_when_it_is_there(tmp_path: Path) -> None:
    if not Path("/dev/fuse").exists():
        leave_out("FUSE", "a kernel with /dev/fuse; apt install fuse3 libfuse3-3")
    command = [sys.executable, "-m", "mnistry", "mount", str(tmp_path), "--json"]
    with subprocess.Popen(
        [*command, "--data", "drawn"],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        names = {path.name for path in tmp_path.iterdir()}
        process.send_signal(signal.SIGINT)
    assert told == {
        "folder": str(tmp_path),
        "data": "drawn",
        "images": {"train": 60_000, "test": 10_000},
    }
    assert names == {"train", "test", "raw"}


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    command = [sys.executable, "-m", "mnistry", "mount", str(tmp_path)]
    done = subprocess.run(
        [*command, "--data", "drawn"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert (tmp_path / "file").read_text() == "mine"
