"""What a model returns, whatever its library, as `Predictions`.

Labels (n,), or a score for each class (n, classes): probabilities if rows are from 0 to
1 and sum to 1, else logits. Classes may have names: digits as text, or the class names
of a data set.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.errors import ShapeError, UsageError
from mnistry.predictions import MOST_CLASSES, Predictions, label_predictions

SUM_TOLERANCE = 1e-3  # of a row of probabilities, from 1: float16 sums so far off
SMALLEST = float(np.finfo(np.float32).tiny)  # probability that still has a logarithm
FEWEST_CLASSES = 10

Array = NDArray[Any]


class Output(NamedTuple):
    """What a model returned.

    Attributes:
        values: Labels (n,), or scores (n, classes).
        classes: The classes of the columns, or the possible labels; None: 0, 1, 2 …
    """

    values: Any
    classes: Sequence[Any] | None = None


def to_predictions(
    output: Output, count: int, *, names: Sequence[str] = ()
) -> Predictions:
    """Convert what a model returned to predictions.

    Args:
        output: Labels, probabilities, log probabilities or logits.
        count: The number of images.
        names: The data set's names of classes 0, 1, …, if they have names.

    Raises:
        ShapeError: Not one row for each image, or not numbers.
        UsageError: NaN, or a class whose label is not known.

    Example:
        >>> to_predictions(Output([7, 2]), 2).labels
        array([7, 2], dtype=uint8)
        >>> to_predictions(Output([[0.1, 0.9]], ["1", "0"]), 1).labels
        array([0], dtype=uint8)
    """
    if isinstance(output.values, Predictions):
        _expect_count(output.values.logits, count)
        return output.values
    values = _array(output.values)
    _expect_count(values, count)
    if values.ndim == 1:
        return _of_labels(values, output.classes, names)
    if values.ndim != 2 or values.dtype.kind not in "fiub":
        message = (
            f"the model gave {values.dtype} of shape {values.shape}; expected labels"
            f" ({count},), or a number for each class ({count}, classes)."
        )
        raise ShapeError(message)
    logits = _logits(values)
    if output.classes is not None:
        logits = _in_order(logits, output.classes, names)
    with np.errstate(over="ignore"):  # Predictions refuses what float32 cannot hold
        return Predictions(logits.astype(np.float32))


def together(several: Sequence[Output]) -> Output:
    """Concatenate what a model returned for parts of the images.

    If some parts are only labels, only labels are kept for all.

    Example:
        >>> parts = [Output([[0.2, 0.8]], "ab"), Output(["a"], "ab")]
        >>> together(parts).values
        array(['b', 'a'], dtype='<U1')
    """
    first = several[0]
    if len(several) == 1 or isinstance(first.values, Predictions):
        if len(several) == 1:
            return first
        logits = np.concatenate([one.values.logits for one in several])
        return Output(Predictions(logits, first.values.reject_below))
    arrays = [_array(one.values) for one in several]
    if len({array.ndim for array in arrays}) > 1:
        arrays = [
            array if array.ndim == 1 else _likeliest(array, one.classes)
            for array, one in zip(arrays, several, strict=True)
        ]
    try:
        return Output(np.concatenate(arrays), first.classes)
    except ValueError as error:
        shapes = sorted({array.shape[1:] for array in arrays})
        message = f"the model gave rows of shapes {shapes}; expected all the same."
        raise ShapeError(message) from error


def _likeliest(scores: Array, classes: Sequence[Any] | None) -> Array:
    largest: Array = scores.argmax(axis=1)
    return largest if classes is None else np.asarray(list(classes))[largest]


def _array(values: Any) -> Array:
    """Convert what a library returned to an array, also from rows of mappings."""
    if isinstance(values, list | tuple) and values and isinstance(values[0], Mapping):
        values = [list(row.values()) for row in values]
    try:
        array = np.asarray(values)
    except ValueError:  # rows of several lengths
        array = np.empty(0, object)
    while array.ndim > 2 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    return array


def _expect_count(values: Array, count: int) -> None:
    if values.ndim and len(values) == count:
        return
    what = f"shape {values.shape}" if values.size != 1 else repr(values.item())
    message = (
        f"the model gave {what} for {count:,} images; expected {count:,} labels, or"
        " rows of one number for each class. Give one for each image, in their order."
    )
    raise ShapeError(message)


def _of_labels(
    values: Array, classes: Sequence[Any] | None, names: Sequence[str]
) -> Predictions:
    if values.dtype.kind == "f" and np.isfinite(values).all():
        whole = values.astype(np.int64)
        values = whole if (whole == values).all() else values
    if values.dtype.kind == "b":
        values = values.astype(np.int64)
    if values.dtype.kind == "S":
        values = values.astype(str)
    if values.dtype.kind in "OU":
        # not an array of str: in one each would take the room of the longest
        texts = np.array([str(value) for value in values], object)
        found, places = np.unique(texts, return_inverse=True)
        values = _labels_of(found.tolist(), names)[places]
    known = _labels_of(() if classes is None else classes, names)
    if values.dtype.kind not in "iu":
        message = (
            f"the model gave {values.dtype} of shape {values.shape}, such as"
            f" {values[0]}; expected whole labels, or a number for each class."
        )
        raise ShapeError(message)
    most = max((int(of.max()) for of in (values, known) if len(of)), default=0)
    return label_predictions(values, classes=max(FEWEST_CLASSES, most + 1))


def _logits(values: Array) -> NDArray[np.float64]:
    """Return the logarithms of probabilities; logits are returned unchanged."""
    wide: NDArray[np.float64] = values.astype(np.float64)
    is_share = wide.size > 0 and wide.min() >= 0 and wide.max() <= 1 + SUM_TOLERANCE
    if not is_share:
        return wide
    sums = wide.sum(axis=1, keepdims=True)
    if np.abs(sums - 1).max() > SUM_TOLERANCE and wide.max() <= 0:
        return wide  # nothing but zeros
    shares = wide / np.maximum(sums, SMALLEST)
    logits: NDArray[np.float64] = np.log(np.maximum(shares, SMALLEST))
    return logits


def _in_order(
    logits: NDArray[np.float64], classes: Sequence[Any], names: Sequence[str]
) -> NDArray[np.float64]:
    """Sort columns by the labels of their classes."""
    labels = _labels_of(classes, names)
    if len(labels) != logits.shape[1]:
        message = (
            f"the model knows {len(labels)} classes and gave {logits.shape[1]} numbers"
            " for each image; expected one for each class."
        )
        raise ShapeError(message)
    least = logits.min(axis=1, keepdims=True) + np.log(SMALLEST)
    width = max(FEWEST_CLASSES, int(labels.max()) + 1)
    ordered = np.repeat(least, width, axis=1)
    ordered[:, labels] = logits
    return ordered


def _labels_of(classes: Sequence[Any], names: Sequence[str]) -> NDArray[np.int64]:
    """Find the label of each class: a number, a digit as text, or a name."""
    found = []
    by_name = {name.casefold(): label for label, name in enumerate(names)}
    for of in classes:
        text = str(of).strip()
        label = by_name.get(text.casefold())
        if label is None and _is_whole(text):
            label = int(float(text))
        if label is None or not 0 <= label < MOST_CLASSES:
            message = (
                f"the model knows a class {text[:60]!r}; expected labels from 0 to"
                f" {MOST_CLASSES - 1}"
                + (f", or the names {', '.join(names)[:200]}." if names else ".")
                + " Was it trained on other data?"
            )
            raise UsageError(message)
        found.append(label)
    return np.array(found, np.int64)


def _is_whole(text: str) -> bool:
    """Return whether a text is a whole number, such as 7 or 7.0."""
    digits, point, zeros = text.partition(".")
    return (
        len(digits) <= 3 and digits.isdecimal() and not zeros.strip("0" * bool(point))
    )
