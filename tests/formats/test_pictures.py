"""Only the promised kinds of pictures are opened, whatever a file is called."""

import contextlib
import io
from pathlib import Path

import pytest
from PIL import Image

import mnistry
from mnistry import files
from mnistry.errors import FormatError
from mnistry.formats.pictures import KINDS, open_picture

STARTED = "started"


@pytest.fixture
def postscript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A drawing in PostScript, and a stand-in for Ghostscript that must not run."""
    stand_in = tmp_path / "bin" / "gs"
    stand_in.parent.mkdir()
    stand_in.write_text(f"#!/bin/sh\ntouch {tmp_path / STARTED}\necho 10.0\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(stand_in.parent), prepend=":")
    data = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(data, "EPS")
    return data.getvalue()


def test_reading_postscript_starts_nothing(postscript: bytes, tmp_path: Path) -> None:
    for source in (postscript, tmp_path / "digit.jpg"):
        if isinstance(source, Path):
            source.write_bytes(postscript)
        with pytest.raises(FormatError, match="is not in a format"):
            mnistry.read(source)
    assert not (tmp_path / STARTED).exists()


def test_loading_postscript_starts_nothing(postscript: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "set" / "7"
    folder.mkdir(parents=True)
    (folder / "a.png").write_bytes(postscript)
    with pytest.raises(FormatError):
        files.load(tmp_path / "set")
    assert not (tmp_path / STARTED).exists()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "HEIF"])
def test_promised_kinds_are_opened(kind: str) -> None:
    data = io.BytesIO()
    Image.new("L", (40, 30), 7).convert("RGB").save(data, kind)
    assert open_picture(data.getvalue()).size == (40, 30)


def test_the_tests_above_can_fail(postscript: bytes, tmp_path: Path) -> None:
    with contextlib.suppress(Exception):
        Image.open(io.BytesIO(postscript)).load()
    assert (tmp_path / STARTED).exists()
