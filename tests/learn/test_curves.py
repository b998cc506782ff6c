import importlib.util
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.learn import curves
from mnistry.learn.curves import CURVES, draw_curves, save_curves
from mnistry.learn.model import Model
from mnistry.learn.train import train


def row(epoch: int, share: float | None) -> dict[str, Any]:
    return {
        "epoch": epoch,
        "loss": 1 / epoch,
        "accuracy": 1 - 0.1 / epoch,
        "validation_loss": share,
        "validation_accuracy": None if share is None else 1 - share,
    }


def pixels(png: bytes) -> Any:
    with Image.open(io.BytesIO(png)) as opened:
        return np.asarray(opened.convert("RGB")).astype(int)


@pytest.mark.parametrize(("share", "lines"), [(0.05, 2), (None, 1)])
def test_a_line_is_drawn_for_each_part_that_there_is(
    share: float | None, lines: int
) -> None:
    picture = pixels(draw_curves([row(epoch, share) for epoch in (1, 2, 3)]))
    colours = [tuple(bytes.fromhex(colour[1:])) for *_, colour in curves.LINES]
    assert sum((picture == colour).all(-1).any() for colour in colours) == lines


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_a_single_epoch_and_no_error_at_all_can_be_drawn(share: float) -> None:
    assert pixels(draw_curves([row(1, share)])).std() > 1


def test_train_leaves_the_picture_beside_the_table(
    bars: Digits, tmp_path: Path
) -> None:
    train(bars, "linear", epochs=2, folder=tmp_path / "short")
    assert not (tmp_path / "short" / CURVES).exists()  # two points are no curve
    model = train(bars, "linear", epochs=3, folder=tmp_path)
    left = (tmp_path / CURVES).read_bytes()
    save_curves(model, tmp_path / "again.png")
    assert (pixels(left) == pixels((tmp_path / "again.png").read_bytes())).all()


def test_without_matplotlib_training_goes_on_without_a_picture(
    bars: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    train(bars, "linear", epochs=3, folder=tmp_path)
    assert not (tmp_path / CURVES).exists()
    assert (tmp_path / "history.csv").exists()


def test_a_model_without_history_has_no_curves(bars: Digits, tmp_path: Path) -> None:
    model = Model(net=train(bars, "linear", epochs=1).net, facts={})
    with pytest.raises(UsageError, match="the model has no history; expected one"):
        save_curves(model, tmp_path / "curves.png")
    assert not any(tmp_path.iterdir())
