"""How do time and memory grow from a thousand pictures to a million?

Run: python benchmarks/million.py [--most 1000000] [--folder DIR] [--processes N]
     (10³, 10⁴, … up to that; stopped at any moment and run again with the same folder
     it goes on. By default the folder is bulk-million among temporary files)

Pictures are PNGs of one drawn digit each, 28 to 60 pixels, read with `single=True`:
5,000 different ones in a tar, and that tar under as many names as it takes. Seconds
are wall clock of `read_many`, the start of processes included, and of all runs that it
took. Memory is what is resident, looked at after each answer: the program, and the
largest of the processes that read. It is given after each hundredth of the pictures, or
each shard of 10,000 if that is less, in DIR/steps-N.csv.
"""

import argparse
import csv
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from measure import Row, keep, read, show
from PIL import Image

import mnistry
from mnistry.bulk.job import SHARD_PICTURES
from mnistry.cores import usable_cores
from mnistry.synth.drawn import draw

QUESTION = "bulk-million"
IN_A_TAR = 5_000
SIDES = (
    28,
    60,
)  # pixels of a cut-out digit, in scans of forms at 100 to 200 dots an inch
LEAST = 1_000
STEPS = 100
PROGRESS_S = 10.0  # seconds between two lines of progress
PACKAGES = ("mnistry", "numpy", "onnxruntime", "opencv-python-headless", "pyarrow")


class Step(NamedTuple):
    """How far a run was at a moment, and the most memory since the step before."""

    run: int
    seconds: float
    pictures: int
    mb_here: int
    mb_process: int


def digits(count: int, seed: int = 0) -> list[bytes]:
    """Draw pictures of one digit each, as PNG, dark on light, of several sizes."""
    images, _ = draw(count, seed=seed)
    sides = np.random.default_rng(seed).integers(SIDES[0], SIDES[1] + 1, count)
    found = []
    for image, side in zip(images, sides.tolist(), strict=True):
        file = io.BytesIO()
        picture = Image.fromarray(255 - np.asarray(image))
        picture.resize((side, side), Image.Resampling.BICUBIC).save(file, "PNG")
        found.append(file.getvalue())
    return found


def make_sources(folder: Path, count: int) -> list[Path]:
    """Write a tar, give it as many names as the pictures need; what is there stays."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for size in [IN_A_TAR] * (count // IN_A_TAR) + [count % IN_A_TAR]:
        first = folder / f"of-{size}.whole"
        if size and not first.exists():
            part = first.with_suffix(".part")
            with tarfile.open(part, "w") as tar:
                for number, data in enumerate(digits(size)):
                    member = tarfile.TarInfo(f"{number:04}.png")
                    member.size = len(data)
                    tar.addfile(member, io.BytesIO(data))
            part.rename(first)
        if size:
            paths.append(folder / f"{len(paths):06}-of-{size}.tar")
            if not paths[-1].exists():
                os.link(first, paths[-1])
    return paths


def megabytes(process: int | str) -> int:
    """Return the resident memory of a process."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text("ascii").split()[1]
    except (OSError, IndexError):  # it has just ended
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE") >> 20


def children() -> list[str]:
    """Return the processes that this one has started."""
    lists = Path("/proc/self/task").glob("*/children")
    return [child for one in lists for child in one.read_text("ascii").split()]


class Watch:
    """Writes a step after so many pictures, says now and then how far it is."""

    def __init__(self, path: Path, count: int) -> None:
        self._path = path
        self._every = min(SHARD_PICTURES, max(1, count // STEPS))
        self._count = count
        self._run = 1 + max((step.run for step in steps(path)), default=0)
        self._began = self._shown = time.monotonic()
        self._most = [0, 0]
        self._next = 0

    def __call__(self, progress: Any) -> None:
        """Take the progress of a job."""
        here, largest = megabytes("self"), max(map(megabytes, children()), default=0)
        self._most = [max(self._most[0], here), max(self._most[1], largest)]
        now = time.monotonic()
        if progress.pictures >= self._next or progress.pictures == self._count:
            self._next = (progress.pictures // self._every + 1) * self._every
            self.write(now - self._began, progress.pictures)
        if now >= self._shown + PROGRESS_S:
            self._shown = now
            rate = progress.read_now / (now - self._began)
            text = f"{progress.pictures:,} of {self._count:,}, {rate:,.0f}/s"
            memory = f"{here} MB here, {largest} MB in a process that reads"
            print(f"{text}, {memory}", file=sys.stderr, flush=True)

    def write(self, seconds: float, pictures: int) -> None:
        """Write a step, whole: it is read again by the next run."""
        step = Step(self._run, round(seconds, 3), pictures, *self._most)
        self._most = [0, 0]
        is_new = not self._path.exists()
        with self._path.open("a", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerows([Step._fields, step] if is_new else [step])


def steps(path: Path) -> list[Step]:
    """Read the steps of all runs."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Step(int(row[0]), float(row[1]), *map(int, row[2:]))
            for row in list(csv.reader(file))[1:]
        ]


def rate(of: list[Step], begin: float, end: float) -> float:
    """Return pictures a second between two shares of all, while a run was going on."""
    last = of[-1].pictures
    pairs = [
        (one, two)
        for one, two in pairwise(of)
        if one.run == two.run
        and begin <= one.pictures / last < two.pictures / last <= end
    ]
    seconds = sum(two.seconds - one.seconds for one, two in pairs)
    return sum(two.pictures - one.pictures for one, two in pairs) / (seconds or 1)


def summed(of: list[Step], bytes_out: int, failed: int) -> Row:
    """Return a line of the table for a size, from the steps of all its runs."""
    runs = {step.run: step.seconds for step in of}
    seconds, pictures = sum(runs.values()), of[-1].pictures
    row: Row = {
        "pictures": pictures,
        "runs": len(runs),
        "seconds": round(seconds, 1),
        "per_second": round(pictures / seconds, 1),
        "last_tenth_to_first": round(rate(of, 0.9, 1.0) / (rate(of, 0.0, 0.1) or 1), 3),
        "failed": failed,
        "bytes_out": bytes_out,
        "bytes_each": round(bytes_out / pictures, 1),
    }
    early = sum(step.pictures < 2 * SHARD_PICTURES for step in of) + 1
    for name in ("mb_here", "mb_process"):
        sizes = [getattr(step, name) for step in of]
        row[f"{name}_two_shards"] = max(sizes[:early])
        row[f"{name}_later"] = max(sizes[early:], default="")
    return row


def measure(folder: Path, count: int, processes: int) -> Row:
    """Read so many pictures, or the rest of them."""
    sources = make_sources(folder / "tars", count)
    out, path = folder / f"read-{count}", folder / f"steps-{count}.csv"
    watch = Watch(path, count)
    summary = mnistry.read_many(sources, out, processes, watch=watch, single=True)
    if summary.pages != count:
        message = f"{summary.pages} of {count} pictures have rows in {out}"
        raise SystemExit(message)
    watch.write(summary.seconds, count)
    written = sum(shard.stat().st_size for shard in out.glob("*.parquet"))
    return summed(steps(path), written, summary.failed)


def main(arguments: list[str]) -> None:
    """Measure the sizes that are not in the table yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / QUESTION
    )
    parser.add_argument("--processes", type=int, default=usable_cores())
    parser.add_argument("--only", type=int, help="one size, in this process")
    args = parser.parse_args(arguments)
    # compiled modules are kept, as where mnistry is installed: half of a worker's start
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if args.only:
        row = measure(args.folder, args.only, args.processes)
        kept = [one for one in read(QUESTION) if one["pictures"] != str(args.only)]
        keep(QUESTION, [*kept, row], packages=PACKAGES)
        return
    size = LEAST
    while size <= args.most:
        if not (args.folder / f"read-{size}.done").exists():
            command = [sys.executable, __file__, *arguments, "--only", str(size)]
            subprocess.run(command, check=True)  # memory afresh
            (args.folder / f"read-{size}.done").touch()
        size *= 10
    show(read(QUESTION))


if __name__ == "__main__":
    main(sys.argv[1:])
