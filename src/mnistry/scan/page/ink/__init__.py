"""Ink: where it is on even paper, what it looks like, its connected components."""
