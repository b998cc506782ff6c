"""What lies around a sheet when it is photographed or scanned: tables, dark margins.

Rule: everything is drawn by the generator that is given, and covers more than is seen.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistry.extras import require
from mnistry.synth.documents.paper import Sheet

cv2 = require("cv2", extra="read")

Corners = NDArray[np.float64]
"""(4, 2) float64; x, y: upper left, upper right, lower right, lower left."""

BROWNS = ((0.42, 0.27, 0.15), (0.6, 0.42, 0.26), (0.28, 0.17, 0.1), (0.72, 0.55, 0.38))


class Room(NamedTuple):
    """Pixels of the surroundings seen at each side of a sheet."""

    left: int
    top: int
    right: int
    bottom: int


def make_table(shape: tuple[int, int], *, generator: np.random.Generator) -> Sheet:
    """Draw a table top: plain grey, cloth, or wood; darker than white paper.

    Args:
        shape: Rows and columns.
        generator: Decides which, its colour and its grain.

    Example:
        >>> make_table((6, 9), generator=np.random.default_rng(0)).shape
        (6, 9, 3)
    """
    kind = int(generator.integers(3))
    if kind == 2:
        return _wood(shape, generator)
    grey = generator.uniform(0.06, 0.62)
    colour = np.clip(grey * (1 + generator.normal(0, 0.12, 3)), 0.02, 0.7)
    table = np.ones((*shape, 3), np.float32) * colour.astype(np.float32)
    grain = generator.standard_normal(shape, np.float32)
    if kind == 1:  # threads
        grain = cv2.blur(grain, (1, 5)) + cv2.blur(grain, (5, 1))
    table *= 1 + np.float32(generator.uniform(0.01, 0.15)) * grain[:, :, None]
    return np.clip(table, 0, 1)


def _wood(shape: tuple[int, int], generator: np.random.Generator) -> Sheet:
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    if generator.random() < 0.5:
        rows, columns = columns, rows
    bend = generator.uniform(5, 30) * np.sin(
        columns / np.float32(generator.uniform(150, 600))
    )
    rings = np.sin((rows + bend.astype(np.float32)) / generator.uniform(3, 14))
    small = max(2, shape[0] // 3), max(2, shape[1] // 60)
    fibres = generator.standard_normal(small, np.float32)
    fibres = cv2.resize(fibres, shape[::-1], interpolation=cv2.INTER_LINEAR)
    grain = 0.5 * rings.astype(np.float32) + 0.5 * fibres
    plank = np.floor(rows / np.float32(generator.uniform(120, 400)))
    gaps = np.abs(np.diff(plank, axis=0, prepend=plank[:1])) > 0
    gaps |= np.abs(np.diff(plank, axis=1, prepend=plank[:, :1])) > 0
    brown = BROWNS[int(generator.integers(len(BROWNS)))]
    wood = np.ones((*shape, 3), np.float32) * np.array(brown, np.float32)
    wood *= 1 + np.float32(generator.uniform(0.05, 0.2)) * grain[:, :, None]
    wood[cv2.dilate(gaps.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] *= 0.4
    return np.clip(wood, 0, 1)


def draw_corners(
    shape: tuple[int, int], room: Room, amount: float, *, generator: np.random.Generator
) -> Corners:
    """Draw where the corners of a sheet are in a picture taken from above.

    Args:
        shape: Rows and columns of the sheet.
        room: Around it.
        amount: How far each corner moves at most, as a fraction of the room there.
        generator: Decides where the corners go.
    """
    rows, columns = shape
    corners = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float64)
    ways = np.array(
        [
            [room.left, room.top],
            [room.right, room.top],
            [room.right, room.bottom],
            [room.left, room.bottom],
        ]
    )
    corners += np.array([room.left, room.top])
    moved: Corners = corners + generator.uniform(-amount, amount, (4, 2)) * ways
    return moved


def lay_on_table(sheet: Sheet, table: Sheet, corners: Corners) -> NDArray[np.float64]:
    """Lay a sheet on a table, in place of the table.

    Args:
        sheet: What is laid down.
        table: What it is laid on; is written to.
        corners: Where the sheet's corners come to lie.

    Returns:
        (3, 3): from points of the sheet to points of the table.
    """
    rows, columns = sheet.shape[:2]
    own = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    matrix = cv2.getPerspectiveTransform(own, corners.astype(np.float32))
    size = table.shape[1::-1]
    seen = cv2.warpPerspective(sheet, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpPerspective(np.ones(sheet.shape[:2], np.float32), matrix, size)
    near = cv2.GaussianBlur(cover, (0, 0), 6)  # a sheet darkens the table at its edge
    table *= 1 - np.float32(0.35) * (near * (1 - cover))[:, :, None]
    table *= (1 - cover)[:, :, None]
    table += seen * cover[:, :, None]
    return np.asarray(matrix, np.float64)


def cast_shadow(sheet: Sheet, *, generator: np.random.Generator) -> None:
    """Let a hand or a head cast a soft shadow on what is seen, in place.

    Args:
        sheet: What is seen.
        generator: Decides where, how soft and how dark.
    """
    rows, columns = sheet.shape[:2]
    angle = generator.uniform(0, 2 * np.pi)
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    along = (x / columns - 0.5) * np.cos(angle) + (y / rows - 0.5) * np.sin(angle)
    bend = 0.06 * np.sin(8 * (x / columns * np.sin(angle) - y / rows * np.cos(angle)))
    soft = generator.uniform(0.01, 0.2)
    share = np.clip((along + bend - generator.uniform(-0.3, 0.3)) / soft + 0.5, 0, 1)
    sheet *= 1 - np.float32(generator.uniform(0.15, 0.5)) * share[:, :, None]


def put_dark_margin(
    sheet: Sheet, room: Room, *, generator: np.random.Generator
) -> None:
    """Blacken the sides of what is seen, in place: a book's edge, a scanner's bed.

    Args:
        sheet: What is seen; its sides are dark afterwards.
        room: How many pixels at each side; 0 leaves the side as it is.
        generator: Decides how dark and how noisy it is, and how its edge runs.
    """
    rows, columns = sheet.shape[:2]
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    depths = (
        x - room.left,
        y - room.top,
        columns - room.right - x,
        0 - room.bottom - y,
    )
    depths = (*depths[:3], rows + depths[3])
    soft = generator.uniform(0.7, 4)
    inside = np.ones((rows, columns), np.float32)
    for depth, wide, along in zip(depths, room, (y, x, y, x), strict=True):
        if not wide:
            continue
        lean = generator.normal(0, 0.1) * wide / max(rows, columns)
        wave = 0.04 * wide * np.sin(along / generator.uniform(10, 80))
        edge = depth + lean * (along - along.mean()) + wave.astype(np.float32)
        inside *= np.clip(edge / np.float32(soft) + 0.5, 0, 1)
        if generator.random() < 0.5:  # paper bends down to the spine
            fall = np.clip(edge / np.float32(wide), 0, 1)
            inside *= 1 - np.float32(generator.uniform(0.1, 0.5)) * (1 - fall) ** 2
    level = np.float32(generator.uniform(0.02, 0.16))
    noise = generator.uniform(0, 0.03) * generator.standard_normal(sheet.shape)
    dark = np.clip(level + noise, 0, 1).astype(np.float32)
    sheet *= inside[:, :, None]
    sheet += dark * (1 - inside)[:, :, None]
