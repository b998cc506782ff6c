"""Other ways to see digits: one file for each framework, each with a way back.

Every file has `to_<name>(digits)` and `from_<name>(thing)`, and for all of them
`from_x(to_x(digits)) == digits`.
"""
