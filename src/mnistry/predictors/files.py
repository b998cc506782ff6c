"""Predictions in a file: CSV, npz, npy or Parquet of labels or scores.

Rule of the file: columns are recognised by their names, rows by their order, number or
name. What does not fit the digits is refused: rows shifted by one would give a wrong
accuracy.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.digits import Digits
from mnistry.errors import FormatError, MnistryError
from mnistry.extras import require
from mnistry.formats.budget import check_unpacked
from mnistry.formats.npz import BROKEN, read_array
from mnistry.predictions import MOST_CLASSES, Predictions
from mnistry.predictors.outputs import Output, to_predictions

Columns = dict[str, NDArray[Any]]

MOST_BYTES = 1 << 28  # of a file: 10,000 images with 256 scores are 50 MB of text
MOST_COLUMNS = 2 * MOST_CLASSES
ROWS_AT_A_TIME = 256
COPIES = 3  # of a table: as read, as arrays, those side by side

SCORES = (
    *("probability", "probabilities", "probs", "prob", "proba", "p", "y_prob"),
    *("logits", "logit", "scores", "score", "y_score", "class", "output", ""),
)
LABELS = (
    *("read", "prediction", "predictions", "predicted", "predicted_label"),
    *("y_pred", "pred", "preds", "argmax"),
)
EITHER = "label", "labels", "class"  # predictions if there are no others, else truth
TRUTH = "written", "true", "truth", "true_label", "target", "targets", "y_true"
NUMBERS = "index", "row", "id", "imageid", "image_id"  # from 0, or from 1
NAMES = "name", "file", "filename", "path"
NUMBERED = re.compile(r"(.*?)[ _-]?(\d{1,3})")


def read_predictions(path: Path, digits: Digits) -> Predictions:
    r"""Read predictions for digits from a file.

    Args:
        path: .csv, .npz, .npy, .parquet or .pq. Columns (in an npz, arrays; in an npy,
            its only array) are a label (`label`, `prediction`, `read`), or a score for
            each class (`probability_0` to `probability_9`, `p0`, `logit_0`, `0`; class
            names; one array (n, classes)). `index` or `ImageId` numbers the rows, from
            0 or 1; `file` or `name` names the image, if the digits have such a column;
            without either, rows are in order.
        digits: The digits they are for.

    Raises:
        FormatError: It cannot be read, has no such columns, or does not have one row
            for each digit.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> toy = Digits(np.zeros((2, 28, 28), np.uint8), np.array([7, 2], np.uint8))
        >>> with TemporaryDirectory() as folder:
        ...     file = Path(folder, "submission.csv")
        ...     _ = file.write_text("ImageId,Label\n1,7\n2,1\n", "utf-8")
        ...     read_predictions(file, toy).labels
        array([7, 1], dtype=uint8)
    """
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            message = f"expected a file of up to {MOST_BYTES:,} bytes"
            raise ValueError(message)
        found = READERS[path.suffix.lower()](path)
        return predictions_in(found, digits)
    except (*BROKEN, csv.Error, MnistryError) as error:
        if isinstance(error, ImportError):
            raise
        message = (
            f"{path} cannot be read as predictions for {digits.name}"
            f" {digits.split_name}: {str(error).rstrip('.')}. Expected a label or a"
            f" score for each class, for each of the {len(digits):,} images."
        )
        raise FormatError(message) from error


def _csv(path: Path) -> Columns:
    text = _text(path)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    if not rows or len({len(row) for row in rows}) > 1:
        lengths = sorted({len(row) for row in rows})
        message = f"its lines have {lengths[:5] or 'no'} fields; expected all the same"
        raise ValueError(message)
    are_names = len(rows[0]) > 2 and rows[0] == [str(n) for n in range(len(rows[0]))]
    if not are_names and all(_is_number(field) for field in rows[0]):
        values = np.array(rows, np.float64)
        if values.shape[1] == 2:
            return {"index": values[:, 0], "label": values[:, 1]}
        one = values.shape[1] == 1
        return {"label": values[:, 0]} if one else {"scores": values}
    names, *lines = rows
    columns = zip(*lines, strict=True) if lines else [()] * len(names)
    return {
        name.strip(): _column(values)
        for name, values in zip(names, columns, strict=True)
    }


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"its byte {error.start:,} is not UTF-8. Save it as UTF-8"
        raise ValueError(message) from error


def _column(values: Sequence[str]) -> NDArray[Any]:
    try:
        return np.array(values, np.float64)
    except ValueError:
        # in an array of str each text would take the room of the longest
        return np.array([value.strip() for value in values], object)


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _npz(path: Path) -> Columns:
    with zipfile.ZipFile(path) as archive:
        claimed = sum(info.file_size for info in archive.infolist())
        check_unpacked(str(path), claimed, path.stat().st_size)
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        return {name: read_array(archive, name) for name in names[:MOST_COLUMNS]}


def _npy(path: Path) -> Columns:
    return {"": np.lib.format.open_memmap(path, mode="r")}  # does not unpickle


def _parquet(path: Path) -> Columns:
    parquet = require("pyarrow.parquet", extra="data")
    try:
        file = parquet.ParquetFile(path)
        groups = range(file.metadata.num_row_groups)
        sizes = (file.metadata.row_group(n).total_byte_size for n in groups)
        if sum(sizes) > MOST_BYTES or len(file.schema_arrow) > MOST_COLUMNS:
            message = f"it holds more than {MOST_BYTES:,} bytes, or too many columns"
            raise ValueError(message)
        batches, held = [], 0
        for batch in file.iter_batches(ROWS_AT_A_TIME):  # rows may share one long text
            held += batch.nbytes
            check_unpacked(str(path), COPIES * held, path.stat().st_size)
            batches.append(batch)
        table = require("pyarrow", extra="data").Table.from_batches(
            batches, file.schema_arrow
        )
        return {name: _array(table[name]) for name in table.column_names}
    except require("pyarrow", extra="data").ArrowException as error:
        raise ValueError(str(error)) from error


def _array(column: Any) -> NDArray[Any]:
    """Return a column as an array; a column of lists has two axes."""
    values: NDArray[Any] = column.to_numpy()
    is_lists = len(values) and isinstance(values[0], np.ndarray)
    return np.stack(list(values)) if is_lists else values


READERS: Mapping[str, Callable[[Path], Columns]] = MappingProxyType(
    {
        ".csv": _csv,
        ".npz": _npz,
        ".npy": _npy,
        ".parquet": _parquet,
        ".pq": _parquet,
    }
)


def predictions_in(columns: Mapping[str, NDArray[Any]], digits: Digits) -> Predictions:
    """Find labels or scores among columns, and sort them in the digits' order.

    Args:
        columns: Columns by name, named as for `read_predictions`.
        digits: The digits they are for.

    Raises:
        ValueError: There are no such columns, or not one row for each digit.
        MnistryError: A label or a score is invalid.

    Example:
        >>> toy = Digits(np.zeros((2, 28, 28), np.uint8), np.array([7, 2], np.uint8))
        >>> predictions_in({"label": np.array([7, 1])}, toy).labels
        array([7, 1], dtype=uint8)
    """
    columns = {name.casefold(): values for name, values in columns.items()}
    if len({len(of) if of.ndim else -1 for of in columns.values()}) > 1:
        shapes = {name: of.shape for name, of in columns.items()}
        message = f"its columns are of several lengths: {shapes}"
        raise ValueError(message)
    scores, labels = _scores(columns, digits.classes), _first(columns, LABELS)
    if scores is None and labels is None:
        labels = _first(columns, EITHER)
    if scores is None and labels is None:
        if len(columns) != 1:
            message = f"its columns are {', '.join(columns)[:200] or 'none'}"
            raise ValueError(message)
        (labels,) = columns.values()  # one array of any name
    order = _order(columns, digits, len(next(iter(columns.values()))))
    _expect_truth(columns, digits, order)
    made = [
        to_predictions(Output(of[order], known), len(digits), names=digits.classes)
        for of, known in ((labels, None), scores or (None, None))
        if of is not None
    ]
    if len(made) == 2 and (made[0].labels == made[1].labels).all():
        return made[1]
    return made[0]  # the labels, where the scores do not fit them


def _first(columns: Columns, names: Sequence[str]) -> NDArray[Any] | None:
    return next((columns[name] for name in names if name in columns), None)


def _scores(
    columns: Columns, classes: Sequence[str]
) -> tuple[NDArray[Any], Sequence[Any] | None] | None:
    """Find a score for each class: columns by number or by name, or one array."""
    for values in columns.values():
        if values.ndim == 2 and values.shape[1] > 1:
            return values, None
    numbered: dict[str, dict[int, NDArray[Any]]] = {}
    for name, values in columns.items():
        if match := NUMBERED.fullmatch(name):
            numbered.setdefault(match[1], {})[int(match[2])] = values
    for prefix in SCORES:
        found = numbered.get(prefix, {})
        if len(found) > 1:
            return np.stack(list(found.values()), axis=1), list(found)
    named = [of for of in classes if of.casefold() in columns]
    if len(named) > 1:
        return np.stack([columns[of.casefold()] for of in named], axis=1), named
    return None


def _order(columns: Columns, digits: Digits, rows: int) -> NDArray[np.intp]:
    """Return the row of each digit."""
    count = len(digits)
    if rows != count:
        message = f"it has {rows:,} rows, and there are {count:,} images"
        raise ValueError(message)
    numbers, names = _first(columns, NUMBERS), _first(columns, NAMES)
    known = _first(dict(digits.columns), NAMES)
    if numbers is None and names is not None and known is not None:
        places = {str(name): row for row, name in enumerate(names)}
        missing = [name for name in known if str(name) not in places]
        if missing or len(places) != count:
            message = f"it names {len(places):,} images, but not {missing[:3]!s}"
            raise ValueError(message)
        return np.array([places[str(name)] for name in known], np.intp)
    if numbers is None:
        return np.arange(count)
    whole = np.asarray(numbers, np.float64)
    start = whole.min() if count else 0
    order = np.argsort(whole, kind="stable")
    if start not in (0, 1) or (whole[order] != np.arange(count) + start).any():
        message = (
            f"its rows are numbered from {whole.min()} to {whole.max()}, not each of"
            f" 0 to {count - 1:,} or 1 to {count:,} once"
        )
        raise ValueError(message)
    return order


def _expect_truth(columns: Columns, digits: Digits, order: NDArray[np.intp]) -> None:
    """Check that the file's true labels are those of the digits."""
    truth = _first(columns, TRUTH)
    if truth is None:
        return
    claimed = to_predictions(Output(truth[order]), len(digits), names=digits.classes)
    other = np.flatnonzero(claimed.labels != digits.labels)
    if len(other):
        message = (
            f"its true labels differ in {len(other):,} rows, first in row"
            f" {other[0]}: {claimed.labels[other[0]]} instead of"
            f" {digits.labels[other[0]]}; is it of another split, or in another order?"
        )
        raise ValueError(message)
