"""Anti-aliased ink: from the dots of a round pen to grey pixels.

Rule: whole batches, no random numbers, no loop over images.
"""

import numpy as np
from numpy.typing import NDArray

# Width of the grey edge in pixels: with it as many pixels are touched for a given
# amount of ink as in MNIST's training images.
EDGE = 1.15


def ink(
    dots: NDArray[np.float32],
    radii: NDArray[np.float32],
    *,
    size: int,
    roughness: NDArray[np.float32] | float = 0.0,
) -> NDArray[np.float32]:
    """Cover pixels with a round pen that goes from dot to dot.

    A pixel is covered by the share that a long straight stroke of the same mean
    width would cover of a window ``EDGE`` wide around the pixel's middle.

    Args:
        dots: (n, d, 2) float32 centres x, y in pixels, closer together than the
            pen is wide; the middle of the first pixel is 0.5, 0.5.
        radii: (n, d) float32 radius of the pen at each dot in pixels; where it is
            below 0 the pen does not write.
        size: Height and width of the picture in pixels.
        roughness: (n, size, size) float32 pixels by which the edge is moved inwards.

    Returns:
        (n, size, size) float32 from 0 (paper) to 1 (ink).
    """
    radius = np.maximum(radii, 0).mean(1)[:, None, None]
    squares = _least_power(dots, radii, size) + radius * radius
    distance = np.sqrt(np.maximum(squares, 0, out=squares), out=squares)
    distance += roughness
    covered = np.minimum(distance + np.float32(EDGE / 2), radius)
    covered -= np.maximum(distance - np.float32(EDGE / 2), -radius)
    covered /= np.float32(EDGE)
    clipped: NDArray[np.float32] = np.clip(covered, 0, 1, out=covered)
    return clipped


def _least_power(
    dots: NDArray[np.float32], radii: NDArray[np.float32], size: int
) -> NDArray[np.float32]:
    """Least of distance squared less radius squared over the dots, for each pixel.

    This power of a point with respect to a circle is 0 on the rim; unlike the
    distance it splits into a part of x and a part of y.
    """
    middles = np.arange(size, dtype=np.float32) + np.float32(0.5)
    across = np.square(dots[:, :, :1] - middles)
    down = np.square(dots[:, :, 1:] - middles)
    down -= (radii * np.abs(radii))[:, :, None]
    least = np.full((len(dots), size, size), np.inf, np.float32)
    power = np.empty_like(least)
    for dot in range(dots.shape[1]):
        np.add(down[:, dot, :, None], across[:, dot, None, :], out=power)
        np.minimum(least, power, out=least)
    return least
