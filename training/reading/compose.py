"""Compose strings from MNIST's training digits, on paper, as strips with known truth.

Each strip has gone the way that a picture goes in `mnistry.scan`, so that what a net
sees in training is what it will see in reading.

Run: python compose.py CENTRE_LINES.npy OUT_DIR FIRST_SHARD SHARDS [--held-back]
"""

import itertools
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import mnistry
from mnistry.scan import ink, light, lines, paper, pen, photograph, rules

SHARD = 2000
TEXT = [
    "$",
    "USD",
    "#",
    "=",
    "Fr.",
    "EUR",
    "No.",
    "CLP",
    "S/",
    "Rs",
    "PAY",
    "Nr",
    "de",
    "pesos",
    "Total",
    "U$S",
    "M/N",
    "*",
    "Bs",
    "and",
    "//",
    "x",
    "by",
]


@dataclass
class Glyphs:
    """MNIST's training digits of some writers, and their centre lines."""

    images: np.ndarray
    labels: np.ndarray
    centres: np.ndarray
    by_writer: list[np.ndarray]


def load_writers() -> np.ndarray:
    """Load who wrote each training digit, from the first folder of MNISTRY_DATA."""
    folder = Path(os.environ["MNISTRY_DATA"].split(os.pathsep)[0])
    return np.load(folder / "writers.npz")["train_writer"]


def load_glyphs(centres: Path, *, held_back: bool) -> Glyphs:
    """Load digits of writers used for training, or of those held back (a tenth)."""
    train = mnistry.load("mnist", split="train")
    writers = load_writers()
    keep = (writers % 10 == 7) == held_back
    rows = np.flatnonzero(keep)
    by_writer = [rows[writers[rows] == w] for w in np.unique(writers[rows])]
    packed = np.load(centres, mmap_mode="r")
    return Glyphs(np.asarray(train.images), np.asarray(train.labels), packed, by_writer)


def load_drawn() -> Glyphs:
    """Load the built-in drawn digits, in groups as if of one writer."""
    train = mnistry.load("drawn", split="train")[:20000]
    groups = np.array_split(np.arange(len(train)), len(train) // 250)
    nothing = np.zeros((len(train), 56, 7), np.uint8)  # no centre lines
    return Glyphs(np.asarray(train.images), np.asarray(train.labels), nothing, groups)


def choose(glyphs: Glyphs, count: int, rng: np.random.Generator) -> np.ndarray:
    """Choose glyphs for one string: mostly of one writer, any digit as likely."""
    if rng.random() < 0.8:
        rows = glyphs.by_writer[rng.integers(len(glyphs.by_writer))]
    else:
        chosen = rng.integers(len(glyphs.by_writer), size=10)
        several = [glyphs.by_writer[k] for k in chosen]
        rows = np.concatenate([rng.choice(of, 4) for of in several])
    labels = glyphs.labels[rows]
    digits = rng.integers(0, 10, count)
    if rng.random() < 0.45:  # amounts end in noughts
        digits[count - int(rng.integers(1, max(2, count))) :] = 0
    if rng.random() < 0.15:
        digits[:] = rng.integers(0, 10)
    out = []
    for digit in digits:
        of = rows[labels == digit]
        out.append(rng.choice(of) if len(of) else rng.choice(rows))
    return np.array(out)


def segment(field: np.ndarray, a, b, radius: float) -> np.ndarray:
    """Add a straight stroke to a field."""
    y, x = np.mgrid[: field.shape[0], : field.shape[1]].astype(np.float32)
    d = np.array([b[0] - a[0], b[1] - a[1]], np.float32)
    t = np.clip(((x - a[0]) * d[0] + (y - a[1]) * d[1]) / max(1e-3, float(d @ d)), 0, 1)
    far = np.hypot(x - a[0] - t * d[0], y - a[1] - t * d[1])
    return np.maximum(field, radius - far)


def flourish(field: np.ndarray, label: int, rng: np.random.Generator) -> np.ndarray:
    """Write as people outside MNIST do: crossed sevens, ones with an upstroke."""
    chance = {7: 0.45, 1: 0.5, 0: 0.15}.get(label, 0.0)
    if rng.random() > chance:
        return field
    inside = field > 0
    rows, columns = np.nonzero(inside)
    if len(rows) < 5:
        return field
    top, bottom = rows.min(), rows.max()
    left, right = columns.min(), columns.max()
    h, w = bottom - top + 1, right - left + 1
    radius = max(0.5, float(np.percentile(field[inside], 85)))
    pad = int(0.55 * h)
    field = cv2.copyMakeBorder(field, 0, 0, pad, pad, cv2.BORDER_CONSTANT, value=-50)
    left, right = left + pad, right + pad
    if label == 7:
        y = top + h * rng.uniform(0.4, 0.62)
        at = np.flatnonzero(field[int(y)] > 0)
        x = at.mean() if len(at) else (left + right) / 2
        reach = h * rng.uniform(0.16, 0.34)
        lift = h * rng.uniform(-0.06, 0.1)
        return segment(field, (x - reach, y + lift), (x + reach, y - lift), radius)
    if label == 1:
        at = np.flatnonzero(field[top : top + max(2, h // 10)].max(axis=0) > 0)
        x = float(at.mean()) if len(at) else (left + right) / 2
        reach = h * rng.uniform(0.15, 0.5)
        drop = h * rng.uniform(0.12, 0.7)
        field = segment(field, (x, top + radius), (x - reach, top + drop), radius)
        if rng.random() < 0.3:
            at = np.flatnonzero(field[bottom - 1] > 0)
            x = at.mean() if len(at) else x
            reach = h * rng.uniform(0.15, 0.35)
            field = segment(
                field,
                (x - reach, bottom - radius),
                (x + reach, bottom - radius),
                radius,
            )
        return field
    if rng.random() < 0.2:
        return segment(field, (left, bottom), (right, top), radius)
    x, y = right - w * rng.uniform(0.1, 0.6), top + h * rng.uniform(-0.02, 0.15)
    tail = (x + h * rng.uniform(0.1, 0.5), y - h * rng.uniform(-0.15, 0.25))
    return segment(field, (x, y), tail, radius)  # a nought that ends in a tail


def bend(field: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Bend a field a little and smoothly."""
    rows, columns = field.shape
    amount = rng.uniform(0, 0.06) * rows
    shift = [
        cv2.resize(
            rng.normal(0, amount, (4, 4)).astype(np.float32),
            (columns, rows),
            interpolation=cv2.INTER_CUBIC,
        )
        for _ in "xy"
    ]
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    return cv2.remap(
        field,
        x + shift[0],
        y + shift[1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=-50,
    )


def field_of(
    glyphs: Glyphs, row: int, rng: np.random.Generator, *, thin: bool
) -> np.ndarray:
    """Give the field of a digit, from its image or from its centre line."""
    label = int(glyphs.labels[row])
    if thin:
        centre = np.unpackbits(glyphs.centres[row], axis=1).astype(bool)
        if centre.sum() > 6:
            field = pen.line_field(np.pad(centre, 6), 2.0)
        else:
            field = pen.to_field(glyphs.images[row])
    else:
        field = pen.to_field(glyphs.images[row])
    field = flourish(field, label, rng)
    bent = bend(field, rng)
    return bent if (bent > 0).sum() > 20 else field


def random_hand(rng: np.random.Generator) -> pen.Hand:
    """Draw how somebody writes."""
    height = float(np.exp(rng.uniform(np.log(20), np.log(48))))
    if rng.random() < 0.15:
        height *= 2
    touching = rng.random()
    if touching < 0.3:
        gap, kerned = rng.normal(-0.02, 0.05), True
    elif touching < 0.6:
        gap, kerned = rng.uniform(0.0, 0.2), True
    elif touching < 0.75:
        gap, kerned = rng.uniform(-0.08, 0.08), False
    else:
        gap, kerned = rng.uniform(0.05, 0.7), False
    return pen.Hand(
        height=height,
        gap=gap,
        gap_spread=rng.uniform(0.02, 0.12),
        size_spread=rng.uniform(0.03, 0.16),
        rise_spread=rng.uniform(0.02, 0.12),
        slant=rng.normal(0.0, 0.2),
        kerned=kerned,
        wobble=rng.uniform(0.02, 0.12),
        thickness=rng.uniform(0.055, 0.16) if rng.random() < 0.75 else 0.0,
    )


LETTERS = list("abcdefghijklmnopqrstuvwxyzabdeghiklmnorstuaeioABCDEFGHKLMNPRSTVWZ")
WORDS = [
    "street",
    "road",
    "city",
    "amount",
    "date",
    "name",
    "telephone",
    "Tel",
    "street No",
    "postal code",
    "cheque",
    "pay to",
    "sum of",
    "account",
    "mailing",
    "invoice",
    "room",
]
FONTS = sorted(
    str(p)
    for p in (Path(matplotlib.__file__).parent / "mpl-data/fonts/ttf").glob("*.ttf")
    if "Display" not in p.name
    and "NonUni" not in p.name
    and "Siz" not in p.name
    and not p.name.startswith(("cmex", "cmsy", "cmmi"))
)


def word(rng: np.random.Generator) -> str:
    """A word, or letters at random."""
    if rng.random() < 0.3:
        return (
            str(rng.choice(WORDS)).capitalize()
            if rng.random() < 0.5
            else str(rng.choice(WORDS)).upper()
        )
    text = "".join(rng.choice(LETTERS, int(rng.integers(2, 10))))
    return (
        text
        if rng.random() < 0.4
        else text.lower()
        if rng.random() < 0.8
        else text.upper()
    )


def set_text(text: str, h: float, rng: np.random.Generator) -> np.ndarray:
    """Letters as ink, set in type or in Hershey's script, cropped."""
    if rng.random() < 0.5:
        font = ImageFont.truetype(str(rng.choice(FONTS)), max(6, round(h * 1.35)))
        left, top, right, bottom = font.getbbox(text)
        image = Image.new(
            "L", (max(1, int(right - left)) + 8, max(1, int(bottom - top)) + 8)
        )
        ImageDraw.Draw(image).text((4 - left, 4 - top), text, 255, font=font)
        inked = np.asarray(image)
    else:
        face, thick = (
            int(rng.integers(0, 8)),
            max(1, round(h * rng.uniform(0.05, 0.13))),
        )
        scale = h / 22 * (1.0 if face < 5 else 1.1)
        (w, tall), below = cv2.getTextSize(text, face, scale, thick)
        inked = np.zeros((tall + below + 2 * thick + 8, w + 2 * thick + 8), np.uint8)
        cv2.putText(
            inked,
            text,
            (thick + 4, tall + thick + 4),
            face,
            scale,
            255,
            thick,
            cv2.LINE_AA,
        )
    lean = rng.normal(0, 0.15)
    m = np.array([[1, -lean, max(0, lean) * inked.shape[0]], [0, 1, 0]])
    wide = int(inked.shape[1] + abs(lean) * inked.shape[0]) + 1
    inked = cv2.warpAffine(inked, m, (wide, inked.shape[0]))
    rows, columns = np.flatnonzero(inked.max(1) > 60), np.flatnonzero(inked.max(0) > 60)
    if not len(rows):
        return np.ones((2, 2), np.float32)
    return (
        inked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
        / 255
    )


def printed_line(hand: pen.Hand, rng: np.random.Generator):
    """Digits in type: (written, labels)."""
    count = int(rng.integers(1, 9))
    labels = rng.integers(0, 10, count)
    font = ImageFont.truetype(str(rng.choice(FONTS)), max(8, round(hand.height * 1.37)))
    spacing = rng.uniform(0.02, 0.5) * hand.height
    x, h = hand.height / 2, hand.height
    image = Image.new("L", (round(h * (2 + count * 1.6)), round(h * 2.4)))
    draw = ImageDraw.Draw(image)
    boxes = []
    for label in labels:
        left, top, right, bottom = font.getbbox(str(label))
        draw.text((x - left, h * 1.7 - bottom), str(label), 255, font=font)
        boxes.append(
            pen.Box(
                round(x),
                round(h * 1.7 - bottom + top),
                round(x + right - left),
                round(h * 1.7),
            )
        )
        x += right - left + spacing
    inked = np.asarray(image).astype(np.float32)[:, : round(x + h / 2)] / 255
    return pen.Written(inked, tuple(boxes)), labels


def rgb(*values) -> np.ndarray:
    """A colour."""
    return np.array(values, float)


def pen_colour(rng: np.random.Generator) -> np.ndarray:
    """Black, blue, sometimes red or green."""
    kind = rng.random()
    if kind < 0.5:
        return rgb(*(rng.uniform(0, 0.3) + rng.uniform(-0.04, 0.04, 3))).clip(0, 1)
    if kind < 0.9:
        return rgb(rng.uniform(0, 0.35), rng.uniform(0, 0.4), rng.uniform(0.3, 0.8))
    return rng.uniform(0, 0.6, 3)


def marks(written: pen.Written, hand: pen.Hand, rng: np.random.Generator) -> np.ndarray:
    """Write what is no digit: points, commas, dashes, hashes, strokes."""
    h = hand.height
    thick = max(1.0, (hand.thickness or 0.12) * h)
    shape = written.ink.shape
    out = np.zeros(shape, np.float32)
    boxes = written.boxes
    base = float(np.median([b.bottom for b in boxes]))
    top = float(np.median([b.top for b in boxes]))

    def line(*points, t=thick):
        np.maximum(
            out,
            paper.draw_lines(shape, np.array([points], float), thickness=t),
            out=out,
        )

    if rng.random() < 0.45:
        for box in boxes[1:]:
            if rng.random() < 0.35:
                x = box.left - rng.uniform(0, 0.12) * h
                y = base + rng.uniform(-0.12, 0.1) * h
                dx, dy = rng.uniform(-0.08, 0.04) * h, rng.uniform(0, 0.22) * h
                if rng.random() < 0.2:
                    y = top + rng.uniform(-0.1, 0.1) * h
                line(x, y, x + dx, y + dy, t=thick * rng.uniform(0.9, 1.6))
    for side in (-1, 1):
        if rng.random() > 0.3:
            continue
        kind = rng.integers(6)
        edge = boxes[0].left if side < 0 else boxes[-1].right
        x = edge + side * rng.uniform(0.15, 0.5) * h
        width = side * rng.uniform(0.25, 1.2) * h
        middle = (base + top) / 2 + rng.uniform(-0.25, 0.25) * h
        lift = rng.uniform(-0.1, 0.1) * h
        if kind <= 1:  # dash, or the sign of equality
            line(x, middle, x + width, middle + lift)
            if kind == 1:
                line(x, middle + 0.22 * h, x + width, middle + 0.22 * h + lift)
        elif kind == 2:  # long stroke
            line(x, middle, x + 4 * width, middle + lift)
        elif kind == 3:  # hash
            for step in (0.0, 0.3):
                line(
                    x + side * step * h + 0.1 * h,
                    top,
                    x + side * step * h - 0.1 * h,
                    base,
                )
                line(
                    x - 0.2 * h,
                    middle + step * h - 0.1 * h,
                    x + 0.5 * side * h + 0.2 * h,
                    middle + step * h - 0.1 * h,
                )
        elif kind == 4:  # slashes
            for step in range(int(rng.integers(1, 4))):
                line(
                    x + side * 0.25 * step * h + 0.25 * h,
                    top - 0.2 * h,
                    x + side * 0.25 * step * h - 0.25 * h,
                    base + 0.2 * h,
                )
        else:  # a currency's sign
            text = str(rng.choice(TEXT))
            scale = h / 22 * rng.uniform(0.6, 1.1)
            ink_u8 = np.zeros(shape, np.uint8)
            (tw, _), _ = cv2.getTextSize(
                text, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, scale, 1
            )
            at = int(x - tw) if side < 0 else int(x)
            cv2.putText(
                ink_u8,
                text,
                (at, int(base)),
                int(rng.choice([0, 3, 4, 6, 7])),
                scale,
                255,
                max(1, round(thick)),
                cv2.LINE_AA,
            )
            np.maximum(out, ink_u8.astype(np.float32) / 255, out=out)
    for one, two in itertools.pairwise(boxes):  # written in one go
        if two.left - one.right < 0.5 * h and rng.random() < 0.1:
            start = (
                one.right - rng.uniform(0, 0.4) * one.width,
                one.top + rng.uniform(0, 0.35) * one.height,
            )
            end = (
                two.left + rng.uniform(0, 0.5) * two.width,
                two.top + rng.uniform(0, 0.35) * two.height,
            )
            sag = rng.uniform(-0.15, 0.2) * h
            middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + sag
            line(*start, *middle)
            line(*middle, *end)
    if rng.random() < 0.06:  # underlined
        y = base + rng.uniform(0.1, 0.35) * h
        line(
            boxes[0].left - 0.2 * h,
            y,
            boxes[-1].right + 0.3 * h,
            y + rng.uniform(-0.15, 0.15) * h,
        )
    if rng.random() < 0.12:  # a signature's loop, or writing above and below
        points = np.cumsum(rng.normal(0, 0.6 * h, (6, 2)), 0)
        points += rng.uniform(0, shape[1]), rng.choice([0, shape[0]])
        t = np.linspace(0, 5, 40)
        curve = np.stack([np.interp(t, range(6), points[:, k]) for k in (0, 1)], 1)
        curve = cv2.blur(curve, (1, 7))
        inked = np.zeros(shape, np.uint8)
        cv2.polylines(
            inked,
            [(curve * 16).astype(np.int32)],
            isClosed=False,
            color=255,
            thickness=max(1, round(thick)),
            lineType=cv2.LINE_AA,
            shift=4,
        )
        keep = np.zeros(shape, np.float32)
        limit = int(rng.uniform(0.0, 0.35) * h)
        keep[: max(0, int(top) - limit)] = 1
        keep[int(base) + limit :] = 1
        np.maximum(out, inked.astype(np.float32) / 255 * keep, out=out)
    return out


def printed(shape, boxes, h, sheet, rng: np.random.Generator) -> None:
    """Print what a form or cheque has: frames, rules, dotted lines, small words."""
    colour = (
        rng.uniform(0.0, 0.65, 3)
        if rng.random() < 0.5
        else np.full(3, rng.uniform(0, 0.6))
    )
    strength = rng.uniform(0.3, 1.0)
    base = float(np.median([b.bottom for b in boxes]))
    top = float(np.median([b.top for b in boxes]))
    left, right = boxes[0].left - 0.4 * h, boxes[-1].right + 0.4 * h
    thick = max(0.6, rng.uniform(0.02, 0.08) * h)
    segments = []
    kind = rng.random()
    if kind < 0.16:  # ruled, or a line to write on
        lean = rng.uniform(-0.03, 0.03) * (right - left)
        pitch = rng.uniform(1.3, 2.2) * h
        start = base + rng.uniform(-0.1, 0.25) * h
        for k in range(-2, 3):
            y = start + k * pitch
            segments.append((-9, y, shape[1] + 9, y + lean))
            if rng.random() < 0.5:
                break
    elif kind < 0.34:  # a box for each digit, or one frame around all
        y0, y1 = top - rng.uniform(0.08, 0.4) * h, base + rng.uniform(0.08, 0.4) * h
        segments += [
            (left, y0, right, y0),
            (left, y1, right, y1),
            (left, y0, left, y1),
            (right, y0, right, y1),
        ]
        if rng.random() < 0.65:
            for one, two in itertools.pairwise(boxes):
                x = (one.right + two.left) / 2 + rng.normal(0, 0.04) * h
                segments.append((x, y0, x, y1))
        if rng.random() < 0.4:
            segments = segments[int(rng.integers(0, 3)) :]
    if segments:
        mask = paper.draw_lines(shape, np.array(segments, float), thickness=thick)
        if rng.random() < 0.2:
            period = max(3, int(0.15 * h))
            mask[:, np.arange(shape[1]) % period < period // 2] = 0
        paper.stain_ink(sheet, mask * np.float32(strength), colour)
    if rng.random() < 0.3:
        mask = np.zeros(shape, np.uint8)
        for _ in range(int(rng.integers(1, 4))):
            text = (
                str(rng.choice(TEXT))
                if rng.random() < 0.6
                else "".join(
                    rng.choice(
                        list("abcdeghikmnoprstuvwyABCDEFGHKLMNPRTX.,:-"),
                        int(rng.integers(3, 14)),
                    )
                )
            )
            scale = h / 22 * rng.uniform(0.25, 0.6)
            y = rng.choice(
                [top - rng.uniform(0.15, 0.8) * h, base + rng.uniform(0.5, 1.0) * h]
            )
            cv2.putText(
                mask,
                text,
                (int(rng.uniform(-0.1, 0.9) * shape[1]), int(y)),
                int(rng.integers(0, 8)),
                scale,
                255,
                max(1, round(scale * 1.2)),
                cv2.LINE_AA,
            )
        paper.stain_ink(
            sheet, mask.astype(np.float32) / 255 * np.float32(strength), colour
        )


def compose(
    glyphs: Glyphs, rng: np.random.Generator, count: int = 0, *, more: bool = False
):
    """Compose one picture: (picture, digits, boxes in the picture)."""
    count = count or int(
        rng.choice(
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
            p=[0.05, 0.1, 0.15, 0.18, 0.17, 0.14, 0.09, 0.06, 0.03, 0.03],
        )
    )
    rows = choose(glyphs, count, rng)
    hand = random_hand(rng)
    thin = bool(rng.random() < 0.6)
    if not thin and hand.thickness:
        hand = pen.Hand(
            **{
                **{f: getattr(hand, f) for f in hand.__slots__},
                "thickness": max(hand.thickness, 0.085),
            }
        )
    fields = [field_of(glyphs, int(r), rng, thin=thin) for r in rows]
    if thin and not hand.thickness:
        hand = pen.Hand(
            **{**{f: getattr(hand, f) for f in hand.__slots__}, "thickness": 0.11}
        )
    written = pen.write_line(fields, hand, generator=rng)
    labels = glyphs.labels[rows]
    kind = rng.random() if more else 1.0
    if kind < 0.07:
        written, labels = printed_line(hand, rng)
    h = hand.height
    pad = int(rng.uniform(0, 2.5) * h), int(rng.uniform(0, 2.5) * h)
    inked = np.pad(written.ink, ((8, 8), pad))
    if 0.07 <= kind < 0.15:  # nothing but letters
        letters = " ".join(word(rng) for _ in range(int(rng.integers(1, 5))))
        inked = np.pad(set_text(letters, h, rng), ((int(h), int(h)), (int(h), int(h))))
        box = pen.Box(int(h), int(h), inked.shape[1] - int(h), inked.shape[0] - int(h))
        pad, written, labels = (
            (0, -8),
            pen.Written(
                inked, (pen.Box(box.left, box.top - 8, box.right, box.bottom - 8),)
            ),
            labels[:0],
        )
    elif kind < 0.3:  # words beside the digits
        beside = set_text(word(rng), h * rng.uniform(0.6, 1.1), rng)
        room = int(rng.uniform(0.3, 1.5) * h)
        right = rng.random() < 0.4
        base = int(np.median([b.bottom for b in written.boxes])) + 8
        tall = min(beside.shape[0], inked.shape[0])
        put = np.zeros((inked.shape[0], beside.shape[1] + room), np.float32)
        at = int(np.clip(base - tall + rng.integers(-3, 4), 0, inked.shape[0] - tall))
        put[
            at : at + tall,
            (room if right else 0) : (room if right else 0) + beside.shape[1],
        ] = beside[:tall]
        if right:
            end = written.boxes[-1].right + pad[0]
            inked = np.concatenate([inked[:, :end], put, inked[:, end:]], 1)
        else:
            start = written.boxes[0].left + pad[0]
            inked = np.concatenate([inked[:, :start], put, inked[:, start:]], 1)
            pad = pad[0] + put.shape[1], pad[1]
    boxes = tuple(
        pen.Box(b.left + pad[0], b.top + 8, b.right + pad[0], b.bottom + 8)
        for b in written.boxes
    )
    written = pen.Written(inked, boxes)
    shape = inked.shape
    tint = 1 - rng.uniform(0, 0.35) * rng.random(3) ** 1.5
    tint = tint * rng.uniform(0.55, 1.0)
    waves = rng.uniform(0.03, 0.4) if rng.random() < 0.55 else 0.0
    sheet = paper.make_sheet(
        shape,
        paper.Paper(tuple(tint), rng.uniform(0, 0.04), waves, int(rng.random() < 0.08)),
        generator=rng,
    )
    printed(shape, boxes, h, sheet, rng)
    colour = pen_colour(rng) * tint
    alpha = rng.uniform(0.5, 1.0)
    all_ink = (
        np.maximum(inked, marks(written, hand, rng)) if rng.random() < 0.6 else inked
    )
    if rng.random() < 0.4:  # the pen skips
        texture = cv2.GaussianBlur(
            rng.standard_normal(shape, np.float32), (0, 0), rng.uniform(0.6, 2.0)
        )
        texture = texture / (texture.std() + 1e-6)
        all_ink = all_ink * np.clip(
            1 - rng.uniform(0.05, 0.3) * np.maximum(texture, 0), 0, 1
        )
    paper.stain_ink(sheet, all_ink * np.float32(alpha), colour)
    # cut out as a hand would
    y0 = min(b.top for b in boxes) - rng.uniform(0.05, 0.7) * h
    y1 = max(b.bottom for b in boxes) + rng.uniform(0.05, 0.7) * h
    reach = (0.6, 3) if kind >= 0.3 else (6, 14)
    x0 = boxes[0].left - rng.uniform(0.05, reach[int(rng.random() < 0.5)]) * h
    x1 = (
        max(b.right for b in boxes)
        + rng.uniform(0.05, reach[int(rng.random() < 0.5)]) * h
    )
    y0, x0 = max(0, int(y0)), max(0, int(x0))
    sheet = np.ascontiguousarray(sheet[y0 : int(y1), x0 : int(x1)])
    boxes = [(b.left - x0, b.top - y0, b.right - x0, b.bottom - y0) for b in boxes]
    turn = np.deg2rad(rng.normal(0, 1.5))
    if abs(turn) > 0.01:
        centre = sheet.shape[1] / 2, sheet.shape[0] / 2
        matrix = cv2.getRotationMatrix2D(centre, np.rad2deg(turn), 1.0)
        sheet = cv2.warpAffine(
            sheet,
            matrix,
            sheet.shape[1::-1],
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        moved = []
        for left, top, right, bottom in boxes:
            x, y, half, tall = (
                (left + right) / 2,
                (top + bottom) / 2,
                (right - left) / 2,
                (bottom - top) / 2,
            )
            x, y = matrix @ np.array([x, y, 1])
            moved.append((x - half, y - tall, x + half, y + tall))
        boxes = moved
    worn = h / 28
    camera = photograph.Camera(
        shade=rng.uniform(0, 0.35),
        blur=rng.uniform(0.2, 1.2) * min(1.5, max(0.8, worn)),
        noise=rng.uniform(0, 0.035),
        quality=int(rng.uniform(25, 96)) if rng.random() < 0.8 else 0,
    )
    picture = photograph.photograph(np.clip(sheet, 0, 1), camera, generator=rng)
    if rng.random() < 0.15:  # grey
        picture = np.repeat(
            cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2
        )
    return picture, labels, np.array(boxes, float)


def to_strip(picture: np.ndarray, boxes: np.ndarray, rng: np.random.Generator):
    """Go the way of reading: (strip, centres and widths in it)."""
    dark = light.even_out(picture)
    mask = ink.ink_mask(dark)
    mask = rules.remove_rules(mask, max(24, int(1.2 * picture.shape[0])))
    components, _ = lines.find_components(mask)
    line = lines.main_line(lines.find_lines(components))
    truth = float(np.median(boxes[:, 1])), float(np.median(boxes[:, 3]))
    tall = truth[1] - truth[0]
    band = line.band if line else truth
    share = (min(band[1], truth[1]) - max(band[0], truth[0])) / max(
        1.0, max(band[1], truth[1]) - min(band[0], truth[0])
    )
    if share < 0.55 or rng.random() < 0.15:
        band = truth
    band = band[0] + rng.normal(0, 0.05) * tall, band[1] + rng.normal(0, 0.05) * tall
    left, right = 0.0, float(picture.shape[1])
    if line and rng.random() < 0.5:
        left = max(0.0, min(line.box.left, boxes[0, 0]) - rng.uniform(0, 0.5) * tall)
        right = min(
            right, max(line.box.right, boxes[:, 2].max()) + rng.uniform(0, 0.5) * tall
        )
    matrix, width = lines.strip_matrix(left, right, band)
    strip = lines.cut_strip(ink.soft_ink(dark), matrix, width)
    scale = matrix[0, 0]
    centres = (boxes[:, 0] + boxes[:, 2]) / 2 * scale + matrix[0, 2]
    widths = (boxes[:, 2] - boxes[:, 0]) * scale
    return strip, centres, widths, share


def shard(glyphs: Glyphs, number: int, out: Path) -> None:
    """Compose and keep one shard."""
    rng = np.random.default_rng([2026, number])
    strips, digits, centres, widths, shares = [], [], [], [], []
    while len(strips) < SHARD:
        picture, labels, boxes = compose(glyphs, rng, more="--more" in sys.argv)
        if min(picture.shape[:2]) < 12:
            continue
        strip, centre, wide, share = to_strip(picture, boxes, rng)
        if strip.shape[1] > 560:
            continue
        strips.append(strip)
        digits.append(labels)
        centres.append(centre[: len(labels)])
        widths.append(wide[: len(labels)])
        shares.append(share)
    part = out / f".{number:04d}.part.npz"
    np.savez(
        part,
        pixels=np.concatenate(strips, 1),
        strip_widths=[s.shape[1] for s in strips],
        digits=np.concatenate(digits),
        counts=[len(d) for d in digits],
        centres=np.concatenate(centres).astype(np.float32),
        widths=np.concatenate(widths).astype(np.float32),
        shares=np.array(shares, np.float32),
    )
    part.replace(out / f"{number:04d}.npz")


def main() -> None:
    """Compose shards."""
    cv2.setNumThreads(1)
    centres, out, first, count = sys.argv[1:5]
    glyphs = load_glyphs(Path(centres), held_back="--held-back" in sys.argv)
    if "--drawn" in sys.argv:
        glyphs = load_drawn()
    Path(out).mkdir(parents=True, exist_ok=True)
    for number in range(int(first), int(first) + int(count)):
        if not (Path(out) / f"{number:04d}.npz").exists():
            shard(glyphs, number, Path(out))


if __name__ == "__main__":
    main()
