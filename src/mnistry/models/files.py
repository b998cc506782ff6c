"""A model, or predictions, from a file, by its ending. No code in a file is run."""

from collections.abc import Callable
from pathlib import Path

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.models.handed_over import expect_opened
from mnistry.models.onnx import load_onnx
from mnistry.models.packaged import load_model
from mnistry.predictions import Predictions, Predictor
from mnistry.predictors.files import READERS, read_predictions


def open_file(
    path: Path,
    digits: Digits,
    *,
    input: str | None = None,
    training: Callable[[], Digits] | None = None,
    data: str = "mnist",
) -> Predictor | Predictions:
    """Open a model, or predictions for digits.

    Args:
        path: .safetensors as mnistry writes it, .onnx of any origin; or predictions:
            .csv, .npz, .npy, .parquet.
        digits: What is to be read, or what the predictions are for.
        input: How an ONNX model wants its images; see `as_predictor`.
        training: Gives images to find that on.
        data: The data set's name or path, for the lines of Python of an error.

    Raises:
        CheckpointError: It is no such model, or of a format whose loading runs code.
        FormatError: It holds no predictions for these digits.
        UsageError: `input` is given for what needs none.
    """
    ending = path.suffix.lower()
    if ending in READERS:
        _expect_no_input(path, input, "are predictions already")
        return read_predictions(path, digits)
    if ending == ".onnx":
        return load_onnx(path, input=input, training=training, like=digits)
    expect_opened(path, data)
    _expect_no_input(path, input, "says in its header how it wants images")
    return load_model(path)


def _expect_no_input(path: Path, given: str | None, reason: str) -> None:
    if given:
        message = f"input is {given!r}, and {path} {reason}. Leave it out."
        raise UsageError(message)
