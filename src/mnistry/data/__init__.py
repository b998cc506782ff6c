"""From a name to digits: catalogue, cache, mirrors, verification, and `load`.

The way of a file: paths (where it may lie) → verify (is it what its name says?) → else
download → unpack → store (whole, or not at all) → verify leaves a stamp.
"""
