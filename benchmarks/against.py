"""Kinds of pictures read by an earlier commit and by this one, for `finding.py`.

Pictures are made once, by this checkout, and both read the same pixels. What each has
read is kept at once, in `<folder>/<hash of src>/<kind>.jsonl`: a run that was stopped
goes on there, and the earlier code may read ahead of the whole run. Rows of a kind that
is finished are kept in `<folder>/rows`: its pictures are not made again.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from measure import ROOT, Row
from readers import Code, KeptReader, checked_out, git
from scoring import read_kind

from mnistry.metrics import wilson_interval
from mnistry.synth.documents import scenes

TIMES = "median_ms", "most_ms"
MAKING = "kinds.py", "shapes.py", "scoring.py"  # make pictures, beside src, and count
HEAD = (
    "| kind | pictures | numbers | right, % (95 %) | false lines a picture "
    "| surely wrong of sure lines |"
)


class Comparison(NamedTuple):
    """Who reads what.

    Attributes:
        codes: That read.
        alphabet: Digits to write with.
        folder: Where to keep what was read.
    """

    codes: Sequence[Code]
    alphabet: scenes.Alphabet
    folder: Path

    def rows(self, name: str, seeds: range) -> list[Row]:
        """Read a kind, or what is left of it; a row for each code.

        There is a time in the row of this checkout's code alone: the other may have
        read on another day, beside other work.
        """
        path = self.folder / "rows" / f"{name}-{self.key(name, seeds)}.json"
        if not path.exists():
            rows = json.dumps(self.read(name, seeds))
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_text(rows, "utf-8")
            part.replace(path)
        blank = {"before": dict.fromkeys(TIMES, "")}
        return [
            {"commit": code.commit, **row, **blank.get(code.name, {})}
            for code, row in zip(self.codes, json.loads(path.read_bytes()), strict=True)
        ]

    def read(self, name: str, seeds: range) -> list[Row]:
        """Read the pictures of a kind that were not read before."""
        with ExitStack() as stack:
            readers = {
                code.name: stack.enter_context(
                    KeptReader(code.source, self.folder / code.tree / f"{name}.jsonl")
                )
                for code in self.codes
            }
            return list(read_kind(readers, self.alphabet, name, seeds))

    def key(self, name: str, seeds: range) -> str:
        """Hash all that rows follow from: codes, seeds, digits, how it is made."""
        facts = [
            name,
            seeds.start,
            seeds.stop,
            [(code.name, code.tree) for code in self.codes],
        ]
        made = [git(ROOT, "rev-parse", "HEAD:src")]
        made += [(ROOT / "benchmarks" / of).read_bytes() for of in MAKING]
        hashed = hashlib.sha256(json.dumps(facts).encode())
        for part in (
            *made,
            self.alphabet.images.tobytes(),
            self.alphabet.labels.tobytes(),
        ):
            hashed.update(hashlib.sha256(part).digest())
        return hashed.hexdigest()[:16]


def compare(
    commits: Mapping[str, str],
    seeds: Mapping[str, range],
    alphabet: scenes.Alphabet,
    folder: Path,
    processes: int,
) -> Iterator[list[Row]]:
    """Read kinds with the code of commits.

    Args:
        commits: What to call the code of each: "before", "this".
        seeds: Of each kind, by its name.
        alphabet: Digits to write with.
        folder: Where to keep what was read.
        processes: How many kinds are read at a time, each by one code after the other.
            Threads wait for them, and make pictures, so that none is left behind when
            this process is ended.

    Yields:
        The rows of a kind, one for each code.
    """
    with (
        checked_out([*commits.items()]) as codes,
        ThreadPoolExecutor(processes) as pool,
    ):
        rows = Comparison(codes, alphabet, folder).rows
        yield from pool.map(rows, seeds.keys(), seeds.values())


def is_committed(root: Path = ROOT) -> bool:
    """Return whether `src` is as the last commit has it."""
    return not git(root, "status", "--porcelain", "--", "src").strip()


def for_a_note(rows: Sequence[Row]) -> str:
    """Put the rows of one kind into a line of a table in Markdown.

    The interval is Wilson's, as if each number were read apart from the others of its
    picture: that of a page with many is a little too narrow.
    """
    first = rows[0]
    cells = [
        first["kind"],
        first["pictures"],
        first["fields"],
        " → ".join(map(share, rows)),
        " → ".join(f"{row['false_lines_a_picture']:.2f}" for row in rows),
        " → ".join(f"{row['sure_wrong_lines']} of {row['sure_lines']}" for row in rows),
    ]
    return f"| {' | '.join(map(str, cells))} |"


def share(row: Row) -> str:
    """Return how many per cent are right, and where that probably lies."""
    right, count = int(str(row["right"])), int(str(row["fields"]))
    if not count:
        return "–"
    low, high = wilson_interval(right, count)
    return f"{100 * right / count:.1f} ({100 * low:.1f}–{100 * high:.1f})"
