"""Patterns as finite-state transducers: digits come in, digits and separators go out.

A state stands for the place in the pattern of the digit read last, so that the states
are those of Glushkov's automaton. A step from one to the next carries the separators
that are written before its digit. Steps are in order of preference: what comes first is
what Python's `re` would try first, the first branch of `|` and one repeat more. A
repeat that need not be is only taken if it reads a digit: `-?` alone writes nothing.
Where it is known what stands between the digits, that decides first, and preference
between what explains it as well.

Which of all rows of steps reads just the digits given is found in one pass from the
last digit to the first, over sets of states from which the rest can be read, and one
from the first to the last, which takes the first step into such a set: time grows
linearly with the digits, whatever the pattern.

Source:
    Glushkov, The abstract theory of automata, 1961,
    doi:10.1070/RM1961v016n05ABEH004112.
    Frisch and Cardelli, Greedy regular expression matching, 2004,
    doi:10.1007/978-3-540-27836-8_53 (the two passes).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from mnistry.errors import UsageError
from mnistry.scan.pattern import grammar
from mnistry.scan.pattern.evidence import Gap, cost
from mnistry.scan.pattern.network import END, Network, refuse

# a line of handwriting has some ten digits; these bounds keep the worst pattern below
# a millisecond for each hundred digits, and a frame of CTC decoding below a hundredth
MOST_STATES = 500
MOST_STEPS = 10_000


class Step(NamedTuple):
    """What may come next.

    Attributes:
        digits: One of these is read.
        after: The state after it.
        separators: What may be written before the digit, the preferred first; the
            others count only where evidence is given.
    """

    digits: frozenset[int]
    after: int
    separators: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Pattern:
    """A pattern as an automaton; state 0 is the start.

    Attributes:
        text: As it was given.
        steps: By state: the steps from it, the preferred first. All steps into a state
            read the same digits.
        ends: The states in which a line may end, with what may be written at the end.
    """

    text: str
    steps: tuple[tuple[Step, ...], ...]
    ends: Mapping[int, tuple[str, ...]]

    @property
    def is_free(self) -> bool:
        """Whether any number of digits may come: no pattern was given.

        Example:
            >>> any_digits("17").is_free, parse_pattern("[0-9]{6}").is_free
            (True, False)
        """
        return len(self.steps) == 1 and bool(self.steps[0])

    @cached_property
    def digits(self) -> frozenset[int]:
        """All digits that may come anywhere.

        Example:
            >>> sorted(parse_pattern("[3-5]{6}").digits)
            [3, 4, 5]
        """
        return frozenset[int]().union(
            *(step.digits for steps in self.steps for step in steps)
        )

    @property
    def separators(self) -> frozenset[str]:
        """All characters that may be written between digits.

        Example:
            >>> sorted(parse_pattern("[0-9]{3}[-/][0-9]{2}").separators)
            ['-', '/']
        """
        texts = [text for steps in self.steps for step in steps for text in step[2]]
        texts += [text for options in self.ends.values() for text in options]
        return frozenset("".join(texts))

    def accepts(self, digits: Iterable[int]) -> bool:
        """Return whether a sequence of digits matches, whatever stands between them.

        Example:
            >>> parse_pattern("1[0-9]*").accepts((1, 2)), any_digits("1").accepts([2])
            (True, False)
        """
        if self.is_free:
            return self.digits.issuperset(digits)
        return bool(self._live(list(digits))[0] & 1)

    def put_in_form(self, digits: str, gaps: Sequence[Gap] = ()) -> str:
        """Put the separators of the pattern into a sequence of digits.

        Args:
            digits: Digits alone.
            gaps: What is seen before the first digit, between digits, and after the
                last; of all that the pattern allows, what costs least to write there is
                written. Without it, what is preferred.

        Returns:
            Text that fully matches the pattern; the digits as they are if none does.

        Example:
            >>> parse_pattern("[0-9]{5}(-[0-9]{4})?").put_in_form("941033021")
            '94103-3021'
            >>> date = parse_pattern("[0-9]{1,2}-[0-9]{1,2}-([0-9]{2}|[0-9]{4})")
            >>> date.put_in_form("552015")
            '55-20-15'
            >>> seen = [Gap(), Gap("-"), Gap("-"), *[Gap()] * 4]
            >>> date.put_in_form("552015", seen)
            '5-5-2015'
        """
        values = [int(digit) for digit in digits]
        live = self._live(values)
        if not live[0] & 1:
            return digits
        if gaps:
            return self._cheapest(values, gaps, live)
        state, out = 0, []
        for value, alive in zip(values, live[1:], strict=True):
            for allowed, after, separators in self.steps[state]:
                if value in allowed and alive >> after & 1:
                    out.append(f"{separators[0]}{value}")
                    state = after
                    break
        return "".join(out) + self.ends[state][0]

    def _cheapest(self, values: list[int], gaps: Sequence[Gap], live: list[int]) -> str:
        """Write what costs least; of the same cost, what is preferred."""
        costs = [
            {state: _least(texts, gaps[-1])[0] for state, texts in self.ends.items()}
        ]
        for place in range(len(values) - 1, -1, -1):
            here = {}
            for state, steps in enumerate(self.steps):
                if live[place] >> state & 1:
                    ways = self._ways(steps, values[place], gaps[place], costs[-1])
                    here[state] = min(way[0] for way in ways)
            costs.append(here)
        costs.reverse()
        state, out = 0, []
        for place, value in enumerate(values):
            ways = self._ways(self.steps[state], value, gaps[place], costs[place + 1])
            _, text, state = min(ways, key=lambda way: way[0])
            out.append(f"{text}{value}")
        return "".join(out) + _least(self.ends[state], gaps[-1])[1]

    @staticmethod
    def _ways(
        steps: tuple[Step, ...], value: int, gap: Gap, costs: dict[int, float]
    ) -> Iterator[tuple[float, str, int]]:
        """Yield each step that can read a digit: cost to the end, text, next state."""
        for allowed, after, separators in steps:
            if value in allowed and after in costs:
                least, text = _least(separators, gap)
                yield round(least + costs[after], 6), text, after

    def _live(self, digits: list[int]) -> list[int]:
        """Return, before each digit and after the last, the states that can still end.

        Sets are bits of integers, and taken eight states at a time.
        """
        reads, before = self._tables
        size = len(self.steps) // 8 + 1
        parts: dict[int, int] = {}
        done: dict[int, int] = {}
        live = [sum(1 << state for state in self.ends)]
        for digit in reversed(digits):
            after = live[-1] & reads[digit]
            if after not in done:
                states = 0
                for place, byte in enumerate(after.to_bytes(size, "little")):
                    if byte and (key := place << 8 | byte) not in parts:
                        parts[key] = _union(before, place * 8, byte)
                    states |= parts[key] if byte else 0
                done[after] = states
            live.append(done[after])
        return live[::-1]

    @cached_property
    def _tables(self) -> tuple[list[int], list[int]]:
        """By digit, the states after it; by state, the states before it; as bits."""
        reads, before = [0] * 10, [0] * len(self.steps)
        for state, steps in enumerate(self.steps):
            for digits, after, _ in steps:
                before[after] |= 1 << state
                for digit in digits:
                    reads[digit] |= 1 << after
        return reads, before


def _least(texts: tuple[str, ...], gap: Gap) -> tuple[float, str]:
    costs = [cost(text, gap) for text in texts]
    least = min(costs)
    return least, texts[costs.index(least)]


def parse_pattern(text: str) -> Pattern:
    r"""Parse a pattern.

    Args:
        text: Such as "[0-9]{6}", "\d{5}(-\d{4})?" or "[1-9][0-9]*"; the grammar is in
            `mnistry.scan.pattern.grammar`.

    Raises:
        UsageError: Not such a pattern, or one that is too long.

    Example:
        >>> len(parse_pattern("[0-9]{6}").steps)
        7
    """
    network = Network(grammar.parse(text))
    numbers = {network.start: 0}  # of states: the start, and nodes that read
    order, steps, ends = [network.start], [], {}
    for node in order:
        row = []
        for read, separators in network.reach(node).items():
            if read == END:
                ends[numbers[node]] = separators
                continue
            if read not in numbers:
                numbers[read] = len(order)
                order.append(read)
            row.append(Step(network.digits[read], numbers[read], separators))
        steps.append(tuple(row))
        if len(order) > MOST_STATES:
            refuse("states", MOST_STATES)
        if sum(map(len, steps)) > MOST_STEPS:
            refuse("steps between its states", MOST_STEPS)
    return Pattern(text, tuple(steps), ends)


@lru_cache(maxsize=16)
def any_digits(allowed: str = "0123456789") -> Pattern:
    """Return the pattern of any number of digits out of those allowed.

    Raises:
        UsageError: `allowed` has something else than digits, or nothing.

    Example:
        >>> any_digits("01").steps
        ((Step(digits=frozenset({0, 1}), after=0, separators=('',)),),)
    """
    if not allowed or set(allowed) - set("0123456789"):
        message = f"allowed is {allowed!r}; expected some of the digits 0123456789."
        typed = grammar.with_ascii_digits(allowed)
        raise UsageError(f"{message} Type {typed}." if typed != allowed else message)
    digits = frozenset(int(digit) for digit in allowed)
    return Pattern(f"[{allowed}]*", ((Step(digits, 0),),), {0: ("",)})


def _union(before: list[int], first: int, byte: int) -> int:
    """Join the states before those of a byte, whose lowest bit is state `first`."""
    states = 0
    for bit in range(8):
        if byte >> bit & 1:
            states |= before[first + bit]
    return states
