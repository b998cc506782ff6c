"""Let a model read digits, and tell how it fared."""

import time
from datetime import UTC, datetime

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.predictions import Predictor, expect_predictor
from mnistry.report.conformal import conformal_sets
from mnistry.report.evaluation import Evaluation
from mnistry.report.mistakes import wrong_rows
from mnistry.report.occlusion import occlusion_maps
from mnistry.report.stressed import stress_curves

MAPS = 12  # of where the model looked, as many as a page shows in two rows


def evaluate(
    model: Predictor,
    digits: Digits,
    *,
    maps: int = MAPS,
    stress: bool = False,
    coverage: float | None = None,
    seed: int = 0,
) -> Evaluation:
    """Let a model read digits, and tell how it fared.

    Args:
        model: Whatever has `predict`, such as a `Model`.
        digits: At least one image; its labels are what is true.
        maps: For how many mistakes it is found out where the model looked; each is read
            145 times.
        stress: Whether digits are also made hard to read in 70 ways, 500 of them each.
        coverage: How often conformal prediction sets are to hold the true digit, such
            as 0.99; None leaves them out.
        seed: Decides which of them, and how; and on which half sets are chosen where
            the model knows of no images held back.

    Raises:
        UsageError: The model cannot predict; there are no digits, or something else; a
            label that the model does not know; or `coverage` is not above 0 and below
            1.

    Example:
        >>> report = evaluate(model, test)  # doctest: +SKIP
        >>> report.accuracy  # doctest: +SKIP
        0.9912
        >>> report.save("report.html")  # doctest: +SKIP
    """
    _check(digits)
    expect_predictor(model)
    started = time.perf_counter()
    predictions = model.predict(digits.images)
    seconds = time.perf_counter() - started
    classes = predictions.logits.shape[1]
    if digits.labels.max() >= classes:
        message = (
            f"{digits.name} has label {digits.labels.max()}; this model knows"
            f" {classes} classes, 0 to {classes - 1}. Was it trained on other data?"
        )
        raise UsageError(message)
    facts = getattr(model, "facts", None) or {}
    sets = None
    if coverage is not None:
        trust = facts.get("trust")
        sets = conformal_sets(digits, predictions, trust, coverage=coverage, seed=seed)
    looked = wrong_rows(digits.labels, predictions)[:maps]
    found = occlusion_maps(model, digits.images[looked])
    return Evaluation(
        digits=digits,
        predictions=predictions,
        facts=facts,
        seconds=seconds,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        maps=dict(zip(looked.tolist(), found, strict=True)),
        stress=stress_curves(model, digits, seed=seed) if stress else (),
        sets=sets,
    )


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
