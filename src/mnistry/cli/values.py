"""Types of what is typed: numbers within bounds, paths that are no URLs."""

from typing import IO, Any

import click

from mnistry.errors import UsageError
from mnistry.formats.plain import refuse_url

MOST_SECONDS = 1_000_000  # eleven days; timers of the system take 32 bits of them
MOST_PROCESSES = 1024
MOST_SEED = 2**63 - 1  # that torch takes
MOST = 1_000_000_000  # of anything that is counted; bytes of as many MB fit in 64 bits
ELSEWHERE = "Name a path of this machine, and upload what is written there afterwards."


class _AtMost:
    """A number that has a bound so far up that help does not tell it."""

    def __init__(self, *limits: float, most: float, is_open: bool = False) -> None:
        super().__init__(*limits, min_open=is_open, max_open=is_open)
        self.most = most

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Give the number, or refuse it; "nan" is in no range, nor outside of any."""
        number = super().convert(value, param, ctx)
        if not number <= self.most:
            problem = f"{value} is no number, or too large"
            self.fail(f"{problem}; expected at most {self.most:,}.", param, ctx)
        return number


class _Whole(_AtMost, click.IntRange):
    pass


class _Number(_AtMost, click.FloatRange):
    pass


class FilePath(click.Path):
    """A path of this machine: a URL is refused, with what to do."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Give the path, or refuse it."""
        try:
            refuse_url(value, "" if self.exists else ELSEWHERE)
        except UsageError as error:
            self.fail(str(error), param, ctx)
        return super().convert(value, param, ctx)


class OpenFile(click.File):
    """A file that is opened: a URL is refused, with what to do."""

    def convert(self, value: Any, param: Any, ctx: Any) -> IO[Any]:
        """Give the open file, or refuse it."""
        try:
            refuse_url(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)
        return super().convert(value, param, ctx)  # type: ignore[return-value]


COUNT = _Whole(1, most=MOST)
PLACE = _Whole(0, most=MOST)
PROCESSES = _Whole(1, most=MOST_PROCESSES)
SEED = _Whole(0, most=MOST_SEED)
SECONDS = _Number(0, most=MOST_SECONDS, is_open=True)
SHARE = _Number(0, 1, most=1, is_open=True)
