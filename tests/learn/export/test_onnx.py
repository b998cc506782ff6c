import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from mnistry.digits import Digits
from mnistry.errors import MissingExtraError, UsageError
from mnistry.learn.export.nodes import nodes_of
from mnistry.learn.export.onnx import OPERATORS, encode_onnx, to_onnx
from mnistry.learn.model import Model
from mnistry.learn.nets import NETS, build
from mnistry.learn.train import train
from tests.learn.export.nets import LAWS, REFUSED, unsettled

pytestmark = pytest.mark.filterwarnings(
    "ignore:Using padding='same' with even kernel"  # torch, of its own slowness
)


@pytest.fixture(scope="module")
def model(bars: Digits) -> Model:
    return train(bars, "fast", epochs=2, batch_size=60, seed=7)


def outputs(encoded: bytes, images: NDArray[Any]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(encoded)
    logits: NDArray[np.float32] = session.run(["logits"], {"image": images})[0]
    return logits


def test_onnxruntime_gives_the_same_labels_from_the_images_as_they_are(
    model: Model, other_bars: Digits, tmp_path: Path
) -> None:
    to_onnx(model, tmp_path / "new" / "model.onnx")
    logits = outputs((tmp_path / "new" / "model.onnx").read_bytes(), other_bars.images)
    expected = model.predict(other_bars.images)
    np.testing.assert_allclose(logits, expected.logits, atol=1e-4)
    np.testing.assert_array_equal(logits.argmax(axis=1), expected.labels)
    assert (expected.labels == other_bars.labels).mean() > 0.9  # it has learned


@pytest.mark.parametrize("name", [*NETS, *LAWS])
def test_every_layer_says_the_same(name: str, other_bars: Digits) -> None:
    net = LAWS[name]() if name in LAWS else unsettled(build(name))
    encoded = encode_onnx(Model(net.eval(), {}))
    onnx.checker.check_model(onnx.load_from_string(encoded), full_check=True)
    images = other_bars.images[:9]
    expected = Model(net.eval(), {}).predict(images).logits
    np.testing.assert_allclose(outputs(encoded, images), expected, atol=1e-4)


def test_every_layer_that_can_be_written_is_among_them() -> None:
    used = {
        type(node.module) for net in LAWS.values() for node in nodes_of(net(), 28, 28)
    }
    assert used == set(OPERATORS)


@pytest.mark.parametrize("layer", REFUSED)
def test_a_layer_without_counterpart_is_named(layer: str) -> None:
    with pytest.raises(UsageError, match=rf"{layer}.* no counterpart in ONNX.*Conv2d,"):
        encode_onnx(Model(REFUSED[layer](), {}))


@pytest.mark.parametrize("count", [0, 1, 2, 129])
def test_any_number_of_images_may_be_given(
    model: Model, bars: Digits, count: int
) -> None:
    images = bars.images[:count]
    expected = model.predict(images).logits
    np.testing.assert_allclose(outputs(encode_onnx(model), images), expected, atol=1e-4)


def test_what_is_known_of_the_model_stands_in_the_file(model: Model) -> None:
    read = onnx.load_from_string(encode_onnx(model))
    known = {row.key: row.value for row in read.metadata_props}
    assert known.keys() == model.facts.keys()
    assert known["net"] == "fast"
    assert known["seed"] == "7"
    for name in ("recipe", "digits", "computed_with", "history"):
        assert json.loads(known[name]) == json.loads(json.dumps(model.facts[name]))
    (image,), (logits,) = read.graph.input, read.graph.output
    shapes = [
        [axis.dim_param or axis.dim_value for axis in of.type.tensor_type.shape.dim]
        for of in (image, logits)
    ]
    assert shapes == [["batch", 28, 28], ["batch", 10]]


def test_the_factor_of_the_logits_is_named_by_what_it_is(model: Model) -> None:
    scaled = Model(model.net, {**model.facts, "trust": {"temperature": 2.0}})
    read = onnx.load_from_string(encode_onnx(scaled))
    arrays = {of.name: onnx.numpy_helper.to_array(of) for of in read.graph.initializer}
    (factor,) = (name for name in arrays if name.endswith("_inverse_temperature"))
    assert arrays[factor] == 0.5


def test_the_same_model_gives_the_same_bytes(model: Model) -> None:
    assert encode_onnx(model) == encode_onnx(model)


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_text("before")
    with pytest.raises(UsageError, match="no counterpart"):
        to_onnx(Model(next(iter(REFUSED.values()))(), {}), path)
    assert path.read_text() == "before"


def test_without_onnx_the_way_out_is_reported(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"install .*\[export\]'"):
        encode_onnx(model)
