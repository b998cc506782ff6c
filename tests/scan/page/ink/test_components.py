"""Components, their boxes and areas are those that OpenCV finds."""

import cv2
import numpy as np
import pytest

from mnistry.scan.page.ink.components import label_components


@pytest.mark.parametrize("connectivity", [4, 8])
def test_components_are_those_of_opencv(connectivity: int) -> None:
    generator = np.random.default_rng(0)
    for _ in range(50):
        shape, share = generator.integers(1, 60, 2), generator.random()
        ink = generator.random(shape) < share
        component_map, facts = label_components(ink, connectivity)
        _, numbers, expected, _ = cv2.connectedComponentsWithStats(
            ink.view(np.uint8), connectivity=connectivity
        )
        assert (component_map == numbers).all()
        assert (facts[1:] == expected[1:]).all()
        assert not facts[0].any()
