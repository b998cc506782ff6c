"""Read the numbers of a row, which may have words, too.

A row is read as one number first. Where that is no likely number, what stands apart
from the rest of it is read alone: on a cheque the amount is close to the words.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from mnistry.box import Box
from mnistry.scan.page.layout.lines import DIGIT_WIDTH, Line, ends_of
from mnistry.scan.page.layout.parts import (
    EVERYWHERE,
    Span,
    between_words,
    ends_apart,
    is_beside_words,
)
from mnistry.scan.page.page import Page
from mnistry.scan.page.picture.transform import to_source
from mnistry.scan.pattern import Pattern
from mnistry.scan.read_line import SignedDigits, read_line
from mnistry.scan.recognize.confidence import alternatives
from mnistry.scan.recognize.line_reader import LineDigits, LineReader
from mnistry.scan.recognize.signs import separate
from mnistry.scan.results import REJECTED, ReadDigit, ReadLine, ReadSign

# least confidence of a line on a page; letters and most stamps have less. Of 240 codes
# on generated pages the 203 that were read correctly had 0.38 or more, but a line that
# is only partly right has less and is still wanted
MIN_CONFIDENCE = 0.1
# the same for a number of two digits or more in a row with words; 0.3 gave the same
# readings on 16 generated cheques, 0.2 on five letters
BESIDE_WORDS = 0.5
# probability of being no number, from which the rest of a row is a word: 20 words read
# alone had more than 0.55, 12 parts of telephone numbers no more than 0.5
WORD = 0.55
LIKELIER = 1.5  # times as likely as the whole row being one number with spaces
LETTER = 0.5  # probability of being no digit, from which what was read is a letter
WORD_WIDTH = 2 * DIGIT_WIDTH  # heights of a digit; ink beside a number is wider
SURE = 0.9  # confidence from which a number is one, whatever its row


class Number(NamedTuple):
    """A line of a page that may be a number.

    Attributes:
        line: What was read.
        free_confidence: How likely it is right, whether or not it matches.
        height: Of a digit.
        row_confidence: The same for the whole row, if words split it. A line is rated
            by the smaller of both: of 26 generated cheques 20 have their amounts read,
            18 if it is rated by its own.
    """

    line: ReadLine
    free_confidence: float
    height: float
    row_confidence: float = 1.0

    def times(self, share: float) -> "Number":
        """Return the same number with so much of its confidence."""
        line = replace(self.line, confidence=self.line.confidence * share)
        return self._replace(line=line, free_confidence=self.free_confidence * share)


def read_parts(
    page: Page, line: Line, whole: SignedDigits | None, reader: LineReader
) -> list[Number]:
    """Read the numbers in a row that has words, too.

    Args:
        page: Ready for reading.
        line: The row.
        whole: What was read of it as one number.
        reader: With what a number must match.

    Returns:
        The numbers; none if the row has no words, or they cannot be told apart.
    """
    confidence = whole[0].free_confidence if whole else 0.0
    # below the least confidence, what was read as digits are words
    boxes = whole[0].boxes if whole and confidence >= MIN_CONFIDENCE else ()
    if whole and confidence >= BESIDE_WORDS and reader.pattern.is_free:
        numbers = _read_beside_letters(page, line, whole[0], reader)
        if numbers:
            return numbers
    parts: list[tuple[Line, Span]] = []
    ends = []
    if confidence < BESIDE_WORDS:
        ends = ends_apart(line, page.soft)
        beside = [end for end in ends if is_beside_words(end, line, boxes)]
        parts = [(end, EVERYWHERE) for end in beside]
    read = _read_each(page, parts, reader)
    if whole and not parts and confidence < BESIDE_WORDS and reader.pattern.is_free:
        read = _read_beside_word(page, line, ends, confidence, reader)
    if read or not reader.pattern.is_free:
        return read
    apart = _read_each(page, between_words(line, boxes, page.soft), reader)
    return [number._replace(row_confidence=confidence) for number in apart]


def _read_beside_letters(
    page: Page, line: Line, whole: LineDigits, reader: LineReader
) -> list[Number]:
    """Read the number beside a word of which some letters were read as digits.

    Its confidence is the probability that it is right and those are no digits.
    """
    letters = dict(zip(whole.boxes, whole.non_digit.tolist(), strict=True))
    if max(letters.values()) <= LETTER:
        return []
    found: list[Number] = []
    for end in ends_apart(line, page.soft):
        rest = [part.box for part in line.components if part not in end.components]
        beside = [of for box, of in letters.items() if not end.box.is_at(box)]
        likely = min(beside, default=1.0)
        if likely > LETTER and Box.around(rest).width > WORD_WIDTH * line.height:
            read = _read_each(page, [(end, EVERYWHERE)], reader)
            found += [number.times(likely) for number in read]
    return found


def _read_beside_word(
    page: Page, line: Line, ends: Sequence[Line], as_one: float, reader: LineReader
) -> list[Number]:
    """Read the number beside a word that was read as digits, such as No as 10.

    Its confidence is the probability that it is right and the rest is no number.

    Args:
        page: Ready for reading.
        line: With a word and a number.
        ends: What stands apart at its ends.
        as_one: Confidence of the line as one number.
        reader: Without a pattern.
    """
    for end in ends:
        for number in _read_each(page, [(end, EVERYWHERE)], reader):
            some = [part for part in line.components if part not in end.components]
            rest = line._replace(components=tuple(some))
            edges = ends_of(rest, page.mask.shape[1])
            other = read_line(page, rest, edges, reader)
            likely = 1 - (other[0].free_confidence if other else 0.0)
            both = number.times(likely)
            is_sure = number.free_confidence >= SURE and likely >= WORD
            if is_sure and both.free_confidence > LIKELIER * as_one:
                return [both]
    return []


def _read_each(
    page: Page, parts: Sequence[tuple[Line, Span]], reader: LineReader
) -> list[Number]:
    """Read parts of a row, each within its columns; what is no number is left out."""
    found = []
    for part, (before, after) in parts:
        left, right = ends_of(part, page.mask.shape[1])
        ends = max(before, left), min(after, right)
        one = read_line(page, part, ends, reader)
        if one and one[0].free_confidence >= BESIDE_WORDS and len(one[0].digits) > 1:
            read = to_read_line(*one, reader.pattern, page)
            found.append(Number(read, one[0].free_confidence, part.height))
    return found


def to_read_line(
    found: LineDigits, signs: tuple[separate.Sign, ...], pattern: Pattern, page: Page
) -> ReadLine:
    """Turn what a line reader gives into a result, non-digits rejected.

    Args:
        found: What was read of a line.
        signs: Beside and between its digits.
        pattern: What it had to match.
        page: On which it is.
    """
    free = pattern.is_free
    boxes = [to_source(box, page.back) for box in found.boxes]
    digits = []
    for value, box, probabilities, non_digit, upright in zip(
        found.digits,
        boxes,
        found.probabilities,
        found.non_digit.tolist(),
        found.upright.tolist(),
        strict=True,
    ):
        confidence = float(probabilities[value])
        rejected = free and non_digit > REJECTED and confidence < 0.5
        others = alternatives(probabilities, value)
        digits.append(ReadDigit(value, confidence, box, others, rejected, upright))
    text = "".join(str(digit.value) for digit in digits if not digit.rejected)
    if not free:
        text = pattern.put_in_form(text, separate.find_gaps(found.boxes, signs))
    seen = tuple(ReadSign(sign.text, to_source(sign.box, page.back)) for sign in signs)
    around = Box.around(boxes)
    return ReadLine(text, found.confidence, tuple(digits), around, signs=seen)
