"""What was read, in a few numbers: counts, reasons, how confident."""

import re
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnistry.bulk.facts import shard_paths
from mnistry.bulk.schema import EMPTY, ERROR, READ
from mnistry.extras import require
from mnistry.plural import counted
from mnistry.scan.results import UNSURE_BELOW

if TYPE_CHECKING:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
else:
    pc = require("pyarrow.compute", extra="bulk")
    pq = require("pyarrow.parquet", extra="bulk")

BINS = 10  # of the histogram: 0 to 0.1, … 0.9 to 1
BAR = 40  # characters of its longest bar
MOST_REASONS = 20  # shown
NUMBERS = re.compile(r"\d[\d,.×]*")


@dataclass(frozen=True)
class Summary:
    """What a job has read.

    Attributes:
        folder: The folder of its shards.
        pages: Number of pictures, counting each page of those with several.
        lines: Lines of digits.
        unsure: Lines with a confidence below 0.5.
        empty: Pages without digits.
        failed: Pages that could not be read.
        reasons: Number of failed pages by reason; N stands for numbers.
        histogram: Number of lines by confidence, in tenths.
        seconds: Duration of this run.
    """

    folder: str
    pages: int
    lines: int
    unsure: int
    empty: int
    failed: int
    reasons: dict[str, int]
    histogram: tuple[int, ...]
    seconds: float

    @property
    def shards(self) -> list[str]:
        """The Parquet files, in order; pandas, polars and pyarrow take this list.

        They do not take the folder, for it also has `manifest.json`.

        Example:
            >>> import mnistry, pandas
            >>> summary = mnistry.read_many(["scans"], out="read")  # doctest: +SKIP
            >>> rows = pandas.read_parquet(summary.shards)  # doctest: +SKIP
        """
        return [str(path) for path in shard_paths(Path(self.folder))]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """Return it as a few lines of text."""
        text = [
            f"{counted(self.pages, 'page')} in {self.folder}:"
            f" {counted(self.lines, 'line')} read ({self.unsure:,} of them unsure),"
            f" {counted(self.empty, 'page')} without digits,"
            f" {self.failed:,} failed"
        ]
        reasons = sorted(self.reasons.items(), key=lambda item: (-item[1], item[0]))
        text += [f"  {count:>9,}  {reason}" for reason, count in reasons[:MOST_REASONS]]
        if self.lines:
            text.append("confidence of lines")
        most = max(self.histogram)
        for tenth, count in enumerate(self.histogram if most else ()):
            bar = "█" * round(BAR * count / most)
            text.append(
                f"  {tenth / BINS:.1f}–{(tenth + 1) / BINS:.1f} {count:>9,} {bar}"
            )
        return "\n".join(text)


def summarize(folder: Path, seconds: float) -> Summary:
    """Count what is in the shards of a folder.

    Args:
        folder: The folder of a job.
        seconds: Duration of this run.
    """
    statuses: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    histogram: Counter[int] = Counter()
    pages = unsure = 0
    for path in shard_paths(folder):
        table = pq.read_table(path, columns=["line", "status", "error", "confidence"])
        statuses.update(table["status"].to_pylist())
        pages += pc.sum(pc.less_equal(table["line"], 1)).as_py() or 0
        failed = table.filter(pc.equal(table["status"], ERROR))
        reasons.update(map(_kind, failed["error"].to_pylist()))
        lines = table.filter(pc.equal(table["status"], READ))["confidence"]
        unsure += pc.sum(pc.less(lines, UNSURE_BELOW)).as_py() or 0
        tenths = (lines.to_numpy() * BINS).astype(int).clip(0, BINS - 1)
        histogram.update(tenths.tolist())
    return Summary(
        str(folder),
        pages,
        statuses[READ],
        unsure,
        statuses[EMPTY],
        statuses[ERROR],
        dict(reasons),
        tuple(histogram[tenth] for tenth in range(BINS)),
        seconds,
    )


def _kind(error: str) -> str:
    """Return the kind of an error: its first clause, without numbers."""
    return NUMBERS.sub("N", re.split(r"[;.] |\.$", error, maxsplit=1)[0])
