"""Azure's TabularDataset over digits: rows and columns first, a frame on demand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnistry import extras
from mnistry.arrays import expect_whole
from mnistry.digits import Digits
from mnistry.errors import UsageError, unknown_name

if TYPE_CHECKING:
    import pandas as pd
    import pyspark.sql

LABEL = "label"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TabularDataset:
    """A table that is not built before somebody asks for a frame.

    Attributes:
        parts: Whose rows follow one another.
        rows: Which of them this table has, ascending.
        columns: Which columns it has, in order: pixels by number, then `label`.
    """

    parts: tuple[Digits, ...]
    rows: NDArray[np.intp]
    columns: tuple[str, ...]

    def __repr__(self) -> str:
        shape = f"{len(self.rows):,} rows, {len(self.columns)} columns"
        return f"<TabularDataset mnist: {shape}>"

    def to_pandas_dataframe(
        self,
        on_error: str = "null",  # noqa: ARG002 - as Azure has it
        out_of_range_datetime: str = "null",  # noqa: ARG002
    ) -> "pd.DataFrame":
        """Build the table as a pandas data frame, all of it in one uint8 block.

        Args:
            on_error: Has no effect: there is no value that is none.
            out_of_range_datetime: Has no effect.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        pandas = extras.require("pandas", extra="data")
        frame: pd.DataFrame = pandas.DataFrame(
            self._block(), columns=list(self.columns), copy=False
        )
        return frame

    def to_spark_dataframe(self) -> "pyspark.sql.DataFrame":
        """Build the table as a Spark data frame of shorts; Spark's bytes have signs.

        The running session is taken, or one started on this machine.

        Raises:
            MissingExtraError: pyspark, pyarrow or Java is not installed.
        """
        from mnistry.views.spark import start_session  # which needs pyspark

        session = start_session()
        arrow = extras.require("pyarrow", extra="spark")
        block = self._block()
        columns = [arrow.array(column, arrow.int16()) for column in block.T]
        table = arrow.table(columns, names=list(self.columns))
        frame: pyspark.sql.DataFrame = session.createDataFrame(table)
        return frame

    def take(self, count: int) -> "TabularDataset":
        """Take the first rows."""
        return replace(self, rows=self.rows[: _not_negative(count)])

    def skip(self, count: int) -> "TabularDataset":
        """Leave out the first rows."""
        return replace(self, rows=self.rows[_not_negative(count) :])

    def take_sample(
        self, probability: float, seed: int | None = None
    ) -> "TabularDataset":
        """Take each row with a probability.

        Raises:
            UsageError: `probability` is not within 0 to 1.
        """
        return self.random_split(probability, seed)[0]

    def random_split(
        self, percentage: float, seed: int | None = None
    ) -> "tuple[TabularDataset, TabularDataset]":
        """Part the rows at random: about `percentage` (0 to 1) of them, and the rest.

        Raises:
            UsageError: `percentage` is not within 0 to 1.
        """
        if not 0 <= percentage <= 1:
            message = f"the part to take is {percentage}; expected 0 to 1, such as 0.9."
            raise UsageError(message)
        first = np.random.default_rng(seed).random(len(self.rows)) < percentage
        rest = replace(self, rows=self.rows[~first])
        return replace(self, rows=self.rows[first]), rest

    def keep_columns(self, columns: str | Sequence[str]) -> "TabularDataset":
        """Return these columns only, in the table's order.

        Raises:
            UnknownNameError: The table has no such column.
        """
        named = self._known(columns)
        return replace(self, columns=tuple(c for c in self.columns if c in named))

    def drop_columns(self, columns: str | Sequence[str]) -> "TabularDataset":
        """Leave these columns out.

        Raises:
            UnknownNameError: The table has no such column.
        """
        named = self._known(columns)
        return replace(self, columns=tuple(c for c in self.columns if c not in named))

    def _known(self, columns: str | Sequence[str]) -> set[str]:
        named = {columns} if isinstance(columns, str) else set(columns)
        for name in sorted(named.difference(self.columns)):
            raise unknown_name("column", name, self.columns)
        return named

    def _block(self) -> NDArray[np.uint8]:
        """Gather rows and columns, from one part after the other."""
        block = np.empty((len(self.rows), len(self.columns)), np.uint8)
        pixels = [name for name in self.columns if name != LABEL]
        numbers = _as_slice(np.array(pixels, np.intp))
        start = done = 0
        for part in self.parts:
            until = int(np.searchsorted(self.rows, start + len(part)))
            rows = _as_slice(self.rows[done:until] - start)
            flat = part.images.reshape(len(part), -1)
            block[done:until, : len(pixels)] = flat[rows][:, numbers]
            if LABEL in self.columns:
                block[done:until, -1] = part.labels[rows]
            start, done = start + len(part), until
        return block


def _as_slice(numbers: NDArray[np.intp]) -> Any:
    """Write ascending numbers as a slice if none is left out: slices copy nothing."""
    first, last = (int(numbers[0]), int(numbers[-1])) if numbers.size else (0, -1)
    return slice(first, last + 1) if last - first + 1 == numbers.size else numbers


def _not_negative(count: int) -> int:
    expect_whole("count", count, least=0)
    return count
