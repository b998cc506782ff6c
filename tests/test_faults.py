"""What the machine does to us: killed in mid-write, a full disk, nobody's rights.

`python fuzz/faults.py` repeats these and their like of other files, as a table.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mnistry import files
from mnistry.digits import Digits
from mnistry.errors import CacheError, FormatError
from mnistry.formats.atomic import write_together

needs_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0,
    reason="only root may mount a disk and become somebody else",
)


def digits(value: int, count: int = 2000) -> Digits:
    images = np.full((count, 28, 28), value, np.uint8)
    return Digits(images, np.full(count, value, np.uint8), "toy", "train")


EXPORTS = """
import sys
from mnistry import files
from tests.test_faults import digits
for turn in range(10_000):
    files.export(digits(turn % 10), sys.argv[1], sys.argv[2])
    print(turn, flush=True)
"""


@pytest.mark.parametrize("to", ["npz", "idx.gz"])
def test_an_export_that_is_killed_leaves_the_old_files_or_the_new(
    to: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", EXPORTS, to, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(random.random() / 20)  # noqa: S311 - at any moment of an export
        process.kill()
    if to == "idx.gz" and not list(tmp_path.glob("train-images*")):
        with pytest.raises(FormatError, match="has no (images beside it|digits in it)"):
            files.load(tmp_path)
        return  # of two files the first is away for a moment
    found = files.load(tmp_path)["train"]
    assert len(found) == 2000
    assert found == digits(int(found.labels[0]))


KILLED = """
import os, sys
from mnistry import files
from tests.test_faults import digits
folder, to = sys.argv[1:]
seen = 0
def count(event, _):
    global seen
    if event in ("open", "os.rename", "os.remove"):
        seen += 1
        if seen == number:
            os._exit(9)
number = 0
while True:
    files.export(digits(1, 20), to, folder)
    number += 1
    if not os.fork():
        sys.addaudithook(count)
        files.export(digits(2, 20), to, folder)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.wait()[1])
    try:
        labels = {*files.load(folder)["train"].labels.tolist()}
        pixels = {*files.load(folder)["train"].images.ravel().tolist()}
        assert labels == pixels and len(labels) == 1, (number, labels, pixels)
        print(labels)
    except files.FormatError as error:
        print(error)
    if status == 0:
        break
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a kill at each step is a fork")
@pytest.mark.parametrize("to", ["idx", "idx.gz", "npz"])
def test_killed_at_any_step_an_export_mixes_no_images_with_other_labels(
    to: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path), to]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert not done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "{1}"
    assert lines[-1] == "{2}"
    refused = set(lines) - {"{1}", "{2}"}
    assert any("has no images beside it" in line for line in refused) == (to != "npz")
    assert len(refused) == (0 if to == "npz" else 2)  # a moment later both are away


def test_files_that_belong_together_are_written_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "images", tmp_path / "labels"
    write_together([(first, b"1"), (second, b"1")])

    def refuse(self: Path, target: Path) -> Path:
        if target == first and self.suffix == ".part" and self.read_bytes() == b"2":
            raise OSError(5, "broken")
        return rename(self, target)

    rename = Path.replace
    monkeypatch.setattr(Path, "replace", refuse)  # labels have their name by then
    with pytest.raises(CacheError, match="images cannot be written: broken"):
        write_together([(first, b"2"), (second, b"2")])
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"1")
    new = tmp_path / "new", tmp_path / "images"
    with pytest.raises(CacheError):
        write_together([(new[1], b"2"), (new[0], b"2")])
    assert not new[0].exists()
    second.unlink()
    second.mkdir()
    with pytest.raises(CacheError, match="labels cannot be written"):
        write_together([(first, b"2"), (second, b"2")])
    assert first.read_bytes() == b"1"
    assert {path.name for path in tmp_path.iterdir()} == {"images", "labels"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("no disk may be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@needs_root
@pytest.mark.parametrize("to", ["npz", "idx", "csv", "webdataset", "parquet"])
def test_a_full_disk_is_named_and_what_was_there_stays(
    to: str, small_disk: Path
) -> None:
    files.export(digits(7, 20), to, small_disk)
    (small_disk / "filler").write_bytes(bytes(4096))
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (2000, 28, 28), np.uint8)
    large = Digits(noise, np.zeros(2000, np.uint8), "toy", "train")
    with pytest.raises(CacheError, match="No space left on device"):
        files.export(large, to, small_disk)
    assert files.load(small_disk)["train"] == digits(7, 20)


NOBODY = """
import os, sys
from pathlib import Path
import mnistry
from mnistry import errors, files
from mnistry.data import cache, load
from tests.test_faults import digits
mnistry.load("mnist", split="test") if "MNISTRY_DATA" in os.environ else None
files.load(sys.argv[1])
os.setgid(65534); os.setuid(65534)
assert len(files.load(sys.argv[1])["train"]) == 20
try:
    files.export(digits(1, 20), "npz", sys.argv[1])
except errors.CacheError as error:
    print(error)
"""


@needs_root
def test_nobody_reads_what_is_there_and_gets_an_error_for_what_cannot_be_written(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "shared"
    files.export(digits(7, 20), "npz", folder)
    for place in (folder, *folder.parents):
        if place.owner() == "root" and place != Path("/tmp"):  # noqa: S108
            place.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", NOBODY, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"{folder}" in done.stdout
    assert "Permission denied" in done.stdout
    assert files.load(folder)["train"] == digits(7, 20)
