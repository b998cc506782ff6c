"""The command line on folders of drawings of any size."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnistry.synth.drawn import draw
from tests.cli.run import run


@pytest.fixture
def drawings(tmp_path: Path) -> Path:
    """Draw 100 digits as people do: 160 by 200, black on white, in folders by label."""
    images, labels = draw(100, seed=5)
    for at, (image, label) in enumerate(zip(images, labels, strict=True)):
        large = Image.fromarray(255 - image).resize(
            (112, 112), Image.Resampling.BICUBIC
        )
        sheet = Image.new("L", (160, 200), 250)
        sheet.paste(large, (at % 40, at % 70))
        folder = tmp_path / "mine" / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        sheet.save(folder / f"{at}.png")
    return tmp_path / "mine"


def test_drawings_of_any_size_are_tested(drawings: Path) -> None:
    tested = json.loads(run("test", "--data", str(drawings), "--json").out)
    assert tested["accuracy"] > 0.8
    assert tested["images"] >= 10
    assert np.asarray(tested["confusion"]).sum(axis=1).min() > 0  # of every class some


def test_a_net_that_takes_others_says_what_frames_them(drawings: Path) -> None:
    options = "--data", str(drawings), "--as-they-are", "--out", str(drawings / "run")
    done = run("train", *options)
    assert done.code == 1
    assert "images are 200x160 pixels; the net 'fast' expects 28x28" in done.err
    assert "Load pictures without as_they_are" in done.err


def test_few_drawings_are_learned_on_from_the_packaged_model(drawings: Path) -> None:
    out = drawings.parent / "run"
    given = "train", "--data", str(drawings), "--out", str(out), "--epochs", "1"
    done = run(*given, "--json")
    starts = json.loads(done.out)["starts"]
    assert starts["packaged"] > starts["random weights"]
    assert "read of the images held out: packaged " in done.err
    is_kept = starts["packaged as it is"] >= starts["packaged"]
    assert ("the packaged model as it is" in run(*given).out) == is_kept
    on = run(*given, "--from", str(out / "model.safetensors"), "--json")
    assert json.loads(on.out)["validation_accuracy"] >= 0.5
    both = run(*given, "--from", "packaged", "--net", "fast")
    assert (both.code, "leave --net out" in both.err) == (2, True)
    assert run(*given, "--resume", "--from", "packaged").code == 2


def test_the_packaged_model_is_converted_where_none_is_named(tmp_path: Path) -> None:
    for form in ("card", "onnx"):
        out = tmp_path / f"packaged.{form.replace('card', 'md')}"
        assert run("convert", "--to", form, "--out", str(out)).code == 0
        assert out.stat().st_size > 1000
