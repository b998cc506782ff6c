r"""The language of patterns: a small part of regular expressions, parsed into a tree.

The grammar, in the EBNF of ISO/IEC 14977::

    pattern   = ["^"], branches, ["$"] ;
    branches  = branch, {"|", branch} ;
    branch    = {part} ;
    part      = atom, [count] ;
    count     = "?" | "*" | "+"
              | "{", number, [",", [number]], "}" | "{", ",", number, "}" ;
    atom      = digits | separator | "(", ["?:"], branches, ")" ;
    digits    = "0" … "9" | "." | "\d" | class ;
    class     = "[", ["^"], item, {item}, "]" ;
    item      = digit, ["-", digit] | "\d" | separator ;
    separator = any character that has no meaning of its own, or "\" and a character
                that is no ASCII letter; a digit of no script is one ;

Every pattern of this language is also one of Python's `re` and means the same there,
with two exceptions: `.` and a class that begins with `^` stand for digits alone.
A separator is not read from the paper but written between the digits. A class may offer
several: `[-/]` is `(-|/)`.
"""

from typing import NamedTuple, NoReturn

from mnistry.errors import UsageError

MOST_REPEATS = 64  # of {n,m}; a line of handwriting is shorter
MOST_NESTING = 50  # groups in groups; far from the depth of Python's stack
SHOWN = 80  # characters of a pattern in a message: a line of a terminal
DIGITS = frozenset(range(10))
SPECIAL = frozenset(".^$*+?{}[]\\|()")
EXPECTED = "something like '[0-9]{6}' or '[0-9]{5}(-[0-9]{4})?'"


class Reads(NamedTuple):
    """One digit out of those allowed."""

    digits: frozenset[int]


class Writes(NamedTuple):
    """A separator."""

    text: str


class Sequence(NamedTuple):
    """One part after the other."""

    parts: "tuple[Node, ...]"


class Choice(NamedTuple):
    """One of several branches; the first is preferred."""

    branches: "tuple[Node, ...]"


class Repeat(NamedTuple):
    """A part, several times; as often as can be is preferred; None: without end."""

    part: "Node"
    least: int
    most: int | None


Node = Reads | Writes | Sequence | Choice | Repeat


def parse(text: str) -> Node:
    r"""Parse a pattern into a tree.

    Args:
        text: Such as "[0-9]{6}", "\d{5}(-\d{4})?" or "[1-9][0-9]*".

    Raises:
        UsageError: Not of the language; the message has the column.

    Example:
        >>> parse("1-?")
        Sequence(parts=(Reads(digits=frozenset({1})), Repeat(part=Writes(text='-'),
            least=0, most=1)))
    """
    return _Parser(text).pattern()


class _Parser:
    """Recursive descent: a method for each rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def pattern(self) -> Node:
        self.take("^")
        tree = self.branches(0)
        if self.peek() == ")":
            self.refuse_here()
        self.take("$")
        return tree

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, wanted: str) -> bool:
        if not self.text.startswith(wanted, self.at):
            return False
        self.at += len(wanted)
        return True

    def refuse(self, what: str, at: int | None = None) -> NoReturn:
        column = (self.at if at is None else at) + 1
        shown = self.text
        if len(shown) > SHOWN:
            start = max(0, column - SHOWN // 2)
            shown = f"…{self.text[start : start + SHOWN]}…"
        message = f"pattern {shown!r} cannot be read: column {column}: {what}."
        raise UsageError(message)

    def refuse_here(self) -> NoReturn:
        """Refuse a character that has a meaning, but not in this place."""
        char = self.peek()
        if char == ")":
            self.refuse("this ) closes no group; a bracket to write is \\)")
        if char in {"]", "}"}:
            self.refuse(f"this {char} closes nothing; a bracket to write is \\{char}")
        if char in {"^", "$"}:
            place = "begin" if char == "^" else "end"
            self.refuse(f"{char} can only {place} a pattern; as a sign it is \\{char}")
        self.refuse(f"there is nothing that {char} could repeat; expected {EXPECTED}")

    def refuse_other_digit(self, at: int) -> None:
        """Refuse a digit of another width or script: whoever types it means a digit."""
        char = self.text[at : at + 1]  # nothing at the end
        if char.isdecimal() and not _is_digit(char):  # ² is no decimal: m² is a sign
            meant = self.text if len(self.text) <= SHOWN else char
            self.refuse(
                f"{char} is none of 0 to 9; type {with_ascii_digits(meant)}", at
            )

    def branches(self, depth: int) -> Node:
        branches = [self.branch(depth)]
        while self.take("|"):
            branches.append(self.branch(depth))
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def branch(self, depth: int) -> Node:
        parts = []
        while (char := self.peek()) and char not in "|)":
            if char == "$" and self.at + 1 == len(self.text):
                break
            parts.append(self.part(depth))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def part(self, depth: int) -> Node:
        atom = self.atom(depth)
        counts = self.count()
        if counts is None:
            return atom
        if (char := self.peek()) and char in "?*+{":
            self.refuse(
                "a count follows a count; put the part before it into a group:"
                " '([0-9]{2})*'"
            )
        return Repeat(atom, *counts)

    def atom(self, depth: int) -> Node:
        start = self.at
        if self.take("("):
            if depth == MOST_NESTING:
                self.refuse(f"groups nest deeper than {MOST_NESTING}", start)
            if not self.take("?:") and self.peek() == "?":
                self.refuse(f"a group begins with ( or (?: alone; expected {EXPECTED}")
            inner = self.branches(depth + 1)
            if not self.take(")"):
                self.refuse("this group is not closed; expected ) at its end", start)
            return inner
        if self.take("["):
            return self.digit_class(start)
        if self.take("."):
            return Reads(DIGITS)
        return self.symbol(SPECIAL)

    def symbol(self, special: frozenset[str]) -> Reads | Writes:
        r"""A digit, `\d`, or a separator, which may be escaped."""
        char = self.peek()
        if char == "\\":
            return self.escape()
        if char in special:
            self.refuse_here()
        self.refuse_other_digit(self.at)
        self.at += 1
        return Reads(frozenset({int(char)})) if char in "0123456789" else Writes(char)

    def escape(self) -> Reads | Writes:
        char = self.text[self.at + 1 : self.at + 2]
        if char == "d":
            self.at += 2
            return Reads(DIGITS)
        if not char:
            self.refuse("after \\ comes nothing; expected \\d or a sign, such as \\.")
        if char.isascii() and char.isalnum():
            self.refuse(f"there is no \\{char}; expected \\d or a sign, such as \\.")
        self.refuse_other_digit(self.at + 1)
        self.at += 2
        return Writes(char)

    def digit_class(self, start: int) -> Node:
        negated = self.take("^")
        digits: set[int] = set()
        separators: dict[str, None] = {}  # a set that keeps its order
        while not self.take("]"):
            if not self.peek():
                self.refuse("this class is not closed; expected ] at its end", start)
            item = self.item()
            if isinstance(item, Reads):
                digits |= item.digits
            elif negated:
                self.refuse("after [^ come digits alone, such as [^05]", self.at - 1)
            else:
                separators[item.text] = None
        if negated:
            digits = set(DIGITS - digits) if digits else digits
        options: list[Node] = [Reads(frozenset(digits))] if digits else []
        options += map(Writes, separators)
        if not options:
            self.refuse("this class has nothing in it; expected digits: [0-9]", start)
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def item(self) -> Reads | Writes:
        start = self.at
        if self.peek() == "[":
            self.refuse("[ stands in a class; digits are [0-9], a bracket is \\[")
        low = self.symbol(frozenset())
        if self.peek() != "-" or self.text[self.at + 1 : self.at + 2] in {"", "]"}:
            return low
        first = self.text[start : self.at]
        self.at += 1
        last = self.peek()
        self.refuse_other_digit(self.at)
        if not (_is_digit(first) and _is_digit(last) and first <= last):
            shown = f"{first}-{last}"
            self.refuse(
                f"{shown} is no range of digits, such as 0-9; a hyphen to write is \\-",
                start,
            )
        self.at += 1
        return Reads(frozenset(range(int(first), int(last) + 1)))

    def count(self) -> tuple[int, int | None] | None:
        for sign, counts in (("?", (0, 1)), ("*", (0, None)), ("+", (1, None))):
            if self.take(sign):
                return counts
        start = self.at
        if not self.take("{"):
            return None
        least = self.number()
        most = self.number() if (comma := self.take(",")) else least
        if not self.take("}") or (least is None and most is None):
            self.refuse_other_digit(self.at)
            self.refuse(
                "this count cannot be; expected such as {5}, {3,6}, {3,} or {,6}", start
            )
        if most is not None and (least or 0) > most:
            self.refuse(f"the count goes from {least} down to {most}", start)
        return least or 0, most if comma else least

    def number(self) -> int | None:
        start = self.at
        while _is_digit(self.peek()):
            self.at += 1
        written = self.text[start : self.at]
        shown = written if len(written) < 12 else f"{written[:8]}…"
        if len(written) > 9 or (written and int(written) > MOST_REPEATS):
            most = MOST_REPEATS
            self.refuse(f"repeats {shown} times; expected at most {most}", start)
        return int(written) if written else None


def with_ascii_digits(text: str) -> str:
    """Write decimal digits of all scripts as 0 to 9; anything else stays."""
    return "".join(str(int(char)) if char.isdecimal() else char for char in text)


def _is_digit(char: str) -> bool:
    return len(char) == 1 and char in "0123456789"
