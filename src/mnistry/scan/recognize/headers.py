"""What the nets for reading promise, read from the headers of their own files.

The metadata `reading` of such a safetensors file is a JSON object. Swapping a net is a
new file: no constant of the package depends on which net it is.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.errors import CheckpointError
from mnistry.scan.page.strip import StripShape

DIGITS = 10  # both nets have one class more: blank, or non-digit
FEATURES = 3  # of a line's confidence; where it must match a pattern one more


class Calibration(NamedTuple):
    """A logistic regression from features of a line to its confidence.

    Attributes:
        coefficients: (4,) one for each feature, then the bias; (5,) with a pattern.
        temperature: Divides a score above 0, so that few of the confident lines are
            wrong. Scores below stay: a hopeless line shall not look better.
    """

    coefficients: NDArray[np.float64]
    temperature: float


class LineHeader(NamedTuple):
    """What the net for lines promises.

    Attributes:
        strip: The strips that it takes.
        columns_per_frame: Columns of the strip for each CTC frame.
        blank: Index of the CTC blank among its 11 classes; the others are 0 to 9.
        temperature: Divides its logits.
        free: Of lines that may be any digits.
        matching: Of lines that must match a pattern.
    """

    strip: StripShape
    columns_per_frame: int
    blank: int
    temperature: float
    free: Calibration
    matching: Calibration


class DigitHeader(NamedTuple):
    """What the net for single digits promises.

    Attributes:
        non_digit: Index of the reject class among its 11 classes.
        temperature: Divides its logits.
        ensemble: Weights of the net for lines, the packaged model and this net where a
            picture holds one digit.
        line_weight: Of this net beside the net for lines, for each digit of a line.
        rescoring_weight: Of this net and of the packaged model, in rescoring a line.
    """

    non_digit: int
    temperature: float
    ensemble: tuple[float, float, float]
    line_weight: float
    rescoring_weight: float


def read_line_header(path: Path) -> LineHeader:
    """Read what a net for lines promises.

    Args:
        path: Its safetensors file.

    Raises:
        CheckpointError: The file has no such header, or a value that cannot be.
    """
    header = _read(path)
    whole = {
        name: int(_number(path, header, name, integer=True))
        for name in ("strip_rows", "digit_rows", "column_step", "columns_per_frame")
    }
    strip = StripShape(whole["strip_rows"], whole["digit_rows"], whole["column_step"])
    confidence = _table(path, header, "confidence")
    return LineHeader(
        strip,
        whole["columns_per_frame"],
        _class(path, header, "blank"),
        _number(path, header, "temperature"),
        _calibration(path, _table(path, confidence, "free"), FEATURES),
        _calibration(path, _table(path, confidence, "matching"), FEATURES + 1),
    )


def read_digit_header(path: Path) -> DigitHeader:
    """Read what a net for single digits promises.

    Args:
        path: Its safetensors file.

    Raises:
        CheckpointError: The file has no such header, or a value that cannot be.
    """
    header = _read(path)
    weights = _table(path, header, "ensemble")
    lines, packaged, digit = (
        _number(path, weights, name) for name in ("lines", "packaged", "digit")
    )
    return DigitHeader(
        _class(path, header, "non_digit"),
        _number(path, header, "temperature"),
        (lines, packaged, digit),
        _number(path, header, "line_weight"),
        _number(path, header, "rescoring_weight"),
    )


def _read(path: Path) -> Mapping[str, Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as file:
            header = json.loads((file.metadata() or {})["reading"])
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        message = (
            f"{path} has no header for reading: {error}; expected a safetensors file"
            " with JSON as its metadata 'reading'. Install mnistry again."
        )
        raise CheckpointError(message) from error
    return _table(path, {"reading": header}, "reading")


def _table(path: Path, header: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = header.get(name)
    if not isinstance(value, dict):
        raise _wrong(path, value, name, "a JSON object")
    return value


def _number(
    path: Path, header: Mapping[str, Any], name: str, *, integer: bool = False
) -> float:
    value, kind = header.get(name), int if integer else (int, float)
    is_number = isinstance(value, kind) and not isinstance(value, bool)
    if not is_number or not 0 < value < math.inf:  # type: ignore[operator]
        kind_name = "an integer" if integer else "a number"
        raise _wrong(path, value, name, f"{kind_name} above 0")
    return float(value)  # type: ignore[arg-type]


def _class(path: Path, header: Mapping[str, Any], name: str) -> int:
    if header.get("classes") != DIGITS + 1:
        raise _wrong(path, header.get("classes"), "classes", str(DIGITS + 1))
    value = header.get(name)
    if not isinstance(value, int) or value not in range(DIGITS + 1):
        raise _wrong(path, value, name, f"a class, 0 to {DIGITS}")
    return value


def _calibration(path: Path, table: Mapping[str, Any], features: int) -> Calibration:
    values = table.get("coefficients")
    is_list = isinstance(values, list) and len(values) == features + 1
    if not is_list or not all(isinstance(value, int | float) for value in values):  # type: ignore[union-attr]
        raise _wrong(path, values, "coefficients", f"{features + 1} numbers")
    return Calibration(np.array(values, float), _number(path, table, "temperature"))


def _wrong(path: Path, value: Any, name: str, expected: str) -> CheckpointError:
    message = (
        f"{path} has {str(value)[:60]!r} as {name} in its header; expected {expected}."
        " Install mnistry again, or export the net again."
    )
    return CheckpointError(message)
