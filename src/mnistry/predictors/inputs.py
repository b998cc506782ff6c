"""How a model expects its images: range of pixels, layout, polarity, orientation."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from PIL import Image

from mnistry.arrays import MEAN, STANDARD_DEVIATION, Images
from mnistry.errors import UsageError

Array = NDArray[Any]

PIXELS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {  # divided by the first, less the second, divided by the third
        "0-1": (255, 0, 1),
        "normalised": (255, MEAN, STANDARD_DEVIATION),
        "centred": (255, 0.5, 0.5),
        "0-255": (1, 0, 1),
    }
)

LAYOUTS: Mapping[str, Callable[[Array], Array]] = MappingProxyType(
    {
        "nchw": lambda x: x[:, None],
        "nhwc": lambda x: x[..., None],
        "nhw": lambda x: x,
        "flat": lambda x: x.reshape(len(x), -1),
        "nchw3": lambda x: np.repeat(x[:, None], 3, axis=1),
        "nhwc3": lambda x: np.repeat(x[..., None], 3, axis=3),
    }
)

MOST_PADDED = 8  # pixels of paper added in all; for larger inputs images are enlarged
MOST_SIDE = 1024  # pixels of an image that is enlarged


@dataclass(frozen=True, slots=True)
class Input:
    """How a model expects its images.

    Attributes:
        pixels: "0-1"; "normalised", by MNIST's mean 0.1307 and standard deviation
            0.3081; "centred", from -1 to 1; or "0-255".
        layout: "nchw" (n, 1, rows, columns), "nhwc" (n, rows, columns, 1), "nhw" (n,
            rows, columns), "flat" (n, rows · columns), "nchw3" and "nhwc3" with three
            equal channels.
        inverted: Whether ink is 0 and paper the largest number.
        transposed: Whether rows and columns are exchanged, as in EMNIST's files.
        side: Rows and columns it expects; 0: as many as the images have. To grow by a
            few pixels images are padded with paper; to grow by more they are enlarged.

    Example:
        >>> print(Input("0-255", "flat", inverted=True))
        0-255 flat inverted
    """

    pixels: str = "0-1"
    layout: str = "nchw"
    inverted: bool = False
    transposed: bool = False
    side: int = 0

    def __str__(self) -> str:
        words = [self.pixels, self.layout]
        words += [name for name in ("inverted", "transposed") if getattr(self, name)]
        return " ".join(words + [f"{self.side}x{self.side}"] * bool(self.side))

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON.

        Example:
            >>> Input().to_dict()["layout"]
            'nchw'
        """
        return {
            "pixels": self.pixels,
            "layout": self.layout,
            "inverted": self.inverted,
            "transposed": self.transposed,
        } | ({"side": self.side} if self.side else {})


def parse_input(text: str) -> tuple[Input, frozenset[str]]:
    """Parse an input: words in any order, some may be left out.

    Args:
        text: Such as "0-1", "normalised nchw", "0-255 flat inverted", "0-1 32x32".

    Returns:
        The input, and which of pixels, layout and side were given.

    Raises:
        UsageError: A word is unknown, or contradicts another one.

    Example:
        >>> found, given = parse_input("flat 0-255")
        >>> print(found), sorted(given)
        0-255 flat
        (None, ['layout', 'pixels'])
    """
    found: dict[str, Any] = {}
    for word in text.replace(",", " ").split():
        name, value = _meaning(word)
        if not name or found.get(name, value) != value:
            message = (
                f"input is {text!r}; {word!r} is unknown, or a second word of the same"
                f" kind. Expected one of {', '.join(PIXELS)}; optionally one of"
                f" {', '.join(LAYOUTS)}; optionally inverted, transposed, 32x32: such"
                " as '0-1 nhwc'."
            )
            raise UsageError(message)
        found[name] = value
    return replace(Input(), **found), frozenset(found)


def _meaning(word: str) -> tuple[str, Any]:
    """Return the field that a word of an input sets, and its value."""
    word = word.lower()
    rows, _, columns = word.partition("x")
    is_side = rows == columns and rows.isdecimal() and 0 < len(rows) < 5
    if is_side and 0 < int(rows) <= MOST_SIDE:
        return "side", int(rows)
    if word in ("inverted", "transposed"):
        return word, True
    for name, words in (("pixels", PIXELS), ("layout", LAYOUTS)):
        if word in words:
            return name, word
    return "", None


def prepare(images: Images, how: Input, dtype: DTypeLike = np.float32) -> Array:
    """Convert images to a model's input, in the steps that torch and Keras code takes.

    Args:
        images: (n, rows, columns) uint8, 0 paper to 255 ink.
        how: What the model expects.
        dtype: The dtype of the result.

    Returns:
        An array in that layout, C-contiguous.

    Example:
        >>> prepare(np.full((2, 28, 28), 255, np.uint8), Input("0-1", "flat")).shape
        (2, 784)
    """
    if how.transposed:
        images = images.transpose(0, 2, 1)
    if how.side:
        images = _with_side(images, how.side)
    if how.inverted:
        images = 255 - images
    pixels: Array = images.astype(dtype)
    largest, mean, deviation = PIXELS[how.pixels]
    if largest != 1:
        pixels /= largest
    if mean:
        pixels -= mean
        pixels /= deviation
    return np.ascontiguousarray(LAYOUTS[how.layout](pixels))


def _with_side(images: Images, side: int) -> Images:
    """Pad, enlarge or shrink images to a square."""
    rows, columns = images.shape[1:]
    down, right = side - rows, side - columns
    if 0 <= down <= MOST_PADDED and 0 <= right <= MOST_PADDED:
        edges = (
            (0, 0),
            (down // 2, down - down // 2),
            (right // 2, right - right // 2),
        )
        return np.pad(images, edges)
    size = (side, side)
    bilinear = Image.Resampling.BILINEAR
    resized = [
        np.asarray(Image.fromarray(one).resize(size, bilinear)) for one in images
    ]
    return np.array(resized, np.uint8).reshape(len(images), side, side)


def inputs_of_shape(shape: Sequence[int | None]) -> tuple[tuple[str, ...], int]:
    """Find the layouts that an input's declared shape allows, and its side.

    Args:
        shape: The shape without the number of images; None for any number.

    Returns:
        Names in LAYOUTS, likeliest first, empty if images cannot have that shape; and
        the side, 0 if it is not declared.

    Example:
        >>> inputs_of_shape((1, 28, 28)), inputs_of_shape((784,))
        ((('nchw',), 28), (('flat',), 28))
        >>> inputs_of_shape((None, None, 1)), inputs_of_shape((17,))
        ((('nhwc',), 0), ((), 0))
    """
    if len(shape) == 1:
        side = math.isqrt(shape[0] or 0)
        return (("flat",), side) if side**2 == (shape[0] or 0) else ((), 0)
    layouts = {
        name
        for name, channels, sides in _readings(shape)
        if channels in (1, 3, None) and sides[0] == sides[1] and sides[0] != 1
    }
    order = tuple(name for name in LAYOUTS if name in layouts)
    sides = {of[0] for name, _, of in _readings(shape) if name in layouts}
    return order, (sides.pop() or 0) if len(sides) == 1 else 0


def _readings(
    shape: Sequence[int | None],
) -> list[tuple[str, int | None, Sequence[int | None]]]:
    """Return all ways to read a shape: layout, channels, rows and columns."""
    if len(shape) == 2:
        return [("nhw", 1, shape)]
    if len(shape) != 3:
        return []
    first, last = shape[0], shape[-1]
    return [
        ("nchw" if first != 3 else "nchw3", first, shape[1:]),
        ("nhwc" if last != 3 else "nhwc3", last, shape[:2]),
    ]
