"""Bytes and arrays: IDX, PNG, npz, gzip, tensors; and atomic writes.

Rule of the package: nothing here depends on what a data set or a model is.
"""
