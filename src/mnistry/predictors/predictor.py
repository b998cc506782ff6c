"""`mnistry.as_predictor`: a model of any library as something that predicts digits."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnistry.arrays import as_images
from mnistry.data.catalog import DATASETS
from mnistry.data.load import load
from mnistry.digits import Digits
from mnistry.errors import FetchError, UsageError
from mnistry.predictions import Predictions, Predictor
from mnistry.predictors.conventions import Trial, find_input, in_words, read, suits
from mnistry.predictors.files import predictions_in
from mnistry.predictors.inputs import Input, parse_input
from mnistry.predictors.kinds import LIBRARIES, Opened, open_object
from mnistry.predictors.outputs import Output, to_predictions
from mnistry.synth.drawn import draw

DRAWN_IMAGES = 1000
SIDE, CLASSES = 28, 10  # of drawn digits
OWN = "mnistry."


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ForeignModel:
    """A model of another library, given its images as it expects them.

    Attributes:
        opened: The model.
        how: How it expects its images.
        facts: Plain values for JSON: class and library, input, what else was tried.
        note: How the input was found, in one line.
        names: The names of classes 0, 1, …, if they have names.
        reject_below: The digit score below which a picture is rejected.
        is_suited: Whether an input was found with which it reads; otherwise the note
            says what was tried.
    """

    opened: Opened
    how: Input
    facts: Mapping[str, Any]
    note: str
    names: Sequence[str] = ()
    reject_below: float = -math.inf
    is_suited: bool = True

    def __repr__(self) -> str:
        return f"<ForeignModel {self.facts['net']}: {self.note}>"

    def predict(self, images: Any) -> Predictions:
        """Classify each image.

        Args:
            images: (n, rows, columns) uint8, 0 paper to 255 ink.

        Raises:
            ShapeError: Images of another shape or dtype, or the model does not return
                one row of numbers for each.
            UsageError: It returns NaN. The model's library may raise other errors.
        """
        found = read(self.opened, as_images(images), self.how, self.names)
        return replace(found, reject_below=self.reject_below)


def as_predictor(
    model: Any,
    *,
    input: str | None = None,
    training: Digits | Callable[[], Digits] | None = None,
    like: Digits | None = None,
) -> Predictor:
    """Wrap a model of any library so that it predicts digits.

    A model of mnistry, or anything that returns `Predictions` for uint8 images, is
    returned unchanged. How another model expects its images is detected on 300 training
    images: the input with which it reads them best.

    Args:
        model: An `nn.Module`, a Keras model, a scikit-learn classifier, an onnxruntime
            session, a function, or an object with `predict_proba` or `predict`. It
            returns labels, probabilities or logits.
        input: How the model expects its images, if you know it, such as "0-1 nchw" or
            "0-255 flat"; see `mnistry.predictors.inputs.Input`. What you leave out is
            detected.
        training: Images to detect it on, which the model may have learned from; or a
            function that returns them. By default the training images of the data set
            of `like`, or else drawn digits.
        like: Digits like those to be read: they give the size of images and the names
            of classes.

    Returns:
        An object with `predict` and `facts`.

    Raises:
        UsageError: The model cannot predict, takes none of the inputs tried, or there
            are no training images to try them on.

    Example:
        >>> def darkest_column(images):  # (n, 784), 0 to 1
        ...     return images.reshape(-1, 28, 28).sum(axis=1).argmax(axis=1) % 10
        >>> as_predictor(darkest_column, input="0-1 flat").predict(
        ...     np.zeros((2, 28, 28), np.uint8)
        ... ).labels
        array([0, 0], dtype=uint8)
    """
    if _is_ours(model, like):
        if input:
            message = (
                f"input is {input!r}, but the model is a {type(model).__name__}, which"
                " takes uint8 images as they are. Leave input out."
            )
            raise UsageError(message)
        ours: Predictor = model
        return ours
    if isinstance(model, Predictions | np.ndarray):
        message = (
            "these are predictions, not a model that can read images; expected a"
            " model. mnistry.evaluate takes predictions."
        )
        raise UsageError(message)
    opened = open_object(model)
    known, given = parse_input(input or "")
    images = training() if callable(training) else training
    if images is None:
        images = training_images(like)
    trials = find_input(opened, images, like=known, given=given)
    name = f"{images.name} {images.split_name}".strip()
    return ForeignModel(
        opened,
        trials[0].how,
        _facts(opened, trials, name),
        in_words(trials, name),
        images.classes,
        is_suited=suits(trials),
    )


def _facts(opened: Opened, trials: Sequence[Trial], name: str) -> dict[str, Any]:
    best = trials[0]
    found: dict[str, Any] = best.how.to_dict()
    if len(trials) > 1:
        found |= {"found_on": name, "accuracy_there": best.accuracy}
    tried = {"inputs_tried": [trial.to_dict() for trial in trials]}
    gives = "labels" if best.predictions.only_labels else "scores"
    facts = dict(opened.facts) | {"gives": gives, "input": found}
    return facts | (tried if len(trials) > 1 else {})


def _is_ours(model: Any, like: Digits | None) -> bool:
    """Return whether a model predicts as mnistry's models do."""
    if not callable(getattr(model, "predict", None)):
        return False
    if any(kind.is_one(model) for kind in LIBRARIES):  # DigitClassifier too
        return False
    if str(type(model).__module__).startswith(OWN):
        return True
    probes = np.zeros((2, SIDE, SIDE), np.uint8) if like is None else like.images[:2]
    try:
        return isinstance(model.predict(probes), Predictions)
    except Exception:  # noqa: BLE001 - it expects another input, detected later
        return False


def training_images(like: Digits | None) -> Digits:
    """Return training images of the digits' data set, or else drawn digits.

    Raises:
        UsageError: The training images are not available, and drawn digits of 28x28
            cannot stand in for them.
    """
    if like is not None and like.split_name == "train":
        return like
    if like is not None and like.name in DATASETS:
        try:
            return load(like.name, split="train")
        except FetchError:
            pass  # no network: drawn digits, if they can stand in
    names = tuple(str(label) for label in range(CLASSES))
    if like is None or (
        like.images.shape[1:] == (SIDE, SIDE)
        and like.labels.max(initial=0) < CLASSES
        and like.classes in ((), names)
    ):
        images, labels = draw(DRAWN_IMAGES, split="train")
        return Digits(images, labels, "drawn", "train", classes=names)
    message = (
        f"how the model expects its images is detected on training images, and there"
        f" are none of {like.name}. Pass as_predictor(model, training=...), or the"
        " input itself, such as input='0-1 nchw'."
    )
    raise UsageError(message)


def given_predictions(model: Any, like: Digits) -> Predictions | None:
    """Return predictions that were made elsewhere; None if `model` is a model.

    Args:
        model: Predictions; or an array or list: labels (n,), probabilities or logits
            (n, classes); or a data frame whose columns are named as in a file of
            predictions.
        like: The digits they are for, in the same order.

    Raises:
        ShapeError: There is not one row for each digit.
        UsageError: NaN, a label of another data set, or unknown column names.
    """
    if hasattr(model, "columns") and hasattr(model, "to_numpy"):
        return _in_data_frame(model, like)
    is_array = isinstance(model, Predictions | np.ndarray | list | tuple)
    if is_array or (hasattr(model, "__array__") and not callable(model)):
        values = model.detach().cpu() if hasattr(model, "detach") else model
        return to_predictions(Output(values), len(like), names=like.classes)
    return None


def _in_data_frame(frame: Any, like: Digits) -> Predictions:
    columns = {str(name): np.asarray(frame[name]) for name in frame.columns}
    try:
        return predictions_in(columns, like)
    except ValueError as error:
        message = (
            f"the data frame cannot be read as predictions for {like.name}"
            f" {like.split_name}: {error}. Expected a label or a score for each class,"
            " in columns named such as label, or 0 to 9; or pass .to_numpy()."
        )
        raise UsageError(message) from error
