"""Strips with the digits that are in them, and the files that hold many: shards."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SHARD = 2000  # strips
WIDEST = 560  # columns of a strip


class Strip(NamedTuple):
    """A strip, its digits, and the middle and width of each in its columns."""

    pixels: NDArray[np.uint8]
    digits: NDArray[np.uint8]
    centres: NDArray[np.floating]
    widths: NDArray[np.floating]


def save_shard(strips: list[Strip], path: Path) -> None:
    """Save strips in one file, all or nothing."""
    pixels, digits, centres, widths = zip(*strips, strict=True)
    part = path.with_name(f".{path.stem}.part.npz")
    np.savez(
        part,
        pixels=np.concatenate(pixels, 1),
        strip_widths=[strip.shape[1] for strip in pixels],
        digits=np.concatenate(digits).astype(np.uint8),
        counts=[len(some) for some in digits],
        centres=np.concatenate(centres).astype(np.float32),
        widths=np.concatenate(widths).astype(np.float32),
    )
    part.replace(path)


def read_shard(path: Path) -> list[Strip]:
    """Read the strips of one file that `save_shard` wrote."""
    with np.load(path) as arrays:
        pixels, digits = arrays["pixels"], arrays["digits"]
        centres, widths = arrays["centres"], arrays["widths"]
        ends, marks = np.cumsum(arrays["strip_widths"]), np.cumsum(arrays["counts"])
    starts, firsts = np.r_[0, ends[:-1]], np.r_[0, marks[:-1]]
    return [
        Strip(pixels[:, a:b], digits[i:j], centres[i:j], widths[i:j])
        for a, b, i, j in zip(starts, ends, firsts, marks, strict=True)
    ]
