"""Does mnistry report of models of other origins the accuracy that their library does?

Nine models are trained on MNIST by their own libraries, some on a part of it, and read
the 10,000 test images by their own libraries, with pixels as their own tutorials have
them. Then the same models go to `mnistry.evaluate`, as they are, or, those that were
exported as ONNX, to `mnistry test`, without a word of how they want their images. The
table has both accuracies, how many labels differ, and the input that was found. ONNX
comes from three exporters: torch.onnx, skl2onnx and mnistry.

    pip install scikit-learn keras skl2onnx onnxscript
    KERAS_BACKEND=torch python benchmarks/foreign.py
    KERAS_BACKEND=torch python benchmarks/foreign.py --quick  # a minute: fewer images
"""

import argparse
import contextlib
import io
import json
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from measure import Row, keep, show
from torch import nn
from torch.nn import functional

import mnistry

Labels = Any
PACKAGES = ("mnistry", "torch", "keras", "scikit-learn", "onnxruntime", "skl2onnx")


def main() -> None:
    """Train, ask both, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer training images")
    args = parser.parse_args()
    train, test = mnistry.load()
    if args.quick:
        train = train.choose(4000)
    warnings.filterwarnings("ignore")  # of the libraries, about themselves
    rows: list[Row] = []
    question = "foreign-quick" if args.quick else "foreign"
    with tempfile.TemporaryDirectory() as folder:
        for name, make in MODELS.items():
            model, labels, used = make(train, test, Path(folder))
            rows.append(_row(name, model, labels, used, test))
            print(rows[-1], flush=True)
            keep(question, rows, packages=PACKAGES)  # what was measured is not lost
    show(rows)
    assert all(row["labels_that_differ"] == 0 for row in rows)


def _row(name: str, model: Any, labels: Labels, used: str, test: Any) -> Row:
    """Compare what the library reads with what mnistry reports."""
    own = float((labels == test.labels).mean())
    started = time.perf_counter()
    if isinstance(model, Path):  # as the command line reads it
        path = model.with_suffix("")
        facts = _by_command(model, path)
        accuracy, found = facts["accuracy"], facts["model"].get("input", {})
        table = np.genfromtxt(path / "predictions.csv", delimiter=",", names=True)
        read = table["read"].astype(int)
    else:
        evaluation = mnistry.evaluate(model, test, maps=0)
        accuracy, read = evaluation.accuracy, evaluation.predictions.labels
        found = evaluation.facts.get("input", {})
    words = [str(found.get(key)) for key in ("pixels", "layout")]
    words += [key for key in ("inverted", "transposed") if found.get(key)]
    return {
        "model": name,
        "accuracy_of_its_library": own,
        "accuracy_of_mnistry": accuracy,
        "labels_that_differ": int(np.count_nonzero(read != labels)),
        "trained_on": used,
        "input_found": " ".join(words),
        "seconds": round(time.perf_counter() - started, 2),
    }


def _by_command(model: Path, folder: Path) -> Any:
    from mnistry.cli import main as command

    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        command(["test", str(model), "--json", "--csv", str(folder)])
    return json.loads(out.getvalue())


def keras_convolutional(train: Any, test: Any, _: Path) -> Any:
    """The example of Keras: 0 to 1, channels last."""
    import keras

    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    part = train[:20_000]
    pixels = part.images.astype("float32")[..., None] / 255
    model.fit(pixels, part.labels, batch_size=128, epochs=1, verbose=0)
    shares = model.predict(test.images.astype("float32")[..., None] / 255, verbose=0)
    return model, shares.argmax(1), "0-1 nhwc"


def _sklearn(classifier: Any, train: Any, test: Any, count: int, divide: float) -> Any:
    pixels = train.images[:count].reshape(-1, 784) / divide
    classifier.fit(pixels, train.labels[:count])
    read = classifier.predict(test.images.reshape(-1, 784) / divide)
    return classifier, read, "0-1 flat" if divide == 255 else "0-255 flat"


def logistic_regression(train: Any, test: Any, _: Path) -> Any:
    """0 to 1, as most have it."""
    from sklearn.linear_model import LogisticRegression

    return _sklearn(LogisticRegression(max_iter=50), train, test, 20_000, 255)


def support_vectors(train: Any, test: Any, _: Path) -> Any:
    """Labels alone: no probabilities were asked for."""
    from sklearn.svm import SVC

    return _sklearn(SVC(C=5, gamma="scale"), train, test, 6000, 255)


def random_forest(train: Any, test: Any, _: Path) -> Any:
    """Bytes as they are."""
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(50, random_state=0)
    return _sklearn(forest, train, test, 20_000, 1)


class Net(nn.Module):
    """A module as torchvision's users write it: normalised, log-softmax at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 16, 3), nn.Conv2d(16, 32, 3)
        self.dropout, self.fc = nn.Dropout(0.25), nn.Linear(32 * 144, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return log probabilities."""
        x = functional.relu(self.conv2(functional.relu(self.conv1(x))))
        x = self.dropout(functional.max_pool2d(x, 2)).flatten(1)
        return functional.log_softmax(self.fc(x), dim=1)


def _normalised(images: Any) -> torch.Tensor:
    """Do as ToTensor and Normalize do."""
    return torch.from_numpy(images).float().div(255).sub(0.1307).div(0.3081)[:, None]


def _learned(net: nn.Module, train: Any, pixels: Callable[[Any], torch.Tensor]) -> Any:
    torch.manual_seed(0)
    for module in net.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    optimizer = torch.optim.Adam(net.parameters(), 1e-3)
    for rows in torch.randperm(min(20_000, len(train))).split(64):
        batch = train[rows.numpy()]
        optimizer.zero_grad()
        labels = torch.from_numpy(batch.labels.astype(np.int64))
        functional.cross_entropy(net(pixels(batch.images)), labels).backward()
        optimizer.step()
    return net.eval()


def torch_module(train: Any, test: Any, _: Path) -> Any:
    """The module of PyTorch's own example, smaller."""
    net = _learned(Net(), train, _normalised)
    with torch.inference_mode():
        return net, net(_normalised(test.images)).argmax(1).numpy(), "normalised nchw"


def torch_inverted(train: Any, test: Any, _: Path) -> Any:
    """Black ink on white paper: 1 is paper."""

    def pixels(images: Any) -> torch.Tensor:
        return torch.from_numpy(255 - images).float().div(255)[:, None]

    net = _learned(Net(), train, pixels)
    with torch.inference_mode():
        read = net(pixels(test.images)).argmax(1).numpy()
    return net, read, "0-1 nchw inverted"


def onnx_of_torch(train: Any, test: Any, folder: Path) -> Any:
    """torch.onnx.export, a batch of one, weights in a file beside it if it likes."""
    net, read, used = torch_module(train, test, folder)
    path = folder / "torch.onnx"
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(net, (torch.zeros(1, 1, 28, 28),), path)
    return path, read, used


def onnx_of_sklearn(train: Any, test: Any, folder: Path) -> Any:
    """skl2onnx in single precision: labels, and a mapping of shares for each image."""
    import onnxruntime
    from skl2onnx import to_onnx

    model, _, used = logistic_regression(train, test, folder)
    path = folder / "sklearn.onnx"
    path.write_bytes(to_onnx(model, np.zeros((1, 784), np.float32)).SerializeToString())
    pixels = test.images.reshape(-1, 784).astype(np.float32) / 255
    read = onnxruntime.InferenceSession(path).run(None, {"X": pixels})[0]
    return path, read, used


def onnx_of_mnistry(train: Any, test: Any, folder: Path) -> Any:
    """Our own: bytes, with a temperature in the graph."""
    model = mnistry.train(train, "linear", epochs=2, watch=False)
    path = folder / "mnistry.onnx"
    model.to_onnx(path)
    return path, model.predict(test.images).labels, "0-255 nhw"


MODELS: dict[str, Callable[[Any, Any, Path], Any]] = {
    "Keras, convolutional": keras_convolutional,
    "scikit-learn, logistic regression": logistic_regression,
    "scikit-learn, SVC": support_vectors,
    "scikit-learn, random forest": random_forest,
    "torch, as PyTorch's example": torch_module,
    "torch, black on white": torch_inverted,
    "ONNX of torch.onnx": onnx_of_torch,
    "ONNX of skl2onnx": onnx_of_sklearn,
    "ONNX of mnistry": onnx_of_mnistry,
}


if __name__ == "__main__":
    main()
