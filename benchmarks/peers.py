"""Make `.venv-peers`: Keras and torchvision, apart from mnistry, with MNIST in place.

Run: python benchmarks/peers.py (a minute; 1 GB)

torchvision's wheel from the package index is built for CUDA and does not import beside
a CPU torch: its compiled operators are missing. MNIST needs none of them, so
`TORCHVISION` declares their names first; what is measured is torchvision's own Python.

Keras checks the SHA-256 of its own npz on every load; the file made here has other
bytes. So that Keras does all its work, hashing included, `KERAS` replaces the constant
it compares with by the hash of this file, and nothing else.
"""

import hashlib
import subprocess
import venv
from pathlib import Path

import numpy as np
from measure import PEERS, PEERS_PYTHON

import mnistry

PACKAGES = ("torch==2.13.0", "keras==3.15.1", "h5py", "pillow", "numpy==2.4.6")
MNIST_ROOT = PEERS / "data"
KERAS_HOME = PEERS / "keras"
KERAS_FILE = KERAS_HOME / "datasets" / "mnist.npz"

TORCHVISION = """
import torch
library = torch.library.Library("torchvision", "DEF")
for name in (
    "nms", "qnms", "roi_align", "_roi_align_backward", "ps_roi_align",
    "_ps_roi_align_backward", "ps_roi_pool", "_ps_roi_pool_backward", "roi_pool",
    "_roi_pool_backward", "deform_conv2d", "_deform_conv2d_backward",
):
    library.define(name + "(Tensor x) -> Tensor")
from torchvision import datasets, transforms
"""


def keras_variables() -> dict[str, str]:
    """Return the variables under which Keras finds its file, and does not need TF."""
    return {"KERAS_BACKEND": "torch", "KERAS_HOME": str(KERAS_HOME)}


def keras_script() -> str:
    """Return the script that loads MNIST with Keras, with the file made here."""
    sha256 = hashlib.sha256(KERAS_FILE.read_bytes()).hexdigest()
    return f"""
from keras.datasets import mnist
code = mnist.load_data.__code__
constants = [
    {sha256!r} if isinstance(one, str) and len(one) == 64 else one
    for one in code.co_consts
]
mnist.load_data.__code__ = code.replace(co_consts=tuple(constants))
(train, train_labels), (test, test_labels) = mnist.load_data()
"""


def main() -> None:
    """Install the peers and lay MNIST where each looks for it."""
    if not PEERS_PYTHON.exists():
        venv.create(PEERS, with_pip=True)
        pip = [str(PEERS_PYTHON), "-m", "pip", "install", "-q"]
        subprocess.run([*pip, *PACKAGES], check=True)
        subprocess.run([*pip, "--no-deps", "torchvision==0.28.0"], check=True)
    train, test = mnistry.load()
    raw = MNIST_ROOT / "MNIST" / "raw"
    for stem, digits in (("train", train), ("t10k", test)):
        mnistry.write_idx(raw / f"{stem}-images-idx3-ubyte", digits.images)
        mnistry.write_idx(raw / f"{stem}-labels-idx1-ubyte", digits.labels)
    _lay(KERAS_FILE)


def _lay(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    train, test = mnistry.load()
    np.savez_compressed(
        path,
        x_train=train.images,
        y_train=train.labels,
        x_test=test.images,
        y_test=test.labels,
    )


if __name__ == "__main__":
    main()
