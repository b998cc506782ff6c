"""Seeded mutations of every input that comes from outside; `make fuzz` tries more."""

import random
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fuzz.fuzz import (
    CLEAR,
    MOST_BYTES,
    MOST_SECONDS,
    TARGETS,
    Tally,
    attempt,
    forget_memory,
    memory_bytes,
    mutate,
    note,
    run,
)

SLOW = {"read": 4, "pdf": 2, "command": 6, "onnx": 10}  # inputs; a hundred of others
INPUTS = 100


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_inputs_are_taken_or_refused(name: str) -> None:
    tally = run(name, seed=20261128, most=SLOW.get(name, INPUTS))
    assert not tally.failures
    assert tally.taken + tally.refused == SLOW.get(name, INPUTS)


@pytest.mark.parametrize("name", [name for name in TARGETS if name != "command"])
def test_a_seed_is_taken(name: str, tmp_path: Path) -> None:
    """Else its mutations would never get beyond the first lines."""
    outcomes = [attempt(name, seed, tmp_path) for seed in TARGETS[name][1]()]
    assert outcomes[0] == "taken"


def fail(error: Exception) -> Any:
    def target(_data: bytes, _folder: Path) -> None:
        raise error

    return target, lambda: (b"seed",)


def test_the_tests_above_can_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TARGETS, "idx", fail(ZeroDivisionError()))
    assert attempt("idx", b"", tmp_path).startswith("ZeroDivisionError")
    with pytest.raises(AssertionError, match="the seed of idx"):
        run("idx", seed=1, most=3)
    tally = Tally()
    for outcome, took, memory in (
        ("taken", 0.1, 5),
        ("IndexError", 0.1, 0),
        ("taken", MOST_SECONDS + 1, 0),
        ("refused", 0.0, MOST_BYTES + 1),
    ):
        note(tally, b"", outcome, took, memory)
    assert (tally.taken, tally.refused, tally.failed) == (1, 0, 3)
    assert len(tally.failures) == 3


@pytest.mark.skipif(not CLEAR.exists(), reason="the kernel cannot forget a peak")
def test_memory_of_one_input_does_not_hide_the_next() -> None:
    # in a process of its own, as a target is: tests before this one leave memory free
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        grown, forgotten = pool.submit(memory_of_two).result()
    assert min(grown) > 30 << 20
    assert max(forgotten) < 30 << 20


def memory_of_two() -> tuple[list[int], list[int]]:
    """Give by how much memory grows with each of two inputs, and what is kept of it."""
    forget_memory()
    before = memory_bytes()
    grown, forgotten = [], []
    for _ in range(2):
        np.ones(40 << 20, np.uint8)
        grown.append(memory_bytes() - before)
        forget_memory()
        forgotten.append(memory_bytes() - before)
    return grown, forgotten


def test_the_same_seed_gives_the_same_inputs() -> None:
    seeded = [random.Random(7), random.Random(7)]  # noqa: S311
    first, second = (mutate(b"0123456789" * 9, rng) for rng in seeded)
    assert first == second != b"0123456789" * 9
