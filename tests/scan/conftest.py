"""Digits to write with."""

from tests.alphabet import alphabet

__all__ = ["alphabet"]
