"""What do tables of 70,000 images cost, in time and in memory?

Run: python benchmarks/views.py [RUNS] [WORDS: only cases with one of them]

The time covers the conversion alone, of MNIST's 70,000 images. Ours and the library's
own way, in `view_cases.py`, have a new process each. There the first conversion is
thrown away and the median of RUNS more counts, each with nothing left of the one before
but memory that was touched already: on a virtual machine the first touch costs up to
twenty times the copying itself, and whoever comes second finds it paid. (Java is cold
the first time, too.)

The peak is how much the process grew during the first conversion, in multiples of the
images' 55 MB; what comes out counts too. For Spark it is that of Python, not of Java.
"""

import json
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from measure import answer, write
from view_cases import CASES, Work

import mnistry
from mnistry import Digits

RUNS = 7


def both_splits() -> Digits:
    """Return train and test in one, in memory of this process."""
    train, test = mnistry.load()
    images = np.concatenate([train.images, test.images])
    labels = np.concatenate([train.labels, test.labels])
    return replace(train, images=images, labels=labels, split_name="all")


def one(case: str, whose: str, runs: int) -> dict[str, float]:
    """Time one way in this process: seconds, of the processor too, and peak."""
    digits = both_splits()
    with CASES[case](digits[:100]) as works:
        works[whose]()  # what the libraries import and begin with is not counted
    with CASES[case](digits) as works:
        peak = growth(works[whose])
        taken, busy = zip(*[timed(works[whose]) for _ in range(runs)], strict=True)
    return {
        "seconds": statistics.median(taken),
        "cpu_seconds": statistics.median(busy),
        "times_data": peak / digits.images.nbytes,
    }


def timed(work: Work) -> tuple[float, float]:
    """Return the seconds a work takes, and the processor's; its result is dropped."""
    start, spent = time.perf_counter(), time.process_time()
    result = work()
    took = time.perf_counter() - start, time.process_time() - spent
    del result  # later than the clock was read: freeing is not part of converting
    return took


def growth(work: Work) -> int:
    """Return by how many bytes this process grows, at most, during a work."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak begins anew
    before = resident("VmRSS")
    result = work()
    peak = resident("VmHWM") - before
    del result
    return peak


def resident(which: str) -> int:
    """Read a number of this process's memory: VmRSS is now, VmHWM the peak."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith(which):
            return int(line.split()[1]) * 1024
    return 0


def compare(case: str, runs: int) -> dict[str, object]:
    """Run both ways, each in a process of its own, and give a row of the table."""
    command = [sys.executable, __file__, "--one", case]
    ours = answer([*command, "mnistry", runs])
    own = answer([*command, "own", runs])
    return {
        "what": case.replace("_", " "),
        "runs": runs,
        "mnistry_seconds": round(ours["seconds"], 6),
        "own_seconds": round(own["seconds"], 6),
        "times_own": round(ours["seconds"] / own["seconds"], 2),
        "times_own_cpu": round(ours["cpu_seconds"] / own["cpu_seconds"], 2),
        "mnistry_peak_times_data": round(ours["times_data"], 2),
        "own_peak_times_data": round(own["times_data"], 2),
    }


def main(runs: int, words: list[str]) -> None:
    """Measure and write the table down."""
    wanted = [name for name in CASES if not words or any(w in name for w in words)]
    rows = [compare(case, runs) for case in wanted]
    packages = ("mnistry", "numpy", "pandas", "pyarrow", "pyspark")
    write("-".join(["views", *words]), rows, packages=packages)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2], sys.argv[3], runs=int(sys.argv[4]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS, sys.argv[2:])
