"""The scripts here are run by tests/test_seeds.py, each in a process of its own."""

collect_ignore_glob = ["*.py"]
