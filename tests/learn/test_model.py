import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file
from torch import nn

from mnistry.digits import Digits
from mnistry.errors import CacheError, CheckpointError, ShapeError
from mnistry.formats import tensors
from mnistry.formats.tensors import read_weights, write_weights
from mnistry.learn.model import (
    PREDICT_IMAGES,
    Model,
    load_trained_model,
    predict_logits,
)
from mnistry.learn.train import train


@pytest.fixture(scope="module")
def model(bars: Digits) -> Model:
    return train(bars, "fast", epochs=1, batch_size=60)


@pytest.fixture(scope="module")
def saved(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "model.safetensors"
    model.save(path)
    return path


def own_net() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def rewritten(saved: Path, path: Path, **changes: Any) -> Path:
    weights, facts = read_weights(saved)
    write_weights(path, weights, {**facts, **changes})
    return path


def test_a_saved_model_says_exactly_the_same(
    model: Model, saved: Path, other_bars: Digits
) -> None:
    again = load_trained_model(saved)
    np.testing.assert_array_equal(
        again.predict(other_bars.images).logits, model.predict(other_bars.images).logits
    )
    facts = json.loads(json.dumps(dict(model.facts)))
    for row in facts["history"]:
        del row["seconds"]  # or the same weights would make other files
    assert again.facts == facts


def test_a_net_of_ones_own_is_loaded_into_a_fresh_one(
    bars: Digits, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    trained = train(bars, own_net(), epochs=1)
    trained.save(tmp_path / "own.safetensors")
    again = load_trained_model(tmp_path / "own.safetensors", net=own_net())
    np.testing.assert_array_equal(
        again.predict(bars.images).logits, trained.predict(bars.images).logits
    )
    with pytest.raises(CheckpointError, match=r"holds a net 'Sequential'.*net=\.\.\."):
        load_trained_model(tmp_path / "own.safetensors")


def test_images_are_read_one_by_one_as_in_large_batches(
    model: Model, bars: Digits
) -> None:
    images = np.concatenate([bars.images, bars.images])[: PREDICT_IMAGES + 7]
    together = model.predict(images)
    for row in (0, PREDICT_IMAGES - 1, PREDICT_IMAGES, PREDICT_IMAGES + 6):
        alone = model.predict(images[row : row + 1])
        np.testing.assert_allclose(alone.logits, together[row].logits, atol=1e-4)


def test_no_images_get_no_predictions(model: Model) -> None:
    assert model.predict(np.zeros((0, 28, 28), np.uint8)).logits.shape == (0, 10)


def test_a_model_tells_what_it_is(model: Model) -> None:
    numbers = sum(array.size for array in model.weights.values())
    assert repr(model) == f"<Model fast: {numbers:,} parameters>"


def test_images_of_another_size_are_refused(model: Model) -> None:
    with pytest.raises(ShapeError, match=r"are 20x30 pixels; this model .* on 28x28"):
        model.predict(np.zeros((2, 20, 30), np.uint8))


def test_weights_given_out_are_copies(model: Model, bars: Digits) -> None:
    before = model.predict(bars.images[:5]).logits
    for array in model.weights.values():
        array[...] = 0
    np.testing.assert_array_equal(model.predict(bars.images[:5]).logits, before)


def test_predict_logits_runs_the_net_as_it_is() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 3))
    images = np.full((4, 28, 28), 255, np.uint8)
    white = (1 - 0.1307) / 0.3081
    wanted = net(torch.full((4, 1, 28, 28), white)).detach().numpy()
    np.testing.assert_allclose(predict_logits(net, images), wanted, rtol=1e-4)


# ---- files that are not what they claim


@given(data=st.data())
@settings(max_examples=60)
def test_a_flipped_byte_is_noticed(
    saved: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(saved.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("flipped") / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"model\.safetensors "):
        load_trained_model(path)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_file_cut_short_is_noticed(saved: Path, tmp_path: Path, share: float) -> None:
    content = saved.read_bytes()
    path = tmp_path / "cut.safetensors"
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(CheckpointError, match=r"safetensors (was cut short|is empty)"):
        load_trained_model(path)


@pytest.mark.parametrize(
    "content", [b"<html>not found</html>", b"\x80\x04\x95.", b"PK\x03\x04" + b"x" * 99]
)
def test_another_kind_of_file_is_no_model(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(content)
    with pytest.raises(
        CheckpointError, match=r"is not a safetensors file.*mnistry wrote"
    ):
        load_trained_model(path)


def test_a_safetensors_file_of_others_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"weight": np.zeros(3, np.float32)}, path)
    with pytest.raises(CheckpointError, match="format None; expected 'mnistry 1'"):
        load_trained_model(path)


def test_no_file_and_a_folder_are_no_model(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.safetensors", tmp_path):
        with pytest.raises(CheckpointError, match=r"no model file .*--out DIR"):
            load_trained_model(path)


def test_weights_of_another_net_are_named(saved: Path, tmp_path: Path) -> None:
    path = rewritten(saved, tmp_path / "m.safetensors", net="cnn")
    with pytest.raises(
        CheckpointError, match=r"shape \(16,\) as '0\.bias'.*another net"
    ):
        load_trained_model(path)


def test_weights_of_another_shape_are_named(saved: Path, tmp_path: Path) -> None:
    path = rewritten(saved, tmp_path / "m.safetensors", classes=26)
    wanted = r"float32 of shape \(10,\) as '\d+\.bias'; this net expects .*\(26,\)"
    with pytest.raises(CheckpointError, match=wanted):
        load_trained_model(path)


@pytest.mark.parametrize("classes", [None, 1, 10**9, "10", [10]])
def test_a_number_of_classes_that_cannot_be_builds_nothing(
    saved: Path, tmp_path: Path, classes: Any
) -> None:
    path = rewritten(saved, tmp_path / "m.safetensors", classes=classes)
    with pytest.raises(CheckpointError, match="classes; expected 2 to 256"):
        load_trained_model(path)


@pytest.mark.parametrize("net", [None, "os.system", ["fast"], {"fast": 1}])
def test_a_net_that_is_not_built_here_is_named(
    saved: Path, tmp_path: Path, net: Any
) -> None:
    path = rewritten(saved, tmp_path / "m.safetensors", net=net)
    with pytest.raises(CheckpointError, match="those built here are: linear, mlp"):
        load_trained_model(path)


def test_a_model_that_cannot_be_written_leaves_the_old_one(
    model: Model, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.safetensors"
    shutil.copy(saved, path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CacheError, match=r"written: No space left.*before"):
        model.save(path)
    assert path.read_bytes() == saved.read_bytes()
    assert [found.name for found in tmp_path.iterdir()] == ["model.safetensors"]


def test_a_folder_that_is_a_file_cannot_hold_a_model(
    model: Model, tmp_path: Path
) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(CacheError, match="cannot be written"):
        model.save(tmp_path / "run" / "model.safetensors")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "has facts that are not JSON \\("),
        ("[]", "facts that are not a JSON object"),
    ],
)
def test_facts_that_are_no_json_object_are_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    metadata = {"format": tensors.FORMAT, "facts": text}
    metadata["sha256"] = tensors._sha256({}, text)
    path = tmp_path / "m.safetensors"
    save_file({}, path, metadata)
    with pytest.raises(CheckpointError, match=message):
        load_trained_model(path)


def test_a_size_that_the_net_does_not_take_is_refused(
    bars: Digits, tmp_path: Path
) -> None:
    path = tmp_path / "linear.safetensors"
    train(bars, "linear", epochs=1, batch_size=60).save(path)
    wrong = rewritten(path, tmp_path / "wrong.safetensors", image_size=[28, 288])
    with pytest.raises(CheckpointError, match=r"takes no images of \[28, 288\] pixels"):
        load_trained_model(wrong)
