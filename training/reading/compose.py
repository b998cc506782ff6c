"""Compose strings from MNIST's training digits, on paper, as strips with known truth.

Each strip has gone the way that a picture goes in `mnistry.scan`, so that what a net
sees in training is what it will see in reading.

Run: python -m training.reading.compose glyphs.npz strips/ 0 24
"""

from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistry.box import Box
from mnistry.synth.documents import camera, paper
from training.reading.choices import choose
from training.reading.glyphs import Glyphs
from training.reading.marks import draw_marks
from training.reading.printing import background, print_form, set_number, set_text, word
from training.reading.shards import add_drawn_hands, command, hands_of, missing
from training.reading.strip_of import to_strip
from training.reading.strip_shards import SHARD, WIDEST, Strip, save_shard
from training.reading.writing import Number, random_hand, write_number

COUNTS = [0.05, 0.1, 0.15, 0.18, 0.17, 0.14, 0.09, 0.06, 0.03, 0.03]  # of 1, 2 ...
TIGHT = 0.45  # of pictures are cut as tightly as a program cuts an amount
CUT = 0.15  # of a digit at either end is cut off at most: of a cut one is nothing left


class Composed(NamedTuple):
    """A picture, its digits, and the box of each: (n, 4) left, top, right, bottom."""

    picture: np.ndarray
    labels: np.ndarray
    boxes: np.ndarray


def compose(
    glyphs: Glyphs,
    rng: np.random.Generator,
    count: int = 0,
    *,
    more: bool = False,
    plain: bool = False,
    rows: NDArray[np.int64] | None = None,
) -> Composed:
    """Compose one picture; with `more` there may be letters, words and type.

    Args:
        glyphs: What is written with.
        rng: Decides all else.
        count: Of digits; any from 1 to 10 if 0.
        more: Some are of letters only, or have words beside, or are printed.
        plain: On paper without print, and without marks beside the digits.
        rows: Digits to write, where they are chosen already.
    """
    if rows is None:
        rows = choose(glyphs, count or int(rng.choice(10, p=COUNTS)) + 1, rng)
    hand = random_hand(rng)
    number = write_number(glyphs, rows, hand, rng)
    labels = glyphs.labels[rows]
    kind, h = rng.random() if more else 1.0, hand.height
    if kind < 0.06:
        number, labels = set_number(h, rng)
    elif kind < 0.12:
        number, labels = letters_only(h, rng), labels[:0]
    number = with_room(number, h, rng)
    if 0.12 <= kind < 0.24:
        number = beside_word(number, h, rng)
    number = cut_out(number, h, rng, far=kind < 0.24)
    if rng.random() < (0 if plain else 0.65) and len(labels):
        whole = len(labels) > 2 and not labels[-2:].any()
        marks = draw_marks(number, hand, rng, whole=whole)
        number = replace(number, ink=np.maximum(number.ink, marks))
    sheet = on_plain(number.ink, rng) if plain else on_paper(number, h, rng)
    sheet, turned = turn(sheet, np.array(number.boxes, float), rng)
    return Composed(take(sheet, h, rng), labels, turned)


def is_whole(composed: Composed) -> bool:
    """Return whether all digits are in the picture: what was cut off nobody can read.

    Of the composed strings that were read surely and wrongly, half had lost a digit at
    an edge, so that confidence fitted on them was shy of what is in plain sight.
    """
    rows, columns = composed.picture.shape[:2]
    low, high = composed.boxes[:, :2], composed.boxes[:, 2:]
    room = (CUT + 0.01) * (high - low)
    is_in = (low >= -room) & (high - room <= (columns, rows))
    return bool(is_in.all())


def letters_only(h: float, rng: np.random.Generator) -> Number:
    """Write words, and no digit: the box is around them all."""
    text = " ".join(word(rng) for _ in range(int(rng.integers(1, 5))))
    inked, room = set_text(text, h, rng), int(h)
    rows, columns = inked.shape
    box = Box(room, room, room + columns, room + rows)
    return Number(np.pad(inked, room), (box,), 0)


def with_room(number: Number, h: float, rng: np.random.Generator) -> Number:
    """Leave room on both sides."""
    left, right = (int(rng.uniform(0.1, 2.5) * h) for _ in "lr")
    boxes = (
        box._replace(left=box.left + left, right=box.right + left)
        for box in number.boxes
    )
    inked = np.pad(number.ink, ((0, 0), (left, right)))
    return Number(inked, tuple(boxes), number.cents)


def beside_word(number: Number, h: float, rng: np.random.Generator) -> Number:
    """Put a word before or after the digits."""
    inked, boxes = number.ink, number.boxes
    beside = set_text(word(rng), h * rng.uniform(0.6, 1.1), rng)[: len(inked)]
    base, tall = int(np.median([box.bottom for box in boxes])), len(beside)
    room = int(rng.uniform(0.3, 1.5) * h)
    after = rng.random() < 0.4
    first = int(np.clip(base - tall + rng.integers(-3, 4), 0, len(inked) - tall))
    part = np.zeros((len(inked), beside.shape[1] + room), np.float32)
    start = room if after else 0
    part[first : first + tall, start : start + beside.shape[1]] = beside
    if after:
        joined = [inked[:, : boxes[-1].right], part, inked[:, boxes[-1].right :]]
        return Number(np.concatenate(joined, 1), boxes, number.cents)
    joined = [inked[:, : boxes[0].left], part, inked[:, boxes[0].left :]]
    wide = part.shape[1]
    moved = (
        box._replace(left=box.left + wide, right=box.right + wide) for box in boxes
    )
    return Number(np.concatenate(joined, 1), tuple(moved), number.cents)


def cut_out(number: Number, h: float, rng: np.random.Generator, *, far: bool) -> Number:
    """Cut a number out as a hand would, with little or much around it, or tightly."""
    boxes = number.boxes
    least, most = (6, 14) if far else (0.6, 3)
    reach = [rng.uniform(0.05, most if rng.random() < 0.5 else least) * h for _ in "lr"]
    tall = rng.uniform(0.05, 0.7, 2) * h
    if rng.random() < TIGHT:
        tight = rng.uniform(-0.05, 0.16, 2) * h
        sides = rng.choice([0, 1, 2], p=[0.25, 0.15, 0.6])  # left, right, both
        reach = [tight[0], reach[1]] if sides == 0 else [reach[0], tight[1]]
        reach = list(tight) if sides == 2 else reach
        tall = np.where(rng.random(2) < 0.6, rng.uniform(-0.05, 0.15, 2) * h, tall)
    ends = boxes[0].width, boxes[-1].width
    reach = [max(of, -CUT * wide) for of, wide in zip(reach, ends, strict=True)]
    rows, columns = number.ink.shape
    top = max(0, int(min(box.top for box in boxes) - tall[0]))
    base = min(rows, int(max(box.bottom for box in boxes) + tall[1]))
    left = max(0, int(boxes[0].left - reach[0]))
    right = min(columns, int(max(box.right for box in boxes) + reach[1]))
    moved = tuple(box.moved(-left, -top) for box in boxes)
    return Number(number.ink[top:base, left:right], moved, number.cents)


def pen_colour(rng: np.random.Generator) -> np.ndarray:
    """Black, blue, sometimes red or green."""
    kind = rng.random()
    if kind < 0.5:
        return (rng.uniform(0, 0.3) + rng.uniform(-0.04, 0.04, 3)).clip(0, 1)
    if kind < 0.9:
        return np.array([*rng.uniform(0, 0.38, 2), rng.uniform(0.3, 0.8)])
    return rng.uniform(0, 0.6, 3)


def on_paper(number: Number, h: float, rng: np.random.Generator) -> np.ndarray:
    """Put ink on paper that may be tinted, patterned, stained and printed on."""
    inked, shape = number.ink, number.ink.shape
    tint = (1 - rng.uniform(0, 0.35) * rng.random(3) ** 1.5) * rng.uniform(0.55, 1.0)
    waves = rng.uniform(0.03, 0.4) if rng.random() < 0.5 else 0.0
    grain = rng.uniform(0, 0.04) if rng.random() < 0.95 else rng.uniform(0.04, 0.12)
    look = paper.Paper(tuple(tint), grain, waves, int(rng.random() < 0.08))
    sheet = paper.make_sheet(shape, look, generator=rng)
    if rng.random() < 0.25:
        ground = background(shape, rng) * np.float32(rng.uniform(0.04, 0.4))
        paper.stain_ink(sheet, ground, rng.uniform(0.1, 1.0, 3))
    print_form(sheet, number.boxes, h, rng)
    if rng.random() < 0.35:  # the pen skips
        texture = cv2.GaussianBlur(
            rng.standard_normal(shape, np.float32), (0, 0), rng.uniform(0.6, 2.0)
        )
        texture /= texture.std() + 1e-6
        skip = np.float32(rng.uniform(0.05, 0.3)) * np.maximum(texture, 0)
        inked = inked * np.clip(1 - skip, 0, 1)
    strength = np.float32(rng.uniform(0.5, 1.0))
    paper.stain_ink(sheet, inked * strength, pen_colour(rng) * tint)
    return sheet


def on_plain(inked: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Put ink on paper that is hardly tinted, with no print on it."""
    tint = (1 - rng.uniform(0, 0.2) * rng.random(3) ** 1.5) * rng.uniform(0.75, 1.0)
    look = paper.Paper(tuple(tint), rng.uniform(0, 0.03))
    sheet = paper.make_sheet(inked.shape, look, generator=rng)
    strength = np.float32(rng.uniform(0.7, 1.0))
    paper.stain_ink(sheet, inked * strength, pen_colour(rng) * tint)
    return sheet


def turn(
    sheet: np.ndarray, boxes: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Turn a sheet and tilt the camera a little."""
    shape = sheet.shape[:2]
    angle = float(np.clip(rng.normal(0, 1.8), -5, 5))
    centre = shape[1] / 2, shape[0] / 2
    matrix = np.vstack([cv2.getRotationMatrix2D(centre, angle, 1.0), [0, 0, 1]])
    if rng.random() < 0.4:
        tilt = camera.tilt_matrix(shape, rng.uniform(0, 0.05), generator=rng)
        matrix = tilt @ matrix
    elif abs(angle) < 0.6:
        return sheet, boxes
    sheet = cv2.warpPerspective(
        sheet, matrix, shape[::-1], borderMode=cv2.BORDER_REPLICATE
    )
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    halves = (boxes[:, 2:] - boxes[:, :2]) / 2
    moved = cv2.perspectiveTransform(middles[None], matrix)[0]
    return sheet, np.concatenate([moved - halves, moved + halves], axis=1)


def take(sheet: np.ndarray, h: float, rng: np.random.Generator) -> np.ndarray:
    """Take the picture: blur, noise, JPEG; some grey, coarse or of two tones."""
    seen_by = camera.Camera(
        shade=rng.uniform(0, 0.35),
        blur=rng.uniform(0.2, 1.2) * min(1.5, max(0.8, h / 28)),
        noise=rng.uniform(0, 0.035),
        quality=int(rng.uniform(25, 96)) if rng.random() < 0.8 else 0,
    )
    picture = camera.photograph(np.clip(sheet, 0, 1), seen_by, generator=rng)
    kind = rng.random()
    if kind < 0.25:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        if kind < 0.06:  # a fax or a scanner's two tones
            level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
            grey = ((grey > level * rng.uniform(0.9, 1.1)) * 255).astype(np.uint8)
        picture = np.repeat(grey[:, :, None], 3, axis=2)
    if rng.random() < 0.12 and h > 26:  # enlarged from fewer pixels
        size = picture.shape[1::-1]
        less = [max(8, round(side * rng.uniform(0.4, 0.75))) for side in size]
        small = cv2.resize(picture, less, interpolation=cv2.INTER_AREA)
        picture = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
    return picture


def shard(glyphs: Glyphs, number: int, plain: float = 0.0) -> list[Strip]:
    """Compose one shard; every other one has letters, words and type as well.

    Args:
        glyphs: What is written with.
        number: Of the shard, its seed.
        plain: The share of strings that stand alone on plain paper.
    """
    rng = np.random.default_rng([2027, number])
    strips: list[Strip] = []
    while len(strips) < SHARD:
        is_plain = bool(plain and rng.random() < plain)
        more = bool(number % 2) and not is_plain
        composed = compose(glyphs, rng, more=more, plain=is_plain)
        if min(composed.picture.shape[:2]) < 12:
            continue
        strip = to_strip(*composed, rng)
        if strip is not None and strip.pixels.shape[1] <= WIDEST:
            strips.append(strip)
    return strips


def main() -> None:
    """Compose shards."""
    parser = command(str(__doc__))
    add_drawn_hands(parser)
    parser.add_argument(
        "--plain", type=float, default=0.0, help="share of strings on plain paper"
    )
    args = parser.parse_args()
    cv2.setNumThreads(1)
    glyphs = hands_of(args)
    for number, path in missing(args):
        save_shard(shard(glyphs, number, args.plain), path)


if __name__ == "__main__":
    main()
