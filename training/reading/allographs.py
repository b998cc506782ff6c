"""Digits as people write amounts in ways that MNIST hardly has: described, then drawn.

The rows are as those of `synth.drawn.glyphs` are: points on a grid of about 20 by 20,
`/` lifts the pen, `!` makes a corner. They were written down from general knowledge of
how Europeans and South Americans write; no point is measured. The built-in drawn digits
stay apart from them; a part of these is held out, to choose and to fit confidence by.
"""

import cv2
import numpy as np

from mnistry.synth.drawn.pen import HAND, write
from mnistry.synth.drawn.splines import build_allographs

SIDE = 56  # rows and columns of a centre line
BOX = 40  # of them that a digit takes
EACH = 5  # of each digit that a writer writes
CALM = {"slant": 0.07, "upright": 0.0, "turn": 0.05, "aspect": 0.17, "gap": 0.0}
SAME_HAND = {"point": 0.045, "stroke": 0.04, "end": 0.16, "wave": 0.06}
ALLOGRAPHS: tuple[tuple[int, str], ...] = (
    # zero: flat, round, open, begun within, ending in a curl or a tail
    (0, "10,3 4,5 1,10 5,16 12,16 17,11 14,5 9,3"),
    (0, "9,1 3,5 2,13 7,19 14,15 15,7 10,1 7,3"),
    (0, "13,3 7,2 2,8 3,16 10,19 15,13 14,6 11,3"),
    (0, "10,2 4,4 2,12 7,19 14,16 15,7 9,2 13,0 19,1"),
    (0, "8,4 4,8 3,15 9,19 15,13 13,4 7,1 6,5 12,6 18,3"),
    (0, "5,3 11,1 16,7 15,15 8,19 2,14 3,6 8,2"),
    (0, "12,0 5,5 2,13 5,19 11,17 16,8 15,2 11,0"),
    (0, "7,2 2,9 4,17 12,19 17,13 14,5 9,2 8,7"),
    # one: a long stroke before it, a hook, a foot, leaning either way, bent
    (1, "0,13 10,0! 9,10 8,20"),
    (1, "1,9 9,0! 9,20"),
    (1, "0,16 11,0! 10,10 10,20"),
    (1, "3,6 9,0! 6,20"),
    (1, "4,8 10,1! 7,12 3,20"),
    (1, "2,10 9,0! 10,10 12,20"),
    (1, "12,0 9,10 5,20"),
    (1, "15,0 9,10 2,20"),
    (1, "6,0 8,10 10,20"),
    (1, "10,0 9,10 9,20"),
    (1, "1,7 8,0! 8,20 / 1,20 15,19"),
    (1, "4,4 9,0! 9,20! 14,19"),
    (1, "6,3 9,0! 7,10 6,17 9,20 12,18"),
    (1, "2,12 6,5 11,0! 10,4 7,20"),
    (1, "0,18 12,0! 12,20"),
    (1, "0,20 10,0! 11,20"),
    (1, "2,17 9,1! 8,10 6,20"),
    # … a short flag, and a foot on both sides
    (1, "4,5 9,0! 9,20 / 4,20 14,20"),
    (1, "5,4 9,0! 8,20 / 3,20 13,19"),
    (1, "2,7 9,0! 9,20 / 5,20 13,20"),
    (1, "9,0 9,20 / 4,20 14,20"),
    # two: looped, with a flat foot, a long or a waved one, a hook at its head
    (2, "3,4 8,0 13,4 10,12 4,19 1,17 4,14 10,18 17,17"),
    (2, "2,5 7,0 12,4 9,12 3,18 3,14 8,15 12,19 18,16"),
    (2, "5,5 5,1 11,0 14,5 8,14 1,20! 16,19"),
    (2, "2,3 8,0 13,4 9,12 1,20! 9,17 19,19"),
    (2, "1,4 9,0 13,5 6,15 1,19 0,16 5,15 13,19"),
    (2, "4,2 12,1! 3,19! 15,18"),
    (2, "3,6 6,1 12,2 11,9 2,19! 12,20 20,17"),
    # … with a large loop at its foot
    (2, "3,4 8,0 13,4 9,12 2,19 0,14 6,12 11,18 19,17"),
    (2, "4,3 10,0 13,5 8,13 1,18 1,13 7,14 11,20 18,18"),
    (2, "2,5 7,0 12,5 6,16 0,17 3,11 9,15 14,20 20,16"),
    # … begun within its head, which is a ring like that of a nine, on a foot
    (2, "7,7 3,8 1,4 5,0 11,0 13,4 10,11 0,20! 9,18 17,19"),
    (2, "8,6 5,9 1,6 3,1 9,0 13,4 9,12 2,20! 15,19"),
    (2, "10,8 5,9 2,5 5,0 11,1 13,6 8,14 1,19 6,18 16,20"),
    (2, "6,5 3,7 0,4 4,0 10,0 12,5 8,13 0,20! 7,17 13,20 19,18"),
    (2, "10,5 6,9 2,7 3,2 9,0 14,4 11,12 3,20! 10,18 18,17"),
    (2, "9,9 4,7 4,2 9,0 12,4 9,10 3,17 0,19 3,16 9,18 16,20"),
    (2, "11,8 7,10 3,7 5,2 10,0 14,3 12,10 6,16 1,20! 17,20"),
    (2, "5,9 1,8 2,3 7,0 12,2 12,8 7,15 0,20! 13,20"),
    # … the ring closed, the foot short, looped, or level and long
    (2, "9,6 6,9 3,7 3,3 8,0 13,2 13,7 9,12 5,17 2,20! 9,19 14,20"),
    (2, "12,5 8,8 4,5 6,1 11,0 14,4 12,9 7,15 3,19 2,17 6,16 10,19 17,18"),
    (2, "7,5 5,7 4,4 6,1 9,0 11,3 9,10 5,20! 13,19"),
    (2, "10,3 9,7 5,8 3,5 5,1 10,0 13,4 11,10 4,19! 12,18 18,20"),
    (2, "12,7 8,9 5,6 6,2 10,0 14,3 13,9 9,16 7,20! 11,20 15,19"),
    (2, "11,4 7,7 3,4 6,0 11,1 12,6 8,13 2,18 0,16 4,15 9,18 18,20"),
    # three: flat at its top, pointed, with a loop, its lower half large or open
    (3, "2,1 13,1! 7,8! 13,13 8,20 1,18"),
    (3, "2,2 12,0! 5,9! 13,12 11,19 1,19"),
    (3, "3,3 9,0 12,4 7,9 5,8 9,9 14,14 8,20 1,17"),
    (3, "4,2 10,0 12,4 7,8! 14,11 14,18 6,20 0,16"),
    (3, "3,2 9,0 11,5 6,8! 11,10 11,16 5,20 1,18 4,15"),
    (3, "1,4 8,0 14,3 8,9! 13,13 4,20"),
    # four: closed at the top, open, with a long bar, like a nine, in one stroke
    (4, "11,0 2,12! 17,11 / 11,1 10,20"),
    (4, "12,0 1,13! 16,13! / 12,0 12,20"),
    (4, "11,0! 3,10! 12,11! / 12,1 10,20"),
    (4, "10,0! 2,11! 9,12 14,10 / 11,0! 12,8 9,20"),
    (4, "9,0 2,11! 18,10 / 14,4 9,20"),
    (4, "3,1 1,11! 16,10 / 13,1 10,20"),
    (4, "4,0 2,9 6,11 15,7 / 16,0 9,20"),
    (4, "12,20 12,0! 0,13! 18,13"),
    (4, "2,2 3,10 9,11 14,6 16,1! 13,11 6,20 1,17"),
    (4, "5,0 0,12! 12,12 / 9,6 8,20"),
    # … closed like a nine, its bar short
    (4, "11,1 4,8! 12,9 / 12,0 11,20"),
    (4, "13,0 6,5 4,10! 13,10! 13,0! 12,20"),
    (4, "12,0! 3,9! 12,10! 13,0! 11,20"),
    (4, "11,0! 4,8! 11,9! 12,1! 10,20"),
    (4, "12,1! 4,10! 16,10 / 12,1! 11,20"),
    # … in one stroke without lifting the pen, or of two slanting strokes
    (4, "7,0 1,9! 11,8! 5,20"),
    (4, "9,0 2,10! 13,9! 8,20"),
    (4, "9,0 1,11! 13,11 / 16,4 5,20"),
    (4, "8,0 0,12! 15,11 / 13,3 3,20"),
    (4, "6,0 2,12 8,12 14,8 / 15,1 10,20"),
    # five: without its top, the top apart or far to the right, like an S
    (5, "5,1 4,9! 9,8 13,13 8,19 1,18"),
    (5, "6,0 4,8! 11,8 14,14 8,20 1,17"),
    (5, "6,3 4,9! 10,8 13,14 7,20 1,18 / 8,2 17,0"),
    (5, "4,3 4,9! 11,9 12,16 6,20 0,19 / 4,2 14,2"),
    (5, "14,0 6,2 4,8 11,12 11,18 4,20 0,17"),
    (5, "19,0 8,1! 6,8! 13,10 12,17 5,20 0,18"),
    (5, "7,2 5,9 11,9 12,16 4,20 1,16 / 7,2 13,3 18,1"),
    (5, "13,1 5,1! 5,9! 12,9! 12,19! 2,19"),
    (5, "8,1 5,9! 9,8 11,12 8,18 2,20"),
    # … like the sign of a root: a slanting stroke with a flag, its belly small or none
    (5, "7,1 5,9! 8,10 10,14 5,20 1,19 / 7,1 18,0"),
    (5, "8,0 6,10 8,14 5,20 / 8,1 19,2"),
    (5, "19,0 9,1! 6,9 9,14 4,20"),
    (5, "20,1 8,2! 6,9! 10,9 10,15 5,20 2,18"),
    (5, "1,14 4,19 8,1! 19,1"),
    (5, "9,0 6,9 9,11 9,16 4,20 0,17 / 9,0 15,2 20,0"),
    (5, "2,12 6,20! 10,1! 19,1"),
    (5, "3,11 5,17 7,20 9,10 11,1! 20,0"),
    (5, "0,14 4,20! 9,10 10,2! 14,3 20,1"),
    (5, "1,16 4,20 7,17 9,1! 17,2"),
    # six: slim, with a small or a wide ring, open
    (6, "11,0 4,10 3,17 7,20 12,16 9,12 4,15"),
    (6, "7,0 3,10 3,18 8,20 11,15 7,12 3,16"),
    (6, "14,0 5,7 1,15 6,20 14,17 13,11 6,11 2,16"),
    (6, "9,0 4,8 3,17 9,19 12,14 8,12 2,17"),
    (6, "5,0 3,12 4,19 10,19 12,14 7,12 4,17"),
    # … a straight stem with a ring that is hardly more than a loop
    (6, "9,0 7,13 8,18 12,18 12,15 8,15 4,18"),
    (6, "8,0 6,12 6,18 10,20 12,16 9,14 6,17"),
    (6, "10,0 5,10 4,17 8,20 12,17 9,13 5,16"),
    (6, "7,0 4,10 5,18 9,20 13,17 10,13 5,15"),
    # seven: crossed high or low, hooked, its top waved or short, bent or with a foot
    (7, "1,2 14,1! 9,10 5,20 / 3,11 13,9"),
    (7, "1,2 14,1! 9,10 6,20 / 2,14 12,12"),
    (7, "2,5 2,1! 14,1! 8,20 / 4,10 15,9"),
    (7, "1,4 4,1 9,3 15,0! 9,20 / 5,12 15,10"),
    (7, "4,3 12,1! 7,20 / 0,11 15,10"),
    (7, "5,2 11,1! 9,10 8,20 / 2,9 16,8"),
    (7, "0,4 2,1 8,2 14,1! 10,10 8,20 / 4,10 14,11"),
    (7, "2,4 3,1! 14,2! 11,9 4,20"),
    (7, "1,1 15,2! 6,12 4,20 / 3,9 13,13"),
    (7, "2,1 13,1! 12,10 12,20 / 6,10 17,9"),
    (7, "1,3 6,1 13,3 12,10 7,20 / 4,12 16,11"),
    (7, "2,1 15,1! 8,20"),
    (7, "1,2 13,1! 9,10 6,20 / 1,16 13,14"),
    (7, "3,1 14,0! 8,20 / 4,15 16,13"),
    # … not crossed, with a stroke down at its left, or its top round: East Asian
    (7, "3,8 4,2! 13,2! 11,20"),
    (7, "5,7 5,2! 13,1! 12,10 12,20"),
    (7, "3,9 10,1 14,3 14,9 9,20"),
    (7, "4,10 9,2 13,1 15,6 13,13 7,20"),
    # … with a short head, level or begun with a hook
    (7, "4,1 12,1! 9,10 7,20"),
    (7, "4,4 4,1! 12,1! 10,10 8,20"),
    (7, "3,1 11,1! 10,20"),
    (7, "4,2 8,1 12,1! 9,20"),
    # … that is short as well, and begun with a stroke down
    (7, "5,6 5,1! 11,1! 10,20"),
    (7, "6,5 6,1! 11,1! 11,10 9,20"),
    (7, "5,8 6,2! 12,2! 10,20"),
    (7, "5,4 5,0! 12,0! 12,20"),
    (7, "4,5 5,1! 10,1 11,3 9,20"),
    (7, "5,7 5,2! 9,2! 9,20"),
    # eight: begun at its top, its waist or as an S; narrow, left open, of two rings
    (8, "13,3 8,0 4,4 12,14 8,20 3,16 12,5"),
    (8, "14,1 7,1 5,6 12,13 8,20 3,15 9,8 15,2"),
    (8, "9,10 4,5 9,0 13,5 6,12 4,18 10,20 13,15 8,9"),
    (8, "10,8 5,4 9,0 13,4 9,8 4,14 8,20 13,14 9,8"),
    (8, "12,2 7,0 5,5 11,12 10,19 5,18 6,12 13,3"),
    (8, "4,2 10,0 12,5 5,13 5,19 11,19 12,13 4,4"),
    # … of two strokes: an S and its way back, or one ring on another
    (8, "12,4 8,0 4,4 12,14 9,20 4,18 / 4,18 5,13 12,4"),
    (8, "13,3 8,0 4,5 12,14 8,20 3,16 / 3,16 13,2"),
    (8, "8,9 4,6 5,1 9,0 12,4 8,9 / 8,9 3,14 7,20 13,16 8,9"),
    (8, "8,10 5,6 8,1 11,5 8,9 / 8,9 4,13 5,19 11,19 12,13 8,10"),
    # nine: its foot closed or curled, long and straight, its ring open or large
    (9, "12,3 7,0 3,5 7,9 12,4! 12,13 9,20 4,18 5,14 12,11"),
    (9, "12,2 6,1 3,6 8,9 12,3 12,14 8,20 3,17 6,13 13,10"),
    (9, "12,3 6,1 3,6 8,9 12,4! 12,15 8,20 3,17"),
    (9, "12,4 7,0 3,5 7,9 12,5 11,14 6,20 2,17 5,15"),
    (9, "13,3 7,0 2,5 6,10 12,7! 13,1! 8,20"),
    (9, "12,5 8,9 4,6 7,1 12,2 12,12 9,18 3,19"),
    (9, "11,2 5,2 3,8 8,10 13,5 13,0! 11,10 10,20"),
    (9, "14,2 7,1 3,7 9,10 13,3 13,16 10,20 6,18 13,12"),
    # … its ring hardly more than a loop at the top of a stem
    (9, "12,2 9,0 6,3 9,5 12,3! 11,12 9,20"),
    (9, "11,3 8,1 7,4 10,5 12,2 11,11 10,20"),
    (9, "11,3 8,0 6,3 8,6 11,4! 11,12 8,20"),
    (9, "12,2 9,0 7,3 9,6 12,3! 12,20"),
    # … like a p, its ring open to the left; its stem an S, with a hook or a wide foot
    (9, "3,3 8,0 13,3 12,8 7,10 3,9 / 12,3 8,20"),
    (9, "4,9 10,9 14,5 11,0 6,1 4,3 / 5,1 4,20"),
    (9, "5,2 10,0 14,4 11,9 6,9! 6,20"),
    (9, "5,20 7,1! 13,0 15,5 8,10"),
    (9, "10,9 4,8 4,2 9,0 13,4 10,9 8,14 9,20"),
    (9, "12,2 6,1 3,6 8,9 12,3 11,10 8,15 10,18 8,20 4,19"),
    (9, "11,3 6,1 4,5 8,8 11,4 10,12 13,17 9,20 3,19"),
    (9, "12,3 7,0 3,5 8,9 12,4! 14,12 10,20 0,20 2,16"),
)


def one_writer(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Let somebody write each digit some times in one way: (centre lines, labels)."""
    of_digit = [
        [text for digit, text in ALLOGRAPHS if digit == wanted] for wanted in range(10)
    ]
    chosen = [(digit, 1, str(rng.choice(of))) for digit, of in enumerate(of_digit)]
    labels, built = np.repeat(np.arange(10), EACH), build_allographs(chosen)
    traces = write(labels, built, rng, hand={**HAND, **CALM, **SAME_HAND})
    stroke = built.stroke_of_dot[traces.chosen]
    lines = [centre_line(*one) for one in zip(traces.dots, stroke, strict=True)]
    return np.array(lines), labels


def centre_line(dots: np.ndarray, stroke: np.ndarray) -> np.ndarray:
    """Draw a pen's way as tall or wide as its box, one pixel bold."""
    low, high = dots.min(0), dots.max(0)
    fitted = (dots - (low + high) / 2) * BOX / (high - low).max() + SIDE / 2
    drawn = np.zeros((SIDE, SIDE), np.uint8)
    for part in np.split(fitted, np.flatnonzero(np.diff(stroke)) + 1):
        steps = (part * 16).round().astype(np.int32)
        cv2.polylines(drawn, [steps], isClosed=False, color=1, shift=4)
    return drawn.astype(bool)


def many_writers(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Let many write: (images like MNIST's, labels, packed centre lines)."""
    rng = np.random.default_rng([2031, seed])
    written = [one_writer(rng) for _ in range(count)]
    lines = np.concatenate([of[0] for of in written])
    bold = [cv2.dilate(line.astype(np.uint8), np.ones((4, 4))) for line in lines]
    small = np.array(bold).reshape(-1, SIDE // 2, 2, SIDE // 2, 2).mean((2, 4)) * 255
    labels = np.concatenate([of[1] for of in written])
    return small.astype(np.uint8), labels, np.packbits(lines, axis=2)
