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
from mnistry.errors import CacheError

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
    found = files.load(tmp_path)["train"]
    assert len(found) == 2000
    (value,) = set(found.images.ravel().tolist())
    if to == "npz":  # in one file; of IDX the labels may be one export older
        assert set(found.labels.tolist()) == {value}


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
def test_nobody_reads_what_is_there_and_is_told_what_cannot_be_written(
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
