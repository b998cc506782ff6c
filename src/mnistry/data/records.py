"""SHA-256 recorded when a file was first seen, where nobody published one.

A record lies beside its file. `sha256sum --check` reads it, and takes the line of facts
for a comment.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from mnistry.data.verify import SHA256_DIGITS
from mnistry.formats.atomic import write_atomic

Trust = Literal["published", "first seen", "confirmed"]
FACTS = ("source", "seen", "trust", "confirmed")  # of a record, in its comment


@dataclass(frozen=True, slots=True)
class Record:
    """The SHA-256 that a file must have from now on, and why.

    Attributes:
        name: The file's name, without folder.
        sha256: 64 hexadecimal digits.
        source: Where the file came from: an address or a folder; empty if not known.
        seen: When, in ISO 8601 and UTC; empty if not known.
        trust: "published" if it was made from a file whose SHA-256 was published,
            "first seen", or "confirmed" by a person.
        confirmed: When a person confirmed it, or empty.

    Example:
        >>> Record("usps.bz2", "0" * 64).trust
        'first seen'
    """

    name: str
    sha256: str
    source: str = ""
    seen: str = ""
    trust: Trust = "first seen"
    confirmed: str = ""


def now() -> str:
    """Return the current time in UTC, in ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def read(path: Path) -> Record | None:
    """Read a record.

    Args:
        path: The record's path: its file's, followed by `.sha256`.

    Returns:
        The record; None if there is none, or it is damaged.
    """
    name = path.name.removesuffix(".sha256")
    with suppress(OSError, ValueError):
        *comments, line = path.read_text("ascii").splitlines()
        sha256, _, recorded_name = line.partition("  ")
        if recorded_name == name and len(sha256) == SHA256_DIGITS:
            return Record(name, sha256, **_facts(comments))
    return None


def write(path: Path, record: Record) -> None:
    """Write a record.

    Raises:
        CacheError: It cannot be written.
    """
    facts = {name: getattr(record, name) for name in FACTS}
    text = f"# {json.dumps(facts)}\n{record.sha256}  {record.name}\n"
    write_atomic(path, text.encode("ascii"))


def _facts(comments: list[str]) -> dict[str, Any]:
    """Return the other facts; a damaged comment must not invalidate the SHA-256."""
    with suppress(ValueError):
        found = json.loads(comments[0].removeprefix("#")) if comments else None
        if isinstance(found, dict) and found.get("trust") in get_args(Trust):
            return {name: str(found.get(name, "")) for name in FACTS}
    return {}
