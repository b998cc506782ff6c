"""Draw coverage against error of what `reading.py` kept, as the README shows it.

Run: python benchmarks/coverage.py docs/coverage.png
"""

import argparse
import sys
from pathlib import Path

from matplotlib.figure import Figure
from measure import Row, read

SHOWN = {
    "cheque strings": ("whole amounts on cheques", "#0b6e99"),
    "register rows": ("numbers in old registers", "#b3541e"),
    "cheque digits": ("single digits of cheques", "#3b8132"),
    "exam boxes": ("single digits of exams", "#7a4fa3"),
    "USPS": ("single digits of ZIP codes", "#666666"),
}
MOST = 17.0  # per cent wrong


def points(rows: list[Row], name: str) -> tuple[list[float], list[float]]:
    """Return the shares given and the shares wrong among these, in per cent."""
    own = [row for row in rows if row["what"] == name]
    if not own:
        sys.exit(f"{name} was not measured on this machine: run reading.py first")
    number = {
        key: [int(str(row[key])) for row in own] for key in own[0] if key != "what"
    }
    given, wrong, of = number["given"], number["wrong"], number["pictures"]
    return (
        [100 * n / most for n, most in zip(given, of, strict=True)],
        [100 * bad / n for n, bad in zip(given, wrong, strict=True)],
    )


def draw(rows: list[Row]) -> Figure:
    """Draw a curve for each kind."""
    figure = Figure(figsize=(7.2, 3.8), dpi=150, layout="constrained")
    axes = figure.subplots()
    for name, (label, colour) in SHOWN.items():
        axes.plot(*points(rows, name), color=colour, label=label, linewidth=1.8)
    axes.set(xlim=(0, 100), ylim=(0, MOST))
    axes.set_xlabel("answers given, the most confident first (%)")
    axes.set_ylabel("wrong among these (%)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.legend(frameon=False, loc="upper left")
    return figure


def main() -> None:
    """Draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, help="picture to draw, such as coverage.png")
    out = parser.parse_args().out
    draw(read("coverage")).savefig(out, metadata={"Software": None})


if __name__ == "__main__":
    main()
