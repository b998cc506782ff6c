import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mnistry import Digits
from mnistry.errors import FetchError
from mnistry.extras import install_command
from mnistry.synth.drawn import draw
from tests.cli.run import run

asked: list[str] = []


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """MNIST is nowhere; of the drawn digits there are a few."""
    few = {
        split: Digits(*draw(count, split=split), "drawn", split, "drawn with seed 0")
        for split, count in (("train", 600), ("test", 200))
    }

    def load(name: str, split: str = "", **_: object) -> Any:
        asked.append(f"{name} {split}".strip())
        if name == "mnist":
            message = "nowhere"
            raise FetchError(message)
        chosen = few[split] if split else tuple(few.values())
        return (few["train"][:3], few["test"][:2]) if name == "three" else chosen

    asked.clear()
    monkeypatch.setattr("mnistry.cli.demo.load", load)


def test_without_mnist_it_says_so_in_a_line_and_uses_drawn_digits(
    tmp_path: Path,
) -> None:
    done = run("demo", "--out", str(tmp_path / "demo"))
    assert done.code == 0, done.err
    assert asked == ["mnist", "drawn"]
    assert done.err.startswith("MNIST is not on this machine")
    assert done.err.count("\n") == 1
    names = {path.name for path in (tmp_path / "demo").iterdir()}
    envelopes = {"envelope.png", "envelope-read.png"}
    assert names == {"model.safetensors", "mistakes.png", "report.html"} | envelopes
    assert "of 200 images right" in done.out
    found = re.search(r"(\d{6}) written on it.*: read (\d{6})", done.out)
    assert found is not None
    written, read = found.groups()
    assert sum(one == two for one, two in zip(written, read, strict=True)) >= 4
    with Image.open(tmp_path / "demo" / "envelope-read.png") as picture:
        assert picture.width == 900
    typed = shlex.split(done.out.partition("to read it again: mnistry ")[2])
    assert run(*typed).out.partition("envelope.png  ")[2].startswith(read)
    whole = run("read", str(tmp_path / "demo"))  # what was drawn into is left out
    assert whole.code == 0, whole.err
    assert {row.partition("  ")[0] for row in whole.out.splitlines()} == {typed[1]}


def test_without_the_extra_for_reading_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("mnistry.scan")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cv2", None)
    done = run("demo", "--data", "drawn", "--out", str(tmp_path))
    assert done.code == 0, done.err
    assert "no letter is read: cv2 is not installed" in done.out
    assert install_command("read") in done.out


def test_three_images_are_enough(tmp_path: Path) -> None:
    done = run("demo", "--data", "three", "--out", str(tmp_path))
    assert done.code == 0, done.err
    assert re.search(r"trained '(fast|packaged)' in [0-9.]+ s", done.out)
    assert asked == ["three", "drawn test"]


def test_results_as_json_are_alone_on_stdout(tmp_path: Path) -> None:
    done = run("demo", "--data", "drawn", "--out", str(tmp_path), "--json")
    assert json.loads(done.out)["images"] == 200


def test_a_folder_that_cannot_be_written_is_known_before_training(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("mine")
    done = run("demo", "--out", str(tmp_path / "file" / "demo"))
    assert done.code == 1
    assert "cannot be written" in done.err
    assert asked == []
    assert (tmp_path / "file").read_text() == "mine"
