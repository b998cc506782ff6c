"""The model that comes with the package, and the one way to load any."""

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import get_data_path
from torch import nn

import mnistry
from mnistry.errors import ShapeError, UsageError
from mnistry.learn.checkpoint import load_checkpoint
from mnistry.learn.model import load_trained_model
from mnistry.metrics import auroc, loss
from mnistry.models.packaged import BLOCK_IMAGES, FILE, PackagedModel
from mnistry.synth.drawn import draw
from mnistry.synth.out_of_distribution import KINDS, out_of_distribution, printed

MODELS = Path(mnistry.__file__).parent / "models"
MOST_BYTES = 1_000_000
WITHOUT_TORCH = """
import sys
for name in ("torch", "onnxruntime"):
    sys.modules[name] = None  # its import now fails
import mnistry
from mnistry.synth.drawn import draw
images, labels = draw(100)
print((mnistry.load_model().predict(images).labels == labels).mean())
"""


@pytest.fixture(scope="module")
def model() -> PackagedModel:
    return mnistry.load_model()


def test_it_reads_the_test_images_of_mnist(
    model: PackagedModel, real_mnist: Path
) -> None:
    digits = mnistry.load("mnist", split="test")
    predictions = model.predict(digits.images)
    assert (predictions.labels == digits.labels).mean() >= 0.995
    assert predictions.rejected.mean() < 0.03
    # what the file's header claims is what is so
    claimed = model.facts["measured"]["mnist test"]
    # a tie may fall otherwise on another processor
    assert int((predictions.labels != digits.labels).sum()) == pytest.approx(
        claimed["errors"], abs=2
    )
    assert loss(digits.labels, predictions.logits) == pytest.approx(
        claimed["loss"], rel=0.01
    )


def test_it_reads_digits_that_nobody_wrote(model: PackagedModel) -> None:
    images, labels = draw(2000, split="test")
    assert (model.predict(images).labels == labels).mean() >= 0.95


def test_it_needs_no_torch() -> None:
    command = [sys.executable, "-c", WITHOUT_TORCH]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(done.stdout) > 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_it_tells_digits_from_pictures_of_none(model: PackagedModel, kind: str) -> None:
    digits = model.predict(draw(300, split="test")[0])
    others = model.predict(out_of_distribution(kind, 300, seed=3))
    assert auroc(digits.digit_scores, others.digit_scores) >= 0.98
    assert others.rejected.mean() > 0.8


def test_letters_of_faces_it_did_not_learn_are_no_digits(model: PackagedModel) -> None:
    carried = Path(get_data_path(), "fonts", "ttf")
    kept_out = sorted(carried.glob("DejaVuS*[!y].ttf"))  # Display has no letters
    assert not {face.stem for face in kept_out} & set(model.facts["faces"])
    letters, presses = printed(kept_out), [printed(kept_out, str(d)) for d in range(10)]
    rng = np.random.default_rng(5)
    strange = model.predict(np.stack([letters(rng) for _ in range(300)]))
    printing = model.predict(np.stack([presses[i % 10](rng) for i in range(300)]))
    assert (printing.labels == np.arange(300) % 10).mean() >= 0.98
    assert printing.rejected.mean() < 0.1
    assert auroc(printing.digit_scores, strange.digit_scores) >= 0.98


def test_half_a_digit_is_no_digit(model: PackagedModel) -> None:
    images, _ = draw(300, split="test")
    halves = images.copy()
    halves[:, 14:] = 0
    predictions = model.predict(halves)
    assert auroc(model.predict(images).digit_scores, predictions.digit_scores) >= 0.98


def test_an_image_is_read_the_same_alone_and_among_others(model: PackagedModel) -> None:
    images, _ = draw(BLOCK_IMAGES + 5)
    together = model.predict(images).logits
    for row in (0, BLOCK_IMAGES - 1, BLOCK_IMAGES, len(images) - 1):
        alone = model.predict(images[row : row + 1]).logits[0]
        assert np.allclose(together[row], alone, atol=1e-3)


def test_numpy_and_onnxruntime_say_the_same(model: PackagedModel) -> None:
    images, _ = draw(200)
    assert model.session is not None
    alone = PackagedModel(model.net, model.facts).predict(images).logits
    assert np.abs(model.predict(images).logits - alone).max() < 1e-3


def test_no_images_are_read_as_nothing(model: PackagedModel) -> None:
    predictions = model.predict(np.zeros((0, 28, 28), np.uint8))
    assert len(predictions) == 0
    assert predictions.probabilities.shape == (0, 10)


def test_images_of_another_size_are_refused(model: PackagedModel) -> None:
    with pytest.raises(ShapeError, match="images are 8x8 pixels; the packaged model"):
        model.predict(np.zeros((2, 8, 8), np.uint8))


def test_its_file_is_small_and_everybody_may_read_it() -> None:
    file = MODELS / FILE
    assert file.stat().st_size <= MOST_BYTES
    assert file.stat().st_mode & 0o444 == 0o444


def test_its_facts_say_how_it_was_made(model: PackagedModel) -> None:
    assert model.facts["seed"] == 0
    assert model.facts["digits"]["images"] == 60_000
    assert "by writer" in model.facts["held_back"]
    assert set(model.facts["trust"]) == {
        "coverage",
        "temperature",
        "reject_below",
        "sets",
        "name_above",
    }
    assert repr(model).startswith("<PackagedModel packaged: ")


def test_one_function_loads_models_of_ones_own_too(tmp_path: Path) -> None:
    images, labels = draw(200)
    digits = mnistry.Digits(images, labels, name="few")
    trained = mnistry.train(digits, "linear", epochs=1)
    trained.save(tmp_path / "m.safetensors")
    again = mnistry.load_model(tmp_path / "m.safetensors")
    assert np.array_equal(again.predict(images).logits, trained.predict(images).logits)


def test_a_net_is_an_instance_and_has_a_file(tmp_path: Path) -> None:
    class Own(nn.Flatten):
        pass

    wrong: Any = Own
    with pytest.raises(UsageError, match="net is given and no path; expected the file"):
        mnistry.load_model(None, net=nn.Flatten())
    with pytest.raises(UsageError, match=r"is the class Own; expected .* Own\(\)"):
        load_trained_model(tmp_path / "m.safetensors", net=wrong)
    with pytest.raises(UsageError, match="net is a str; expected a torch module"):
        load_checkpoint(tmp_path, net=wrong.__name__)


def test_copies_and_other_processes_get_the_same(model: PackagedModel) -> None:
    images, _ = draw(20)
    sent = pickle.loads(pickle.dumps(model))  # noqa: S301 - as processes do
    for again in (sent, copy.deepcopy(model)):
        assert repr(again) == repr(model)
        assert np.array_equal(
            again.predict(images).logits, model.predict(images).logits
        )
