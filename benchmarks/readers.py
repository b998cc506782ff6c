"""Processes that read pictures with the code of a commit, and what they have read."""

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from kinds import Kind
from measure import ROOT

from mnistry.synth.documents import scenes

READER = """
import inspect, json, sys, time
import numpy as np
from mnistry.scan.read import read

known = inspect.signature(read).parameters  # an older code may lack a setting
stroke = np.full((40, 40), 255, np.uint8)
stroke[8:32, 18:22] = 0
for settings in {}, {"single": True}:  # nets are loaded
    read(stroke, **settings if settings.keys() <= known.keys() else {})
while head := sys.stdin.buffer.readline():
    request = json.loads(head)
    size = int(np.prod(request["shape"]))
    data = sys.stdin.buffer.read(size)
    picture = np.frombuffer(data, np.uint8).reshape(request["shape"])
    settings = {name: of for name, of in request["settings"].items() if name in known}
    answer = {"lines": []}
    start = time.process_time()
    try:
        lines = read(picture, **settings).lines
    except Exception as error:
        lines, answer["error"] = (), repr(error)
    answer["seconds"] = time.process_time() - start
    for line in lines:
        text, confidence = getattr(line, request["field"], line.text), line.confidence
        if request["field"] == "signed_text":  # it must be right with its signs
            confidence = getattr(line, "signed_confidence", confidence)
        answer["lines"].append([text, confidence])
    print(json.dumps(answer), flush=True)
"""

Answer = dict[str, Any]
"""Of a picture: "lines", a text and a confidence each; "seconds"; and "error" if any.
"""


class Code(NamedTuple):
    """The code of a commit.

    Attributes:
        name: What to call it in a table: "before", "this".
        commit: Its short hash.
        tree: The hash of its folder `src`: another commit may have the same.
        source: Where that folder is.
    """

    name: str
    commit: str
    tree: str
    source: Path


@contextmanager
def checked_out(names: Sequence[tuple[str, str]], root: Path = ROOT) -> Iterator[Any]:
    """Put the code of commits into a folder of its own for as long as it is needed.

    Args:
        names: What to call each, and its commit in any of git's ways to say it.
        root: The repository.

    Yields:
        A `Code` for each.
    """
    with tempfile.TemporaryDirectory(prefix="finding-") as folder:
        codes = []
        for name, commit in names:
            packed = git(root, "archive", commit, "src")
            with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
                archive.extractall(Path(folder) / name, filter="data")
            short = git(root, "rev-parse", "--short", commit).decode().strip()
            tree = git(root, "rev-parse", f"{commit}:src").decode().strip()
            codes.append(Code(name, short, tree, Path(folder) / name / "src"))
        yield codes


def git(root: Path, *command: str) -> bytes:
    """Run a command of git, and give what it prints."""
    whole = ["git", "-C", str(root), *command]
    return subprocess.run(whole, check=True, stdout=subprocess.PIPE).stdout


def request(scene: scenes.Scene, kind: Kind) -> bytes:
    """Put into bytes a request to a process: shape and settings, then the pixels."""
    picture = np.ascontiguousarray(scene.picture)
    facts = {
        "shape": picture.shape,
        "settings": dict(kind.settings),
        "field": kind.field,
    }
    return json.dumps(facts, sort_keys=True).encode() + b"\n" + picture.tobytes()


class Reader:
    """A process that reads pictures with the code of a checkout."""

    def __init__(self, source: Path) -> None:
        """Start it.

        Args:
            source: The folder `src` of the checkout.
        """
        self.process = subprocess.Popen(
            [sys.executable, "-c", READER],
            env={**os.environ, "PYTHONPATH": str(source)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.process.communicate()

    def read(self, scene: scenes.Scene, kind: Kind) -> Answer:
        """Read a picture."""
        return self.answer(request(scene, kind))

    def answer(self, sent: bytes) -> Answer:
        """Read a picture that has been put into bytes."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(sent)
        self.process.stdin.flush()
        answer: Answer = json.loads(self.process.stdout.readline())
        return answer


class KeptReader:
    """Reads as `Reader` does, and never twice: what was read stays in a file.

    The file has a line of JSON for each picture, which is known by the SHA-256 of its
    pixels and of how it is to be read. So a run goes on where it was stopped, and a
    picture that a generator makes differently today is read again.
    """

    def __init__(self, source: Path, path: Path) -> None:
        """Look up what was read; no process is started before one is needed.

        Args:
            source: The folder `src` of a checkout, which is always the same code.
            path: The file; it need not be there.
        """
        self.source, self.path = source, path
        self.reader: Reader | None = None
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = path.read_bytes() if path.exists() else b""
        whole = kept[: kept.rfind(b"\n") + 1]
        if len(whole) < len(kept):  # stopped while writing
            os.truncate(path, len(whole))
        self.known: dict[str, Answer] = dict(map(json.loads, whole.splitlines()))

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process if there is one."""
        if self.reader is not None:
            self.reader.__exit__()

    def read(self, scene: scenes.Scene, kind: Kind) -> Answer:
        """Read a picture, or return what was read of it before."""
        sent = request(scene, kind)
        key = hashlib.sha256(sent).hexdigest()
        if key not in self.known:
            self.reader = self.reader or Reader(self.source)
            self.known[key] = self.reader.answer(sent)
            with self.path.open("a") as file:
                file.write(json.dumps([key, self.known[key]]) + "\n")
        return self.known[key]
