"""Labels that are probably wrong: found by models that never saw them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Labels, Probabilities
from mnistry.errors import UsageError
from mnistry.metrics.calibration import check_rows


class Suspects(NamedTuple):
    """The images whose labels are probably wrong, the most suspicious first.

    Attributes:
        rows: (s,) indices of the images.
        labels: (s,) their probable labels.
        scores: (s,) probability of the label they carry, 0 to 1.
    """

    rows: NDArray[np.intp]
    labels: Labels
    scores: NDArray[np.float64]


def folds_of(written: Labels, folds: int, *, seed: int = 0) -> NDArray[np.intp]:
    """Assign images to folds of about equal size, stratified by label.

    Args:
        written: The labels, (n,).
        folds: Number of folds, from 2 to n.
        seed: Decides which image goes where.

    Returns:
        (n,) the fold of each image, 0 to `folds` - 1.

    Raises:
        UsageError: `folds` is not within 2 to n.

    Example:
        >>> np.bincount(folds_of(np.array([7, 7, 1, 1], np.uint8), 2))
        array([2, 2])
    """
    if not 2 <= folds <= len(written):
        message = (
            f"folds is {folds}; expected 2 to {len(written)}, the number of images."
            " Give more images, or fewer folds."
        )
        raise UsageError(message)
    order = np.random.default_rng(seed).permutation(len(written))
    order = order[np.argsort(written[order], kind="stable")]
    places = np.empty(len(written), np.intp)
    places[order] = np.arange(len(written)) % folds
    return places


def suspects(written: Labels, probabilities: Probabilities) -> Suspects:
    """Find labels that are probably wrong, by confident learning.

    The threshold of a label is its mean probability over the images that carry it. An
    image is suspect if, among the labels above their thresholds, the most probable one
    is not the label it carries.

    Args:
        written: The labels in doubt, (n,).
        probabilities: (n, classes), from models that did not learn from the image:
            cross-validated, or held out.

    Raises:
        ShapeError: There is not one label below `classes` for each row.

    Source:
        C. Northcutt, L. Jiang, I. Chuang: Confident learning: estimating uncertainty in
        dataset labels. JAIR 70:1373-1411, 2021, arXiv:1911.00068, equations 1 and 2.
        The same as cleanlab's filter_by="confident_learning".

    Example:
        >>> probabilities = [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.05, 0.95]]
        >>> suspects(np.array([0, 0, 1, 0], np.uint8), np.array(probabilities)).rows
        array([3])
    """
    check_rows(written, probabilities)
    wide = np.asarray(probabilities, np.float64)
    count, classes = wide.shape
    carried = wide[np.arange(count), written]
    carriers = np.bincount(written, minlength=classes)
    # a label that no image carries is never plausible
    needed = np.full(classes, np.inf)
    sums = np.bincount(written, carried, classes)
    np.divide(sums, carriers, out=needed, where=carriers > 0)
    # just below: a mean of equal numbers may be rounded up
    plausible = np.where(wide >= needed - 1e-6, wide, -1)
    likeliest = plausible.argmax(axis=1)
    doubted = (plausible.max(axis=1) >= 0) & (likeliest != written)
    rows = np.flatnonzero(doubted)
    rows = rows[np.argsort(carried[rows], kind="stable")]
    return Suspects(rows, likeliest[rows].astype(np.uint8), carried[rows])
