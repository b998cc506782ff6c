"""Words and signatures by hand: letters in one stroke, joined as the pen runs on.

A letter is a row of data: points x, y in which an x is as high as from 8 to 20, as in
`synth.drawn.glyphs`. The last point of a letter leads to the first of the next one.
"""

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import Ink
from mnistry.extras import require
from mnistry.synth.documents.handwriting import Hand

cv2 = require("cv2", extra="read")

FINE = 4  # points of the curve between two points of a letter
CAPITAL = 20.0  # points from the head of a tall letter to its foot
SPACE = 11.0  # points between two words
JITTER = 0.55  # points: standard deviation of each point

LETTERS = {
    "a": "9,9 4,9 1,15 4,20 9,16 10,9 10,17 13,19",
    "b": "1,14 5,4 4,0 2,4 2,18 6,20 9,15 8,10 11,11",
    "c": "9,10 5,8 1,14 4,20 10,18",
    "d": "9,9 4,9 1,15 4,20 9,15 11,0 10,17 13,19",
    "e": "1,16 8,12 6,8 2,11 2,18 6,20 11,16",
    "f": "1,14 6,4 4,0 3,6 3,28 6,24 5,17 10,16",
    "g": "9,9 4,9 1,15 4,19 9,15 10,9 9,26 5,29 3,25 12,16",
    "h": "1,14 5,4 4,0 2,6 2,20 3,12 7,9 8,19 12,18",
    "i": "1,15 4,8 4,18 7,19 / 5,3 5.4,3.4",
    "j": "1,15 5,8 4,27 1,28 1,25 8,16 / 6,3 6.4,3.4",
    "k": "1,14 5,4 3,0 2,8 2,20 3,12 7,9 6,13 3,14 8,20 11,18",
    "l": "1,15 6,4 4,0 2,6 3,18 7,19",
    "m": "1,10 3,9 3,20 4,11 7,9 8,20 9,11 12,9 13,19 16,18",
    "n": "1,10 3,9 3,20 4,11 8,9 8,19 12,18",
    "o": "6,8 2,11 2,18 6,20 9,15 6,8 11,10",
    "p": "1,12 3,8 2,29 3,11 7,8 9,14 3,20 11,18",
    "r": "1,14 4,7 8,9 6,14 7,20 11,18",
    "s": "1,16 5,7 8,15 6,20 2,19 11,17",
    "t": "1,14 5,1 4,17 9,19 / 1,7 10,6",
    "u": "1,10 3,8 3,18 7,19 9,8 9,18 13,18",
    "v": "1,9 4,19 8,9 12,10",
    "w": "1,9 3,18 6,18 7,9 8,18 11,17 12,9 15,10",
    "x": "1,10 4,9 7,19 11,18 / 9,8 1,20",
    "y": "1,9 2,18 7,18 9,8 8,26 5,29 3,26 12,16",
    "z": "1,10 8,9 2,19 8,20 11,18",
    "A": "0,20 8,0 15,20 18,17 / 3,13 13,12",
    "B": "3,1 2,20 / 1,2 9,0 11,5 4,9 12,13 10,19 2,19",
    "C": "13,4 8,0 2,7 2,15 8,20 15,16",
    "D": "3,1 2,19 / 0,1 9,0 15,9 10,19 1,20",
    "E": "12,2 6,0 3,5 8,9 3,13 5,19 14,17",
    "F": "3,20 4,1 / 1,2 14,0 / 3,10 11,9",
    "G": "12,3 7,0 1,8 4,19 11,17 12,11 7,11",
    "H": "3,0 2,20 / 13,0 12,20 15,18 / 2,10 13,9",
    "I": "6,0 5,20 / 1,1 11,0 / 0,20 10,19",
    "K": "3,0 2,20 / 12,0 3,11 13,20",
    "L": "5,2 7,0 4,10 2,19 13,19",
    "M": "0,20 3,1 7,14 13,0 15,20 18,18",
    "N": "1,20 3,1 11,19 13,0",
    "O": "8,0 2,6 2,16 8,20 14,13 9,0 15,2",
    "P": "3,1 2,20 / 0,3 9,0 12,6 3,11",
    "R": "3,1 2,20 / 0,3 9,0 12,5 3,11 13,20",
    "S": "11,2 5,1 5,8 11,14 7,20 0,17",
    "T": "0,2 15,0 / 8,1 6,20",
    "V": "0,0 6,20 13,0",
    "W": "0,0 4,20 9,5 13,20 18,0",
}


def write_words(text: str, hand: Hand, *, generator: np.random.Generator) -> Ink:
    """Write words.

    Args:
        text: Letters of `LETTERS`, and spaces.
        hand: How; its height is that of a tall letter.
        generator: Decides where the pen goes.

    Returns:
        (rows, columns), 0 none to 1 full; the foot of the line is as far above its end
        as `foot_of` tells.

    Example:
        >>> ink = write_words("five", Hand(20.0), generator=np.random.default_rng(0))
        >>> ink.shape[0], bool(ink.max() > 0.5)
        (48, True)
    """
    strokes: list[NDArray[np.float64]] = []
    for word in text.split(" "):
        start = max((stroke[:, 0].max() for stroke in strokes), default=-SPACE)
        strokes += _word(word, start + SPACE * generator.uniform(0.7, 1.4), generator)
    return _inked(strokes, hand)


def foot_of(hand: Hand) -> int:
    """Return the row of the foot of what `write_words` writes."""
    return round(1.4 * hand.height)


def write_signature(hand: Hand, *, generator: np.random.Generator) -> Ink:
    """Write a name that nobody can read: loops, a long line, or both.

    Args:
        hand: How; its height is that of a tall letter.
        generator: Decides where the pen goes.
    """
    count = int(generator.integers(7, 16))
    x = np.cumsum(generator.uniform(-2, 9, count))
    y = np.where(np.arange(count) % 2, 20, 6) + generator.normal(0, 5, count)
    strokes = [_curve(np.stack([x - x.min(), y], axis=1))]
    if generator.random() < 0.5:
        end = strokes[0][:, 0].max()
        line = (
            generator.uniform((-3, 16), (6, 26)),
            (end * 1.2, generator.uniform(8, 22)),
        )
        strokes.append(_curve(np.array(line)))
    return _inked(strokes, hand)


def _word(
    word: str, start: float, generator: np.random.Generator
) -> list[NDArray[np.float64]]:
    """Return the strokes of a word: its letters in one, bars and dots after it."""
    joined: list[NDArray[np.float64]] = []
    apart: list[NDArray[np.float64]] = []
    at, width = start, float(generator.uniform(0.85, 1.3))
    for letter in word:
        first, *rest = (_points(stroke) for stroke in LETTERS[letter].split(" / "))
        strokes = [first, *rest]
        for number, points in enumerate(strokes):
            moved = points + generator.normal(0, JITTER, points.shape)
            moved[:, 0] = at + width * moved[:, 0]
            (apart if number or letter.isupper() else joined).append(moved)
        at += width * float(max(points[:, 0].max() for points in strokes))
    run = [np.concatenate(joined)] if joined else []
    return [_curve(points) for points in [*run, *apart]]


def _points(stroke: str) -> NDArray[np.float64]:
    return np.array([point.split(",") for point in stroke.split()], float)


def _curve(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round the way through points: Catmull and Rom's splines, 1974."""
    if len(points) < 3:
        return points
    way = np.concatenate([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, FINE, endpoint=False)[:, None, None]
    a, b, c, d = way[:-3], way[1:-2], way[2:-1], way[3:]
    cubic = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2
    between = (cubic + (3 * b - a - 3 * c + d) * t**3) / 2
    fine = between.transpose(1, 0, 2).reshape(-1, 2)
    curve: NDArray[np.float64] = np.concatenate([fine, points[-1:]])
    return curve


def _inked(strokes: list[NDArray[np.float64]], hand: Hand) -> Ink:
    """Ink strokes in points on nothing, slanted and as thick as the hand writes."""
    scale = hand.height / CAPITAL
    placed = [stroke * scale for stroke in strokes]
    for stroke in placed:
        stroke[:, 0] += hand.slant * (hand.height - stroke[:, 1]) + 0.4 * hand.height
        stroke[:, 1] += foot_of(hand) - hand.height
    wide = round(
        max(float(stroke[:, 0].max()) for stroke in placed) + 0.5 * hand.height
    )
    drawing = np.zeros((round(2.4 * hand.height) * FINE, wide * FINE), np.uint8)
    pen = max(1, round(hand.thickness * hand.height * FINE))
    for stroke in placed:
        path = (stroke * FINE).round().astype(np.int32)
        cv2.polylines(drawing, [path], 0, 255, pen, cv2.LINE_AA)
    size = wide, round(2.4 * hand.height)
    small = cv2.resize(drawing, size, interpolation=cv2.INTER_AREA)
    ink: Ink = small.astype(np.float32) / np.float32(255)
    return ink
