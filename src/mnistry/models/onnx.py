"""ONNX models from files: those of strangers, and our own with their facts."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mnistry.digits import Digits
from mnistry.formats.tensors import check_facts
from mnistry.predictions import Predictor
from mnistry.predictors.onnx import facts_of, open_onnx
from mnistry.predictors.predictor import ForeignModel, as_predictor


def load_onnx(
    path: Path,
    *,
    input: str | None = None,
    training: Callable[[], Digits] | None = None,
    like: Digits | None = None,
) -> Predictor:
    """Open an ONNX file of any origin; see `as_predictor` for what is found of it.

    Raises:
        CheckpointError: onnxruntime cannot open it, or it keeps arrays elsewhere.
        UsageError: It takes no images.
    """
    session = open_onnx(path)
    made = as_predictor(session, input=input, training=training, like=like)
    if not isinstance(made, ForeignModel):
        return made
    facts = check_facts(path, facts_of(session))
    facts = dict(made.facts) | {"net": path.name} | facts
    floor = facts.get("trust", {}).get("reject_below", -math.inf)
    return replace(made, facts=facts, reject_below=floor)
