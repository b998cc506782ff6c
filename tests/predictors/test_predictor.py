"""Models of any origin are asked as they want to be, and found out how that is."""

import sys
import warnings
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import mnistry
from mnistry import Digits, as_predictor, evaluate
from mnistry.errors import FetchError, ShapeError, UsageError
from mnistry.predictions import Predictions
from mnistry.predictors.inputs import PIXELS, Input, prepare
from mnistry.predictors.predictor import ForeignModel, training_images
from tests.predictors.conftest import LEARNED, TEST, nearest

INPUTS = [
    Input(pixels, layout, inverted=inverted, transposed=transposed)
    for pixels, layout, (inverted, transposed) in product(
        PIXELS, ("nchw", "flat"), ((False, False), (True, False), (True, True))
    )
]


@pytest.mark.parametrize("how", INPUTS, ids=str)
def test_the_input_is_found_and_the_labels_are_those_of_the_model(how: Input) -> None:
    model = nearest(how)
    found = as_predictor(model, training=LEARNED)
    assert isinstance(found, ForeignModel)
    assert found.how == how
    wanted = model(prepare(TEST.images, how)).argmax(1)
    assert (found.predict(TEST.images).labels == wanted).all()
    assert found.facts["input"]["accuracy_there"] > 0.6
    assert str(how) in found.note


def test_an_input_that_is_set_is_not_searched_for() -> None:
    model = nearest(Input("0-1", "flat"))
    found = as_predictor(model, input="0-255", training=LEARNED)
    assert isinstance(found, ForeignModel)
    assert found.how == Input("0-255", "flat")
    assert found.note == "input 0-255 flat"
    assert "inputs_tried" not in found.facts


def test_a_net_for_larger_images_gets_paper_around_them() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(32 * 32, 10))
    found = as_predictor(net, training=LEARNED)
    assert isinstance(found, ForeignModel)
    assert found.how.side == 32
    assert len(found.predict(TEST.images)) == len(TEST)


def test_a_model_that_does_not_read_tells_what_was_tried() -> None:
    def ones(images: Any) -> Any:
        return np.ones(len(images), int)

    found = as_predictor(ones, training=LEARNED)
    assert isinstance(found, ForeignModel)
    assert not found.is_suited
    assert found.note.startswith("no input makes this model read: of 300 images")
    tried = {one["input"] for one in found.facts["inputs_tried"]}
    assert len(tried) == 16
    assert all(of in found.note for of in tried)


def test_a_net_of_torch_is_left_as_it_was_and_gives_what_torch_gives() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(784, 10)).double()
    net.train()
    found = as_predictor(net, input="normalised", training=LEARNED)
    predictions = found.predict(TEST.images)
    assert net.training
    pixels = prepare(TEST.images, Input("normalised", "nchw"), np.float64)
    with torch.inference_mode():
        wanted = net.eval()(torch.from_numpy(pixels)).numpy()
    np.testing.assert_allclose(predictions.logits, wanted, atol=1e-4)


def test_classifiers_of_sklearn_are_asked_by_their_labels() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    pixels = (LEARNED.images / 255).reshape(len(LEARNED), -1)
    test = (TEST.images / 255).reshape(len(TEST), -1)
    names = np.array([f"{label}" for label in LEARNED.labels])
    for model in (LogisticRegression(max_iter=500, C=0.01), SVC()):
        model.fit(pixels[:500], names[:500])
        found = as_predictor(model, training=LEARNED)
        assert isinstance(found, ForeignModel)
        assert str(found.how) == "0-1 flat"
        predictions = found.predict(TEST.images)
        assert predictions.labels.astype(str).tolist() == model.predict(test).tolist()
        assert predictions.only_labels is isinstance(model, SVC)


def test_columns_named_as_text_are_put_in_the_order_they_were_learned_in() -> None:
    class Columns:
        """As scikit-learn keeps the columns of a data frame sorted by their names."""

        feature_names_in_ = np.array(sorted(f"pixel{n}" for n in range(784)))
        __module__ = "sklearn.pretended"

        def predict(self, pixels: Any) -> Any:
            order = [int(name[5:]) for name in self.feature_names_in_]
            back = np.empty_like(pixels)
            back[:, order] = pixels
            return nearest(Input("0-255", "flat"))(back).argmax(1)

    found = as_predictor(Columns(), training=LEARNED)
    assert isinstance(found, ForeignModel)
    right = found.predict(TEST.images).labels == TEST.labels
    assert right.mean() > 0.6


def test_our_own_classifier_is_asked_as_it_learned() -> None:
    classifier = mnistry.DigitClassifier("linear", epochs=2)
    classifier.fit(LEARNED.images / 255, [f"is {label}" for label in LEARNED.labels])
    names = tuple(f"is {label}" for label in range(10))
    test = Digits(TEST.images, TEST.labels, "named", classes=names)
    train = Digits(LEARNED.images, LEARNED.labels, "named", "train", classes=names)
    found = as_predictor(classifier, training=train)
    predictions = found.predict(test.images)
    wanted = classifier.predict(TEST.images / 255)
    assert [names[label] for label in predictions.labels] == wanted.tolist()


def test_what_predicts_already_is_given_back() -> None:
    class Own:
        def predict(self, images: Any) -> Predictions:
            return Predictions(np.eye(10, dtype=np.float32)[images[:, 0, 0] % 10])

    model, packaged = Own(), mnistry.load_model()
    assert as_predictor(model, like=TEST) is model
    assert as_predictor(packaged) is packaged
    with pytest.raises(UsageError, match="takes uint8 images as they are. Leave input"):
        as_predictor(packaged, input="0-1")


@pytest.mark.parametrize("model", [None, 7, object(), int, "model.keras"])
def test_what_cannot_predict_is_refused(model: Any) -> None:
    with pytest.raises(UsageError, match="cannot predict; expected something with"):
        as_predictor(model)


def test_a_model_that_takes_nothing_tells_each_layout() -> None:
    def picky(images: Any) -> Any:
        message = f"no {images.ndim} axes"
        raise RuntimeError(message)

    with pytest.raises(
        UsageError, match="nchw3, nhwc3: RuntimeError no 4 axes; nhw: Runtime"
    ):
        as_predictor(picky, training=LEARNED)


def test_a_model_that_asserts_its_pixels_is_given_those() -> None:
    def strict(images: Any) -> Any:
        assert images.max() <= 1
        return np.eye(10)[np.asarray(images).reshape(len(images), -1).argmax(1) % 10]

    asked = as_predictor(strict, training=LEARNED)
    assert isinstance(asked, ForeignModel)
    assert asked.how.pixels == "0-1"


def test_a_model_that_gives_nan_is_refused_whatever_its_input() -> None:
    def broken(images: Any) -> Any:
        return np.full((len(images), 10), np.nan)

    with pytest.raises(UsageError, match="none of the layouts tried") as refused:
        as_predictor(broken, training=LEARNED)
    _, _, reasons = str(refused.value).partition("tried (nchw, nhwc, nhw, ")
    assert reasons.count("are NaN") == 1  # what all answer is reported once

    def at_times(images: Any) -> Any:
        return np.full((len(images), 10), np.nan if len(images) > 2 else 0)

    with pytest.raises(UsageError, match="no range of pixels, .*: UsageError logits"):
        as_predictor(at_times, training=LEARNED)


def test_predictions_are_no_model() -> None:
    for made in (Predictions(np.eye(10, dtype=np.float32)), np.zeros(10)):
        with pytest.raises(UsageError, match="predictions, not a model that can read"):
            as_predictor(made)


def test_the_error_for_what_is_no_model_yet_says_how_to_make_one() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    with pytest.raises(UsageError, match=r"load_model\('m.safetensors'\)"):
        as_predictor("m.safetensors")
    with pytest.raises(UsageError, match="net.load_state_dict"):
        as_predictor(net.state_dict())


def test_a_net_of_too_few_classes_or_of_two_answers_is_reported() -> None:
    class Both(nn.Flatten):
        def forward(self, x: Any) -> Any:
            return super().forward(x), x

    with pytest.raises(UsageError, match="no range of pixels.* labels below 2"):
        as_predictor(nn.Sequential(nn.Flatten(), nn.Linear(784, 2)), training=LEARNED)
    with pytest.raises(UsageError, match="returned a tuple, not one tensor"):
        as_predictor(Both(), training=LEARNED)


def test_columns_of_a_data_frame_are_known_by_their_names() -> None:
    import pandas as pd

    right = np.eye(10)[TEST.labels]
    turned = pd.DataFrame(right[:, ::-1], columns=[str(n) for n in range(9, -1, -1)])
    assert evaluate(turned, TEST).accuracy == 1
    rows = np.arange(len(TEST))[::-1]
    kaggle = pd.DataFrame({"ImageId": rows + 1, "Label": TEST.labels[rows]})
    assert evaluate(kaggle, TEST).accuracy == 1
    with pytest.raises(UsageError, match="its columns are a, b"):
        evaluate(kaggle.set_axis(["a", "b"], axis=1), TEST)


def test_a_classifier_that_knows_names_of_columns_does_not_warn() -> None:
    import pandas as pd
    from sklearn.linear_model import LogisticRegression

    pixels = LEARNED.images[:300].reshape(300, -1) / 255
    frame = pd.DataFrame(pixels, columns=[f"pixel{n}" for n in range(784)])
    model = LogisticRegression(C=0.01).fit(frame, LEARNED.labels[:300])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_predictor(model, training=LEARNED).predict(TEST.images)


def test_training_images_are_those_of_the_data_set_else_drawn_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nowhere(_name: str, *, split: str) -> None:
        raise FetchError(split)

    monkeypatch.setattr("mnistry.predictors.predictor.load", nowhere)
    mnist = Digits(TEST.images, TEST.labels, "mnist", "test")
    assert training_images(mnist).name == "drawn"
    assert training_images(LEARNED) is LEARNED
    monkeypatch.setattr(
        "mnistry.predictors.predictor.load", lambda _name, *, split: LEARNED
    )
    assert training_images(mnist) is LEARNED
    small = Digits(np.zeros((1, 8, 8), np.uint8), np.zeros(1, np.uint8), "small")
    with pytest.raises(UsageError, match="there are none of small"):
        training_images(small)


def test_nothing_is_imported_for_a_function() -> None:
    import subprocess

    script = (
        "import sys, numpy as np, mnistry\n"
        "toy = mnistry.load('drawn', split='test')[:50]\n"
        "mnistry.evaluate(lambda x: np.ones(len(x), int), toy)\n"
        "print({'torch', 'keras', 'sklearn', 'onnxruntime'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True
    )
    assert done.stdout.strip() == "set()", done.stderr


def test_evaluate_takes_labels_probabilities_and_logits() -> None:
    logits = nearest(Input("0-1", "nhw"))(prepare(TEST.images, Input("0-1", "nhw")))
    labels, plain = logits.argmax(1), Predictions(logits.astype(np.float32))
    wanted = float((labels == TEST.labels).mean())
    for given in (logits, plain.probabilities, plain, torch.from_numpy(logits)):
        found = evaluate(given, TEST)
        assert found.accuracy == pytest.approx(wanted)
        assert found.loss == pytest.approx(evaluate(plain, TEST).loss, rel=1e-3)
        assert np.isnan(found.seconds)
    bare = evaluate(labels.tolist(), TEST)
    assert bare.accuracy == pytest.approx(wanted)
    assert repr(bare).endswith(
        "right (95 %: " + repr(found).split("95 %: ")[1].split(")")[0] + ")>"
    )
    shown = bare.to_dict()
    for name in ("loss", "brier", "calibration_error", "error_detection"):
        assert shown[name] is None, name
    assert shown["reliability"] == shown["handed_over"] == shown["least_sure"] == []
    assert shown["mistakes"][0]["confidence"] is None
    with pytest.raises(UsageError, match="not a model that could read corrupted"):
        evaluate(plain, TEST, stress=True)
    with pytest.raises(UsageError, match="gives only labels; prediction sets"):
        evaluate(labels, TEST, coverage=0.9)
    with pytest.raises(ShapeError, match=r"gave shape \(299,\) for 300 images"):
        evaluate(labels[1:], TEST)


def test_evaluate_takes_a_net_and_a_report_tells_how_it_was_asked(
    tmp_path: Any,
) -> None:
    torch.manual_seed(0)
    report = evaluate(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), TEST)
    assert report.facts["library"] == "torch"
    assert report.facts["net"] == "Sequential"
    report.save(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Sequential" in page
    assert "nchw" in page


def test_a_report_of_labels_alone_claims_no_confidence(tmp_path: Any) -> None:
    report = evaluate(np.zeros(len(TEST), int), TEST)
    report.save(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert 'id="h-mistakes"' in page
    assert 'id="h-sure"' not in page
    assert 'id="h-least"' not in page
    assert "sure" not in report._repr_html_()
    report.save_mistakes(tmp_path / "mistakes.png")
