"""Patterns that a line must match: how many digits, which, with what between them."""

from mnistry.scan.pattern.automaton import Pattern, Step, any_digits, parse_pattern
from mnistry.scan.pattern.evidence import Gap

__all__ = ["Gap", "Pattern", "Step", "any_digits", "parse_pattern"]
