"""A canvas for what people write beside digits, with the pen that wrote these."""

from dataclasses import dataclass

import cv2
import numpy as np

HAND_LIKE = [0, 3, 4, 6, 7]  # of OpenCV's typefaces
FINE = 4  # bits behind the point of a coordinate

Rows = tuple[float, float]
"""The top and the foot of the digits."""


@dataclass
class Canvas:
    """Where marks are drawn, by what pen, and how large the digits are."""

    ink: np.ndarray
    height: float
    thickness: float
    rng: np.random.Generator

    def line(self, *points: tuple[float, float], bold: float = 1.0) -> None:
        """Draw a line through points, a little bowed."""
        path = np.array(points, float)
        if len(path) == 2:
            bow = self.rng.normal(0, 0.04) * (path[1] - path[0])[::-1]
            t = np.linspace(0, 1, 7)[:, None]
            path = path[:1] * (1 - t) + path[1:] * t + 4 * t * (1 - t) * bow
        thick = max(1, round(self.thickness * bold * self.rng.uniform(0.85, 1.15)))
        steps = [(path * 2**FINE).round().astype(np.int32)]
        cv2.polylines(
            self.ink,
            steps,
            isClosed=False,
            color=255,
            thickness=thick,
            lineType=cv2.LINE_AA,
            shift=FINE,
        )

    def text(self, text: str, left: float, base: float, size: float) -> None:
        """Write letters."""
        face = int(self.rng.choice(HAND_LIKE))
        thick = max(1, round(self.thickness))
        at, scale = (int(left), int(base)), self.height / 22 * size
        cv2.putText(self.ink, text, at, face, scale, 255, thick, cv2.LINE_AA)
