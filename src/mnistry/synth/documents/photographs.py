"""Scenes as people photograph and scan them: on a table, dark at the sides, turned.

As in `scenes`, what is written is known and the same seed gives the same picture.
"""

from collections.abc import Sequence

import numpy as np

from mnistry.extras import require
from mnistry.synth.documents.forms import Form, fill_form
from mnistry.synth.documents.pages import A4
from mnistry.synth.documents.paper import Paper, Sheet, make_sheet
from mnistry.synth.documents.scenes import (
    Alphabet,
    Lines,
    Scene,
    moved,
    photographed,
)
from mnistry.synth.documents.stationery import (
    draw_tint,
    print_words,
)
from mnistry.synth.documents.surroundings import (
    Room,
    cast_shadow,
    draw_corners,
    lay_on_table,
    make_table,
    put_dark_margin,
)

cv2 = require("cv2", extra="read")


def make_photographed_form(
    alphabet: Alphabet,
    entries: Sequence[str],
    *,
    seed: int = 0,
    border: tuple[int, float] | None = None,
) -> Scene:
    """Fill in a form on A4, lay it on a table and photograph it from above.

    Args:
        alphabet: Digits to write with.
        entries: What to write, a line each, at most ten.
        seed: Decides hands, paper, table, perspective, shadow and light.
        border: Pixels and lightness, 0 to 1, of a plain border in place of the table:
            nothing is tilted then and no shadow falls.

    Raises:
        UsageError: No digits and signs, or a digit that the alphabet does not have.
    """
    generator = np.random.default_rng(seed)
    sheet, lines = _filled_form(alphabet, entries, generator)
    wide, lightness = border or (0, 0.0)
    sides = [wide] * 4 if border else generator.integers(50, 260, 4).tolist()
    room = Room(*sides)
    shape = A4[0] + room.top + room.bottom, A4[1] + room.left + room.right
    if border:
        table = np.full((*shape, 3), lightness, np.float32)
    else:
        table = make_table(shape, generator=generator)
    amount = 0.0 if border else 0.6
    corners = draw_corners(A4, room, amount, generator=generator)
    matrix = lay_on_table(sheet, table, corners)
    if not border and generator.random() < 0.6:
        cast_shadow(table, generator=generator)
    return photographed(table, lines, matrix, generator)


def make_dark_margins(scene: Scene, *, share: float = 0.3, seed: int = 0) -> Scene:
    """Put a scene beside a book's dark edge, or on a scanner's dark bed.

    Args:
        scene: Any; what is written in it stays whole.
        share: Of the picture's shorter side, the widest margin.
        seed: Decides which sides are dark, and how.
    """
    generator = np.random.default_rng(seed)
    most = max(4.0, share * min(scene.picture.shape[:2]))
    wide = generator.uniform(0.1 * most, most, 4) * (generator.random(4) < 0.55)
    if not wide.any():
        wide[int(generator.integers(4))] = most
    room = Room(*wide.astype(int).tolist())
    sheet = cv2.copyMakeBorder(
        scene.picture.astype(np.float32) / np.float32(255),
        *(room.top, room.bottom, room.left, room.right),
        cv2.BORDER_REPLICATE,
    )
    put_dark_margin(sheet, room, generator=generator)
    matrix = np.array([[1, 0, room.left], [0, 1, room.top], [0, 0, 1]], np.float64)
    picture = (np.clip(sheet, 0, 1) * 255).astype(np.uint8)
    return Scene(picture, moved(scene.lines, matrix))


def turned(scene: Scene, degrees: float) -> Scene:
    """Turn a scene clockwise; its picture grows to hold all of it.

    Args:
        scene: Any.
        degrees: By how many; what is missing at the corners is as the border is.
    """
    rows, columns = scene.picture.shape[:2]
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), -degrees, 1)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = round(columns * cos + rows * sin), round(columns * sin + rows * cos)
    turn[:, 2] += (size[0] - columns) / 2, (size[1] - rows) / 2
    picture = cv2.warpAffine(scene.picture, turn, size, borderMode=cv2.BORDER_REPLICATE)
    return Scene(picture, moved(scene.lines, np.vstack([turn, [0, 0, 1]])))


def _filled_form(
    alphabet: Alphabet, entries: Sequence[str], generator: np.random.Generator
) -> tuple[Sheet, Lines]:
    sheet = make_sheet(A4, Paper(draw_tint(generator), 0.006), generator=generator)
    print_words(sheet, "Application for a reading card", (110, 130), size=34)
    pitch = min(150, 1100 // len(entries))
    form = Form(110, 420, (400.0, 1130.0), 300, pitch, 0.3, (36, 50))
    return sheet, fill_form(sheet, alphabet, entries, form, generator=generator)
