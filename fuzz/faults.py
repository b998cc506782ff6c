"""Faults of machines and networks, each made several times: `python fuzz/faults.py`.

Every row is tests of the project, run again and again: who kills at a random moment
does so at another one each time. It prints a Markdown table; exit 1 if one failed.
"""

import contextlib
import io
import os
import sys
import time
from collections import Counter
from typing import Any, NamedTuple

import pytest


class Fault(NamedTuple):
    """A row: what is done, what is seen then, by which tests, and how often."""

    done: str
    seen: str
    tests: tuple[str, ...]
    times: int = 1


CACHE = "tests/data/test_cache.py::test_"
DOWNLOAD = "tests/data/test_download.py::test_"
SERVICE = "tests/web/test_service.py::test_"
FAULTS = (
    Fault(
        "kill -9 or SIGTERM in training, at a random step",
        "gone on with, the same weights to the bit as a run that nobody stopped",
        (
            "tests/learn/test_resume.py::test_a_process_killed_at_a_random_step_loses_at"
            "_most_an_epoch",
        ),
        3,
    ),
    Fault(
        "kill -9 in an export, at a random moment",
        "the old files or the new ones, whole",
        (
            "tests/test_faults.py::test_an_export_that_is_killed_leaves_the_old_files_or"
            "_the_new",
        ),
        10,
    ),
    Fault(
        "kill -9 in reading many pictures into a table",
        "run again: each picture once",
        ("tests/bulk/test_job.py::test_killed_and_run_again_gives_each_row_once",),
        3,
    ),
    Fault(
        "kill -9 in a download",
        "no part of a file is used; gone on with where it stopped",
        (f"{CACHE}a_kill_in_the_middle_leaves_nothing_trusted_and_is_gone_on_with",),
        5,
    ),
    Fault(
        "a worker process of reading killed, hung, or out of memory",
        "started again, each picture once; what ends it twice is a row with the reason",
        (
            "tests/bulk/test_pool.py::test_a_killed_process_is_started_again_and_nothing"
            "_is_lost",
            "tests/bulk/test_pool.py::test_a_picture_that_ends_its_process_twice_is_a_row",
            "tests/bulk/test_pool.py::test_what_hangs_is_a_row_and_its_neighbours_are_read",
            "tests/bulk/test_pool.py::test_what_eats_memory_is_a_row_and_its_neighbours"
            "_are_read",
        ),
        2,
    ),
    Fault(
        "a worker process of the service killed or late",
        "503 or 504 for what it had, all others answered, a new one",
        (
            f"{SERVICE}a_worker_that_is_killed_is_replaced",
            f"{SERVICE}a_worker_that_is_late_is_replaced",
        ),
        2,
    ),
    Fault(
        "slow clients of the service",
        "408, or the connection ended; nobody else waits",
        (
            f"{SERVICE}slow_clients_are_not_waited_for",
            f"{SERVICE}a_second_head_that_is_slow_or_large_ends_the_connection",
            f"{SERVICE}clients_that_send_slowly_keep_nobody_else_out",
        ),
        2,
    ),
    Fault(
        "a full disk (a tmpfs, and a limit of file sizes)",
        "named in the error, what was there stays",
        (
            "tests/test_faults.py::test_a_full_disk_is_named_and_what_was_there_stays",
            f"{CACHE}a_full_disk_leaves_nothing_that_is_later_trusted",
            f"{DOWNLOAD}a_disk_that_fails_is_not_the_mirrors_fault",
        ),
        2,
    ),
    Fault(
        "a folder that may not be written, nobody as the user",
        "what is there is read; the error names the folder",
        (
            "tests/test_faults.py::test_nobody_reads_what_is_there_and_gets_an_error_for_what_cannot"
            "_be_written",
            f"{CACHE}a_cache_that_cannot_be_written_says_what_to_do",
            f"{CACHE}what_cannot_be_written_is_the_caches_fault",
        ),
        2,
    ),
    Fault(
        "ten processes at once on an empty cache",
        "one download, ten right answers",
        (f"{CACHE}ten_processes_at_once_download_once",),
        3,
    ),
    Fault(
        "a second training into one folder",
        "refused, with who trains there and since when; the first goes on",
        (
            "tests/learn/test_folder.py::test_a_second_run_into_a_folder_is_refused_and"
            "_the_first_goes_on",
        ),
        3,
    ),
    Fault(
        "a network that is lost at each stage, or lies",
        "asked again, then the next mirror; an error names what each of them did",
        ("tests/data/test_download.py",),
    ),
    Fault(
        "a clock that is set back",
        "nothing is fetched, hashed or deleted for it",
        (f"{CACHE}a_clock_that_is_set_back_costs_nothing",),
        3,
    ),
)


class Repeated:
    """Has pytest run each test several times, and counts how they end."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.counts: Counter[str] = Counter()
        self.failed: list[str] = []

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Return each test an argument that it does not take, several times."""
        metafunc.fixturenames.append("time_of_many")
        metafunc.parametrize("time_of_many", range(self.times))

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Count how a test ended, and keep why it failed."""
        if report.when == "call" or not report.passed:
            self.counts[report.outcome] += report.when == "call" or report.failed
            self.counts["skipped"] += report.skipped and report.when == "setup"
            if report.failed:
                self.failed.append(f"{report.nodeid}\n{report.longreprtext}")


def main() -> None:
    """Make all faults and print the table."""
    os.environ["PYTHONPATH"] = os.pathsep.join(
        ["src", ".", os.environ.get("PYTHONPATH", "")]
    )
    print("| fault | tried | failed | left out | what is seen | s |")
    print("|---|---:|---:|---:|---|---:|")
    failed: list[str] = []
    for fault in FAULTS:
        begun, repeated, out = time.monotonic(), Repeated(fault.times), io.StringIO()
        with contextlib.redirect_stdout(out):
            code = pytest.main(
                ["-q", "-p", "no:cacheprovider", *fault.tests], [repeated]
            )
        counts = repeated.counts
        if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
            repeated.failed.append(out.getvalue())  # a test was renamed, for instance
        failed += repeated.failed
        tried = counts["passed"] + counts["failed"]
        print(
            f"| {fault.done} | {tried} | {len(repeated.failed)} | {counts['skipped']}"
            f" | {fault.seen} | {time.monotonic() - begun:.0f} |",
            flush=True,
        )
    print("\n".join(["", *failed]))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
