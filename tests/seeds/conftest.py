"""The scripts here are run by tests/test_seeds.py, each in a process of its own."""

from tests.seeds.facts import CALLS

collect_ignore = ["network.py", *(f"{name}.py" for name in CALLS)]
