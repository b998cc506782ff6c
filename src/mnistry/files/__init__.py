"""Digits as files of other formats, and back; each round trip is exact."""
