"""What is counted in a histogram is as NumPy has it from the pixels."""

import numpy as np

from mnistry.scan.page.picture.pixels import percentiles


def test_percentiles_are_those_of_numpy() -> None:
    generator = np.random.default_rng(0)
    for _ in range(50):
        shape, greys = generator.integers(1, 40, 2), generator.integers(2, 256)
        picture = generator.integers(0, greys, shape, dtype=np.uint8)
        shares = [0, 2, 50, 98, 100]
        expected = np.percentile(picture, shares)
        np.testing.assert_allclose(percentiles(picture, shares), expected)
