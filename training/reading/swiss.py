"""The Swiss hands: 9,849 scanned digits of 17 writers, as images and centre lines.

Source: kensanata/numbers (https://github.com/kensanata/numbers, CC0), collected in one
npz: `pixels` (all images one after another), `shapes` (n, 2), `labels`, `writer`.
"""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistry.frame import to_frame
from mnistry.synth.documents.thinning import thin
from training.reading.centre_lines import SIDE

BOX = 40  # pixels of a centre line's longer side, as those of MNIST have
INK = 40  # of 255 below the paper: pencils are faint
SPECK = 0.04  # of the largest component: what is smaller and apart is dust
LARGE = 4  # the box is thinned so much larger, then reduced
HELD_OUT = 1, 8, 15  # writers: every seventh number


class Hands(NamedTuple):
    """Digits by writer: (n, 28, 28), (n,), (n, 56, 7) packed, (n,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    centres: NDArray[np.uint8]
    writers: NDArray[np.int64]


def is_held_out(writers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which digits are of writers kept for validation."""
    held: NDArray[np.bool_] = np.isin(writers, np.array(HELD_OUT))
    return held


def ink_of(scan: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut the digit out of a scan: its box, 0 paper to 255 ink, dust and all else 0."""
    soft = cv2.GaussianBlur(np.median(scan) - scan.astype(np.float32), (0, 0), 0.7)
    mask = (soft > INK).astype(np.uint8)
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    sizes = stats[:, cv2.CC_STAT_AREA].copy()
    sizes[0] = 0
    if count < 2:
        return np.zeros((1, 1), np.uint8)
    keep = (sizes > SPECK * sizes.max()) & (np.arange(count) > 0)
    inside = keep[numbers]
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    near = cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    ink = np.where(near, np.clip(soft / np.percentile(soft[inside], 75), 0, 1), 0)
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    pixels: NDArray[np.uint8] = (box * 255).astype(np.uint8)
    return pixels


def canvas_of(box: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Binarize a digit's box in the middle of a square that is `LARGE` times `SIDE`."""
    side, most = SIDE * LARGE // 2, BOX * LARGE // 2
    scale = most / max(box.shape)
    size = [max(1, round(length * scale)) for length in box.shape[::-1]]
    fitted = cv2.resize(box, size, interpolation=cv2.INTER_CUBIC) > 90
    canvas = np.zeros((side, side), bool)
    top, left = (side - size[1]) // 2, (side - size[0]) // 2
    canvas[top : top + size[1], left : left + size[0]] = fitted
    return canvas


def halved(lines: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Reduce centre lines (n, 2 * SIDE, 2 * SIDE) to half of their size."""
    count = len(lines)
    return np.asarray(lines.reshape(count, SIDE, 2, SIDE, 2).max(axis=(2, 4)), bool)


def load_hands(path: Path) -> Hands:
    """Load all digits, framed as MNIST's are, and their centre lines."""
    with np.load(path, allow_pickle=False) as arrays:
        pixels, shapes = arrays["pixels"], arrays["shapes"]
        labels, writers = arrays["labels"], arrays["writer"].astype(np.int64)
    ends = np.cumsum(shapes.prod(axis=1))
    scans = np.split(pixels, ends[:-1])
    boxes = [
        ink_of(one.reshape(shape)) for one, shape in zip(scans, shapes, strict=True)
    ]
    some: NDArray[np.bool_] = np.array([min(box.shape) > 1 for box in boxes])
    images = np.stack([to_frame(box) for box in boxes])
    lines = np.concatenate(
        [
            halved(thin(np.stack([canvas_of(box) for box in boxes[at : at + 1000]])))
            for at in range(0, len(boxes), 1000)
        ]
    )
    packed = np.packbits(lines, axis=2)
    return Hands(images[some], labels[some], packed[some], writers[some])
