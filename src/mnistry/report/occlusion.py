"""Where a model looked: what changes if a small patch of an image is erased.

This needs only `predict`, so it works for any model. Erasing ink that supports the
answer lowers the confidence; erasing ink that contradicts it raises it.
"""

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Images
from mnistry.predictions import Predictions, Predictor

PATCH = 6  # pixels: two strokes wide
STEP = 2  # pixels from patch to patch: 144 patches on an image of 28x28


def occlusion_maps(model: Predictor, images: Images) -> NDArray[np.float32]:
    """Compute how much the ink around each pixel supports the answer.

    Args:
        model: Anything with `predict`; it reads each image once for each patch.
        images: (n, rows, columns) uint8, 0 paper to 255 ink.

    Returns:
        (n, rows, columns) float32; by how much the log odds of the answer fall, on
        average, if a patch over that pixel is erased: above 0 where ink supports the
        answer, below where it contradicts it.

    Source:
        M. Zeiler, R. Fergus: Visualizing and understanding convolutional networks.
        ECCV 2014, arXiv:1311.2901, section 4.2, with paper in place of grey.
    """
    if not len(images):
        return np.zeros(images.shape, np.float32)
    corners = _corners(images.shape[1:])
    predictions = model.predict(images)
    before = _log_odds(predictions, predictions.labels)
    falls = np.zeros(images.shape)
    patches = np.zeros(images.shape[1:])
    wiped = np.repeat(images, len(corners), axis=0)
    for place, corner in enumerate(corners):
        wiped[place :: len(corners)][(slice(None), *corner)] = 0
        patches[corner] += 1
    labels = np.repeat(predictions.labels, len(corners))
    after = _log_odds(model.predict(wiped), labels).reshape(len(images), -1)
    for place, corner in enumerate(corners):
        falls[(slice(None), *corner)] += (before - after[:, place])[:, None, None]
    return (falls / patches).astype(np.float32)


def _corners(size: tuple[int, ...]) -> list[tuple[slice, slice]]:
    rows, columns = size
    return [
        (slice(top, top + PATCH), slice(left, left + PATCH))
        for top in range(0, max(1, rows - PATCH + STEP), STEP)
        for left in range(0, max(1, columns - PATCH + STEP), STEP)
    ]


def _log_odds(
    predictions: Predictions, labels: NDArray[np.uint8]
) -> NDArray[np.float64]:
    wide = predictions.logits.astype(np.float64)
    rows = np.arange(len(wide))
    mine = wide[rows, labels]
    wide[rows, labels] = -np.inf
    largest = wide.max(axis=1)
    others = largest + np.log(np.exp(wide - largest[:, None]).sum(axis=1))
    return np.asarray(mine - others)


def coloured(images: Images, maps: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Paint maps over their images: red ink supports the answer, blue contradicts it.

    Args:
        images: (n, rows, columns) uint8, 0 paper to 255 ink.
        maps: From `occlusion_maps`; each is scaled by its own largest number.

    Returns:
        (n, rows, columns, 3) uint8 on white paper.
    """
    largest = np.abs(maps).max(axis=(1, 2), keepdims=True)
    share = maps / np.where(largest > 0, largest, 1)
    grey = 255 - 0.45 * images[..., None].astype(np.float32)  # faint, so colours show
    # the two ends of a red-blue scale that colour-blind people can tell apart
    ends = np.where(share[..., None] > 0, (202, 0, 32), (5, 113, 176))
    strength = 0.85 * np.abs(share)[..., None]
    return np.asarray((grey * (1 - strength) + ends * strength).round(), np.uint8)
