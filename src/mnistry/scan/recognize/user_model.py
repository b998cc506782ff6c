"""A model of the user's own: it classifies the digits, and is checked before it counts.

The packaged nets find the digits, and reject what is none: models of single digits have
mostly seen nothing else, and take halves of digits for ones. How sure a digit is
depends on both, so that a model which does not fit is never sure.
"""

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images
from mnistry.errors import ShapeError
from mnistry.predictions import Predictor, expect_predictor
from mnistry.scan.recognize.headers import DIGITS

FLOOR = 0.01  # probability that a digit is one of the ten at random: a net may err


def model_probabilities(images: Images, model: Predictor) -> NDArray[np.float64]:
    """Classify images of single digits by a model.

    Args:
        images: (n, 28, 28) uint8, as MNIST's are.
        model: Given by the user.

    Returns:
        (n, 10) probabilities.

    Raises:
        UsageError: The model cannot predict.
        ShapeError: It predicts something else than probabilities of ten digits.
    """
    expect_predictor(model)
    if not len(images):
        return np.zeros((0, DIGITS))
    predictions = model.predict(images)
    probabilities = np.asarray(
        getattr(predictions, "probabilities", predictions), np.float64
    )
    if probabilities.shape != (len(images), DIGITS):
        message = (
            f"the model's probabilities have shape {probabilities.shape}; expected"
            f" {(len(images), DIGITS)}, one row of ten digits for each image."
        )
        raise ShapeError(message)
    sums = probabilities.sum(axis=1)
    if not (probabilities.min() >= 0 and np.allclose(sums, 1, atol=0.01)):
        message = (
            "the model predicts numbers that are no probabilities; expected rows from 0"
            " to 1 that sum to 1. Give softmax of its logits, or a `Predictions`."
        )
        raise ShapeError(message)
    return probabilities


def combine_with_model(
    ours: NDArray[np.float64], theirs: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Combine the probabilities of the packaged nets with those of a model.

    Args:
        ours: (n, 10) of the packaged nets.
        theirs: (n, 10) of the model.

    Returns:
        (n, 10) their product, rows sum to 1: where both are sure of different digits,
        neither has more than a half.

    Example:
        >>> sure = np.eye(10)
        >>> combine_with_model(sure[[7, 7]], sure[[7, 1]]).max(axis=1).round(2)
        array([1. , 0.5])
    """
    both = (FLOOR / DIGITS + (1 - FLOOR) * ours) * (
        FLOOR / DIGITS + (1 - FLOOR) * theirs
    )
    combined: NDArray[np.float64] = both / both.sum(axis=1, keepdims=True)
    return combined
