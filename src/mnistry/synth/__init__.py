"""Made pictures: drawn digits, documents, what is no digit, damage and stress.

Rule of the package: a seed decides everything, and no file is needed.
"""
