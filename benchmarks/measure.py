"""Measure in turn, sum up, and write down with the machine and the versions."""

import csv
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PEERS = ROOT / ".venv-peers"
PEERS_PYTHON = PEERS / "bin" / "python"

Row = dict[str, object]


def in_turn(
    works: Mapping[str, Callable[[], object]], *, runs: int
) -> dict[str, list[float]]:
    """Time each work `runs` times, one after the other in turn; one run is thrown away.

    Args:
        works: What to time, by name.
        runs: How many times each counts.

    Returns:
        Seconds of each run, by name.
    """
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(runs + 1):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            taken = time.perf_counter() - start
            if turn:
                seconds[name].append(taken)
    return seconds


def process(
    python: Path | str, script: str, **variables: str
) -> Callable[[], subprocess.CompletedProcess[bytes]]:
    """Make a work of a script in a new Python process."""
    environment = {**os.environ, **variables}
    command = [str(python), "-c", script]
    return lambda: subprocess.run(
        command, env=environment, check=True, stdout=subprocess.DEVNULL
    )


def answer(command: Iterable[object], **variables: str) -> Any:
    """Run a command and read the JSON in the last line that it prints."""
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **variables},
        check=True,
        stdout=subprocess.PIPE,
    )
    return json.loads(done.stdout.splitlines()[-1])


def table(seconds: Mapping[str, Sequence[float]], *, against: str) -> list[Row]:
    """Sum up: median, least and most, and how many times one of them the median is."""
    baseline = statistics.median(seconds[against])
    return [
        {
            "what": name,
            "runs": len(runs),
            "median_seconds": round(statistics.median(runs), 5),
            "least_seconds": round(min(runs), 5),
            "most_seconds": round(max(runs), 5),
            f"times_{against}": round(statistics.median(runs) / baseline, 3),
        }
        for name, runs in seconds.items()
    ]


def write(question: str, rows: Sequence[Row], *, packages: Sequence[str]) -> Path:
    """Print a table and keep it as a file named by machine and Python.

    Args:
        question: Name of the benchmark.
        rows: All with the same keys.
        packages: Whose versions to note.

    Returns:
        The file.
    """
    show(rows)
    return keep(question, rows, packages=packages)


def keep(question: str, rows: Sequence[Row], *, packages: Sequence[str]) -> Path:
    """Do as `write` does without printing: after each row of a long run."""
    path = place(question)
    path.parent.mkdir(parents=True, exist_ok=True)
    versions = [f"{name} {_version(name)}" for name in packages]
    with path.open("w", newline="") as file:
        file.write(f"# Python {platform.python_version()}; {'; '.join(versions)}\n")
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def replace(
    question: str, rows: Sequence[Row], *, by: str, packages: Sequence[str]
) -> Path:
    """Keep rows in place of those that have the same in a column; others stay.

    Args:
        question: Name of the benchmark.
        rows: All with the same keys; of a part of what the benchmark measures.
        by: The column.
        packages: Whose versions to note.

    Returns:
        The file.
    """
    values = {str(row[by]) for row in rows}
    others = [row for row in read(question) if row[by] not in values]
    return keep(question, [*others, *rows], packages=packages)


def read(question: str) -> list[Row]:
    """Read what was kept before, as text; nothing if nothing was."""
    path = place(question)
    if not path.exists():
        return []
    with path.open(newline="") as file:
        file.readline()  # the versions
        return [dict(row) for row in csv.DictReader(file)]


def show(rows: Sequence[Row]) -> None:
    """Print a table."""
    texts = [dict.fromkeys(rows[0], ""), *rows]
    widths = {key: max(len(key), *(len(str(r[key])) for r in texts)) for key in rows[0]}
    for row in ({key: key for key in rows[0]}, *rows):
        print("  ".join(f"{row[key]!s:>{width}}" for key, width in widths.items()))


def place(question: str) -> Path:
    """Name the file of a benchmark by machine and Python."""
    python = f"py{sys.version_info.major}{sys.version_info.minor}"
    return RESULTS / f"{question}-{machine()}-{python}.csv"


def machine() -> str:
    """Name the processor and how many cores may be used, fit for a file name."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists() and (
        found := re.search(r"model name\s*: (.+)", info.read_text("utf-8"))
    ):
        name = found[1]
    cores = len(os.sched_getaffinity(0))
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return f"{slug}-{cores}-cores"


def _version(package: str) -> str:
    """Return a package's version here, else among the peers."""
    try:
        return version(package)
    except PackageNotFoundError:
        pass
    if package == "mnistry":
        import mnistry

        return mnistry.__version__
    if not PEERS_PYTHON.exists():
        return "not installed"
    ask = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run(
        [PEERS_PYTHON, "-c", ask], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "not installed"
