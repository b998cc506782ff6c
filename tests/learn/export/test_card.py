from pathlib import Path

import pytest

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.learn.distill import distill
from mnistry.learn.export.card import model_card
from mnistry.learn.export.onnx import encode_onnx
from mnistry.learn.layers import parameter_count
from mnistry.learn.model import Model
from mnistry.learn.nets import build
from mnistry.learn.train import train
from mnistry.models.packaged import load_model


def test_a_card_tells_what_is_known_of_the_run(bars: Digits) -> None:
    model = train(bars, "fast", seed=7, epochs=2, batch_size=60)
    card = model_card(model)
    last = model.facts["history"][-1]
    seen = 100 * last["validation_accuracy"]
    for escaped in (
        "# Model card: fast\n",
        f"| parameters | {parameter_count(model.net):,} |",
        "| takes | uint8 (n, 28, 28), 0 paper to 255 ink |",
        "| images | bars train, 600 |",
        model.facts["digits"]["sha256"],
        model.facts["held_back"],
        f"torch {model.facts['computed_with']['torch']}",
        "| seed | 7 |",
        "batch_size 60,",
        f"| accuracy on the images held out | {seen:.2f} % |",
        f"| loss on the images held out | {last['validation_loss']:.4f} |",
        "people who wrote some of them wrote training images too",
    ):
        assert escaped in card
    assert "None" not in card
    assert len(card.splitlines()) < 66  # a printed page


def test_a_card_tells_whose_weights_were_kept(bars: Digits) -> None:
    model = train(bars, "mlp", patience=2, epochs=8, batch_size=60, learning_rate=0.3)
    history, epoch = model.facts["history"], model.facts["epoch"]
    assert epoch < len(history)
    card = model_card(model)
    seen = 100 * history[epoch - 1]["validation_accuracy"]
    assert f"| accuracy on the images held out | {seen:.2f} % |" in card
    assert f"| weights are those after epoch | {epoch} |" in card
    assert "flatter it" in card
    assert "flatter it" not in model_card(train(bars, "linear", epochs=1))


def test_a_card_names_the_teacher(bars: Digits) -> None:
    teacher = train(bars, "linear", epochs=1)
    card = model_card(distill(teacher, bars, "linear", epochs=1))
    assert "| teacher | Model linear: 7,850 parameters |" in card
    assert "which may have seen images that were held out here" in card
    assert "| teacher |" not in model_card(teacher)


def test_numbers_measured_elsewhere_are_reported_too() -> None:
    card = model_card(
        Model(build("linear"), {"net": "linear"}),
        measured={"accuracy on the MNIST test images": "91.8 ± 0.1 %"},
    )
    assert "| accuracy on the MNIST test images | 91.8 ± 0.1 % |" in card


def test_the_card_of_the_packaged_model_has_its_numbers() -> None:
    model = load_model().to_torch()
    card = model_card(model)
    measured = model.facts["measured"]["mnist test"]
    assert f"| accuracy on mnist test | {100 * measured['accuracy']:.2f} % |" in card
    assert f"| loss on mnist test | {measured['loss']:.4f} |" in card
    assert "| accuracy on the images held out | " in card
    assert "nothing but mnist, digits that mnistry draws, print in 10 fonts, " in card
    assert "near: averaging 0.0, batch_size " in card
    assert "{" not in card


def test_a_card_puts_no_markup_of_a_file_on_the_page() -> None:
    hostile = "<img src=x>\n# [Heading](http://127.0.0.1) | `cell`"
    facts = {"net": hostile, "recipe": None, "digits": {"name": hostile}}
    card = model_card(Model(build("linear"), facts), measured={hostile: hostile})
    assert "<img" not in card
    assert "\n# [" not in card
    assert "[Heading]" not in card
    escaped = r"&lt;img src=x&gt; # \[Heading\](http://127.0.0.1) \| \`cell\`"
    assert card.count(escaped) == 5
    assert "Not known." in card


def test_an_epoch_beyond_the_history_is_its_last() -> None:
    history = [{"validation_accuracy": 0.25}, {"validation_accuracy": 0.75}]
    facts = {"history": history, "epoch": 99}
    assert "75.00 %" in model_card(Model(build("linear"), facts))


def test_what_is_not_known_is_not_made_up() -> None:
    card = model_card(Model(build("linear"), {}))
    assert card.startswith("# Model card: a net without a name\n")
    assert card.count("Not known.") == 3  # learned, recipe, measured
    assert "None" not in card
    assert "held out" not in card
    assert "(n, 28, 28)" in card


def test_a_model_knows_its_ways_out(bars: Digits, tmp_path: Path) -> None:
    model = train(bars, "linear", epochs=1)
    model.to_onnx(tmp_path / "model.onnx")
    assert (tmp_path / "model.onnx").read_bytes() == encode_onnx(model)
    assert model.card() == model_card(model)
    with pytest.raises(UsageError, match="model.txt"):
        model.to_keras(tmp_path / "model.txt")
