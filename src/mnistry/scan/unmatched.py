"""What is given back of a picture in which no line matches the pattern."""

from dataclasses import replace

from mnistry.plural import counted
from mnistry.scan.pattern import Pattern
from mnistry.scan.reasons import reason_of
from mnistry.scan.results import UNSURE_BELOW, ReadLine

LISTED = 5  # lines that are named


def without_match(
    free: tuple[ReadLine, ...], pattern: Pattern
) -> tuple[list[ReadLine], str]:
    """Return the lines that match when they are read freely, or say what was read.

    They are unsure, for with the pattern they were not read.

    Args:
        free: What is read without the pattern, a line at least.
        pattern: What lines must match.

    Returns:
        Lines, and why there are none.
    """
    matching = [
        replace(
            line,
            text=pattern.put_in_form(line.text),
            confidence=UNSURE_BELOW * line.confidence,
        )
        for line in free
        if pattern.accepts([int(digit) for digit in line.text])
    ]
    return matching, "" if matching else reason_of("no-match", _listed(free))


def _listed(lines: tuple[ReadLine, ...]) -> str:
    more = len(lines) - LISTED
    named = ", ".join(line.text for line in lines[:LISTED])
    return f"{named} and {counted(more, 'line')} more" if more > 0 else named
