"""The rows of a job as one CSV file, for programs without Parquet."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnistry.bulk.facts import shard_paths
from mnistry.bulk.schema import BOX
from mnistry.escape import for_csv
from mnistry.extras import require
from mnistry.formats.atomic import atomic_path

if TYPE_CHECKING:
    import pyarrow.parquet as pq
else:
    pq = require("pyarrow.parquet", extra="bulk")

NESTED = ("digits", "box")


def write_csv(folder: Path, target: Path) -> None:
    """Write the rows of a job: boxes of lines as columns, without single digits.

    Text that a spreadsheet would run as a formula is prefixed with an apostrophe. Text
    is quoted and numbers are not, so that a spreadsheet set to treat quoted fields as
    text keeps 0012 and long rows of digits.

    Args:
        folder: The folder of the job.
        target: The file to write.

    Raises:
        CacheError: It cannot be written, or the disk is full.
    """
    sides = [field.name for field in BOX]
    with (
        atomic_path(target) as part,
        part.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file,
    ):
        rows = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        header: list[str] = []
        for path in shard_paths(folder):
            with pq.ParquetFile(path) as shard:
                flat = [name for name in shard.schema_arrow.names if name not in NESTED]
                if not header:
                    header = [*flat, *sides]
                    rows.writerow(header)
                for batch in shard.iter_batches(columns=[*flat, "box"]):
                    for row in batch.to_pylist():
                        box = row.pop("box") or {}
                        values = [*row.values(), *(box.get(side) for side in sides)]
                        rows.writerow(map(_cell, values))


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return for_csv(value)
