"""Several seeds: their mean and spread, going on, and tables."""

import csv
import shutil
import statistics
from pathlib import Path

import numpy as np
import pytest

from mnistry import Digits
from mnistry.errors import CheckpointError, UsageError
from mnistry.learn.model import load_trained_model
from mnistry.models.seeds import Seeds, to_csv, to_latex, to_markdown, train_seeds
from mnistry.synth.drawn import draw

TRAIN = Digits(*draw(400, split="train"), "drawn", "train")
TEST = Digits(*draw(200, split="test"), "drawn", "test")


def test_seeds_are_trained_once_and_reported_with_their_spread(tmp_path: Path) -> None:
    lines: list[str] = []
    found = train_seeds(
        TRAIN, TEST, "linear", seeds=2, folder=tmp_path, say=lines.append
    )
    assert [row["seed"] for row in found.rows] == [0, 1]
    assert len(lines) == 2
    shares = []
    for seed in (0, 1):
        model = load_trained_model(tmp_path / f"linear-{seed}" / "model.safetensors")
        shares.append(float(np.mean(model.predict(TEST.images).labels == TEST.labels)))
    assert found.mean == pytest.approx(statistics.mean(shares))
    assert found.standard_deviation == pytest.approx(statistics.stdev(shares))
    assert found.average["accuracy"] > 0
    path = tmp_path / "linear-0" / "model.safetensors"
    before = path.stat().st_mtime_ns
    again = train_seeds(TRAIN, TEST, "linear", seeds=3, folder=tmp_path)
    assert path.stat().st_mtime_ns == before  # not trained again
    assert again.rows[:2] == found.rows
    shown = again.to_dict()
    assert shown["computed_with"]["torch"]
    assert shown["threads"] >= 1
    assert shown["tested_on"]["images"] == 200
    rows = list(
        csv.DictReader((tmp_path / "seeds.csv").read_text("utf-8").splitlines())
    )
    assert [row["seed"] for row in rows] == ["0", "1", "2", "average"]
    assert float(rows[0]["accuracy"]) == shares[0]


def test_one_seed_has_no_spread_and_no_average(tmp_path: Path) -> None:
    found = train_seeds(TRAIN, TEST, "linear", seeds=1, folder=tmp_path)
    assert found.standard_deviation is None
    assert found.average == {}
    assert "±" not in str(found)
    assert len(to_csv(found).splitlines()) == 2
    table = to_markdown(found).splitlines()
    assert table[2] == "| seed | accuracy, % | errors | loss | training, s |"
    latex = to_latex(found)
    assert latex.count(r"\\") == 3
    assert r"accuracy, \%" in latex
    assert (tmp_path / "seeds.md").read_text("utf-8") == to_markdown(found)
    assert (tmp_path / "seeds.tex").read_text("utf-8") == latex


def test_tables_of_another_net_are_named_before_they_are_replaced(
    tmp_path: Path,
) -> None:
    few = TRAIN[:200], TEST[:50]
    (tmp_path / "seeds.md").write_text("fast: 5 seeds, tested on", encoding="utf-8")
    lines: list[str] = []
    for _ in range(2):
        train_seeds(*few, "linear", seeds=1, folder=tmp_path, say=lines.append)
    [warning] = [line for line in lines if "replaced" in line]
    assert warning == lines[0]
    assert warning.startswith(f"{tmp_path / 'seeds.md'} is of 'fast'; it and seeds.csv")


def test_what_does_not_belong_together_is_refused(tmp_path: Path) -> None:
    train_seeds(TRAIN[:200], TEST, "linear", seeds=1, folder=tmp_path)
    with pytest.raises(UsageError, match="learned from other digits, or is another"):
        train_seeds(TRAIN, TEST, "linear", seeds=1, folder=tmp_path)
    with pytest.raises(UsageError, match="seeds is 0; expected 1 or more"):
        train_seeds(TRAIN, TEST, "linear", seeds=0, folder=tmp_path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeds")
    train_seeds(TRAIN[:100], TEST, "linear", seeds=1, folder=folder)
    return folder


@pytest.mark.parametrize("history", [None, b"", b"epoch\n1\n", b"seconds\nlong\n"])
def test_a_damaged_history_is_named(
    history: bytes | None, trained: Path, tmp_path: Path
) -> None:
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "linear-0" / "history.csv"
    path.unlink() if history is None else path.write_bytes(history)
    with pytest.raises(CheckpointError, match=r"history.csv does not tell how long"):
        train_seeds(TRAIN[:100], TEST, "linear", seeds=1, folder=tmp_path)


def test_a_name_does_not_get_out_of_the_comment_of_a_table() -> None:
    row = {"seed": 0, "accuracy": 1.0, "errors": 0, "loss": 0.0, "seconds": 1.0}
    test = {"name": "x\n\\input{y}", "split": "test", "images": 1}
    facts = {"tested_on": test, "computed_with": None, "threads": 1}
    found = Seeds("linear", [row], {}, facts)
    comment, packages, begin, *_ = to_latex(found).splitlines()
    assert comment.startswith("% linear: 1 seed, tested on")
    assert packages == r"% \usepackage{booktabs}"
    assert begin == "\\begin{tabular}{lrrrr}"


def test_a_run_that_was_stopped_goes_on(tmp_path: Path) -> None:
    found = train_seeds(TRAIN, TEST, "linear", seeds=1, folder=tmp_path)
    (tmp_path / "linear-0" / "model.safetensors").unlink()  # its checkpoint is there
    again = train_seeds(TRAIN, TEST, "linear", seeds=1, folder=tmp_path)
    assert again.rows[0]["accuracy"] == found.rows[0]["accuracy"]
