"""What the nets for reading promise stands in the headers of their own files."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from mnistry.errors import CheckpointError
from mnistry.scan.page.strip import STRIP, WIDEST_STRIP, strip_matrix
from mnistry.scan.recognize import models
from mnistry.scan.recognize.headers import read_digit_header, read_line_header

NETS = {"lines": read_line_header, "digit": read_digit_header}


def packaged(name: str) -> dict[str, Any]:
    from safetensors import safe_open

    path = Path(str(resources.files("mnistry") / f"models/reading-{name}.safetensors"))
    with safe_open(path, "numpy") as file:
        header: dict[str, Any] = json.loads(file.metadata()["reading"])
    return header


def written(path: Path, header: Any) -> Path:
    tensors = {"a": np.zeros(1, np.float32)}
    save_file(tensors, path, metadata={"reading": json.dumps(header)})
    return path


def test_the_packaged_nets_take_what_training_composes() -> None:
    assert models.line_header().strip == STRIP
    assert models.line_header().blank == models.digit_header().non_digit == 10


@pytest.mark.parametrize(
    ("name", "key", "value", "message"),
    [
        ("lines", "classes", 12, "'12' as classes in its header; expected 11"),
        ("lines", "blank", 11, "'11' as blank in its header; expected a class, 0 to"),
        ("lines", "strip_rows", 3.5, "as strip_rows in its header; expected an intege"),
        ("lines", "temperature", 0, "'0' as temperature .* expected a number above 0"),
        ("lines", "confidence", [], r"'\[\]' as confidence .* expected a JSON object"),
        ("lines", "confidence", {"free": {}}, "'None' as coefficients .* 4 numbers"),
        ("digit", "non_digit", None, "'None' as non_digit in its header; expected a"),
        ("digit", "ensemble", {"lines": 1}, "'None' as packaged in its header; expect"),
    ],
)
def test_a_header_that_cannot_be_is_refused(
    tmp_path: Path, name: str, key: str, value: Any, message: str
) -> None:
    path = written(tmp_path / "net.safetensors", packaged(name) | {key: value})
    with pytest.raises(CheckpointError, match=message):
        NETS[name](path)


def test_a_pattern_has_one_feature_more(tmp_path: Path) -> None:
    header = packaged("lines")
    matching = {"coefficients": [0.0] * 4, "temperature": 1.4}
    header["confidence"] = {**header["confidence"], "matching": matching}
    with pytest.raises(CheckpointError, match="as coefficients .* 5 numbers"):
        read_line_header(written(tmp_path / "net.safetensors", header))


@pytest.mark.parametrize("name", NETS)
def test_a_file_without_a_header_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "net.safetensors"
    save_file({"a": np.zeros(1, np.float32)}, path)
    with pytest.raises(CheckpointError, match="has no header for reading: 'reading'; "):
        NETS[name](path)
    with pytest.raises(CheckpointError, match=r"'\[1\]' as reading in its header"):
        NETS[name](written(path, [1]))


def test_another_blank_is_moved_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    strip = np.zeros((32, 40), np.uint8)
    strip[5:27, 18:21] = 255
    (before,) = models.line_log_probs([strip])
    header = models.line_header()._replace(blank=0)
    monkeypatch.setattr(models, "line_header", lambda: header)
    moved = np.roll(before, -1, axis=1)
    assert np.allclose(models.line_log_probs([strip])[0], moved, atol=1e-4)


def test_strips_run_together_read_as_each_alone() -> None:
    generator = np.random.default_rng(0)
    some = [generator.integers(0, 256, (32, wide), np.uint8) for wide in (40, 96, 44)]
    together = models.line_log_probs(some)
    alone = [models.line_log_probs([strip])[0] for strip in some]
    assert [len(of) for of in together] == [20, 48, 22]
    assert all(map(np.array_equal, together, alone))


def test_no_strip_is_so_wide_that_the_net_takes_much_memory() -> None:
    _, width = strip_matrix(0, 1e6, (0, 30))
    assert width == WIDEST_STRIP
