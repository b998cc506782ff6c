"""Digits for eyes: figures, and half blocks in a terminal."""
