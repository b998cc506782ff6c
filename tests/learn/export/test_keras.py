"""What plain Keras, in a process without mnistry, reads in our files."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from torch import nn

from mnistry.digits import Digits
from mnistry.errors import MissingExtraError, UsageError
from mnistry.learn.export.keras import LAYERS, SUFFIXES, to_keras
from mnistry.learn.export.nodes import nodes_of
from mnistry.learn.model import Model
from mnistry.learn.nets import NETS, build
from mnistry.learn.train import train
from tests.learn.export.nets import LAWS, REFUSED, ending, unsettled

pytestmark = pytest.mark.filterwarnings(
    "ignore:Using padding='same' with even kernel"  # torch, of its own slowness
)

PLAIN_KERAS = """
import sys
from pathlib import Path

import keras
import numpy as np

images = np.load("images.npy")
models = {path.name: keras.models.load_model(path) for path in Path("models").iterdir()}
outputs = {name: model.predict(images, verbose=0) for name, model in models.items()}
np.savez("outputs.npz", **outputs)
assert "mnistry" not in sys.modules
again = models["trained.keras"]
again.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
again.fit(images, np.load("labels.npy"), epochs=1, verbose=0)
"""
ONLY_HERE = {
    "'0' of the net, GELU": lambda: ending(nn.GELU("tanh")),
    "'0' of the net, BatchNorm2d": lambda: ending(nn.BatchNorm2d(1, momentum=None)),
}


def models(bars: Digits) -> dict[str, Model]:
    nets = {name: unsettled(build(name)) for name in NETS}
    nets |= {name: make().eval() for name, make in LAWS.items()}
    made = {name: Model(net, {}) for name, net in nets.items()}
    return {**made, "trained": train(bars, "fast", epochs=2, batch_size=60)}


@pytest.fixture(scope="module", autouse=True)
def _keras_at_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))
        patch.setenv("KERAS_BACKEND", "")
        patch.delenv("KERAS_BACKEND")  # both, so that it is as before afterwards
        yield


@pytest.fixture(scope="module")
def expected_and_outputs(
    bars: Digits, other_bars: Digits, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """For each file what the model says and what Keras says."""
    folder = tmp_path_factory.mktemp("exchange")
    np.save(folder / "images.npy", other_bars.images)
    np.save(folder / "labels.npy", other_bars.labels)
    expected = {}
    for name, model in models(bars).items():
        for suffix in SUFFIXES if name in {*NETS, "trained"} else SUFFIXES[:1]:
            to_keras(model, folder / "models" / (name + suffix))
            expected[name + suffix] = model.predict(other_bars.images).logits
    done = subprocess.run(
        [sys.executable, "-c", PLAIN_KERAS],
        cwd=folder,
        env={**os.environ, "KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with np.load(folder / "outputs.npz") as outputs:
        assert set(outputs.files) == set(expected)
        return {name: (expected[name], outputs[name]) for name in expected}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", [*NETS, "trained"])
def test_keras_says_the_same_in_both_of_its_formats(
    name: str,
    suffix: str,
    expected_and_outputs: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]],
) -> None:
    expected, outputs = expected_and_outputs[name + suffix]
    np.testing.assert_allclose(outputs, expected, atol=1e-4)
    np.testing.assert_array_equal(outputs.argmax(axis=1), expected.argmax(axis=1))


@pytest.mark.parametrize("name", LAWS)
def test_every_layer_says_the_same(
    name: str,
    expected_and_outputs: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]],
) -> None:
    expected, outputs = expected_and_outputs[f"{name}.keras"]
    np.testing.assert_allclose(outputs, expected, atol=1e-4)


def test_every_layer_that_can_be_written_is_among_them() -> None:
    used = {
        type(node.module) for net in LAWS.values() for node in nodes_of(net(), 28, 28)
    }
    assert used == set(LAYERS)


@pytest.mark.parametrize("layer", [*REFUSED, *ONLY_HERE])
def test_a_layer_without_counterpart_is_named(layer: str, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_text("before")
    for nets in (REFUSED, ONLY_HERE):
        if layer in nets:
            with pytest.raises(UsageError, match=rf"{layer}.* no counterpart in Keras"):
                to_keras(Model(nets[layer](), {}), path)
    assert path.read_text() == "before"


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ends in '.onnx'; expected one of"):
        to_keras(Model(build("linear").eval(), {}), tmp_path / "model.onnx")


def test_without_keras_the_way_out_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(MissingExtraError, match=r"install .*\[export\]'"):
        to_keras(Model(build("linear").eval(), {}), tmp_path / "model.keras")
