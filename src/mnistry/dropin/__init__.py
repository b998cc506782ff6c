"""Drop-in replacements for other libraries: change only the import line."""
