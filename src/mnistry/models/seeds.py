"""One net trained with several seeds: accuracy with its spread, as papers state it.

Rule of the file: every seed has its own folder, with all that `train` writes; finished
runs are not trained again, and stopped ones continue.
"""

import csv
import io
import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnistry.arrays import expect_whole
from mnistry.digits import Digits
from mnistry.errors import CheckpointError, UsageError
from mnistry.escape import for_csv, for_terminal
from mnistry.formats.atomic import write_atomic
from mnistry.learn.checkpoint import CHECKPOINT, HISTORY
from mnistry.learn.device import thread_count
from mnistry.learn.model import Model, load_trained_model
from mnistry.learn.run import digits_facts
from mnistry.learn.train import resume, train
from mnistry.models.ensemble import average
from mnistry.plural import counted
from mnistry.report.evaluate import evaluate

MODEL = "model.safetensors"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seeds:
    """A net with several seeds, tested on the same images.

    Attributes:
        net: Its name.
        rows: For each seed: `seed`, `accuracy`, `errors`, `loss`, `seconds`, `epoch`.
        average: The same for the average of all (an ensemble); empty for one seed.
        facts: What all have in common: images, threads, versions.
    """

    net: str
    rows: Sequence[Row]
    average: Row
    facts: Row

    @property
    def mean(self) -> float:
        """The mean accuracy of the seeds, 0 to 1."""
        return float(statistics.mean(row["accuracy"] for row in self.rows))

    @property
    def standard_deviation(self) -> float | None:
        """The sample standard deviation of the accuracies; None for one seed."""
        shares = [row["accuracy"] for row in self.rows]
        return statistics.stdev(shares) if len(shares) > 1 else None

    def to_dict(self) -> Row:
        """Return it as plain values for JSON."""
        return {
            "net": self.net,
            "mean": self.mean,
            "standard_deviation": self.standard_deviation,
            "seeds": list(self.rows),
            "average": self.average or None,
            **self.facts,
        }

    def __str__(self) -> str:
        spread = self.standard_deviation
        words = "" if spread is None else f" ± {100 * spread:.2f}"
        return f"{self.net}: {100 * self.mean:.2f}{words} %, {len(self.rows)} seeds"


def train_seeds(
    digits: Digits,
    test: Digits,
    net: str = "fast",
    *,
    seeds: int = 5,
    folder: str | os.PathLike[str] = "seeds",
    say: Callable[[str], None] = lambda _line: None,
) -> Seeds:
    """Train a net with the seeds 0, 1, 2 …, and test each and their average once.

    If stopped by Ctrl-C, call it again to continue.

    Args:
        digits: Training images, of which each run holds some out.
        test: The images to test on, after all are trained.
        net: A name of `NETS`.
        seeds: How many, 1 or more.
        folder: Where each run has a folder, and the tables are written: seeds.md,
            seeds.csv, seeds.tex.
        say: Called with a line about each run.

    Raises:
        UsageError: `seeds` is less than 1, or a run in the folder is of other digits or
            of another net.
        UnknownNameError: There is no such net.
        CheckpointError: A run in the folder is damaged.
        CacheError: The folder cannot be written.
        KeyboardInterrupt: Ctrl-C; everything is stored.

    Example:
        >>> found = train_seeds(train, test, "balanced", seeds=5)  # doctest: +SKIP
        >>> print(found)  # doctest: +SKIP
        balanced: 99.65 ± 0.02 %, 5 seeds
    """
    expect_whole("seeds", seeds, least=1)
    _say_replaced(Path(folder) / "seeds.md", net, say)
    models: list[Model] = []
    seconds: list[float] = []
    for seed in range(seeds):
        run = Path(folder) / f"{net}-{seed}"
        models.append(_trained(digits, net, seed, run))
        seconds.append(_seconds(run))
        say(f"seed {seed}: {seconds[-1]:.1f} s of training")
    rows = [{"seed": model.facts["seed"]} | _tested(model, test) for model in models]
    for row, model, taken in zip(rows, models, seconds, strict=True):
        row |= {"seconds": taken, "epoch": model.facts["epoch"]}
    together = _tested(average(models), test) if seeds > 1 else {}
    facts = {
        "trained_on": digits_facts(digits),
        "tested_on": digits_facts(test),
        "computed_with": models[0].facts.get("computed_with"),
        "threads": thread_count(),
    }
    found = Seeds(net, rows, together, facts)
    for name, write in TABLES.items():
        write_atomic(Path(folder) / f"seeds.{name}", write(found).encode())
    return found


def _say_replaced(table: Path, net: str, say: Callable[[str], None]) -> None:
    """Say before the work that tables of another net will be replaced."""
    if not table.is_file():
        return
    other, is_ours, _ = table.read_text("utf-8", errors="replace").partition(": ")
    if is_ours and other != net:
        say(
            f"{table} is of {other[:40]!r}; it and seeds.csv, seeds.tex are replaced"
            " when this is done. To keep them, press Ctrl-C and give another folder."
        )


def _trained(digits: Digits, net: str, seed: int, folder: Path) -> Model:
    """Train with a seed, resume an unfinished run, or load a finished one."""
    if not (folder / MODEL).exists():
        if (folder / CHECKPOINT).exists():
            return resume(folder, digits, watch=False)
        return train(digits, net, seed=seed, folder=folder, watch=False)
    model = load_trained_model(folder / MODEL)
    learned = model.facts.get("digits", {}).get("sha256")
    if learned != digits_facts(digits)["sha256"] or model.facts.get("net") != net:
        message = (
            f"{folder} has a net {model.facts.get('net')!r} that learned from other"
            f" digits, or is another; expected {net!r} of {digits.name}. Give another"
            " folder, or delete it."
        )
        raise UsageError(message)
    return model


def _tested(model: Any, test: Digits) -> Row:
    found = evaluate(model, test, maps=0)
    return {
        "accuracy": found.accuracy,
        "errors": found.errors,
        "loss": round(found.loss, 5),
    }


def _seconds(run: Path) -> float:
    """Read how long a run took, from the history beside its model."""
    path = run / HISTORY
    try:
        with path.open(encoding="utf-8", newline="") as file:
            *_, last = csv.DictReader(file)
        return round(float(last["seconds"]), 2)
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = (
            f"{path} does not tell how long the run took ({error}); expected the table"
            f" that train writes beside a model. Delete {run}, and it is trained anew."
        )
        raise CheckpointError(message) from error


def _cells(found: Seeds) -> list[list[str]]:
    """Return the table as text: a row for each seed, their mean, their average."""
    cells = [
        [
            str(row["seed"]),
            f"{100 * row['accuracy']:.2f}",
            str(row["errors"]),
            f"{row['loss']:.4f}",
            f"{row['seconds']:.1f}",
        ]
        for row in found.rows
    ]
    spread = found.standard_deviation
    mean = f"{100 * found.mean:.2f}"
    mean += "" if spread is None else f" ± {100 * spread:.2f}"
    seconds = statistics.mean(row["seconds"] for row in found.rows)
    cells.append(["mean ± sd", mean, "", "", f"{seconds:.1f}"])
    if found.average:
        one = found.average
        shares = f"{100 * one['accuracy']:.2f}", str(one["errors"])
        cells.append(["average of all", *shares, f"{one['loss']:.4f}", ""])
    return cells


HEADINGS = ("seed", "accuracy, %", "errors", "loss", "training, s")


def _caption(found: Seeds) -> str:
    test, made = found.facts["tested_on"], found.facts["computed_with"] or {}
    versions = ", ".join(f"{name} {of}" for name, of in made.items())
    caption = (
        f"{found.net}: {counted(len(found.rows), 'seed')}, tested on"
        f" {test['images']:,} images of {test['name']} {test['split']}. Threads"
        f" {found.facts['threads']}, {versions}."
    )
    return " ".join(for_terminal(caption).split())  # one line: a comment in LaTeX


def to_markdown(found: Seeds) -> str:
    """Write the table as Markdown."""
    lines = [HEADINGS, ["---"] * len(HEADINGS), *_cells(found)]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{_caption(found)}\n\n{table}\n"


def to_latex(found: Seeds) -> str:
    """Write the table as LaTeX, with the rules of booktabs."""

    def line(cells: Sequence[str]) -> str:
        text = " & ".join(cells).replace("%", r"\%").replace("±", r"$\pm$")
        return text.replace("_", r"\_") + r" \\"

    *each, mean = _cells(found)[: len(found.rows) + 1]
    rest = [mean, *_cells(found)[len(found.rows) + 1 :]]
    body = [*map(line, each), r"\midrule", *map(line, rest)]
    rows = [r"\toprule", line(HEADINGS), r"\midrule", *body, r"\bottomrule"]
    comments = [f"% {_caption(found)}", r"% \usepackage{booktabs}"]
    table = [r"\begin{tabular}{lrrrr}", *rows, r"\end{tabular}"]
    return "\n".join([*comments, *table, ""])


def to_csv(found: Seeds) -> str:
    """Write the table as CSV, accuracies as shares."""
    table = io.StringIO()
    rows = [*found.rows, *([{"seed": "average"} | found.average] * bool(found.average))]
    fields = list(found.rows[0])
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(map(for_csv, fields))
    writer.writerows([for_csv(row.get(name)) for name in fields] for row in rows)
    return table.getvalue()


TABLES = {"md": to_markdown, "csv": to_csv, "tex": to_latex}
