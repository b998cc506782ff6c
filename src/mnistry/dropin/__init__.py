"""The same names as elsewhere: change the import line, nothing else."""
