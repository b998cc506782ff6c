"""A job: many pictures into a folder of shards, stopped and resumed at any moment."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from filelock import FileLock, Timeout

from mnistry.bulk.facts import Names, read_facts, shard_path
from mnistry.bulk.pool import run
from mnistry.bulk.process import Failure, PictureLimits, ReadingProcess, Task
from mnistry.bulk.rows import check_settings, model_id
from mnistry.bulk.schema import ERROR
from mnistry.bulk.shards import NUMBER, Retried, Shard, changed
from mnistry.bulk.sources import Picture, expect_pictures, find, survey
from mnistry.bulk.summary import Summary, summarize
from mnistry.cores import usable_cores
from mnistry.errors import UsageError
from mnistry.escape import as_text
from mnistry.extras import require
from mnistry.formats.atomic import expect_writable_folder, write_atomic
from mnistry.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = require("pyarrow", extra="bulk")

SHARD_PICTURES = 10_000  # a minute or two of strings on two cores, a few megabytes
MANIFEST = "manifest.json"
LOCK = ".lock"
FORMAT = 3  # of manifest, shards and columns; another one cannot be resumed


class Progress(NamedTuple):
    """The progress of a job.

    Attributes:
        pictures: Pictures done, including earlier runs.
        read_now: Pictures done in this run.
        errors: Errors in this run.
        share: Share of the bytes of all sources that is done, 0 to 1.
    """

    pictures: int
    read_now: int
    errors: int
    share: float


ProgressCallback = Callable[[Progress], None]


def read_many(
    sources: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    processes: int | None = None,
    *,
    retry_errors: bool = False,
    limits: PictureLimits | None = None,
    watch: ProgressCallback | None = None,
    **settings: Any,
) -> Summary:
    """Read many pictures in several processes, into a folder of Parquet files.

    If it is interrupted, call it again to continue. See docs/how-to/bulk.md.

    Args:
        sources: One or several: files, folders, patterns such as `scans/**/*.tif`, tar
            archives, Parquet files with pictures or paths. PDFs are read page by page.
        out: The folder for `shard-00000.parquet`, … and `manifest.json`.
        processes: Number of processes; by default one for each usable core.
        retry_errors: Retry pictures that could not be read before.
        limits: Time and memory for one picture; by default 60 s and 3,000 MB.
        watch: Called with the progress, several times a second.
        settings: `single`, `pattern` and `allowed`, as for `mnistry.read`.

    Returns:
        Counts of what is in the folder.

    Raises:
        UsageError: A setting is invalid; a source does not exist, has no picture, or
            has changed since; or the folder belongs to another job, or another run is
            writing to it.
        CacheError: The folder cannot be written, or the disk is full.

    Example:
        >>> import mnistry
        >>> mnistry.read_many(["scans"], out="read")  # doctest: +SKIP
    """
    began = time.monotonic()
    folder = Path(out)
    if isinstance(sources, str | os.PathLike):
        sources = [sources]  # a string is one name, not a sequence of letters
    names = [os.fspath(source) for source in sources]
    check_settings(settings)
    expect_pictures(names, without=folder)
    columns, size = survey(names, without=folder)
    identity = _identity(_without(names, folder), settings, columns)
    limits = limits or PictureLimits()
    task = Task("rows", settings, limits, _with_number(columns))
    with _locked(folder):
        _open_manifest(folder, identity)
        job = _Job(folder, names, limits, retry_errors, size)
        with closing(job):
            for batch in run(job.pictures(), task, processes or usable_cores()):
                job.add(batch)
                if watch:
                    watch(job.progress())
            job.settle(len(job.names))
        summary = summarize(folder, time.monotonic() - began)
        _write_manifest(folder, identity, summary)
    return summary


@dataclass
class _Job:
    """Which pictures are to be read, and where their rows go.

    `pictures` is turned by the threads of the pool, everything else by one thread.
    """

    folder: Path
    sources: list[str]
    limits: PictureLimits
    retry_errors: bool
    size: int
    open: dict[int, Shard | Retried] = field(default_factory=dict)
    names: dict[int, Names] = field(default_factory=dict)
    found: int = 0
    sent: int = 0
    read: int = 0
    errors: int = 0
    seen_bytes: int = 0

    def pictures(self) -> Iterator[Picture]:
        """Yield what is to be read, numbered; finished shards are passed over."""
        with closing(ReadingProcess(Task("pages", limits=self.limits))) as counter:
            count = partial(self._count_pages, counter)
            found = find(self.sources, count_pages=count, without=self.folder)
            for number, picture in enumerate(found):
                place, within = divmod(number, SHARD_PICTURES)
                if within == 0:
                    self._check(place - 1)
                    self.names[place] = Names()
                    self._open(place)
                self.found, self.seen_bytes = number + 1, self.seen_bytes + picture.size
                self.names[place].add(picture)
                shard = self.open.get(place)
                if shard is not None and shard.wants(number, picture):
                    self.sent += 1
                    yield picture._replace(columns={**picture.columns, NUMBER: number})
        self.seen_bytes = self.size  # headers, and what pages share, are no picture's
        self._check(len(self.names) - 1)
        if shard_path(self.folder, len(self.names)).exists():
            raise changed(self.folder)

    def add(self, batch: Any) -> None:
        """Add rows; write the shards that are now complete."""
        numbers = batch.column(NUMBER)
        places = pa.compute.divide(numbers, SHARD_PICTURES)
        for place in set(places.to_pylist()):
            rows = batch.filter(pa.compute.equal(places, place))
            self.open[place].add(rows)
        self.read += len(set(numbers.to_pylist()))
        self.errors += batch.column("status").to_pylist().count(ERROR)
        self.settle(len(self.names) - 1)

    def settle(self, before: int) -> None:
        """Write those shards before a number that are complete."""
        for place, shard in sorted(self.open.items()):
            names = self.names[place]
            if place < before and shard.is_complete(names):
                shard.finish(names)
                del self.open[place]

    def progress(self) -> Progress:
        """Return the progress."""
        waiting = self.sent - self.read
        share = self.seen_bytes / self.size if self.size else 1.0
        return Progress(self.found - waiting, self.read, self.errors, min(1.0, share))

    def close(self) -> None:
        """Close the journals of shards that are not complete."""
        for shard in self.open.values():
            shard.close()

    def _open(self, place: int) -> None:
        facts = read_facts(shard_path(self.folder, place))
        first = place * SHARD_PICTURES
        if facts is None:
            self.open[place] = Shard(self.folder, place, first)
        elif self.retry_errors and facts.errors:
            self.open[place] = Retried(self.folder, place, first, facts)

    def _count_pages(self, counter: ReadingProcess, picture: Picture) -> int:
        """Count the pages of a PDF in a separate process, because it may hang.

        A PDF that an earlier run could not open stays one picture even if it has been
        repaired, so that later pictures keep their numbers.
        """
        place, within = divmod(self.found, SHARD_PICTURES)
        facts = read_facts(shard_path(self.folder, place))
        if facts and within in facts.uncounted:
            return 0
        answer = counter.ask([picture])
        return 0 if isinstance(answer, Failure) else answer.column("pages")[0].as_py()

    def _check(self, place: int) -> None:
        """Compare the pictures of a shard with those that it was written from."""
        if place < 0:
            return
        facts = read_facts(shard_path(self.folder, place))
        names = self.names[place]
        if facts and (facts.pictures, facts.names) != (names.count, names.result()):
            raise changed(self.folder)


def _with_number(columns: Any) -> Any:
    return pa.schema([*columns, (NUMBER, pa.int64())])


def _without(sources: list[str], folder: Path) -> list[str]:
    """Remove the output from the sources; a shell's `*` may include it."""
    out = folder.resolve()
    return [source for source in sources if Path(source).resolve() != out]


def _identity(
    sources: list[str], settings: dict[str, Any], columns: Any
) -> dict[str, Any]:
    """Return the facts on which the rows depend; they identify the job."""
    return {
        "format": FORMAT,
        "sources": [as_text(source) for source in sources],
        "settings": {name: value for name, value in settings.items() if value},
        "columns": {field.name: str(field.type) for field in columns},
        "model": model_id(),
        "version": __version__,
        "shard_pictures": SHARD_PICTURES,
    }


def _open_manifest(folder: Path, identity: dict[str, Any]) -> None:
    """Write the manifest; refuse a folder that belongs to another job."""
    path = folder / MANIFEST
    if not path.exists():
        _write_manifest(folder, identity, None)
        return
    try:
        before = json.loads(path.read_text("utf-8"))["asked"]
        names = [name for name in identity if before.get(name) != identity[name]]
    except (ValueError, KeyError, TypeError, AttributeError):
        names = ["all of it"]
    if names:
        message = (
            f"{folder} has the rows of another job: its {', '.join(names)} differ (see"
            f" {path}). Read into another folder, or ask for the same."
        )
        raise UsageError(message)


def _write_manifest(
    folder: Path, identity: dict[str, Any], summary: Summary | None
) -> None:
    fingerprint = hashlib.sha256(json.dumps(identity, sort_keys=True).encode())
    facts = {
        "asked": identity,
        "fingerprint": fingerprint.hexdigest(),
        "finished": summary is not None,
        "counts": summary.to_dict() if summary else None,
    }
    text = json.dumps(facts, indent=1, ensure_ascii=False)
    write_atomic(folder / MANIFEST, text.encode())


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Create a folder, and lock it against other runs."""
    expect_writable_folder(folder)
    if not (folder / LOCK).exists():
        write_atomic(folder / LOCK, b"")
    try:
        with FileLock(folder / LOCK, timeout=0):
            yield
    except Timeout as error:
        message = (
            f"{folder} is being written by another run. Wait for it, or read into"
            " another folder."
        )
        raise UsageError(message) from error
