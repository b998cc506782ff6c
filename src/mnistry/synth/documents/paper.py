"""Paper to write on: tint, grain, printed waves and lines, frames, stains.

Everything is drawn from a generator, so the same seed gives the same sheet.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require

cv2 = require("cv2", extra="read")

Sheet = NDArray[np.float32]
"""(rows, columns, 3) float32; red, green and blue, 0 dark to 1 light."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What a sheet looks like; shares are of full contrast.

    Attributes:
        tint: Red, green and blue of the paper, 0 to 1.
        grain: Standard deviation of the paper's texture.
        waves: Contrast of printed waves, as on cheques; 0 for none.
        stains: How many stains.
    """

    tint: tuple[float, float, float] = (0.95, 0.94, 0.9)
    grain: float = 0.01
    waves: float = 0.0
    stains: int = 0


def make_sheet(
    shape: tuple[int, int], paper: Paper, *, generator: np.random.Generator
) -> Sheet:
    """Make a sheet with nothing written on it.

    Args:
        shape: Rows and columns.
        paper: What it looks like.
        generator: Decides grain, waves and stains.

    Example:
        >>> make_sheet((4, 6), Paper(), generator=np.random.default_rng(0)).shape
        (4, 6, 3)
    """
    sheet = np.ones((*shape, 3), np.float32) * np.array(paper.tint, np.float32)
    sheet *= 1 + _grain(shape, paper.grain, generator)[:, :, None]
    if paper.waves:
        colour = generator.uniform(0.2, 1.0, 3)
        mask = waves(shape, generator=generator)
        stain_ink(sheet, mask * np.float32(paper.waves), colour)
    for _ in range(paper.stains):
        _stain(sheet, generator)
    return np.clip(sheet, 0, 1)


COVER = np.float32(0.92)  # of ink over paper: a pen lets a little of it through


def stain_ink(
    sheet: Sheet, ink: NDArray[np.float32], colour: NDArray[np.float64]
) -> None:
    """Put ink on a sheet, in place.

    Args:
        sheet: What is written on.
        ink: (rows, columns), 0 none to 1 full.
        colour: Red, green and blue of the full ink, 0 to 1.
    """
    cover = ink[:, :, None]
    sheet *= 1 - cover
    sheet += cover * colour.astype(np.float32)


def stain_at(
    sheet: Sheet,
    ink: NDArray[np.float32],
    at: tuple[int, int],
    colour: NDArray[np.float64],
) -> None:
    """Put ink on a part of a sheet, in place, as far as it lies on it.

    Args:
        sheet: What is written on.
        ink: (rows, columns), 0 none to 1 full.
        at: Column and row of its upper left corner, which may lie outside.
        colour: Red, green and blue of the full ink, 0 to 1.
    """
    left, top = at
    part = sheet[max(0, top) :, max(0, left) :]
    ink = ink[max(0, -top) :, max(0, -left) :][: part.shape[0], : part.shape[1]]
    stain_ink(part[: ink.shape[0], : ink.shape[1]], ink, colour)


def waves(
    shape: tuple[int, int], *, generator: np.random.Generator
) -> NDArray[np.float32]:
    """Draw bundles of fine waves, as printed on cheques against copying: 0 to 1."""
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    out = np.zeros(shape, np.float32)
    for _ in range(int(generator.integers(1, 4))):
        angle = generator.uniform(0, np.pi)
        along = columns * np.float32(np.cos(angle)) + rows * np.float32(np.sin(angle))
        across = rows * np.float32(np.cos(angle)) - columns * np.float32(np.sin(angle))
        period = generator.uniform(12, 90)
        swing = generator.uniform(0, 0.25) * period
        spacing = generator.uniform(3, 14)
        bend = swing * np.sin(
            along * np.float32(2 * np.pi / period) + generator.uniform(0, 6)
        )
        phase = (across + bend.astype(np.float32)) * np.float32(2 * np.pi / spacing)
        sharp = generator.uniform(1, 6)
        out = np.maximum(out, ((np.cos(phase) + 1) / 2) ** np.float32(sharp))
    return out


def draw_lines(
    shape: tuple[int, int],
    segments: NDArray[np.float64],
    *,
    thickness: float,
) -> NDArray[np.float32]:
    """Draw straight lines as ink.

    Args:
        shape: Rows and columns of the ink.
        segments: (n, 4): x, y of the start, x, y of the end.
        thickness: In pixels; less than one is drawn fainter.
    """
    ink = np.zeros(shape, np.uint8)
    wide = max(1, round(thickness))
    for x0, y0, x1, y1 in (np.asarray(segments) * 16).round().astype(int).tolist():
        cv2.line(ink, (x0, y0), (x1, y1), 255, wide, cv2.LINE_AA, 4)
    strength = min(1.0, thickness)
    drawn: NDArray[np.float32] = ink.astype(np.float32) * np.float32(strength / 255)
    return drawn


def _grain(
    shape: tuple[int, int], amount: float, generator: np.random.Generator
) -> NDArray[np.float32]:
    fine = generator.standard_normal(shape, np.float32)
    small = max(2, shape[0] // 6), max(2, shape[1] // 6)
    coarse = generator.standard_normal(small, np.float32)
    coarse = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
    grain: NDArray[np.float32] = np.float32(amount) * (0.7 * fine + 0.7 * coarse)
    return grain


def _stain(sheet: Sheet, generator: np.random.Generator) -> None:
    rows, columns = sheet.shape[:2]
    centre = generator.uniform(0, columns), generator.uniform(0, rows)
    radius = generator.uniform(0.05, 0.3) * min(rows, columns) + 2
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    far = np.hypot(x - centre[0], y - centre[1]) / radius
    soft = np.clip((1 - far) * 3, 0, 1) * generator.uniform(0.05, 0.25)
    ring = np.exp(-(((far - 1) * 12) ** 2)) * generator.uniform(0, 0.2)
    stain_ink(sheet, (soft + ring).astype(np.float32), np.array([0.5, 0.35, 0.15]))
