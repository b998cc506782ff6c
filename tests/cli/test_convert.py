import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from click.testing import CliRunner

from mnistry.cli.convert import SUFFIXES, convert_command
from mnistry.cli.serve import _page
from mnistry.errors import UsageError
from mnistry.learn.export.card import model_card
from mnistry.learn.model import Model, load_trained_model
from mnistry.learn.nets import build
from tests.cli.run import run


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    Model(build("linear").eval(), {"net": "linear", "classes": 10}).save(path)
    return path


def test_onnx_lies_beside_the_model_and_says_the_same(saved: Path) -> None:
    done = CliRunner().invoke(convert_command, [str(saved), "--to", "onnx"])
    path = saved.with_suffix(".onnx")
    assert done.output == f"{path}: {path.stat().st_size:,} bytes\n"
    images = np.random.default_rng(0).integers(0, 256, (9, 28, 28), np.uint8)
    (logits,) = onnxruntime.InferenceSession(path).run(None, {"image": images})
    expected = load_trained_model(saved).predict(images).logits
    np.testing.assert_allclose(logits, expected, atol=1e-4)


def test_what_was_written_is_printed_as_json_too(saved: Path) -> None:
    done = CliRunner().invoke(convert_command, [str(saved), "--to", "card", "--json"])
    path = saved.with_suffix(".md")
    size = path.stat().st_size
    assert json.loads(done.output) == {"path": str(path), "to": "card", "bytes": size}


@pytest.mark.parametrize("form", ["keras", "h5"])
def test_keras_knows_the_file_by_its_beginning(saved: Path, form: str) -> None:
    path = saved.with_name(f"other.{form}")
    arguments = [str(saved), "--to", form, "--out", str(path)]
    assert CliRunner().invoke(convert_command, arguments).exit_code == 0
    begins = {"keras": b"PK\x03\x04", "h5": b"\x89HDF"}  # zip; HDF5
    assert path.read_bytes()[:4] == begins[form]


def test_the_card_is_a_page_beside_the_model(saved: Path) -> None:
    CliRunner().invoke(convert_command, [str(saved), "--to", "card"])
    assert saved.with_suffix(".md").read_text("utf-8") == model_card(
        load_trained_model(saved)
    )


def test_a_model_whose_layers_are_not_known_is_refused(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("convert", str(saved), "--to", "onnx")
    foreign = str(saved.with_suffix(".onnx"))
    for command in (
        *(("convert", foreign, "--to", form) for form in SUFFIXES),
        ("page", "--model", foreign, "--out", str(saved.with_name("digits.html"))),
    ):
        done = run(*command)
        assert done.code == 1, command
        assert "whose layers are not known to torch" in done.err
    assert _page(Path(foreign)) == b""
    assert "no page at /: the model is a" in capsys.readouterr().err


def test_a_format_and_an_ending_that_do_not_fit_are_reported(saved: Path) -> None:
    arguments = [str(saved), "--to", "keras", "--out", str(saved.with_name("a.onnx"))]
    done = CliRunner().invoke(convert_command, arguments)
    assert isinstance(done.exception, UsageError)
    assert not saved.with_name("a.onnx").exists()
