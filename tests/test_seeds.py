"""Five documents that people learn MNIST from: their listings run, ours imported."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from mnistry.errors import MissingExtraError
from mnistry.mount import server
from tests.conftest import leave_out

SEEDS = Path(__file__).parent / "seeds"
IMAGES = "(60000, 28, 28)"
FOUR = [
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
]
SHAPES = ["X_train: (60000, 28, 28)", "Y_train: (60000,)"]
SHAPES += ["X_test:  (10000, 28, 28)", "Y_test:  (10000,)"]


def _needs(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        leave_out(package, f"pip install {package}")


def _run(script: str, folder: Path, real_mnist: Path) -> list[str]:
    """Run a document's listings in an empty folder; give what they printed."""
    temporary = folder / "tmp"
    temporary.mkdir()
    environment = {
        "MPLBACKEND": "Agg",
        "KERAS_BACKEND": "torch",
        "KERAS_HOME": str(folder / "keras"),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "SEED_EPOCHS": "1",
        "SEED_IMAGES": "2000",
        "SEED_SOURCE": real_mnist.as_uri(),
        "TMPDIR": str(temporary),
    }
    done = subprocess.run(
        [sys.executable, str(SEEDS / script)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def _value(lines: Sequence[str], name: str) -> float:
    (text,) = (line for line in lines if line.startswith(name))
    return float(text.removeprefix(name))


def test_every_document_has_its_test() -> None:
    here = Path(__file__).read_text("utf-8")
    scripts = {path.name for path in SEEDS.glob("*.py")} - {"conftest.py"}
    assert len(scripts) == 5
    assert all(f'_run("{name}"' in here for name in scripts)


def test_loading_and_plotting_with_keras(tmp_path: Path, real_mnist: Path) -> None:
    _needs("matplotlib")
    assert _run("load_and_plot.py", tmp_path, real_mnist) == SHAPES * 2


def test_a_dense_network_in_keras(tmp_path: Path, real_mnist: Path) -> None:
    _needs("keras")
    _needs("h5py")
    lines = _run("dense_network.py", tmp_path, real_mnist)
    assert lines[0] == "8"
    assert _value(lines, "test_acc:") > 0.9  # one epoch; chance has 0.1
    assert (tmp_path / "model_mnist.h5").stat().st_size > 0
    assert not (tmp_path / "D:").exists()


def test_torchvisions_data_set_under_a_data_loader(
    tmp_path: Path, real_mnist: Path
) -> None:
    _needs("torch")
    lines = _run("data_loader.py", tmp_path, real_mnist)
    assert lines[0].startswith("tensor([")
    assert lines[-1] == "torch.Size([64, 1, 28, 28])"
    raw = tmp_path / "mnist_data" / "MNIST" / "raw"
    there = {path.name for path in raw.iterdir()}
    assert there == {*FOUR, *(name.removesuffix(".gz") for name in FOUR)}


def test_azure_open_datasets(tmp_path: Path, real_mnist: Path) -> None:
    for package in ("pandas", "pyspark", "matplotlib"):
        _needs(package)
    try:
        server.require_fuse()
    except MissingExtraError as error:
        leave_out("FUSE", str(error))
    lines = _run("open_datasets.py", tmp_path, real_mnist)
    assert "RangeIndex: 70000 entries, 0 to 69999" in lines
    assert "Columns: 785 entries, 0 to label" in lines
    assert "(60000, 784) (60000, 1) (10000, 784) (10000, 1)" in lines
    assert "(60000, 784) (60000,) (10000, 784) (10000,)" in lines
    assert lines.count(str([f"/{name}" for name in FOUR])) == 2
    assert lines.count(str(FOUR)) == 2  # what the two mounts list
    assert lines.count("RangeIndex: 60000 entries, 0 to 59999") == 2
    assert "[5 rows x 785 columns]" in lines  # Spark's
    mounts = [path for path in (tmp_path / "tmp").iterdir() if path.is_dir()]
    assert not any(path.is_mount() for path in mounts)


def test_a_convolutional_network_in_keras(tmp_path: Path, real_mnist: Path) -> None:
    _needs("keras")
    _needs("matplotlib")
    lines = _run("convolutional_network.py", tmp_path, real_mnist)
    assert "Total params: 155606" in lines  # as the document's summary says
    assert "Shape of image: (28, 28)" in lines
    assert "array([5, 0, 4, ..., 5, 6, 8], shape=(60000,), dtype=uint8)" in lines
    assert "array([0., 0., 0., 0., 0., 1., 0., 0., 0., 0.])" in lines
    assert 0 < _value(lines, "Accuracy: ") < 1
