"""What a model got right and wrong, for eyes.

Rule of the package: first plain values are computed, then a template turns them into a
page; nothing here trains, and a model is whatever has `predict`.
"""
