"""What was read: digits in lines, each with what it could also be. Plain values."""

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mnistry.box import Box

CSV_COLUMNS = (
    "page", "line", "digit", "value", "confidence", "rejected",
    "left", "top", "right", "bottom",
)  # fmt: skip


REJECTED = 0.9  # probability of non-digit from which a digit is rejected


@dataclass(frozen=True, slots=True)
class ReadDigit:
    """One digit that was read.

    Attributes:
        value: 0 to 9.
        confidence: How likely it is right, 0 to 1.
        box: Where it is, in pixels of the source, upright.
        alternatives: What else it could be, the likeliest first, with its confidence.
        rejected: Probably no digit at all; it is not part of the text.
    """

    value: int
    confidence: float
    box: Box
    alternatives: tuple[tuple[int, float], ...] = ()
    rejected: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Give plain values, as JSON knows them."""
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
        value: One of `.` `,` `'` `-` `:` `/` `+` `%`.
        box: Where it is, in pixels of the source, upright.
    """

    value: str
    box: Box

    def to_dict(self) -> dict[str, Any]:
        """Give plain values, as JSON knows them."""
        return {"value": self.value, "box": list(self.box)}


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line of digits, from left to right.

    Attributes:
        text: The digits that were not rejected, with the pattern's separators.
        confidence: How likely all digits of the line are right, 0 to 1.
        digits: One by one.
        box: Around all.
        page: Of the source, from 1.
        signs: What stands beside and between them, see `signed_text`.
    """

    text: str
    confidence: float
    digits: tuple[ReadDigit, ...]
    box: Box
    page: int = 1
    signs: tuple[ReadSign, ...] = ()

    @property
    def signed_text(self) -> str:
        """The digits that were not rejected, and the signs, from left to right.

        Example:
            >>> five = ReadDigit(5, 0.9, Box(20, 0, 30, 20))
            >>> minus = ReadSign("-", Box(2, 9, 12, 12))
            >>> ReadLine("5", 0.9, (five,), five.box, signs=(minus,)).signed_text
            '-5'
        """
        written = [(one.box, str(one.value)) for one in self.digits if not one.rejected]
        written += [(sign.box, sign.value) for sign in self.signs]
        written.sort(key=lambda pair: pair[0].left + pair[0].right)
        return "".join(text for _, text in written)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values, as JSON knows them."""
        return {
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "box": list(self.box),
            "page": self.page,
            "digits": [digit.to_dict() for digit in self.digits],
            "signs": [sign.to_dict() for sign in self.signs],
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read from one source.

    Attributes:
        lines: In reading order.
        facts: What else is known, such as the source's size.

    Example:
        >>> seven = ReadDigit(7, 0.9, Box(0, 0, 10, 20))
        >>> reading = Reading((ReadLine("7", 0.9, (seven,), seven.box),))
        >>> reading.text, reading.confidence
        ('7', 0.9)
    """

    lines: tuple[ReadLine, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The lines, one below the other."""
        return "\n".join(line.text for line in self.lines)

    @property
    def signed_text(self) -> str:
        """The lines with the signs between digits, such as "-1,234.50".

        They are not in `text`, for who reads a code or an amount mostly wants a number,
        and signs are found by their shape alone: a mark that looks like one must not
        cost a number that is right.
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
        """Give plain values, as JSON knows them."""
        return {
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "digits": [digit.to_dict() for digit in self.digits],
            "lines": [line.to_dict() for line in self.lines],
        }

    def to_json(self) -> str:
        """Give one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def to_csv(self) -> str:
        """Give a table with one row for each digit, a header above.

        Example:
            >>> print(Reading(()).to_csv())
            page,line,digit,value,confidence,rejected,left,top,right,bottom
        """
        file = io.StringIO()
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(CSV_COLUMNS)
        for number, line in enumerate(self.lines, 1):
            for place, digit in enumerate(line.digits, 1):
                facts = (digit.value, round(digit.confidence, 4), int(digit.rejected))
                rows.writerow((line.page, number, place, *facts, *digit.box))
        return file.getvalue()
