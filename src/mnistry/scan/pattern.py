r"""Patterns that a line must match: how many digits, which, with what between them.

A small part of regular expressions: digits, `\d`, classes such as `[0-9]`, groups,
`|`, and the counts `{5}`, `{3,6}`, `?`, `*`, `+`. Anything else is a separator: it is
not read from the paper but put into the text, as the hyphen of a ZIP+4 code.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mnistry.errors import UsageError

MOST_REPEATS = 64  # of {n,m}; a line of handwriting is shorter
DIGITS = frozenset(range(10))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern as an automaton; state 0 is the start.

    Attributes:
        text: As it was given.
        steps: By state: (digits allowed, the state after them).
        ends: The states in which a line may end.
    """

    text: str
    steps: tuple[tuple[tuple[frozenset[int], int], ...], ...]
    ends: frozenset[int]

    def accepts(self, digits: Iterable[int]) -> bool:
        """Tell whether a row of digits matches.

        Example:
            >>> parse_pattern("1[0-9]*").accepts((1, 2)), any_digits("1").accepts([2])
            (True, False)
        """
        states = {0}
        for digit in digits:
            states = {
                after
                for state in states
                for allowed, after in self.steps[state]
                if digit in allowed
            }
        return bool(states & self.ends)

    def put_in_form(self, digits: str) -> str:
        """Put the separators of the pattern into a row of digits.

        Example:
            >>> parse_pattern("[0-9]{5}(-[0-9]{4})?").put_in_form("941033021")
            '94103-3021'
        """
        return _with_separators(self.text, digits)


def parse_pattern(text: str) -> Pattern:
    r"""Parse a pattern.

    Args:
        text: Such as "[0-9]{6}", "\d{5}(-\d{4})?" or "[1-9][0-9]*".

    Raises:
        UsageError: Not such a pattern.

    Example:
        >>> len(parse_pattern("[0-9]{6}").steps)
        7
    """
    parsed = _parse(text)
    builder = _Builder([], [])
    start, end = builder.add(parsed)
    return builder.freeze(text, start, end)


def any_digits(allowed: str = "0123456789") -> Pattern:
    """Give the pattern of any number of digits out of those allowed.

    Raises:
        UsageError: `allowed` has something else than digits, or nothing.

    Example:
        >>> any_digits("01").steps
        (((frozenset({0, 1}), 0),),)
    """
    if not allowed or set(allowed) - set("0123456789"):
        message = f"allowed is {allowed!r}; expected some of the digits 0123456789."
        raise UsageError(message)
    digits = frozenset(int(digit) for digit in allowed)
    return Pattern(f"[{allowed}]*", (((digits, 0),),), frozenset({0}))


def _parse(text: str) -> Any:
    """Let Python's own parser read the expression; what we do not know is refused."""
    from re import _parser  # type: ignore[attr-defined]

    try:
        re.compile(text)
        return _parser.parse(text)
    except (re.error, RecursionError, OverflowError) as error:
        message = (
            f"pattern {text!r} cannot be read: {error}; expected something like"
            " '[0-9]{6}' or '[0-9]{5}(-[0-9]{4})?'."
        )
        raise UsageError(message) from error


@dataclass
class _Builder:
    """Thompson's construction: states with digit edges and free edges."""

    edges: list[list[tuple[frozenset[int], int]]]
    free: list[list[int]]

    def state(self) -> int:
        self.edges.append([])
        self.free.append([])
        if len(self.edges) > 4000:
            message = "pattern is too long; expected at most some hundred digits."
            raise UsageError(message)
        return len(self.edges) - 1

    def add(self, parsed: Any) -> tuple[int, int]:
        """Add a row of parts; give its first and last state."""
        start = here = self.state()
        for part in parsed:
            first, last = self.part(str(part[0]), part[1])
            self.free[here].append(first)
            here = last
        return start, here

    def part(self, kind: str, value: Any) -> tuple[int, int]:
        if kind == "SUBPATTERN":
            return self.add(value[-1])
        if kind == "BRANCH":
            start, end = self.state(), self.state()
            for branch in value[1]:
                first, last = self.add(branch)
                self.free[start].append(first)
                self.free[last].append(end)
            return start, end
        if kind in {"MAX_REPEAT", "MIN_REPEAT"}:
            return self.repeat(*value)
        start, end = self.state(), self.state()
        digits = _digits_of(kind, value)
        if digits is None:
            self.free[start].append(end)
        else:
            self.edges[start].append((digits, end))
        return start, end

    def repeat(self, least: int, most: int, parsed: Any) -> tuple[int, int]:
        endless = int(most) > 1 << 20  # how Python's parser says "without end"
        if int(least) > MOST_REPEATS or (not endless and int(most) > MOST_REPEATS):
            message = (
                f"pattern repeats {max(int(least), 0 if endless else int(most))} times;"
                f" expected at most {MOST_REPEATS}."
            )
            raise UsageError(message)
        start = here = self.state()
        for _ in range(int(least)):
            first, last = self.add(parsed)
            self.free[here].append(first)
            here = last
        end = self.state()
        if endless:
            first, last = self.add(parsed)
            self.free[here] += [first, end]
            self.free[last] += [first, end]
            return start, end
        for _ in range(int(most) - int(least)):
            self.free[here].append(end)
            first, last = self.add(parsed)
            self.free[here].append(first)
            here = last
        self.free[here].append(end)
        return start, end

    def freeze(self, text: str, start: int, end: int) -> Pattern:
        """Take the free edges away, and what cannot be reached."""
        order, number = [start], {start: 0}
        steps = []
        ends = set()
        for state in order:
            reached = set(self._closure(state))
            out = []
            for digits, after in (
                edge for s in sorted(reached) for edge in self.edges[s]
            ):
                if after not in number:
                    number[after] = len(order)
                    order.append(after)
                out.append((digits, number[after]))
            if end in reached:
                ends.add(number[state])
            steps.append(tuple(out))
        return Pattern(text, tuple(steps), frozenset(ends))

    def _closure(self, state: int) -> Iterator[int]:
        seen, todo = {state}, [state]
        while todo:
            here = todo.pop()
            yield here
            for after in self.free[here]:
                if after not in seen:
                    seen.add(after)
                    todo.append(after)


def _digits_of(kind: str, value: Any) -> frozenset[int] | None:
    """Tell the digits that a part allows; none for a separator."""
    if kind == "LITERAL":
        char = chr(value)
        return frozenset({int(char)}) if char in "0123456789" else None
    if kind == "ANY":
        return DIGITS
    if kind == "IN":
        expression = _class_expression(value)
        return frozenset(d for d in DIGITS if expression(d)) or None
    if kind == "AT":
        return None
    message = (
        f"pattern uses {kind.lower()}, which digits need not; expected digits, classes,"
        " groups and counts, such as '[0-9]{6}'."
    )
    raise UsageError(message)


def _class_expression(items: Any) -> Any:
    def allows(digit: int) -> bool:
        code, negated, found = ord(str(digit)), False, False
        for kind, value in ((str(k), v) for k, v in items):
            if kind == "NEGATE":
                negated = True
            elif kind == "LITERAL":
                found |= value == code
            elif kind == "RANGE":
                found |= value[0] <= code <= value[1]
            elif kind == "CATEGORY":
                found |= str(value) == "CATEGORY_DIGIT"
        return found != negated

    return allows


def _with_separators(text: str, digits: str) -> str:
    """Try the ways through the pattern until one takes just these digits."""
    try:
        ways = _ways(_parse(text), digits, 0)
        return next((out for out, used in ways if used == len(digits)), digits)
    except RecursionError:
        return digits


def _ways(parsed: Any, digits: str, used: int) -> Iterator[tuple[str, int]]:
    items = list(parsed)
    if not items:
        yield "", used
        return
    kind, value = str(items[0][0]), items[0][1]
    for out, reached in _ways_of(kind, value, digits, used):
        for rest, last in _ways(items[1:], digits, reached):
            yield out + rest, last


def _ways_of(
    kind: str, value: Any, digits: str, used: int
) -> Iterator[tuple[str, int]]:
    if kind == "SUBPATTERN":
        yield from _ways(value[-1], digits, used)
    elif kind == "BRANCH":
        for branch in value[1]:
            yield from _ways(branch, digits, used)
    elif kind in {"MAX_REPEAT", "MIN_REPEAT"}:
        least, most, inner = value
        yield from _repeats(
            int(least), min(int(most), MOST_REPEATS), inner, digits, used
        )
    else:
        allowed = _digits_of(kind, value)
        if allowed is None:
            yield (chr(value) if kind == "LITERAL" else ""), used
        elif used < len(digits) and int(digits[used]) in allowed:
            yield digits[used], used + 1


def _repeats(
    least: int, most: int, inner: Any, digits: str, used: int
) -> Iterator[tuple[str, int]]:
    if most > 0:
        for out, reached in _ways(inner, digits, used):
            if reached == used and least <= 0:
                continue  # taking nothing again and again leads nowhere
            for rest, last in _repeats(least - 1, most - 1, inner, digits, reached):
                yield out + rest, last
    if least <= 0:
        yield "", used
