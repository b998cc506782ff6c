"""What does `import mnistry` cost, above NumPy's own import?

Run: python benchmarks/start.py [RUNS]

The time covers a new process each: start Python, import, end.
"""

import sys

from measure import in_turn, process, table, write

WORKS = {
    "numpy": "import numpy",
    "mnistry": "import mnistry",
    "mnistry.load": "import mnistry; mnistry.load",
    "python": "pass",
}


def main(runs: int) -> None:
    """Measure and write the table down."""
    works = {name: process(sys.executable, work) for name, work in WORKS.items()}
    rows = table(in_turn(works, runs=runs), against="numpy")
    write("start", rows, packages=("mnistry", "numpy"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
