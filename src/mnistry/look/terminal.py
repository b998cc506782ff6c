"""Digits as text: two pixels in each character, one above the other."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import IO, Literal

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Pixels
from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.escape import for_terminal
from mnistry.look.grid import titles_of

Style = Literal["colour", "blocks", "ascii"]

GAP = 2  # characters between two digits
INK = 96  # from which a pixel counts as ink where there are only two: thin strokes stay
COUNTS = 0.3  # of the most that any ink counts, for a + or - where no colours are
SHADES = " .:-=+*#%@"  # from paper to ink, where there are no blocks
RESET = "\x1b[0m"


def to_text(
    digits: Digits,
    *,
    width_characters: int | None = None,
    style: Style | None = None,
) -> str:
    """Draw digits with characters, as many side by side as the width allows.

    Args:
        digits: Any number of them.
        width_characters: How many fit side by side; without it as the terminal has. A
            digit takes 28 of them, and at least one digit stands in a row.
        style: "colour" for half blocks in 24-bit grey, dark ink on white paper;
            "blocks" for half blocks of ink or none; "ascii" for plain characters;
            without it what `style_for` chooses for stdout.

    Returns:
        Lines without spaces at their ends, the labels above their digits.

    Raises:
        UsageError: There is no such style.

    Example:
        >>> tiny = Digits(np.array([[[255, 0], [255, 255]]], np.uint8), [7])
        >>> print(to_text(tiny, style="blocks"))
        7
        █▄
    """
    draw = _drawing(style or style_for(sys.stdout, os.environ))
    if width_characters is None:
        width_characters = shutil.get_terminal_size().columns
    width = digits.images.shape[2]
    columns = max(1, (width_characters + GAP) // (width + GAP))
    titles = [for_terminal(title) for title in titles_of(digits, None)]
    bands = []
    for start in range(0, len(digits), columns):
        row = slice(start, start + columns)
        heads = (" " * GAP).join(f"{title:<{width}.{width}}" for title in titles[row])
        drawn = [draw(_even(image)) for image in digits.images[row]]
        lines = [(" " * GAP).join(parts).rstrip() for parts in zip(*drawn, strict=True)]
        bands.append("\n".join([heads.rstrip(), *lines]))
    return "\n\n".join(bands)


def map_to_text(
    image: Pixels,
    heat: NDArray[np.float32],
    painted: NDArray[np.uint8],
    *,
    style: Style | None = None,
) -> str:
    """Draw an image with characters, and beside it which of its ink counts.

    Args:
        image: (rows, columns) uint8, 0 paper to 255 ink.
        heat: (rows, columns), above 0 where ink counts for something, below against.
        painted: (rows, columns, 3) uint8: the same as colours over the image.
        style: As for `to_text`. Without colours ink that counts is + or -, other ink a
            dot.

    Raises:
        UsageError: There is no such style.

    Example:
        >>> ink = np.array([[255, 0, 255, 255], [255, 0, 0, 0]], np.uint8)
        >>> heat = np.array([[2, 0, -2, 0], [2, 0, 0, 0]], np.float32)
        >>> print(map_to_text(ink, heat, np.zeros((2, 4, 3), np.uint8), style="blocks"))
        █ ▀▀  + -.
    """
    style = style or style_for(sys.stdout, os.environ)
    pairs = _even(image)
    left = _drawing(style)(pairs)
    if style == "colour":
        upper, lower = painted[::2], painted[1::2]
        paper = np.full((len(upper) - len(lower), *painted.shape[1:]), 255, np.uint8)
        right = _half_blocks(np.stack([upper, np.concatenate([lower, paper])], axis=1))
    else:
        share = heat / (np.abs(heat).max() or 1)
        padded = np.zeros((2 * len(pairs), share.shape[1]))
        padded[: len(share)] = share
        mean = padded.reshape(len(pairs), 2, -1).mean(axis=1)
        counts = np.abs(mean) >= COUNTS
        ink = (pairs >= INK).any(axis=1)
        marks = np.where(ink, np.where(counts, np.where(mean > 0, "+", "-"), "."), " ")
        right = ["".join(line) for line in marks]
    lines = zip(left, right, strict=True)
    return "\n".join((" " * GAP).join(parts).rstrip() for parts in lines)


def style_for(stream: IO[str] | None, environment: Mapping[str, str]) -> Style:
    """Choose the style that a stream can show.

    Args:
        stream: Where the text will go.
        environment: Such as `os.environ`; NO_COLOR, TERM and COLORTERM count.

    Source:
        https://no-color.org, and COLORTERM as terminals set it:
        https://github.com/termstandard/colors

    Example:
        >>> import io
        >>> style_for(io.StringIO(), {})
        'ascii'
    """
    if stream is None:  # as under pythonw
        return "ascii"
    try:
        "▀▄█".encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "ascii"
    plain = environment.get("NO_COLOR") or environment.get("TERM") == "dumb"
    deep = environment.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    return "colour" if deep and not plain and stream.isatty() else "blocks"


def _drawing(style: str) -> Callable[[NDArray[np.uint8]], list[str]]:
    """Return what draws pairs of rows in a style.

    Raises:
        UsageError: There is no such style.
    """
    draw = {"colour": _colour, "blocks": _blocks, "ascii": _ascii}.get(style)
    if draw is None:
        message = f"style is {style!r}; expected 'colour', 'blocks' or 'ascii'."
        raise UsageError(message)
    return draw


def _even(image: Pixels) -> NDArray[np.uint8]:
    """Pair rows: (pairs, 2, columns); a last row alone gets paper below."""
    rows = len(image) + len(image) % 2
    padded = np.zeros((rows, image.shape[1]), np.uint8)
    padded[: len(image)] = image
    return padded.reshape(rows // 2, 2, -1)


def _colour(pairs: NDArray[np.uint8]) -> list[str]:
    return _half_blocks(np.repeat(255 - pairs[..., None], 3, axis=3))


def _half_blocks(pairs: NDArray[np.uint8]) -> list[str]:
    """Draw pairs of rows, (pairs, 2, columns, 3) uint8, as half blocks of colours."""
    lines = []
    for upper, lower in pairs.tolist():
        cells, last = [], None
        for above, below in zip(upper, lower, strict=True):
            if (above, below) != last:  # the terminal remembers: say it only once
                colours = ";".join(map(str, (38, 2, *above, 48, 2, *below)))
                cells.append(f"\x1b[{colours}m")
                last = (above, below)
            cells.append("▀")
        lines.append("".join(cells) + RESET)
    return lines


def _blocks(pairs: NDArray[np.uint8]) -> list[str]:
    marks = np.array([" ", "▄", "▀", "█"])
    ink = pairs >= INK
    return ["".join(line) for line in marks[2 * ink[:, 0] + ink[:, 1]]]


def _ascii(pairs: NDArray[np.uint8]) -> list[str]:
    shades = np.array(list(SHADES))
    mean = pairs.mean(axis=1)
    places = np.round(mean / 255 * (len(SHADES) - 1)).astype(int)
    return ["".join(line) for line in shades[places]]
