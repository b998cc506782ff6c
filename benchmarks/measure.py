"""Measure in turn, sum up, and write down with the machine and the versions."""

import csv
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

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
            if turn:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def process(
    python: Path | str, script: str, **variables: str
) -> Callable[[], subprocess.CompletedProcess[bytes]]:
    """Make a work of a script in a new Python process."""
    environment = {**os.environ, **variables}
    command = [str(python), "-c", script]
    return lambda: subprocess.run(
        command, env=environment, check=True, capture_output=True
    )


def table(seconds: Mapping[str, Sequence[float]], *, against: str) -> list[Row]:
    """Sum up: median, least and most, and how many times one of them the median is."""
    yardstick = statistics.median(seconds[against])
    return [
        {
            "what": name,
            "median_seconds": round(statistics.median(runs), 5),
            "least_seconds": round(min(runs), 5),
            "most_seconds": round(max(runs), 5),
            f"times_{against}": round(statistics.median(runs) / yardstick, 3),
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
    python = f"py{sys.version_info.major}{sys.version_info.minor}"
    path = RESULTS / f"{question}-{machine()}-{python}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        file.write(f"# {', '.join(f'{name} {_version(name)}' for name in packages)}\n")
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    widths = {
        key: max(len(str(r[key])) for r in [*rows, dict.fromkeys(rows[0])])
        for key in rows[0]
    }
    for row in [{key: key for key in rows[0]}, *rows]:
        print(
            "  ".join(f"{row[key]!s:>{max(widths[key], len(key))}}" for key in rows[0])
        )
    return path


def machine() -> str:
    """Name the processor and how many cores may be used, fit for a file name."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists() and (found := re.search(r"model name\s*: (.+)", info.read_text())):
        name = found[1]
    cores = len(os.sched_getaffinity(0))
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return f"{slug}-{cores}-cores"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        done = subprocess.run(
            [PEERS_PYTHON, "-m", "pip", "show", package],
            capture_output=True,
            text=True,
            check=False,
        )
        found = re.search(r"^Version: (.+)$", done.stdout, re.MULTILINE)
        return found[1] if found else "not installed"
