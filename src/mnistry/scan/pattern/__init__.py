"""Patterns that a line must match: how many digits, which, with what between them."""

from mnistry.scan.pattern.automaton import Pattern, Step, any_digits, parse_pattern
from mnistry.scan.pattern.evidence import Gap
from mnistry.scan.pattern.grammar import MOST_REPEATS

__all__ = ["MOST_REPEATS", "Gap", "Pattern", "Step", "any_digits", "parse_pattern"]
