"""Files that are not loaded as models: folders, pictures, formats that run code.

For formats that run code the error shows two lines of Python that pass the model on.
"""

import shlex
import zipfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from mnistry.errors import CheckpointError
from mnistry.predictors.files import READERS
from mnistry.scan.folders import is_picture_name


class HandedOver(NamedTuple):
    """One row: a format that is not opened, and the Python that opens it."""

    who: str
    packages: str
    load: str


TORCH_SCRIPT = HandedOver("TorchScript", "torch", "torch.jit.load({path!r})")
WHOLE_MODULE = HandedOver(
    "a module pickled by torch", "torch", "torch.load({path!r}, weights_only=False)"
)
KERAS = HandedOver("Keras", "keras", "keras.models.load_model({path!r})")
PICKLE = HandedOver("pickle", "pickle", "pickle.load(open({path!r}, 'rb'))")
WEIGHTS = HandedOver(  # only who trained the net knows its class
    "torch, as bare weights (put the class of its net in place of Net)",
    "torch; net = Net()",
    "net.load_state_dict(torch.load({path!r})) and net",
)
HANDED_OVER: Mapping[str, HandedOver] = MappingProxyType(
    {
        ".keras": KERAS,
        ".h5": KERAS,
        ".hdf5": KERAS,
        ".pkl": PICKLE,
        ".pickle": PICKLE,
        ".joblib": HandedOver("joblib", "joblib", "joblib.load({path!r})"),
        ".pt": TORCH_SCRIPT,
        ".pth": TORCH_SCRIPT,
        ".ts": TORCH_SCRIPT,
        ".torchscript": TORCH_SCRIPT,
    }
)
KERAS_DEFAULT = "tensorflow"  # without it a script must name Keras' backend
OPENED = ".safetensors", ".onnx", *READERS


def expect_opened(path: Path, data: str = "mnist") -> None:
    """Raise if a file is not a model, or if loading it would run code.

    Raises:
        CheckpointError: It is such a file, a folder or a picture; the message has a
            command, lines of Python, or the supported endings.
    """
    if is_picture_name(path.name) and path.is_file():
        message = (
            f"{path} is a picture, not a model; expected one of {', '.join(OPENED)}. To"
            f" read what is written on it:\n    mnistry read {shlex.quote(str(path))}"
        )
        raise CheckpointError(message)
    if path.is_dir():
        raise CheckpointError(_folder_message(path))
    row = HANDED_OVER.get(path.suffix.lower())
    if not path.is_file():
        return
    if row is None:
        _expect_safetensors(path)
        return
    row = _of_torch(path) if row is TORCH_SCRIPT else row
    start = f"import mnistry, {row.packages}"
    if row is KERAS and find_spec(KERAS_DEFAULT) is None:
        start = f"import os; os.environ['KERAS_BACKEND'] = 'torch'; {start}"
    name = "" if data == "mnist" else f"{data!r}, "
    message = (
        f"{path} is opened by {row.who}, which runs code that may be in it, so mnistry"
        f" does not; it opens {', '.join(OPENED)}. If you trust the file, in Python:\n"
        f"    {start}\n"
        f"    print(mnistry.evaluate({row.load.format(path=str(path))},"
        f" mnistry.load({name}split='test')))"
    )
    raise CheckpointError(message)


def _expect_safetensors(path: Path) -> None:
    """Refuse a file that neither its name nor its first bytes call safetensors."""
    with path.open("rb") as file:
        is_one = file.read(9)[8:] == b"{"  # after the length of its header, as JSON
    if not is_one and path.suffix.lower() not in OPENED:
        message = (
            f"{path} is not in a format that mnistry opens; expected one of"
            f" {', '.join(OPENED)}. Predictions in another format: write a .csv with a"
            " label a line."
        )
        raise CheckpointError(message)


def expect_model(path: Path) -> None:
    """Raise if a file of predictions is given instead of a model.

    Raises:
        CheckpointError: It is named as a file of predictions.
    """
    if path.suffix.lower() in READERS and path.is_file():
        message = (
            f"{path} is named as a file of predictions, not of a model; expected"
            " .safetensors or .onnx. mnistry test takes both."
        )
        raise CheckpointError(message)


def _folder_message(path: Path) -> str:
    """Name the model of a run's folder, or say how to test on pictures in one."""
    model = path / "model.safetensors"
    what = "the model of that run" if model.is_file() else "a model on what is in it"
    options = ["--data"] * (not model.is_file())
    given = shlex.join([*options, str(model if model.is_file() else path)])
    return (
        f"{path} is a folder, not a model; expected one of {', '.join(OPENED)}. To"
        f" test {what}:\n    mnistry test {given}"
    )


def _of_torch(path: Path) -> HandedOver:
    """Distinguish TorchScript, pickled modules and bare weights without unpickling."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if any("/code/" in name for name in names):
                return TORCH_SCRIPT
            (pickled,) = (name for name in names if name.endswith("/data.pkl"))
            with archive.open(pickled) as file:
                start = file.read(1 << 20)
    except (OSError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile):
        return WHOLE_MODULE
    if b"_modules" in start:
        return WHOLE_MODULE
    return WEIGHTS
