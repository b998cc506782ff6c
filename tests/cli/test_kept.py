"""What is read is not overwritten, and no file lands where an empty name points."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnistry.models.packaged import load_model
from mnistry.synth.drawn import draw
from tests.cli.run import run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a picture, a model, predictions and digits of one's own."""
    images, labels = draw(20)
    Image.fromarray(255 - images[0]).save(tmp_path / "3_a.png")
    load_model().save(tmp_path / "m.safetensors")
    for name in ("a.csv", "b.csv"):
        np.savetxt(tmp_path / name, labels, "%d", header="label", comments="")
    np.savez(tmp_path / "own.npz", images=images, labels=labels, notes=labels)
    (tmp_path / "pictures" / "7").mkdir(parents=True)
    shutil.copy(tmp_path / "3_a.png", tmp_path / "pictures" / "7" / "a.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "lost"),
    [
        (["explain", "3_a.png", "--out", "3_a.png"], "3_a.png"),
        (["show", "3_a.png", "--out", "./3_a.png"], "3_a.png"),
        (["mistakes", "--data", "3_a.png", "--out", "3_a.png"], "3_a.png"),
        (["compare", "a.csv", "b.csv", "--csv", "b.csv"], "b.csv"),
        (["export", "own.npz", "--to", "npz", "--out", "."], "own.npz"),
        (["export", "pictures", "--to", "png", "--out", "pictures"], "pictures/train"),
    ],
)
def test_what_is_read_is_not_overwritten(
    here: Path, typed: list[str], lost: str
) -> None:
    path = here / lost
    before = path.read_bytes() if path.exists() else None
    done = run(*typed)
    assert done.code == 2, done
    assert "overwritten. Name another" in done.err
    assert (path.read_bytes() if path.exists() else None) == before


def test_digits_may_be_written_beside_those_of_another_format(here: Path) -> None:
    assert run("export", "own.npz", "--to", "parquet", "--out", ".").code == 0
    assert (here / "own.npz").exists()


@pytest.mark.parametrize("name", ["m.safetensors", "m.keras", "m.onnx.bak", "m"])
def test_a_converted_model_is_named_as_what_it_is(here: Path, name: str) -> None:
    before = (here / "m.safetensors").read_bytes()
    done = run("convert", "m.safetensors", "--to", "onnx", "--out", name)
    assert done.code == 1
    assert f"error: {name} is not named as --to onnx; expected a name such" in done.err
    assert (here / "m.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    "typed",
    [
        ["export", "drawn", "--split", "test", "--to", "idx", "--out", ""],
        ["read", "3_a.png", "--out", ""],
        ["read", "3_a.png", "--annotate", ""],
        ["train", "--data", "own.npz", "--out", ""],
        ["test", "--data", "own.npz", "--report", ""],
        ["fetch", "--from", ""],
    ],
)
def test_an_empty_path_is_refused(here: Path, typed: list[str]) -> None:
    """A variable of the shell that is not set; pathlib takes it for this folder."""
    before = sorted(here.iterdir())
    done = run(*typed)
    assert done.code == 2
    assert "the path is empty; expected one" in done.err
    assert sorted(here.iterdir()) == before
