"""Digits in other frameworks: one module for each, with a way back.

Every module has `to_<name>(digits)` and `from_<name>(thing)`, and for all of them
`from_x(to_x(digits)) == digits`.
"""
