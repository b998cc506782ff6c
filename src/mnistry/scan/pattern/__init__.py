"""Patterns that a line must match: how many digits, which, with what between them."""

from mnistry.scan.pattern.automaton import Pattern, Step, any_digits, parse_pattern

__all__ = ["Pattern", "Step", "any_digits", "parse_pattern"]
