"""Bytes and arrays: IDX, PNG, npz, gzip, tensors; and files that appear whole.

Rule of the room: nothing here knows what a data set or a model is.
"""
