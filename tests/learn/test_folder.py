"""One run at a time writes into a folder; what cannot be written is known at once."""

import sys
from pathlib import Path

import pytest

from mnistry.data.lock import locked_for_one
from mnistry.digits import Digits
from mnistry.errors import CacheError
from mnistry.formats.atomic import expect_writable, expect_writable_folder
from mnistry.learn.run import Step
from mnistry.learn.train import train


def test_a_second_run_into_a_folder_is_refused_and_the_first_goes_on(
    bars: Digits, tmp_path: Path
) -> None:
    refused: list[str] = []

    def begin_another(step: Step) -> None:
        if step["step"] == 2:
            with pytest.raises(CacheError, match=r"by process \d+ on .* since 20") as e:
                train(bars, "linear", epochs=1, seed=9, folder=tmp_path)
            refused.append(str(e.value))

    model = train(bars, "linear", epochs=1, folder=tmp_path, watch=begin_another)
    assert refused
    assert model.facts["seed"] == 0
    train(bars, "linear", epochs=1, seed=9, folder=tmp_path)  # free again


def test_a_lock_without_a_name_is_still_one(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with locked_for_one(path):
        (tmp_path / ".x.holder").unlink()
        with (
            pytest.raises(CacheError, match="by another process"),
            locked_for_one(path),
        ):
            pass


def test_a_folder_that_cannot_be_written_is_known_before_the_first_step(
    bars: Digits, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("there")
    steps: list[Step] = []
    with pytest.raises(CacheError, match="cannot be written"):
        train(bars, "linear", folder=tmp_path / "file", watch=steps.append)
    assert not steps


def test_expectations_leave_nothing_behind(tmp_path: Path) -> None:
    expect_writable_folder(tmp_path / "a")
    expect_writable(tmp_path / "b.html")
    assert [path.name for path in tmp_path.rglob("*")] == ["a"]
    with pytest.raises(CacheError, match="[Ii]s a directory"):
        expect_writable(tmp_path / "a")


def test_nobody_need_be_there_to_look(
    bars: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert train(bars, "linear", epochs=1).facts["seed"] == 0
