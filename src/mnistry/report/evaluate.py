"""Measure how well a model reads digits."""

import math
import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.digits import Digits
from mnistry.errors import UsageError, unknown_name
from mnistry.metrics.class_names import class_names, matched
from mnistry.predictions import Predictions, Predictor
from mnistry.predictors.outputs import Output, to_predictions
from mnistry.predictors.predictor import ForeignModel, as_predictor, given_predictions
from mnistry.report.attack import square_attack
from mnistry.report.conformal import conformal_sets
from mnistry.report.evaluation import Evaluation
from mnistry.report.mistakes import wrong_rows
from mnistry.report.occlusion import occlusion_maps
from mnistry.report.stressed import stress_curves

STRESS: Mapping[str, tuple[str, Any]] = {  # the field it fills, and what fills it
    "corruptions": ("stress", stress_curves),
    "attack": ("attack", square_attack),
}
MAPS = 12  # of where the model looked: two rows of a page


def evaluate(
    model: Any,
    digits: Digits,
    *,
    maps: int = MAPS,
    stress: bool | Collection[str] = False,
    coverage: float | None = None,
    seed: int = 0,
) -> Evaluation:
    """Measure how well a model reads digits.

    Args:
        model: A `Model`, an `nn.Module`, a Keras model, a scikit-learn classifier, a
            function, anything with `predict`; or an array of labels (n,), probabilities
            or logits (n, classes); or a data frame whose columns are named as in a file
            of predictions. How a model of another library expects its images is
            detected on training images; `as_predictor(model, input=...)` sets it.
        digits: At least one image, with its true label. If both digits and model have
            class names, labels are matched by name.
        maps: For how many mistakes to compute where the model looked; each costs 145
            predictions.
        stress: True to measure robustness to corruptions too (70 of them, on 500 images
            each); or a list of "corruptions" and "attack" (Square Attack on 100 images,
            a few minutes at most).
        coverage: How often conformal prediction sets should contain the true digit,
            such as 0.99; None for no sets.
        seed: Decides which images are corrupted or attacked, and how; and, if the model
            has no held-out thresholds, which half of the images sets are fitted on.

    Raises:
        UsageError: The model cannot predict, or returns NaN; `digits` is not Digits, or
            is empty, or has a class that the model does not know; `coverage` is not
            between 0 and 1, or the model gives only labels; or stress is requested for
            predictions without a model.
        ShapeError: There is not one prediction for each image.

    Example:
        >>> report = evaluate(model, test)  # doctest: +SKIP
        >>> report.accuracy  # doctest: +SKIP
        0.9912
        >>> report.save("report.html")  # doctest: +SKIP
    """
    _check(digits)
    known = getattr(model, "facts", None)
    digits = matched(digits, class_names(known if isinstance(known, Mapping) else {}))
    predictions, predictor, seconds = _predicted(model, digits)
    classes = predictions.logits.shape[1]
    if digits.labels.max() >= classes:
        message = (
            f"{digits.name} has label {digits.labels.max()}; this model knows"
            f" {classes} classes, 0 to {classes - 1}. Was it trained on other data?"
        )
        raise UsageError(message)
    facts = _facts(predictor)
    sets = None
    if coverage is not None:
        _expect_probabilities(predictions, coverage)
        trust = facts.get("trust")
        sets = conformal_sets(digits, predictions, trust, coverage=coverage, seed=seed)
    looked = wrong_rows(digits.labels, predictions)[:maps]
    if predictor is None or predictions.only_labels:
        looked = looked[:0]
    return Evaluation(
        digits=digits,
        predictions=predictions,
        facts=facts,
        seconds=seconds,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        maps=_maps(predictor, digits, looked),
        **_stressed(predictor, digits, stress, seed),
        sets=sets,
        note=_doubt(predictor),
    )


def _doubt(predictor: Predictor | None) -> str:
    if isinstance(predictor, ForeignModel) and not predictor.is_suited:
        return predictor.note
    return ""


def _facts(predictor: Predictor | None) -> Mapping[str, Any]:
    """Return the model's facts, or else its class; empty for predictions."""
    facts: Mapping[str, Any] = getattr(predictor, "facts", None) or {}
    if predictor is None or "net" in facts:
        return facts
    return {"net": type(predictor).__name__, **facts}


def _predicted(
    model: Any, digits: Digits
) -> tuple[Predictions, Predictor | None, float]:
    """Run a model on digits, or use predictions that were made already."""
    given = given_predictions(model, digits)
    if given is not None:
        return given, None, math.nan
    predictor = as_predictor(model, like=digits)
    started = time.perf_counter()
    predictions = predictor.predict(digits.images)
    seconds = time.perf_counter() - started
    return to_predictions(Output(predictions), len(digits)), predictor, seconds


def _maps(
    predictor: Predictor | None, digits: Digits, rows: NDArray[np.intp]
) -> dict[int, NDArray[np.float32]]:
    if predictor is None:
        return {}
    found = occlusion_maps(predictor, digits.images[rows])
    return dict(zip(rows.tolist(), found, strict=True))


def _stressed(
    predictor: Predictor | None,
    digits: Digits,
    stress: bool | Collection[str],  # noqa: FBT001 - as it was given
    seed: int,
) -> dict[str, Any]:
    """Return the fields of an evaluation about robustness."""
    kinds = ["corruptions"] * stress if isinstance(stress, bool) else stress
    found: dict[str, Any] = {}
    for kind in sorted(kinds):
        if kind not in STRESS:
            raise unknown_name("kind of stress", kind, STRESS)
        field, measure = STRESS[kind]
        found[field] = measure(_expect_model(predictor), digits, seed=seed)
    return found


def _expect_model(predictor: Predictor | None) -> Predictor:
    if predictor is None:
        message = (
            "these are predictions, not a model that could read corrupted images;"
            " expected a model. Pass it, or leave stress and attack out."
        )
        raise UsageError(message)
    return predictor


def _expect_probabilities(predictions: Predictions, coverage: float) -> None:
    if predictions.only_labels:
        message = (
            f"coverage is {coverage}, but this model gives only labels; prediction sets"
            " need probabilities. Leave coverage out."
        )
        raise UsageError(message)


def _check(digits: Digits) -> None:
    if not isinstance(digits, Digits):
        message = (
            f"digits are {type(digits).__name__}; expected Digits, images with their"
            " labels, such as mnistry.load(split='test') gives."
        )
        raise UsageError(message)
    if not len(digits):
        name = f"{digits.name} {digits.split_name}".strip()
        message = f"{name} has no images to read; expected 1 or more. Give some."
        raise UsageError(message)
