"""How does the time to put separators between digits grow with the digits?

Run: python benchmarks/pattern.py

Each pattern is parsed once; the time covers `put_in_form` alone, the median of RUNS in
this process, warm. The digits are the worst we know for each pattern. The patterns that
took seconds when separators were found by trying are among them, with what they took.
"""

import time
from statistics import median

from measure import Row, write

from mnistry.scan.pattern import parse_pattern

RUNS = 5
LENGTHS = (10, 100, 1_000, 10_000)
WORST = {
    "a code": (r"[0-9]{5}(-[0-9]{4})?", "941033021"),
    "digits, grouped in two ways": ("(([0-9]|[0-9][0-9])*,[5-9]|[0-9]*)", "1"),
    "a number, in threes": (r"[0-9]{1,3}(,[0-9]{3})*(\.[0-9]{2})?", "123"),
    "digits that may be missing": ("(([0-9]?){24}[0-9]{12}7)*", "7"),
    "the most steps": ("(([0-9]?){64}-)*", "5"),
    "the most states, each one fresh": ("([0-9]{64}){7}1[0-9]*", "0110101"),
    "the most states, from the end": ("[0-9]*1([0-9]{64}){7}", "0110101"),
}
# the exponential search, before 2026-11-28, on the machine of the first results
BEFORE = {
    ("(([0-9]|[0-9][0-9])*,[5-9]|[0-9]*)", "1" * 26): 14.0,
}


def timed(text: str, digits: str) -> float:
    """Return the median time, in seconds, of putting digits into a pattern."""
    pattern = parse_pattern(text)
    taken = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        pattern.put_in_form(digits)
        taken.append(time.perf_counter() - start)
    return median(taken[1:])


def main() -> None:
    """Measure and write the table down."""
    rows: list[Row] = []
    for what, (text, unit) in WORST.items():
        for length in LENGTHS:
            digits = (unit * length)[:length]
            took = timed(text, digits)
            rows.append(
                {
                    "what": what,
                    "pattern": text,
                    "digits": length,
                    "milliseconds": round(took * 1e3, 3),
                    "microseconds_a_digit": round(took * 1e6 / length, 2),
                    "before_seconds": "",
                }
            )
    for (text, digits), before in BEFORE.items():
        took = timed(text, digits)
        rows.append(
            {
                "what": "took long before",
                "pattern": text,
                "digits": len(digits),
                "milliseconds": round(took * 1e3, 3),
                "microseconds_a_digit": round(took * 1e6 / len(digits), 2),
                "before_seconds": before,
            }
        )
    write("pattern", rows, packages=("mnistry", "numpy"))


if __name__ == "__main__":
    main()
