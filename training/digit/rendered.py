"""Non-digits that are not drawn by mnistry: a check for the packaged model.

Letters and Chinese characters come from the fonts that happen to be installed, letters
of single strokes from OpenCV's Hershey fonts, halves from digits. Rule: no font that
the model learned from, and nothing here is ever learned from.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mnistry.arrays import Images, Pixels
from mnistry.digits import Digits
from mnistry.frame import stack_frames

CAPITALS, LOWER_CASE = "ACDEFHJKLMNPRTUVWXY", "acdefhkmnprtuvwx"
CHARACTERS, FIRST, LAST = 500, 0x4E10, 0x9000  # of the common Chinese ones
SYMBOLS = ("cmex10", "cmsy10")  # no letters, or other ones, where letters belong
SIZE = 56  # of letters, in pixels
# Framed, the upper halves of 1, 6, 7, 8, 9 are a 1, an open 1, a 7 and a 0 again.
NO_DIGITS = (0, 2, 3, 4, 5)


def load_fonts(without: Iterable[str], most: int) -> dict[str, Any]:
    """Load fonts with Latin letters, installed or carried by matplotlib, by name."""
    from matplotlib import font_manager, get_data_path
    from PIL import ImageFont

    installed = map(Path, font_manager.findSystemFonts())
    carried = Path(get_data_path(), "fonts", "ttf").glob("*.ttf")
    files = {path.stem: path for path in (*carried, *installed)}
    usable: dict[str, Any] = {}
    for name in sorted(files.keys() - {*without, *SYMBOLS}):
        font = ImageFont.truetype(str(files[name]), SIZE)
        if _differ(font, "A", "K") and _differ(font, "a", "k"):
            usable[name] = font
        if len(usable) == most:
            break
    return usable


def render(digits: Digits, fonts: Mapping[str, Any]) -> dict[str, Images]:
    """Draw capitals, lower case, Chinese characters and halves, each framed."""
    upper = digits.images.copy()
    upper[:, 14:] = 0
    no_digits = upper[np.isin(digits.labels, NO_DIGITS)]
    kinds: dict[str, list[Pixels]] = {
        "capitals of fonts": [_letter(f, c) for c in CAPITALS for f in fonts.values()],
        "lower case of fonts": [
            _letter(f, c) for c in LOWER_CASE for f in fonts.values()
        ],
        "Chinese characters of fonts": list(_chinese([*fonts.values()])),
        "capitals of strokes": list(_strokes(CAPITALS)),
        "lower case of strokes": list(_strokes(LOWER_CASE)),
        "upper halves in their places": list(upper),
        "upper halves of 0 2 3 4 5, framed": list(no_digits),
        "upper halves, framed": list(upper),
    }
    return {
        kind: np.stack(drawn) if kind.endswith("places") else stack_frames(drawn)
        for kind, drawn in kinds.items()
        if drawn
    }


def _letter(font: Any, letter: str) -> Pixels:
    from PIL import Image, ImageDraw

    canvas = Image.new("L", (2 * SIZE, 2 * SIZE))
    ImageDraw.Draw(canvas).text((SIZE, SIZE), letter, fill=255, font=font, anchor="mm")
    return np.asarray(canvas)


def _differ(font: Any, one: str, other: str) -> bool:
    """Check that a font has letters, and not one box for each."""
    pictures = _letter(font, one), _letter(font, other)
    return all(map(np.any, pictures)) and not np.array_equal(*pictures)


def _chinese(fonts: list[Any]) -> Iterator[Pixels]:
    fonts = [font for font in fonts if _differ(font, "一", "中")]
    drawn = np.random.default_rng(0).choice(np.arange(FIRST, LAST), CHARACTERS)
    for place, code in enumerate(drawn if fonts else ()):
        yield _letter(fonts[place % len(fonts)], chr(code))


def _strokes(letters: str) -> Iterator[Pixels]:
    """Letters as plotters draw them, plain and in script, with several pens."""
    import cv2

    named = [name for name in vars(cv2) if name.startswith("FONT_HERSHEY")]
    for letter in letters:
        for name in named:
            for width in (3, 5, 8):
                canvas = np.zeros((2 * SIZE, 2 * SIZE), np.uint8)
                place, size = (SIZE // 2, 3 * SIZE // 2), 2
                cv2.putText(
                    *(canvas, letter, place, getattr(cv2, name), size, 255, width),
                    cv2.LINE_AA,
                )
                yield canvas
