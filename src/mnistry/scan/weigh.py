"""Weigh images of single digits: ten digits, and junk, which is no digit.

The packaged net knows junk. Any other model, anything with `predict`, knows digits
only; what it is not sure of counts as junk in part.
"""

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images
from mnistry.errors import ShapeError
from mnistry.predictions import Predictor, expect_predictor
from mnistry.scan.nets import say_digits

JUNK = 10
OTHER_JUNK = 0.05  # junk's share for models that do not know it

Weights = NDArray[np.float32]
"""(n, 11) float32; log probabilities of ten digits and of junk."""


def weigh(images: Images, model: Predictor | None = None) -> Weights:
    """Weigh images of single digits.

    Args:
        images: (n, 28, 28) uint8, as MNIST's are.
        model: Weighs in place of the packaged net.

    Returns:
        Log probabilities of ten digits and of junk.

    Raises:
        UsageError: The model cannot predict.
        ShapeError: It predicts something else than ten digits.
    """
    if not len(images):
        return np.zeros((0, 11), np.float32)
    if model is None:
        return say_digits(images)
    return _of_model(images, model)


def _of_model(images: Images, model: Predictor) -> Weights:
    expect_predictor(model)
    said = model.predict(images)
    told = np.asarray(getattr(said, "probabilities", said), np.float32)
    if told.shape != (len(images), 10):
        message = (
            f"the model's probabilities have shape {told.shape}; expected"
            f" {(len(images), 10)}, one row of ten digits for each image."
        )
        raise ShapeError(message)
    junk = OTHER_JUNK + (1 - OTHER_JUNK) * (1 - told.max(axis=1, keepdims=True))
    all_eleven = np.concatenate([told * (1 - junk), junk], axis=1)
    weights: Weights = np.log(np.maximum(all_eleven, 1e-9))
    return weights
