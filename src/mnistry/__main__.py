"""`python -m mnistry` is `mnistry`."""

from mnistry.cli import main

main()
