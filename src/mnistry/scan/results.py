"""What was read, as plain values: lines of digits, each with its alternatives."""

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mnistry.box import Box
from mnistry.scan.sign_forms import share_right

CSV_COLUMNS = (
    "page", "line", "digit", "value", "confidence", "rejected",
    "left", "top", "right", "bottom", "reason", "line_confidence",
)  # fmt: skip
SHOWN = 3  # lines of a reading in its repr
UNSURE_BELOW = 0.5  # a line that is more likely wrong than right
REJECTED = 0.9  # probability of non-digit from which a digit of a line is rejected


@dataclass(frozen=True, slots=True)
class ReadDigit:
    """One digit that was read.

    Attributes:
        value: 0 to 9.
        confidence: How likely it is right, 0 to 1.
        box: Where it is, in pixels of the source, upright.
        alternatives: What else it could be, the likeliest first, with its confidence.
        rejected: Probably no digit at all; it is not part of the text.
        upright: Log odds that it stands upright, against upside down, by its shape.
    """

    value: int
    confidence: float
    box: Box = field(repr=False)
    alternatives: tuple[tuple[int, float], ...] = field(default=(), repr=False)
    rejected: bool = False
    upright: float = field(default=0.0, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as JSON knows them."""
        return {
            "value": self.value,
            "confidence": round(self.confidence, 4),
            "box": list(self.box),
            "alternatives": [
                {"value": value, "confidence": round(confidence, 4)}
                for value, confidence in self.alternatives
            ],
            "rejected": self.rejected,
        }


@dataclass(frozen=True, slots=True)
class ReadSign:
    """A sign that stands beside or between digits, found by its shape.

    Attributes:
        value: One of `.` `,` `'` `-` `:` `/` `+` `%` `(` `)` `#` `$` `€` `₹`.
        box: Where it is, in pixels of the source, upright.
    """

    value: str
    box: Box

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as JSON knows them."""
        return {"value": self.value, "box": list(self.box)}


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line of digits, from left to right.

    Attributes:
        text: The digits that were not rejected, with the pattern's separators.
        confidence: How likely all digits of the line are right, 0 to 1; that of its
            signs, too, is `signed_confidence`.
        digits: One by one.
        box: Around all.
        page: Of the source, from 1.
        signs: What stands beside and between them, see `signed_text`.
        file: The picture it is in, if the source is a folder.
        turned: Degrees by which the picture is turned clockwise: 0, 90, 180 or 270.
    """

    text: str
    confidence: float
    digits: tuple[ReadDigit, ...] = field(repr=False)
    box: Box
    page: int = 1
    signs: tuple[ReadSign, ...] = field(default=(), repr=False)
    file: str = field(default="", repr=False)
    turned: int = field(default=0, repr=False)

    @property
    def signed_text(self) -> str:
        """The digits that were not rejected, and the signs, as they are read.

        Example:
            >>> five = ReadDigit(5, 0.9, Box(20, 0, 30, 20))
            >>> minus = ReadSign("-", Box(2, 9, 12, 12))
            >>> ReadLine("5", 0.9, (five,), five.box, signs=(minus,)).signed_text
            '-5'
        """
        written = [(one.box, str(one.value)) for one in self.digits if not one.rejected]
        written += [(sign.box, sign.value) for sign in self.signs]
        axis, way = {0: (0, 1), 90: (1, 1), 180: (0, -1), 270: (1, -1)}[self.turned]
        written.sort(key=lambda pair: way * pair[0].centre[axis])
        return "".join(text for _, text in written)

    @property
    def signed_confidence(self) -> float:
        """How likely all digits and all signs of the line are right, 0 to 1.

        It is 0.94 at most, for a point that touches a digit is not found, and low if
        the text is no amount, date or time.

        Example:
            >>> five = ReadDigit(5, 0.9, Box(20, 0, 30, 20))
            >>> point = ReadSign(".", Box(2, 17, 5, 20))
            >>> line = ReadLine("5", 0.9, (five,), five.box, signs=(point,))
            >>> line.signed_text, round(line.signed_confidence, 3)
            ('.5', 0.045)
        """
        return self.confidence * share_right(self.signed_text)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as JSON knows them; the digits are the reading's."""
        return {
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "signed_text": self.signed_text,
            "signed_confidence": round(self.signed_confidence, 4),
            "box": list(self.box),
            "page": self.page,
            "turned": self.turned,
            "signs": [sign.to_dict() for sign in self.signs],
        }


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page that was looked at, whatever was found.

    Attributes:
        number: Of the page in its file, from 1.
        reason: Why it has no digits, as `Reading.reason`; empty if it has some.
        file: The picture, if the source is a folder.
    """

    number: int = 1
    reason: str = ""
    file: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as JSON knows them."""
        return {"page": self.number, "reason": self.reason}


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """All that was read from one source.

    Attributes:
        lines: In reading order.
        pages: Each page that was looked at; of a folder each page of each picture.

    Example:
        >>> seven = ReadDigit(7, 0.9, Box(0, 0, 10, 20))
        >>> reading = Reading((ReadLine("7", 0.9, (seven,), seven.box),))
        >>> reading.text, [line.confidence for line in reading], reading.reason
        ('7', [0.9], '')
        >>> reading
        <Reading '7', confidence 0.90>
        >>> Reading((), pages=(ReadPage(1, "blank: there is no ink on the paper."),))
        <Reading without digits: blank>
    """

    lines: tuple[ReadLine, ...]
    pages: tuple[ReadPage, ...] = ()

    def __repr__(self) -> str:
        if not self.text:
            return f"<Reading without digits: {self.reason.partition(':')[0]}>"
        texts = ", ".join(repr(line.text) for line in self.lines[:SHOWN])
        more = len(self.lines) - SHOWN
        rest = f" and {more} more lines" if more > 1 else " and one more" * max(0, more)
        return f"<Reading {texts}{rest}, confidence {self.confidence:.2f}>"

    def __iter__(self) -> Iterator[ReadLine]:
        return iter(self.lines)

    @property
    def reason(self) -> str:
        """Why there are no digits: a code, a colon, a sentence; empty if there are.

        The codes stay; `mnistry.scan.reasons.REASONS` has them all. Of a source with
        several pages it is what most of them share.
        """
        if any(line.text for line in self.lines):
            return ""
        reasons = Counter(page.reason for page in self.pages)
        return reasons.most_common(1)[0][0] if reasons else ""

    def pages_without_lines(self) -> tuple[ReadPage, ...]:
        """Return the pages on which not even a rejected digit was found."""
        found = {(line.file, line.page) for line in self.lines}
        return tuple(
            page for page in self.pages if (page.file, page.number) not in found
        )

    def by_file(self) -> dict[str, "Reading"]:
        """Return the reading of each picture of a folder, in their order."""
        files = dict.fromkeys(page.file for page in self.pages)
        return {
            file: Reading(
                tuple(line for line in self.lines if line.file == file),
                tuple(page for page in self.pages if page.file == file),
            )
            for file in files
        }

    @property
    def text(self) -> str:
        """The lines, one below the other."""
        return "\n".join(line.text for line in self.lines)

    @property
    def signed_text(self) -> str:
        """The lines with the signs between digits, such as "-1,234.50".

        They are not in `text`, for most readers want a plain number, and signs are
        found by their shape alone: a mark that looks like one must not spoil a number
        that is right. `confidence` is that of the digits;
        `ReadLine.signed_confidence` that of digits and signs.
        """
        return "\n".join(line.signed_text for line in self.lines)

    @property
    def confidence(self) -> float:
        """How likely all of it is right; 0 if nothing was found."""
        return math.prod(line.confidence for line in self.lines) if self.lines else 0.0

    @property
    def digits(self) -> tuple[ReadDigit, ...]:
        """All digits of all lines, rejected ones too."""
        return tuple(digit for line in self.lines for digit in line.digits)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as JSON knows them; a digit names its line, from 1."""
        return {
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "reason": self.reason,
            "digits": [
                digit.to_dict() | {"line": number}
                for number, line in enumerate(self.lines, 1)
                for digit in line.digits
            ],
            "lines": [line.to_dict() for line in self.lines],
            "pages_without_digits": [
                page.to_dict() for page in self.pages if page.reason
            ],
        }

    def to_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def to_csv(self) -> str:
        """Return a table with one row for each digit, a header above.

        A page without digits has one row, with line 0 and the reason.

        Example:
            >>> print(Reading((), pages=(ReadPage(3, "blank: no ink."),)).to_csv())
            page,line,digit,value,confidence,rejected,left,top,right,bottom,reason,line_confidence
            3,0,0,,,,,,,,blank: no ink.,
            <BLANKLINE>
        """
        file = io.StringIO()
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(CSV_COLUMNS)
        reasons = {(page.file, page.number): page.reason for page in self.pages}
        for number, line in enumerate(self.lines, 1):
            reason = reasons.get((line.file, line.page), "")
            for place, digit in enumerate(line.digits, 1):
                facts = (digit.value, round(digit.confidence, 4), int(digit.rejected))
                rest = (*digit.box, reason, round(line.confidence, 4))
                rows.writerow((line.page, number, place, *facts, *rest))
        for page in self.pages_without_lines():
            blanks = [""] * (len(CSV_COLUMNS) - 5)
            rows.writerow((page.number, 0, 0, *blanks, page.reason, ""))
        return file.getvalue()
