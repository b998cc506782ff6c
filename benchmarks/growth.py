"""How does each cost grow from 10 thousand to 10 million images?

Run: python benchmarks/growth.py [LARGEST] (20 GB free in TMPDIR for 10 million)

60,000 drawn digits are repeated into a pair of IDX files of each size. Each work has a
new process, whose own memory is limited to LIMIT (RLIMIT_DATA: everything but mapped
files), and which memory-maps the files: the largest are 7.8 GB. The time covers the
work alone, once, the file mostly in the page cache as far as that is large enough; it
includes what a library does at its first use. The peak is what the process had of its
own (RssAnon), as its parent saw it every 10 ms; the mapped pages do not count.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory

import numpy as np
from measure import Row, write

import mnistry
from mnistry import Digits, files

DRAWN = 60_000
LIMIT_BYTES = 2 << 30
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)


def total(digits: Digits) -> None:
    """Sum every pixel."""
    digits.images.sum()


def batches(digits: Digits) -> None:
    """Walk through one shuffled epoch in batches of 64."""
    for _ in digits.batches(64, shuffle=True):
        pass


def to_arrow(digits: Digits) -> None:
    digits.to_arrow()


def to_pandas(digits: Digits) -> None:
    digits.to_pandas()


def to_parquet(digits: Digits) -> None:
    with TemporaryDirectory() as folder:
        files.export(digits, "parquet", folder)


WORKS: dict[str, Callable[[Digits], None]] = {
    "load and sum": total,
    "shuffled epoch of batches": batches,
    "to Arrow": to_arrow,
    "to pandas": to_pandas,
    "to Parquet": to_parquet,
}


def one(name: str, folder: str) -> None:
    """Do one work in this process, within the limit, and print its seconds."""
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT_BYTES, LIMIT_BYTES))
    start = time.perf_counter()
    try:
        (digits,) = files.load(folder).values()
        if name != "load and sum":  # the others begin with the digits at hand
            start = time.perf_counter()
        WORKS[name](digits)
    except MemoryError:
        print(json.dumps("does not fit"))
    else:
        print(json.dumps(round(time.perf_counter() - start, 4)))


def watched(name: str, folder: Path) -> tuple[object, int]:
    """Run one work in a new process; give its answer and its peak of own memory."""
    command = [sys.executable, __file__, "--one", name, str(folder)]
    status, peak = Path("/proc"), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        status = Path(f"/proc/{child.pid}/status")
        while child.poll() is None:
            lines = status.read_text().splitlines()
            own = [int(line.split()[1]) for line in lines if line.startswith("RssAnon")]
            peak = max([peak, *own])
            time.sleep(0.01)
        output = child.stdout.read() if child.stdout else ""
    return json.loads(output.splitlines()[-1]), peak * 1024


def lay(folder: Path, digits: Digits, count: int) -> None:
    """Write a pair of IDX files with the digits again and again."""
    folder.mkdir()
    for name, array in (
        ("images-idx3-ubyte", digits.images),
        ("labels-idx1-ubyte", digits.labels),
    ):
        sizes = np.array([count, *array.shape[1:]], ">u4").tobytes()
        with (folder / f"train-{name}").open("wb") as file:
            file.write(bytes([0, 0, 8, array.ndim]) + sizes)
            for start in range(0, count, DRAWN):
                file.write(np.ascontiguousarray(array[: count - start]))


def main(largest: int) -> None:
    """Measure and write the table down."""
    drawn = mnistry.load("drawn", split="train")
    rows: list[Row] = []
    with TemporaryDirectory() as place:
        if disk_usage(place).free < 2_000 * largest:  # bytes; twice 784, and Parquet
            sys.exit(f"{place} has no room for {largest:,} images; set TMPDIR")
        for count in (size for size in SIZES if size <= largest):
            folder = Path(place, f"{count}")
            lay(folder, drawn, count)
            for name in WORKS:
                seconds, peak = watched(name, folder)
                rows.append(
                    {
                        "what": name,
                        "images": count,
                        "file_megabytes": count * 784 // 1_000_000,
                        "limit_megabytes": LIMIT_BYTES // 1_000_000,
                        "seconds": seconds,
                        "peak_megabytes": peak // 1_000_000,
                    }
                )
            for path in folder.iterdir():
                path.unlink()
    packages = ("mnistry", "numpy", "pandas", "pyarrow")
    write("growth", rows, packages=packages)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(*sys.argv[2:])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1])
