"""Generated pictures: drawn digits, documents, non-digits, and corruptions.

Rule of the package: the seed decides everything, and no file is needed.
"""
