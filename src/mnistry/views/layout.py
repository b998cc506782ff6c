"""The layout of digits in a table: names and order of columns, and metadata.

A table has either one `image` column or one column for each pixel, row by row of the
image and named "0", "1", …; then further columns; `label` last. Other facts (name,
split, source, classes, shape) are stored as JSON in the library's metadata, if it has
any.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images
from mnistry.digits import Digits
from mnistry.errors import ShapeError, UsageError

KEY = "mnistry"  # of the facts in the metadata
IMAGE_NAMES = "image", "img", "png"  # ours and Hugging Face's; CIFAR's; WebDataset's
LABEL_NAMES = "label", "class", "target"  # ours, Kaggle's, Azure's; OpenML's; sklearn's
PIXEL_NAME = re.compile(r"(pixel|px)?_?\d+(x\d+)?")  # 0 · pixel0 · 1x1, as others name
MOST_SHOWN = 40  # characters of what is no number
WORDS = "name", "split_name", "source"


class Layout(NamedTuple):
    """Which column is what, by position."""

    image: int | None
    pixels: Sequence[int]
    label: int
    more: Sequence[int]


def expect(value: object, what: str, *kinds: type, mend: str = "") -> None:
    """Raise unless a value is of one of the types that a view can convert.

    Args:
        value: The value.
        what: The types, in words.
        kinds: The types.
        mend: How to convert the value to one of them.

    Raises:
        UsageError: It is of none of them.
    """
    if not isinstance(value, kinds):
        found = f"{type(value).__module__}.{type(value).__qualname__}"
        message = f"a {found.removeprefix('builtins.')} was given; expected {what}."
        raise UsageError(f"{message} {mend}".rstrip())


def find(names: Sequence[str]) -> Layout:
    """Recognise a table's columns by their names.

    Args:
        names: In the table's order. Pixels are sorted by number: tables sorted by name
            have "10" before "2".

    Raises:
        ShapeError: There is no label column, or none with images; or pixel columns are
            duplicate or missing.

    Example:
        >>> find(["label", "pixel0", "pixel1", "writer"])
        Layout(image=None, pixels=[1, 2], label=0, more=[3])
    """
    label = _first(names, LABEL_NAMES)
    image = _first(names, IMAGE_NAMES)
    pixels = [at for at, name in enumerate(names) if PIXEL_NAME.fullmatch(name)]
    if label is None or (image is None and not pixels):
        missing = "label" if label is None else "images"
        message = (
            f"the table has no column for the {missing}; its columns are"
            f" {_listed(names)}. Expected 'label', and 'image' or one column for each"
            " pixel, '0', '1', …. Rename them."
        )
        raise ShapeError(message)
    pixels = [] if image is not None else _in_order(names, pixels)
    used = {label, image, *pixels}
    more = [at for at in range(len(names)) if at not in used]
    return Layout(image, pixels, label, more)


def pixel_names(digits: Digits) -> list[str]:
    """Return the name of each pixel's column: "0" to "783" for MNIST."""
    return [str(number) for number in range(math.prod(digits.images.shape[1:]))]


def more_columns(digits: Digits) -> Mapping[str, NDArray[Any]]:
    """Return the digits' further columns, if their names are free in a table.

    Raises:
        UsageError: One of them has a name that the table itself needs.
    """
    for name in digits.columns:
        if name in {"image", "label"} or PIXEL_NAME.fullmatch(name):
            message = (
                f"column {name!r} has a name that is reserved for images, labels or"
                " pixels; expected another, such as 'writer'. Rename it."
            )
            raise UsageError(message)
    return digits.columns


def facts(digits: Digits) -> str:
    """Write the facts of digits as JSON: all but images, labels and columns.

    Example:
        >>> facts(Digits(np.zeros((1, 2, 2), np.uint8), [7], name="toy"))
        '{"name": "toy", "shape": [2, 2]}'
    """
    named: dict[str, Any] = {word: getattr(digits, word) for word in WORDS}
    named |= {"classes": list(digits.classes), "shape": list(digits.images.shape[1:])}
    return json.dumps({key: value for key, value in named.items() if value})


def read_facts(text: str | bytes | None) -> dict[str, Any]:
    """Read what `facts` wrote; values of a wrong type are left out.

    Example:
        >>> read_facts('{"name": "toy", "shape": [2, 2], "source": 7}')
        {'name': 'toy', 'shape': (2, 2)}
    """
    try:
        loaded = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(loaded, dict):
        return {}
    facts = {word: loaded[word] for word in WORDS if isinstance(loaded.get(word), str)}
    classes, shape = loaded.get("classes"), loaded.get("shape")
    if isinstance(classes, list) and all(isinstance(one, str) for one in classes):
        facts["classes"] = tuple(classes)
    if isinstance(shape, list) and len(shape) == 2 and all(map(_is_size, shape)):
        facts["shape"] = tuple(shape)
    return facts


def shape_of(pixels: int, facts: Mapping[str, Any]) -> tuple[int, int]:
    """Return rows and columns of an image from its number of pixels and the facts.

    Raises:
        ShapeError: No shape in the facts fits, and it is not a square.

    Example:
        >>> shape_of(784, {})
        (28, 28)
    """
    rows, columns = facts.get("shape", (0, 0))
    if rows * columns == pixels and "shape" in facts:
        return rows, columns
    side = math.isqrt(pixels)
    if side * side != pixels:
        message = (
            f"an image has {pixels} pixels, which is not a square; expected a number"
            " such as 784 (28 rows of 28), or the shape in the table's metadata."
        )
        raise ShapeError(message)
    return side, side


def as_bytes(values: NDArray[Any], what: str = "pixels") -> NDArray[np.uint8]:
    """Convert integers from 0 to 255 of any dtype to uint8.

    Raises:
        ShapeError: Other numbers, or not numbers.

    Example:
        >>> as_bytes(np.array([0.0, 255.0]))
        array([  0, 255], dtype=uint8)
    """
    if values.dtype == np.uint8 or not values.size:
        return values.astype(np.uint8, copy=False)
    try:
        numbers = values if values.dtype.kind in "iuf" else values.astype(np.float64)
    except (ValueError, TypeError) as error:
        odd = next(value for value in values.flat if not _is_number(value))
        raise _no_bytes(what, repr(str(odd)[:MOST_SHOWN])) from error
    with np.errstate(invalid="ignore"):
        narrow = numbers.astype(np.uint8)
    if not np.array_equal(narrow, numbers):
        raise _no_bytes(what, numbers[narrow != numbers].flat[0])
    return narrow


def as_text(values: NDArray[Any]) -> NDArray[Any]:
    """Convert an object array of Python strings to NumPy's string type."""
    if values.dtype == object and all(isinstance(value, str) for value in values):
        return values.astype(np.str_)
    return values


def make(
    images: Images,
    labels: NDArray[Any],
    columns: Mapping[str, NDArray[Any]],
    facts: Mapping[str, Any],
) -> Digits:
    """Make digits from a table's columns and metadata."""
    fields = {key: value for key, value in facts.items() if key != "shape"}
    return Digits(images, as_bytes(labels, "labels"), columns=columns, **fields)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (ValueError, TypeError):
        return False
    return True


def _no_bytes(what: str, found: object) -> ShapeError:
    message = (
        f"{what} hold {found}; expected integers from 0 to 255."
        " For numbers from 0 to 1 use (x * 255).round()."
    )
    return ShapeError(message)


def _first(names: Sequence[str], accepted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in accepted if name in names), None)


def _in_order(names: Sequence[str], pixels: Sequence[int]) -> list[int]:
    """Sort pixel columns by their numbers: "2" before "10", "1x2" before "2x1".

    Raises:
        ShapeError: A column is duplicate or missing.
    """
    places = {_numbers(names[at]): at for at in pixels}
    ordered = sorted(places)
    steps = {len(numbers) for numbers in ordered}
    expected = 0
    if steps == {1}:
        expected = ordered[-1][0] - ordered[0][0] + 1
    elif steps == {2}:
        expected = math.prod(len(set(of)) for of in zip(*ordered, strict=True))
    if not len(places) == len(pixels) == expected:
        first, last = (names[places[numbers]] for numbers in (ordered[0], ordered[-1]))
        message = (
            f"the table has {len(pixels)} columns named like pixels, from {first!r} to"
            f" {last!r}; expected each once, and none missing. Rename columns that are"
            " not pixels, or add the missing ones."
        )
        raise ShapeError(message)
    return [places[numbers] for numbers in ordered]


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", name))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:6])
    return shown + (f" … ({len(names)} in all)" if len(names) > 6 else "")


def _is_size(size: object) -> bool:
    return type(size) is int and size >= 0
