"""Compose single digits, and what is no digit, from MNIST's training digits.

Each has gone the way of `mnistry.scan.single`. Label 10 is junk: pieces, pairs,
letters, marks, noise.

Run: python compose_single.py CENTRE_LINES.npy OUT_DIR FIRST SHARDS [--held-back]
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from compose import compose, field_of, load_glyphs

from mnistry.scan import ink, light, lines, paper, pen, single

SHARD = 4000
JUNK = 10
LETTERS = list("ABCDEFGHJKLMNPQRTUVWXYabdefghkmnpqrtwxy#$%&@?!=+*/-.,:;~")


def crop(picture, box, rng, low=-0.06, high=0.3):
    """Cut a box out of a picture, a little too tight or too wide."""
    left, top, right, bottom = box
    h = bottom - top
    grow = rng.uniform(low, high, 4) * h
    x0, y0 = max(0, int(left - grow[0])), max(0, int(top - grow[1]))
    x1, y1 = int(np.ceil(right + grow[2])), int(np.ceil(bottom + grow[3]))
    return picture[y0:y1, x0:x1]


def in_string(glyphs, rng):
    """A digit cut out of a string, pieces of its neighbours with it."""
    picture, labels, boxes = compose(glyphs, rng, int(rng.integers(2, 5)))
    k = int(rng.integers(len(labels)))
    return crop(picture, boxes[k], rng, -0.05, 0.2), int(labels[k])


def alone(glyphs, rng):
    """A digit with much or little paper around it."""
    picture, labels, boxes = compose(glyphs, rng, 1)
    high = float(rng.choice([0.15, 0.6, 2.5]))
    return crop(picture, boxes[0], rng, 0.0, high), int(labels[0])


def tiny(glyphs, rng):
    """A digit of very few pixels, as forms scanned small have."""
    picture, label = alone(glyphs, rng)
    side = int(rng.integers(16, 36))
    f = side / max(picture.shape[:2])
    size = max(5, round(picture.shape[1] * f)), max(5, round(picture.shape[0] * f))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    canvas = np.median(small.reshape(-1, 3), axis=0).astype(np.uint8)
    out = np.full(
        (
            max(size[1], int(rng.integers(side, side + 6))),
            max(size[0], int(rng.integers(side, side + 6))),
            3,
        ),
        canvas,
        np.uint8,
    )
    y, x = (
        int(rng.integers(0, a - b + 1))
        for a, b in zip(out.shape[:2], small.shape[:2], strict=True)
    )
    out[y : y + small.shape[0], x : x + small.shape[1]] = small
    if rng.random() < 0.4:  # a box line along an edge, or dots
        for _ in range(int(rng.integers(1, 4))):
            v = int(rng.integers(0, 160))
            k = rng.random()
            if k < 0.35:
                out[:, int(rng.choice([0, 1, -1, -2]))] = v
            elif k < 0.7:
                out[int(rng.choice([0, 1, -1, -2]))] = v
            else:
                yy, xx = (
                    rng.integers(0, out.shape[0] - 2),
                    rng.integers(0, out.shape[1] - 2),
                )
                out[yy : yy + 2, xx : xx + 2] = v
    return out, label


def boxed(glyphs, rng):
    """A thin digit in a form's box, scanned small, off centre, with lines and dots."""
    side = 112
    rows = np.concatenate(glyphs.by_writer)
    k = int(rng.choice(rows))
    height = float(rng.uniform(34, 84))
    hand = pen.Hand(
        height=height,
        thickness=rng.uniform(0.05, 0.13),
        slant=rng.normal(0, 0.2),
        wobble=0.08,
    )
    field = field_of(glyphs, k, rng, thin=bool(rng.random() < 0.7))
    written = pen.write_line([field], hand, generator=rng)
    box = written.boxes[0]
    digit = written.ink[box.top : box.bottom, box.left : box.right]
    canvas = np.zeros((side, side), np.float32)
    room = side - digit.shape[0], side - digit.shape[1]
    if min(room) < 2:
        return None
    y, x = (int(np.clip(rng.normal(r / 2, r / 4), 0, r)) for r in room)
    canvas[y : y + digit.shape[0], x : x + digit.shape[1]] = digit
    lines_drawn = []
    for _ in range(int(rng.choice([0, 1, 2, 3, 4], p=[0.3, 0.3, 0.2, 0.1, 0.1]))):
        at = rng.uniform(0, 14)
        at = at if rng.random() < 0.5 else side - at
        lean = rng.normal(0, 2)
        start, end = (
            (0, side) if rng.random() < 0.7 else sorted(rng.uniform(0, side, 2))
        )
        lines_drawn.append(
            (at, start, at + lean, end)
            if rng.random() < 0.5
            else (start, at, end, at + lean)
        )
    if lines_drawn:
        ink = paper.draw_lines(
            (side, side), np.array(lines_drawn), thickness=float(rng.uniform(1.5, 7))
        )
        canvas = np.maximum(canvas, ink * np.float32(rng.uniform(0.4, 1)))
    for _ in range(int(rng.choice([0, 1, 3, 6], p=[0.4, 0.25, 0.2, 0.15]))):
        cy, cx, r = rng.uniform(0, side), rng.uniform(0, side), rng.uniform(1, 5)
        yy, xx = np.mgrid[:side, :side]
        canvas = np.maximum(
            canvas,
            (
                np.clip(r - np.hypot(yy - cy, xx - cx), 0, 1) * rng.uniform(0.3, 1)
            ).astype(np.float32),
        )
    small = int(rng.choice([20, 24, 28, 28, 28, 32, 40]))
    if rng.random() < 0.3:
        canvas = cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.5, 2.5))
    canvas = cv2.resize(
        canvas,
        (small, small),
        interpolation=int(rng.choice([cv2.INTER_AREA, cv2.INTER_LINEAR])),
    )
    grey = (
        rng.uniform(0.8, 1.0)
        - canvas * rng.uniform(0.35, 0.95)
        + rng.normal(0, rng.uniform(0, 0.04), canvas.shape)
    )
    if rng.random() < 0.1:
        grey = (grey > rng.uniform(0.5, 0.7)) * 1.0
    picture = (np.clip(grey, 0, 1) * 255).astype(np.uint8)
    if rng.random() < 0.3:
        picture = cv2.imdecode(
            cv2.imencode(
                ".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 95))]
            )[1],
            0,
        )
    return np.repeat(picture[:, :, None], 3, 2), int(glyphs.labels[k])


def filled(glyphs, rng):
    """A digit that fills its picture, stretched, as post offices normalise them."""
    picture, labels, boxes = compose(glyphs, rng, 1)
    part = crop(picture, boxes[0], rng, -0.02, 0.05)
    w = int(rng.integers(14, 24))
    h = int(np.clip(w * np.exp(rng.normal(0, 0.2)), 12, 32))
    return cv2.resize(part, (w, h), interpolation=cv2.INTER_AREA), int(labels[0])


def plain(glyphs, rng):
    """An image of MNIST itself, enlarged, on some paper."""
    rows = np.concatenate(glyphs.by_writer)
    k = int(rng.choice(rows))
    image = 255 - glyphs.images[k]
    n = int(rng.integers(1, 6))
    image = cv2.resize(
        image, None, fx=n, fy=n, interpolation=int(rng.choice([0, 1, 2, 3]))
    )
    image = cv2.copyMakeBorder(
        image, *rng.integers(0, 30, 4).tolist(), cv2.BORDER_CONSTANT, value=255
    )
    low = rng.uniform(0, 0.4)
    grey = (
        image / 255 * (1 - low) * rng.uniform(0.6, 1)
        + low * 0.3
        + rng.normal(0, rng.uniform(0, 0.05), image.shape)
    )
    if rng.random() < 0.5:
        grey += cv2.resize(
            rng.uniform(-0.12, 0.12, (3, 3)),
            image.shape[::-1],
            interpolation=cv2.INTER_CUBIC,
        )
    return np.repeat(
        (np.clip(grey, 0, 1) * 255).astype(np.uint8)[:, :, None], 3, 2
    ), int(glyphs.labels[k])


def junk(glyphs, rng):
    """Something that is no digit."""
    kind = rng.random()
    if kind < 0.6:
        picture, _, boxes = compose(glyphs, rng, int(rng.integers(2, 5)))
        k = int(rng.integers(len(boxes) - 1))
        (l0, t0, r0, b0), (l1, t1, r1, b1) = boxes[k], boxes[k + 1]
        top, bottom = min(t0, t1), max(b0, b1)
        if kind < 0.3:  # a pair
            box = (l0, top, r1, bottom)
        elif kind < 0.5:  # halves of two
            box = (l0 + 0.5 * (r0 - l0), top, l1 + 0.5 * (r1 - l1), bottom)
        else:  # half a digit
            m = t0 + (b0 - t0) * rng.uniform(0.35, 0.6)
            box = (l0, t0, r0, m) if rng.random() < 0.5 else (l0, m, r0, b0)
        return crop(picture, box, rng, -0.02, 0.02), JUNK
    if kind < 0.92:
        text = "".join(rng.choice(LETTERS, int(rng.integers(1, 3))))
        shape = 64, 90
        mask = np.zeros(shape, np.uint8)
        scale = rng.uniform(0.8, 1.9)
        cv2.putText(
            mask,
            text,
            (int(rng.uniform(4, 30)), int(rng.uniform(40, 60))),
            int(rng.integers(0, 8)),
            scale,
            255,
            int(rng.integers(1, 5)),
            cv2.LINE_AA,
        )
        m = np.array([[1, rng.normal(0, 0.2), 0], [rng.normal(0, 0.1), 1, 0]])
        mask = cv2.warpAffine(mask, m, shape[::-1])
        grey = 0.9 - mask / 255 * rng.uniform(0.4, 0.8) + rng.normal(0, 0.03, shape)
    else:
        shape = int(rng.integers(20, 90)), int(rng.integers(20, 90))
        grey = 0.8 + cv2.GaussianBlur(
            rng.normal(0, 1, shape), (0, 0), rng.uniform(0.5, 6)
        ) * rng.uniform(0.02, 0.8)
    return np.repeat(
        (np.clip(grey, 0, 1) * 255).astype(np.uint8)[:, :, None], 3, 2
    ), JUNK


KINDS = (
    (in_string, 0.27),
    (alone, 0.15),
    (tiny, 0.1),
    (boxed, 0.22),
    (filled, 0.08),
    (plain, 0.08),
    (junk, 0.1),
)


def one(glyphs, rng):
    """Compose one: (image 28×28, label)."""
    while True:
        kind = KINDS[int(rng.choice(len(KINDS), p=[share for _, share in KINDS]))][0]
        composed = kind(glyphs, rng)
        if composed is None:
            continue
        picture, label = composed
        if min(picture.shape[:2]) < 5:
            continue
        guesses = single.isolate(single.work_size(np.ascontiguousarray(picture)))
        if guesses:
            return guesses[int(rng.integers(len(guesses)))].image, label, picture


def one_strip(glyphs, rng):
    """Compose one as the reader of lines sees it: (strip, label, centre, width)."""
    while True:
        kind = (in_string, alone, tiny, boxed, filled)[
            int(rng.choice(5, p=[0.25, 0.1, 0.15, 0.35, 0.15]))
        ]
        composed = kind(glyphs, rng)
        if composed is None or min(composed[0].shape[:2]) < 5:
            continue
        work = single.work_size(np.ascontiguousarray(composed[0]))
        guesses = single.isolate(work)
        if not guesses:
            continue
        box = guesses[int(rng.integers(len(guesses)))].box
        tall = box.height
        band = (
            box.top + rng.normal(0, 0.06) * tall,
            box.bottom + rng.normal(0, 0.06) * tall,
        )
        ends = (
            box.left - rng.uniform(0, 0.5) * tall,
            box.right + rng.uniform(0, 0.5) * tall,
        )
        matrix, width = lines.strip_matrix(*ends, band)
        if width > 120 or width < 16:
            continue
        strip = lines.cut_strip(ink.soft_ink(light.even_out(work)), matrix, width)
        scale = matrix[0, 0]
        return (
            strip,
            composed[1],
            (box.left + box.right) / 2 * scale + matrix[0, 2],
            box.width * scale,
        )


def strips_shard(glyphs, number, folder):
    """Keep one shard as `compose.py` does."""
    rng = np.random.default_rng([32, number])
    rows = [one_strip(glyphs, rng) for _ in range(2000)]
    part = folder / f".{number:04d}.part.npz"
    np.savez(
        part,
        pixels=np.concatenate([r[0] for r in rows], 1),
        strip_widths=[r[0].shape[1] for r in rows],
        digits=np.array([r[1] for r in rows], np.uint8),
        counts=np.ones(len(rows), int),
        centres=np.array([r[2] for r in rows], np.float32),
        widths=np.array([r[3] for r in rows], np.float32),
    )
    part.replace(folder / f"{number:04d}.npz")


def main():
    """Compose shards."""
    cv2.setNumThreads(1)
    centres, out, first, count = sys.argv[1:5]
    glyphs = load_glyphs(Path(centres), held_back="--held-back" in sys.argv)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(int(first), int(first) + int(count)):
        if "--strips" in sys.argv:
            strips_shard(glyphs, number, folder)
            continue
        rng = np.random.default_rng([28, number])
        pairs = [one(glyphs, rng)[:2] for _ in range(SHARD)]
        part = folder / f".{number:04d}.part.npz"
        np.savez(
            part,
            images=np.stack([p[0] for p in pairs]),
            labels=np.array([p[1] for p in pairs], np.uint8),
        )
        part.replace(folder / f"{number:04d}.npz")


if __name__ == "__main__":
    main()
