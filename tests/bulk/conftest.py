"""Pictures of a few digits, as files."""

import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from mnistry.scan.page.picture import pdf as drawing
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw

pytest.importorskip("pyarrow")

Write = Callable[[str, str], Path]


class Hanging(NamedTuple):
    """A file whose reader waits, as on a disk that does not answer: a terminal."""

    path: str
    keyboard: int

    def answer(self) -> None:
        """Let the reader go on: the file is empty."""
        os.write(self.keyboard, b"\x04")


@pytest.fixture(autouse=True)
def _contained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw pages of PDFs here, as processes that read in bulk do."""
    contained = threading.Event()
    contained.set()
    monkeypatch.setattr(drawing, "_contained", contained)


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    """Give a file whose reader waits; pipes that are named are not even opened."""
    keyboard, screen = os.openpty()
    yield Hanging(os.ttyname(screen), keyboard)
    for file in (keyboard, screen):
        with suppress(OSError):
            os.close(file)


@pytest.fixture(scope="session")
def alphabet() -> Alphabet:
    return Alphabet(*draw(300))


@pytest.fixture(scope="session")
def picture(alphabet: Alphabet) -> Callable[[str], bytes]:
    """Give the bytes of a PNG with a string of digits."""

    def make(text: str) -> bytes:
        scene = make_string(alphabet, text, seed=int(text))
        file = io.BytesIO()
        Image.fromarray(scene.picture).save(file, "PNG")
        return file.getvalue()

    return make


@pytest.fixture
def write(tmp_path: Path, picture: Callable[[str], bytes]) -> Write:
    """Write a picture of a string into a file of a name; give its path."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(text))
        return path

    return write


@pytest.fixture(scope="session")
def pdf(alphabet: Alphabet) -> bytes:
    """A PDF of three pages: a string, nothing, another string."""
    pages = [
        Image.fromarray(make_string(alphabet, "2468", seed=3).picture).convert("RGB"),
        Image.new("RGB", (300, 100), "white"),
        Image.fromarray(make_string(alphabet, "13579", seed=5).picture).convert("RGB"),
    ]
    file = io.BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:])
    return file.getvalue()
