"""From a composed picture to what a net sees of it, by the very way of reading."""

import numpy as np

from mnistry.scan.page.layout import lines
from mnistry.scan.page.paper import illumination
from mnistry.scan.page.prepare import prepare
from mnistry.scan.page.strip import cut_strip, strip_matrix
from training.reading.strip_shards import Strip

LEAST_SHARE = 0.45  # that the found band has of the true one


def to_strip(
    picture: np.ndarray,
    labels: np.ndarray,
    boxes: np.ndarray,
    rng: np.random.Generator,
) -> Strip | None:
    """Make a picture ready as `mnistry.read` does, and cut the strip of its digits.

    Args:
        picture: (rows, columns, 3) uint8.
        labels: (n,) its digits; none if it is of letters.
        boxes: (n, 4) of its digits, or of all its letters: left, top, right, bottom.
        rng: Moves the band a little, and the ends now and then.

    Returns:
        The strip; none if the picture is taken for light ink on dark paper.
    """
    if illumination.is_light_on_dark(picture):
        return None
    ready = prepare(picture)[0]
    turn = np.linalg.inv(ready.back[:2, :2])
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    middles = (middles - ready.back[:2, 2]) @ turn.T
    sides = (boxes[:, 2:] - boxes[:, :2]) * np.sqrt(np.linalg.det(turn))
    low, high = middles - sides / 2, middles + sides / 2
    line = ready.only_line or lines.main_line(ready.lines)
    truth = float(np.median(low[:, 1])), float(np.median(high[:, 1]))
    tall = truth[1] - truth[0]
    band = line.band if line else truth
    both = max(1.0, max(band[1], truth[1]) - min(band[0], truth[0]))
    if (min(band[1], truth[1]) - max(band[0], truth[0])) / both < LEAST_SHARE:
        band = truth
    band = band[0] + rng.normal(0, 0.04) * tall, band[1] + rng.normal(0, 0.04) * tall
    left, right = 0.0, float(ready.mask.shape[1])
    if line and (ready.only_line is None or rng.random() < 0.2):
        room = line.height / 2
        left = max(0.0, min(line.box.left, low[0, 0]) - room)
        right = min(right, max(line.box.right, high[:, 0].max()) + room)
    matrix, width = strip_matrix(left, right, band)
    strip = cut_strip(ready.soft, matrix, width)
    scale, count = matrix[0, 0], len(labels)
    centres = middles[:count, 0] * scale + matrix[0, 2]
    return Strip(strip, labels, centres, sides[:count, 0] * scale)
