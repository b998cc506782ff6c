"""Evaluations of a model, for people to look at.

Rule of the package: first plain values are computed, then a template turns them into a
page; nothing here trains, and a model is anything with `predict`.
"""
