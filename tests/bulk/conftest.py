"""Pictures of a few digits, as files."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw

pytest.importorskip("pyarrow")

Write = Callable[[str, str], Path]


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
