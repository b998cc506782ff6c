"""Files are opened by their ending; what would run code is handed over in Python."""

import io
import os
import pickle
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from mnistry import Digits, load_model
from mnistry.errors import CheckpointError, UsageError
from mnistry.files import export
from mnistry.models.files import open_file
from mnistry.synth.drawn import draw
from tests.cli.run import run

FEW = Digits(*draw(20, split="test"), "drawn", "test")


def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def keras_file(path: Path) -> None:
    code = (
        "import os; os.environ['KERAS_BACKEND'] = 'torch'; import keras\n"
        "layers = [keras.Input((28, 28, 1)), keras.layers.Flatten()]\n"
        f"keras.Sequential([*layers, keras.layers.Dense(10)]).save({str(path)!r})"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def script(path: Path) -> None:
    with pytest.warns(DeprecationWarning, match="is deprecated"):
        torch.jit.save(torch.jit.trace(net().eval(), torch.zeros(1, 1, 28, 28)), path)  # type: ignore[no-untyped-call]


def sklearn_file(path: Path) -> None:
    from sklearn.dummy import DummyClassifier

    model = DummyClassifier().fit(np.zeros((10, 784)), range(10))
    path.write_bytes(pickle.dumps(model))


FILES: dict[str, Any] = {
    "m.keras": keras_file,
    "m.pt": script,
    "whole.pth": lambda path: torch.save(net(), path),
    "m.pkl": sklearn_file,
}


@pytest.mark.filterwarnings("ignore")  # libraries of others warn whoever types this
@pytest.mark.parametrize("name", FILES)
def test_the_lines_of_python_work_as_typed(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / name
    FILES[name](path)
    with pytest.raises(CheckpointError, match="runs code that may be in it") as raised:
        open_file(path, FEW, data="drawn")
    lines = [line for line in str(raised.value).splitlines() if line.startswith("    ")]
    assert len(lines) == 2
    code = "\n".join(line.strip() for line in lines)
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    exec(code, {})  # noqa: S102
    # Keras may have been imported before: that its lines set it would else not be seen
    assert name != "m.keras" or os.environ["KERAS_BACKEND"] == "torch"
    assert "<Evaluation: " in capsys.readouterr().out


def test_bare_weights_are_distinguished_from_whole_modules(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    torch.save(net().state_dict(), path)
    with pytest.raises(CheckpointError, match="as bare weights .*class of its net"):
        load_model(path)
    path.write_bytes(b"cut")
    with pytest.raises(CheckpointError, match="a module pickled by torch"):
        load_model(path)


def test_nothing_in_a_pickle_is_run(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return (Path(tmp_path / "ran").touch, ())

    buffer = io.BytesIO()
    pickle.dump(Evil(), buffer)
    for ending in (".pkl", ".pt", ".keras", ".h5", ".joblib", ".csv", ".npz", ".onnx"):
        path = tmp_path / f"evil{ending}"
        path.write_bytes(buffer.getvalue())
        with pytest.raises(ValueError, match="evil"):
            open_file(path, FEW)
    assert not (tmp_path / "ran").exists()


def test_an_input_is_for_models_that_need_one(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("label\n" + "1\n" * 20, "utf-8")
    assert open_file(path, FEW).labels.tolist() == [1] * 20  # type: ignore[union-attr]
    with pytest.raises(UsageError, match="are predictions already. Leave it out"):
        open_file(path, FEW, input="0-1")
    with pytest.raises(UsageError, match="says in its header how it wants images"):
        open_file(tmp_path / "m.safetensors", FEW, input="0-1")


def test_a_picture_is_no_model_and_the_line_for_it_works(tmp_path: Path) -> None:
    path = tmp_path / "my letter.PNG"
    Image.fromarray(255 - np.pad(np.hstack(list(draw(3)[0])), 14)).save(path)
    with pytest.raises(CheckpointError, match="is a picture, not a model"):
        open_file(path, FEW)
    with pytest.raises(CheckpointError, match="is a picture, not a model") as error:
        load_model(path)
    _, line = str(error.value).splitlines()
    program, *arguments = shlex.split(line)
    assert (program, run(*arguments).code) == ("mnistry", 0)


def test_another_ending_gets_a_list_of_what_is_opened_and_may_still_be_a_model(
    tmp_path: Path,
) -> None:
    path = tmp_path / "predictions.json"
    path.write_text("[7, 2, 1]", "utf-8")
    with pytest.raises(CheckpointError, match="expected one of .safetensors, .onnx"):
        open_file(path, FEW)
    (tmp_path / "p.csv").write_text("label\n1\n", "utf-8")
    with pytest.raises(CheckpointError, match="a file of predictions, not of a model"):
        load_model(tmp_path / "p.csv")
    load_model().save(tmp_path / "m.safetensors")
    other = (tmp_path / "m.safetensors").rename(tmp_path / "model.bin")
    assert len(open_file(other, FEW).predict(FEW.images)) == len(FEW)  # type: ignore[union-attr]


@pytest.mark.parametrize("is_run", [True, False])
def test_a_folder_is_no_model_and_the_line_for_it_works(
    is_run: bool, tmp_path: Path
) -> None:
    folder = tmp_path / "my digits"
    if is_run:
        load_model().save(folder / "model.safetensors")
    else:
        export(FEW, "png", folder)
    done = run("test", str(folder))
    assert (done.code, "is a folder, not a model" in done.err) == (1, True)
    program, *arguments = shlex.split(done.err.splitlines()[-1])
    assert program == "mnistry"
    assert "images right" in run(*arguments, *["--data", "drawn"] * is_run).out
