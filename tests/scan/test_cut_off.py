"""Lines cut off by the picture's border are left out beside a whole one."""

import numpy as np

from mnistry.box import Box
from mnistry.scan.cut_off import without_cut_off
from mnistry.scan.results import ReadDigit, ReadLine
from mnistry.scan.rivals import RatedLine

ROWS = 100


def line(top: int, bottom: int, confidence: float) -> RatedLine:
    box = Box(0, top, 20, bottom)
    digits = (ReadDigit(7, confidence, box),)
    return RatedLine(ReadLine("7", confidence, digits, box), confidence)


def kept(*found: RatedLine) -> list[RatedLine]:
    return without_cut_off([*found], np.eye(3), ROWS)


def test_only_what_is_cut_off_unsure_and_beside_something_whole_goes() -> None:
    above, whole, below = line(0, 12, 0.3), line(30, 60, 0.9), line(85, 100, 0.4)
    assert kept(above, whole, below) == [whole]
    assert kept(above) == [above]
    assert kept(above, below) == [above, below]
    sure, tall = line(0, 40, 0.7), line(0, 100, 0.3)
    assert kept(sure, whole) == [sure, whole]
    assert kept(tall, whole) == [tall, whole]
    doubtful = line(30, 60, 0.2)
    assert len(kept(above, doubtful)) == 2


def test_a_part_of_a_line_is_never_sure() -> None:
    whole, part = line(30, 60, 0.9), line(0, 20, 0.96)
    (doubted, sure), other = kept(part, whole)
    assert other == whole
    assert doubted.confidence == sure == 0.48
