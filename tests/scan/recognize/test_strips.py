import numpy as np
import pytest

from mnistry.box import Box
from mnistry.scan.page.ink.components import find_components
from mnistry.scan.read import read
from mnistry.scan.recognize.models import line_header
from mnistry.scan.recognize.strips import Part, Place, ink_of, places
from mnistry.scan.recognize.viterbi import Path
from mnistry.synth.documents.rows import make_rows
from mnistry.synth.documents.scenes import Alphabet

BAND = 60.0, 90.0  # rows of the line's digits


def part_of(*boxes: Box) -> Part:
    """The ink of the digit in columns 20 to 40, of all that is drawn."""
    mask = np.zeros((150, 60), bool)
    for box in boxes:
        mask[box.top : box.bottom, box.left : box.right] = True
    return ink_of(find_components(mask)[1], Place(18, 42), BAND)


@pytest.mark.parametrize("rows", [(96, 126), (24, 54)])
def test_ink_of_another_line_is_no_part_of_a_digit(rows: tuple[int, int]) -> None:
    digit = Box(20, 60, 40, 90)
    part = part_of(digit, Box(20, rows[0], 40, rows[1]))
    assert part.box == digit
    assert part.is_whole


@pytest.mark.parametrize(
    ("neck", "other", "top", "bottom"),
    [
        (Box(28, 90, 31, 96), Box(20, 96, 40, 126), 60, 90),
        (Box(28, 54, 31, 60), Box(20, 24, 40, 54), 60, 90),
    ],
)
def test_where_lines_touch_a_digit_ends_at_the_narrowest(
    neck: Box, other: Box, top: int, bottom: int
) -> None:
    box = part_of(Box(20, 60, 40, 90), neck, other).box
    assert box is not None
    assert (box.left, box.right) == (20, 40)
    assert abs(box.top - top) <= 6
    assert abs(box.bottom - bottom) <= 6


def test_a_tail_that_ends_before_the_next_line_is_kept() -> None:
    tail = Box(34, 90, 38, 102)
    assert part_of(Box(20, 60, 40, 90), tail).box == Box(20, 60, 40, 102)


def test_boxes_of_lines_written_closely_end_at_their_lines(alphabet: Alphabet) -> None:
    texts = ["31415", "92653", "58979", "32384"]
    scene = make_rows(alphabet, [[text] for text in texts], seed=2, pitch=(1.2, 1.4))
    found = {line.text: line for line in read(scene.picture).lines}
    both = [(line, found[line.text]) for line in scene.lines if line.text in found]
    assert len(both) >= 3
    for line, seen in both:
        for true, digit in zip(line.boxes, seen.digits, strict=True):
            room = 0.3 * true.height
            assert digit.box.top > true.top - room
            assert digit.box.bottom < true.bottom + room


def test_words_between_two_numbers_belong_to_none_of_their_digits() -> None:
    frames = line_header().columns_per_frame
    centres = [20, 40, 60, 200, 220]
    spans = tuple((of // frames, of // frames) for of in centres)
    path = Path((1, 2, 3, 4, 5), spans, 0.0)
    found = places(path, np.eye(3), (0.0, 240.0))
    widest = max(place.right - place.left for place in found)
    assert widest < 60
    assert found[2].right < 90
    assert found[3].left > 170
