"""Make `.venv-peers`: Keras and torchvision, apart from mnistry, with MNIST in place.

torchvision's wheel from the package index is built for CUDA and does not import beside
a CPU torch: its compiled operators are missing. MNIST needs none of them, so `SHIM`
declares their names first; what is measured is torchvision's own Python code.
"""

import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
from measure import PEERS, PEERS_PYTHON

import mnistry

PACKAGES = ("torch==2.13.0", "keras==3.15.1", "h5py", "pillow", "numpy==2.4.6")
SHIM = """
import torch
_names = "nms roi_align _roi_align_backward ps_roi_align _ps_roi_align_backward"
_names += " ps_roi_pool _ps_roi_pool_backward roi_pool _roi_pool_backward deform_conv2d"
_names += " _deform_conv2d_backward _cuda_version"
_library = torch.library.Library("torchvision", "DEF")
for _name in _names.split():
    _library.define(_name + "(Tensor x) -> Tensor")
"""
ROOT_OF_TORCHVISION = PEERS / "data"
KERAS_HOME = PEERS / "keras"


def main() -> None:
    """Install the peers and lay MNIST where each looks for it."""
    if not PEERS_PYTHON.exists():
        venv.create(PEERS, with_pip=True)
        pip = [str(PEERS_PYTHON), "-m", "pip", "install", "-q"]
        subprocess.run([*pip, *PACKAGES], check=True)
        subprocess.run([*pip, "--no-deps", "torchvision==0.28.0"], check=True)
    train, test = mnistry.load()
    raw = ROOT_OF_TORCHVISION / "MNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for stem, digits in (("train", train), ("t10k", test)):
        mnistry.write_idx(raw / f"{stem}-images-idx3-ubyte", digits.images)
        mnistry.write_idx(raw / f"{stem}-labels-idx1-ubyte", digits.labels)
    _lay_keras_file(KERAS_HOME / "datasets")


def _lay_keras_file(folder: Path) -> None:
    """Keras checks the SHA-256 of its own npz on every load; ours has other bytes.

    So that it does all its work, hashing included, the constant it compares with is
    replaced in the measured process by the hash of the file made here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    train, test = mnistry.load()
    np.savez_compressed(
        folder / "mnist.npz",
        x_train=train.images,
        y_train=train.labels,
        x_test=test.images,
        y_test=test.labels,
    )


if __name__ == "__main__":
    sys.exit(main())
