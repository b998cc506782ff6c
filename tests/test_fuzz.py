"""Seeded mutations of every input that comes from outside; `make fuzz` tries more."""

import random
from pathlib import Path

import pytest
from fuzz.fuzz import TARGETS, attempt, mutate, run

SLOW = {"read": 4, "pdf": 2, "command": 6, "onnx": 10}  # inputs; a hundred of others
INPUTS = 100


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_inputs_are_taken_or_refused(name: str) -> None:
    counts, failed = run(name, seed=20261128, most=SLOW.get(name, INPUTS))
    assert not failed
    assert counts["taken"] + counts["refused"] == SLOW.get(name, INPUTS)


def test_the_test_above_can_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_data: bytes, _folder: Path) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(TARGETS, "idx", (fail, lambda: (b"seed",)))
    assert attempt("idx", b"", tmp_path).startswith("ZeroDivisionError")
    counts, failed = run("idx", seed=1, most=3)
    assert counts["failed"] == 3
    assert len(failed) == 1


def test_the_same_seed_gives_the_same_inputs() -> None:
    seeded = [random.Random(7), random.Random(7)]  # noqa: S311
    first, second = (mutate(b"0123456789" * 9, rng) for rng in seeded)
    assert first == second != b"0123456789" * 9
