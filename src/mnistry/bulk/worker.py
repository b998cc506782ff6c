"""A process that reads: record batches come in on stdin, answers go out on stdout.

It is a separate program (`python -m mnistry.bulk.worker`), not a fork: it shares
nothing with the program that starts it, and may be killed at any moment. Messages are
Arrow IPC streams, each preceded by its length in eight bytes.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnistry.bulk import pages, rows, schema
from mnistry.errors import FormatError, MnistryError, UsageError
from mnistry.extras import require
from mnistry.scan.page.picture import pdf
from mnistry.scan.read import read_each
from mnistry.scan.reasons import json_line

if TYPE_CHECKING:
    import cv2
    import pyarrow as pa
else:
    cv2 = require("cv2", extra="read")
    pa = require("pyarrow", extra="bulk")

LENGTH_BYTES = 8
GRACE_S = 5  # after which a process ends itself that nobody has ended,
GRACE = 10  # beside so many limits of time: it may have to wait for a core
READY = b"ready"
MEGABYTE = 1 << 20
STATUS = Path("/proc/self/status")

TaskFunction = Callable[..., Any]


def main() -> None:
    """Answer until the input ends; arguments come as JSON."""
    options = json.loads(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal; we are ended
    cv2.setNumThreads(1)
    answers = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # decoders may print
    if options["task"] != "pages":
        rows.load_nets(options["settings"])
    _limit_memory(options["megabytes"])
    pdf.contain()
    seconds = ceil(GRACE * options["seconds"]) + GRACE_S

    def started(_: int) -> None:
        signal.alarm(seconds)
        os.write(options["progress"], b".")

    send(answers, READY)
    while data := receive(0):
        answer = TASKS[options["task"]](from_bytes(data), started, options["settings"])
        signal.alarm(0)
        send(answers, to_bytes(answer))


def send(file: int, data: bytes) -> None:
    """Write a message.

    Args:
        file: Descriptor of a pipe.
        data: The message.

    Raises:
        OSError: The other end is closed.
    """
    left = memoryview(len(data).to_bytes(LENGTH_BYTES, "little") + data)
    while left:
        left = left[os.write(file, left) :]


def receive(file: int) -> bytes:
    """Read a message; empty at the end of the input.

    Args:
        file: Descriptor of a pipe.

    Raises:
        EOFError: The input ends within a message.
    """
    head = _read(file, LENGTH_BYTES)
    length = int.from_bytes(head, "little")
    data = _read(file, length) if head else b""
    if len(data) < length or 0 < len(head) < LENGTH_BYTES:
        raise EOFError
    return data


def to_bytes(batch: Any) -> bytes:
    """Convert a record batch to an Arrow IPC stream.

    Args:
        batch: A `pyarrow.RecordBatch`.
    """
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def from_bytes(data: bytes) -> Any:
    """Read the record batch of an Arrow IPC stream.

    Args:
        data: From `to_bytes`.
    """
    return pa.ipc.open_stream(data).read_next_batch()


def _read(file: int, length: int) -> bytes:
    parts = []
    while length and (part := os.read(file, min(length, MEGABYTE))):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _limit_memory(megabytes: int) -> None:
    """Limit the memory for a picture, beyond what Python and the nets take."""
    if not STATUS.exists():
        return  # not Linux: other systems count otherwise, or not at all
    lines = STATUS.read_text("ascii").splitlines()
    (taken,) = (int(line.split()[1]) for line in lines if line.startswith("VmData:"))
    most = (taken << 10) + megabytes * MEGABYTE
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or most <= hard:
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _rows(batch: Any, started: Callable[[int], None], settings: dict[str, Any]) -> Any:
    return rows.read_batch(batch, started=started, **settings)


def _json(batch: Any, started: Callable[[int], None], settings: dict[str, Any]) -> Any:
    """Return answers as lines of JSON, as `mnistry read --json` prints them."""
    lines = []
    for number, picture in enumerate(batch.to_pylist()):
        started(number)
        name = picture["name"]
        if picture["problem"]:
            reading: Any = FormatError(picture["problem"])
        elif picture["content"] is None and picture["offset"] is None:
            ((_, reading),) = read_each(
                [(name, os.fsdecode(picture["path"]))], **settings
            )
        else:
            ((_, reading),) = read_each([(name, pages.content(picture))], **settings)
        if isinstance(reading, UsageError):
            raise reading
        lines.append(json_line(name, reading))
    kept = {name: batch.column(name) for name in schema.kept(batch.schema)}
    return pa.record_batch({"json": lines} | kept)


def _pages(batch: Any, started: Callable[[int], None], _: dict[str, Any]) -> Any:
    """Count the pages of a PDF; 0 if it cannot be opened: reading says why."""
    counts = []
    for number, picture in enumerate(batch.to_pylist()):
        started(number)
        try:
            counts.append(pages.page_count(picture))
        except (MnistryError, OSError):
            counts.append(0)
    return pa.record_batch({"pages": counts})


TASKS: dict[str, TaskFunction] = {"rows": _rows, "json": _json, "pages": _pages}

if __name__ == "__main__":
    main()
