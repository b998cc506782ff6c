import itertools
import re
import time
import warnings
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistry.errors import UsageError
from mnistry.scan.pattern import Gap, any_digits, parse_pattern
from mnistry.scan.pattern.evidence import cost
from mnistry.scan.pattern.grammar import (
    Choice,
    Node,
    Reads,
    Repeat,
    Sequence,
    Writes,
)

PATTERNS = ["[0-9]{3}", r"\d{1,3}", "[12]*", "1[0-9]?2", "(12|21)+", "[^3-9]{2}",
            "(0|1{2})?2", ".{2}", "[0-9]{2}(-[0-9])?", "[^3]"]  # fmt: skip


@pytest.mark.parametrize("text", PATTERNS)
def test_digits_match_as_in_pythons_own_expressions(text: str) -> None:
    pattern = parse_pattern(text)
    separators_optional = text.replace("-", "-?")
    for length in range(4):
        for digits in itertools.product((0, 1, 2, 3, 9), repeat=length):
            row = "".join(map(str, digits))
            wanted = re.fullmatch(separators_optional, row) is not None
            assert pattern.accepts(digits) is wanted, row


@pytest.mark.parametrize(
    ("text", "digits", "form"),
    [
        ("[0-9]{5}(-[0-9]{4})?", "941033021", "94103-3021"),
        ("[0-9]{5}(-[0-9]{4})?", "94103", "94103"),
        (r"\(\d{3}\) \d{4}", "5551234", "(555) 1234"),
        (r"\d+\.\d{2}", "129", "1.29"),
        ("[0-9]{2}", "123", "123"),  # does not match: left as it is
    ],
)
def test_separators_of_the_pattern_come_into_the_text(
    text: str, digits: str, form: str
) -> None:
    assert parse_pattern(text).put_in_form(digits) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("(1|1-)1", "11"),  # the first branch
        ("(1-|1)1", "1-1"),
        ("(1-)?(1)?(/1)?", "1-1"),  # as often as can be, from the left
        ("(-?1)*", "11"),
        ("1-?1", "11"),  # nothing on the paper speaks for the hyphen
        ("1[-/]1", "1-1"),
        ("1-{2,3}1", "1--1"),
        ("^1 1,-$", "1 1,-"),
        (r"(?:1\.){2}", "1.1."),
    ],
)
def test_what_is_preferred_is_what_re_would_try_first(text: str, form: str) -> None:
    assert parse_pattern(text).put_in_form("11") == form
    assert re.fullmatch(text, form)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[0-9", "cannot be read: column 1: this class is not closed"),
        ("12[]", "column 3: this class has nothing in it"),
        ("[^]", "column 1: this class has nothing in it"),
        ("[^0-9]", "column 1: this class has nothing in it"),
        ("[[:digit:]]", "column 2: [ stands in a class; digits are [0-9]"),
        ("[^-]", "column 3: after [^ come digits alone"),
        ("[a-z]", "column 2: a-z is no range of digits"),
        ("[9-0]", "column 2: 9-0 is no range of digits"),
        ("[0-9]{99}", "column 7: repeats 99 times; expected at most 64"),
        (f"1{{{'1' * 5000}}}", "column 3: repeats 11111111… times; expected at most"),
        ("1{3,2}", "column 2: the count goes from 3 down to 2"),
        ("1{,}", "column 2: this count cannot be; expected such as {5}"),
        ("1{2", "column 2: this count cannot be"),
        ("1*?", "column 3: a count follows a count"),
        ("(|*)", "column 3: there is nothing that * could repeat"),
        ("(?=1)2", "column 2: a group begins with ( or (?: alone"),
        ("(1", "column 1: this group is not closed"),
        ("1)", "column 2: this ) closes no group"),
        ("1]", "column 2: this ] closes nothing"),
        ("1^2", "column 2: ^ can only begin a pattern"),
        ("(1$)", "column 3: $ can only end a pattern"),
        (r"\s", r"column 1: there is no \s"),
        ("1\\", "column 2: after \\ comes nothing"),
        ("[０-９]{6}", "column 2: ０ is none of 0 to 9; type [0-9]{6}."),
        ("[0-９]{6}", "column 4: ９ is none of 0 to 9; type [0-9]{6}."),
        ("[0-9]{６}", "column 7: ６ is none of 0 to 9; type [0-9]{6}."),
        ("1{2,３}", "column 5: ３ is none of 0 to 9; type 1{2,3}."),
        ("1\\६", "column 3: ६ is none of 0 to 9; type 1\\6."),
        ("٣" * 90, "column 1: ٣ is none of 0 to 9; type 3."),
        ("(" * 60 + ")" * 60, "column 51: groups nest deeper than 50"),
        ("([0-9]{60}){60}|([0-9]{60}){60}", "too long: it has more than 500 states"),
        ("(([0-9]?){60}){8}", "too long: it has more than 10000 steps"),
        ("((((){64}){64}){64}){64}", "too long: it has more than 20000 parts"),
    ],
)
def test_patterns_that_cannot_be_are_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)) as refused:
        parse_pattern(text)
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize("allowed", ["", "12a"])
def test_allowed_are_digits_only(allowed: str) -> None:
    with pytest.raises(UsageError, match="allowed is .*; expected some of the digits"):
        any_digits(allowed)


def test_allowed_digits_of_another_width_are_quoted_as_typed() -> None:
    with pytest.raises(UsageError, match=r"0123456789\. Type 01\.$"):
        any_digits("０１")


def test_a_separator_may_be_of_any_script() -> None:
    pattern = parse_pattern("[0-9]{2}年[0-9] m²")
    assert pattern.put_in_form("247") == "24年7 m²"


def test_any_number_of_the_digits_allowed_may_come() -> None:
    pattern = any_digits("17")
    assert pattern.accepts(())
    assert pattern.accepts((1, 7, 7))
    assert not pattern.accepts((1, 2))


def trees() -> st.SearchStrategy[Node]:
    """Patterns of digits 0 to 2 and two separators, with every kind of node."""
    some = st.frozensets(st.integers(0, 2), min_size=1)
    leaves = st.builds(Reads, some) | st.builds(Writes, st.sampled_from("-."))
    counts = st.tuples(st.integers(0, 2), st.none() | st.integers(0, 2))

    def larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        parts = st.lists(inner, max_size=3).map(tuple)
        return (
            st.builds(Sequence, parts)
            | st.builds(Choice, st.lists(inner, min_size=2, max_size=3).map(tuple))
            | st.builds(
                lambda part, counts: Repeat(
                    part, counts[0], None if counts[1] is None else sum(counts)
                ),
                inner,
                counts,
            )
        )

    return st.recursive(leaves, larger, max_leaves=7)


def written(tree: Node, *, separators: bool = True) -> str:
    """The pattern of a tree; without separators it is one of digits alone."""
    if isinstance(tree, Reads):
        return f"[{''.join(map(str, sorted(tree.digits)))}]"
    if isinstance(tree, Writes):
        return f"\\{tree.text}" if separators else "(?:)"
    if isinstance(tree, Repeat):
        most = "" if tree.most is None else tree.most
        part = written(tree.part, separators=separators)
        return f"(?:{part}){{{tree.least},{most}}}"
    inner = tree.parts if isinstance(tree, Sequence) else tree.branches
    parts = [f"(?:{written(part, separators=separators)})" for part in inner]
    return ("" if isinstance(tree, Sequence) else "|").join(parts)


def backtracking(tree: Node, digits: str) -> Iterator[tuple[str, str]]:
    """All ways to begin some digits, the preferred first: text and the digits left.

    The slow twin: it tries one way after the other, as `re` does, and takes a repeat
    that need not be only if it reads a digit.
    """
    if isinstance(tree, Reads):
        if digits and int(digits[0]) in tree.digits:
            yield digits[0], digits[1:]
    elif isinstance(tree, Writes):
        yield tree.text, digits
    elif isinstance(tree, Choice):
        for branch in tree.branches:
            yield from backtracking(branch, digits)
    elif isinstance(tree, Sequence):
        if not tree.parts:
            yield "", digits
            return
        rest = Sequence(tree.parts[1:])
        for text, left in backtracking(tree.parts[0], digits):
            for more, last in backtracking(rest, left):
                yield text + more, last
    else:
        part, least, most = tree
        if most is None or most > 0:
            again = Repeat(part, max(least - 1, 0), None if most is None else most - 1)
            for text, left in backtracking(part, digits):
                if least or left != digits:
                    for more, last in backtracking(again, left):
                        yield text + more, last
        if not least:
            yield "", digits


@given(trees(), st.text("012", max_size=6))
def test_patterns_match_and_write_as_re_would(tree: Node, digits: str) -> None:
    pattern = parse_pattern(written(tree))
    matches = re.fullmatch(written(tree, separators=False), digits) is not None
    assert pattern.accepts(map(int, digits)) is matches
    form = pattern.put_in_form(digits)
    if matches:
        assert re.fullmatch(written(tree), form)
        assert form.replace("-", "").replace(".", "") == digits
        ways = backtracking(tree, digits)
        assert form == next(text for text, left in ways if not left)
    else:
        assert form == digits


def total(form: str, gaps: list[Gap]) -> float:
    """What it costs to write a text, gap by gap."""
    separators = re.split("[0-9]", form)
    return sum(cost(*pair) for pair in zip(separators, gaps, strict=True))


@given(
    trees(),
    st.lists(st.builds(Gap, st.sampled_from(["", "-", ".", "-."]), st.booleans())),
    st.text("012", max_size=5),
)
def test_no_way_to_write_explains_what_is_seen_better(
    tree: Node, gaps: list[Gap], digits: str
) -> None:
    gaps = (gaps + [Gap()] * 6)[: len(digits) + 1]
    pattern = parse_pattern(written(tree))
    form = pattern.put_in_form(digits, gaps)
    assert form.replace("-", "").replace(".", "") == digits
    if not pattern.accepts(map(int, digits)):
        return
    assert re.fullmatch(written(tree), form)
    ways = itertools.islice(backtracking(tree, digits), 500)
    others = [text for text, left in ways if not left]
    if all(len(text) - len(digits) < 5 for text in others):  # few ways between digits
        assert total(form, gaps) <= min(total(text, gaps) for text in others) + 1e-6


@pytest.mark.parametrize(
    ("text", "seen", "form"),
    [
        (r"\d{1,2}-\d{1,2}-\d{2,4}", "5-5-2015", "5-5-2015"),
        (r"\d{1,2}-\d{1,2}-\d{2,4}", "55-20-15", "55-20-15"),
        (r"\d{1,2}-\d{1,2}-\d{2,4}", "552015", "55-20-15"),  # nothing seen: as re
        (r"\d{1,2}-\d{1,2}-\d{2,4}", "5w5w2015", "5-5-2015"),  # gaps alone
        (r"\d{1,2}[-/.]\d{1,2}", "5/12", "5/12"),
        (r"\d{5}-?\d{4}", "12345-6789", "12345-6789"),
        (r"\d{5}-?\d{4}", "123456789", "123456789"),
        (r"\d*\.?\d{2}-?", "12,34-", "12.34-"),
        (r"-*\d+", "-12", "-12"),
        (r"\d+ \d+", "1w234", "1 234"),
        (r"(\(\d{3}\) )?\d{3,6}", "123456", "123456"),
    ],
)
def test_separators_go_where_something_is_seen(text: str, seen: str, form: str) -> None:
    gaps = [
        Gap(between.replace("w", ""), is_wide="w" in between)
        for between in re.split("[0-9]", seen)
    ]
    digits = re.sub("[^0-9]", "", seen)
    assert parse_pattern(text).put_in_form(digits, gaps) == form


@given(st.text("()[]{}|?*+^$.-\\d,0129x", max_size=12))
def test_what_is_taken_is_an_expression_of_re_and_all_else_is_refused(
    text: str,
) -> None:
    try:
        pattern = parse_pattern(text)
    except UsageError:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of [--0] and its like
        expression = re.compile(text)
    for digits in ("", "0", "12", "0129"):
        if pattern.accepts(map(int, digits)):
            assert expression.fullmatch(pattern.put_in_form(digits))


@pytest.mark.parametrize(
    "text",
    [
        "(([0-9]|[0-9][0-9])*,[5-9]|[0-9]*)",
        "(([0-8]?){64}9?-)*",
        "[0-9]*1([0-9]{64}){7}",
        "([0-9]{64}){7}1[0-9]*",
    ],
)
def test_time_grows_no_faster_than_the_digits(text: str) -> None:
    digits = ("0110101" * 1500)[:10_000]
    pattern = parse_pattern(text)
    start = time.process_time()
    form = pattern.put_in_form(digits)
    assert time.process_time() - start < 2  # 0.02 s on an idle machine
    assert form.replace("-", "") == digits
