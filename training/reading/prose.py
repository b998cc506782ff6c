"""Paragraphs of print with numbers among their words, and where each digit is."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mnistry.box import Box
from mnistry.synth.documents.camera import photograph
from mnistry.synth.documents.pages import WORDS
from mnistry.synth.documents.paper import Paper, make_sheet, stain_ink
from mnistry.synth.documents.scenes import (
    Scene,
    TrueLine,
    moved,
)
from mnistry.synth.documents.stationery import draw_camera, draw_tint
from training.reading.printing import any_font, word

NUMBERS = 0.18  # of the words


def make_prose(rng: np.random.Generator) -> Scene:
    """Print a few lines of words and numbers, one number at least; photograph them."""
    size = float(rng.uniform(18, 42))  # of the typeface, in pixels
    apart = round(size * rng.uniform(1.2, 1.9))
    shape = apart * int(rng.integers(3, 9)) + 60, int(size * rng.uniform(14, 30)) + 80
    sheet = make_sheet(shape, Paper(draw_tint(rng), 0.008), generator=rng)
    page = Image.new("L", shape[::-1])
    draw, face = ImageDraw.Draw(page), any_font(size, rng)
    lines = []
    for foot in range(30 + apart, shape[0] - 20, apart):
        x = 40.0
        while x < shape[1] - 6 * size:
            text = one_word(rng)
            draw.text((x, foot), text, 255, face, anchor="ls")
            lines += boxes_of(text, (x, foot), face)
            x += face.getlength(text + " ")
    if not lines:
        return make_prose(rng)
    ink = np.asarray(page, np.float32) / np.float32(255)
    stain_ink(sheet, ink, np.full(3, rng.uniform(0.05, 0.25)))
    picture = photograph(sheet, draw_camera(rng), generator=rng)
    return Scene(picture, moved(lines, np.eye(3)))


def one_word(rng: np.random.Generator) -> str:
    """Choose a word, or a year, a date, an amount, a number."""
    if rng.random() > NUMBERS:
        return str(rng.choice(WORDS)) if rng.random() < 0.7 else word(rng)
    a, b, c = rng.integers((1, 1, 1900), (32, 13, 2040)).tolist()
    amount = int(10 ** rng.uniform(0.5, 6))
    forms = (
        f"{c}",
        f"{a}.{b}.{c}",
        f"{a:02}/{b:02}/{c}",
        f"{c}-{b:02}-{a:02}",
        f"{amount}",
        f"{amount:,}",
        f"{amount / 100:.2f}",
        f"{amount / 100:,.2f}".replace(",", " ").replace(".", ","),
        f"{a}:{b:02}",
    )
    return str(rng.choice(forms))


def boxes_of(
    text: str, at: tuple[float, float], face: ImageFont.FreeTypeFont
) -> list[TrueLine]:
    """Return where the digits of a word are; nothing of a word without any."""
    boxes = []
    for number, letter in enumerate(text):
        if letter in "0123456789":
            left, top, right, bottom = face.getbbox(letter, anchor="ls")
            x, y = at[0] + face.getlength(text[:number]), at[1]
            ends = x + left, y + top, x + right, y + bottom
            boxes.append(Box(*map(round, ends)))
    return [TrueLine(text, tuple(boxes))] if boxes else []
