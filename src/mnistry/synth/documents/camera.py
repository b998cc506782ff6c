"""A photograph of a sheet: uneven light, slanted camera, blur, noise, JPEG."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require
from mnistry.synth.documents.paper import Sheet

cv2 = require("cv2", extra="read")

Picture = NDArray[np.uint8]
"""(rows, columns, 3) uint8; red, green and blue as a camera gives them."""


@dataclass(frozen=True, slots=True)
class Camera:
    """How a sheet is taken.

    Attributes:
        shade: How much darker the darkest corner is, 0 to 1.
        blur: Standard deviation of the blur, in pixels.
        noise: Standard deviation of the noise, of full brightness.
        quality: Of the JPEG, 1 to 100; 0 for none.
    """

    shade: float = 0.1
    blur: float = 0.5
    noise: float = 0.01
    quality: int = 85


def photograph(
    sheet: Sheet, camera: Camera, *, generator: np.random.Generator
) -> Picture:
    """Take a picture of a sheet.

    Args:
        sheet: What lies before the camera.
        camera: How it is taken.
        generator: Decides where the light is, and the noise.

    Example:
        >>> sheet = np.ones((20, 30, 3), np.float32)
        >>> photograph(sheet, Camera(), generator=np.random.default_rng(0)).shape
        (20, 30, 3)
    """
    lit = sheet * _light(sheet.shape[:2], camera.shade, generator)[:, :, None]
    if camera.blur:
        lit = cv2.GaussianBlur(lit, (0, 0), camera.blur)
    if camera.noise:
        lit = lit + generator.standard_normal(lit.shape, np.float32) * camera.noise
    picture: Picture = (np.clip(lit, 0, 1) * 255).astype(np.uint8)
    return _as_jpeg(picture, camera.quality) if camera.quality else picture


def tilt_matrix(
    shape: tuple[int, int], amount: float, *, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Draw the perspective of a camera that is not held straight.

    Args:
        shape: Rows and columns of the sheet.
        amount: How far corners move at most, as a fraction of the sides.
        generator: Decides where the corners go.

    Returns:
        (3, 3): from points of the sheet to points of the picture, of the same size.
    """
    rows, columns = shape
    corners = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    moved = corners + generator.uniform(-amount, amount, (4, 2)) * [columns, rows]
    matrix: NDArray[np.float64] = cv2.getPerspectiveTransform(
        corners, moved.astype(np.float32)
    )
    return matrix


def _light(
    shape: tuple[int, int], shade: float, generator: np.random.Generator
) -> NDArray[np.float32]:
    coarse = generator.uniform(1 - shade, 1, (3, 3)).astype(np.float32)
    light: NDArray[np.float32] = cv2.resize(
        coarse, shape[::-1], interpolation=cv2.INTER_CUBIC
    )
    return light


def _as_jpeg(picture: Picture, quality: int) -> Picture:
    bgr = picture[:, :, ::-1]
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    back: Picture = cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1]
    return np.ascontiguousarray(back)
