"""How many images a second are read, and how long does one image take?

Run: python benchmarks/prediction.py [RUNS] (two minutes)

Each way has a process of its own with as many threads as all others, and is warm. The
time goes from (n, 28, 28) uint8 in memory to a label for each; our ways give
probabilities and what to reject, too. The batch is of 1,000 images, RUNS times; single
images are read one after the other, TIMES_SINGLE as often. Tutorials' nets have fresh
weights: that changes what they say, not how long they take.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from measure import Row, answer, write

import mnistry
from mnistry.models.packaged import PackagedModel
from mnistry.synth.drawn import draw

BATCH = 1_000
RUNS = 21
TIMES_SINGLE = 20


class Way(NamedTuple):
    """A net that reads: images in, labels out; how many numbers it has."""

    read: Callable[[Any], Any]
    parameters: int


def keras_predict() -> Way:
    """As the pages of Keras have it: `predict`, 32 images at a time."""
    net = _convnet()
    return Way(
        lambda images: net.predict(_pixels(images), verbose=0).argmax(1),
        net.count_params(),
    )


def keras_call() -> Way:
    """As they advise for few images: the net called, all at once."""
    import torch

    net = _convnet()

    def read(images: Any) -> Any:
        with torch.inference_mode():
            return np.asarray(net(_pixels(images), training=False)).argmax(1)

    return Way(read, net.count_params())


def torch_example() -> Way:
    """The net of PyTorch's example, all images at once."""
    from torch_tutorials import example

    learner = example(_drawn(seed=0), seed=0)
    return Way(learner.read, learner.parameters)


def trained(name: str) -> Way:
    """One of our nets, with torch."""
    model = mnistry.train(_drawn(seed=0), name, epochs=1, watch=False)
    count = sum(of.numel() for of in model.net.parameters())
    return Way(lambda images: model.predict(images).labels, count)


def packaged() -> Way:
    """The packaged model as it comes, with onnxruntime."""
    model = mnistry.load_model()
    assert model.session is not None, "onnxruntime is not installed"
    return Way(lambda images: model.predict(images).labels, _numbers(model))


def packaged_alone() -> Way:
    """The packaged model with NumPy and nothing else."""
    known = mnistry.load_model()
    model = PackagedModel(known.net, known.facts)
    return Way(lambda images: model.predict(images).labels, _numbers(model))


WAYS: dict[str, Callable[[], Way]] = {
    "Keras mnist_convnet, predict": keras_predict,
    "Keras mnist_convnet, called": keras_call,
    "PyTorch examples/mnist": torch_example,
    "mnistry fast, torch": lambda: trained("fast"),
    "mnistry balanced, torch": lambda: trained("balanced"),
    "mnistry packaged, onnxruntime": packaged,
    "mnistry packaged, NumPy": packaged_alone,
}
YARDSTICK = next(iter(WAYS))


def one(what: str, runs: int) -> Row:
    """Time one way in this process."""
    way = WAYS[what]()
    images = _drawn(seed=1).images
    singles = [images[number : number + 1] for number in range(BATCH)]
    many = timed(way.read, [images] * (runs + 3))[3:]  # the first ones warm it up
    alone = timed(way.read, singles[: runs * TIMES_SINGLE + 20])[20:]
    return {
        "what": what,
        "parameters": way.parameters,
        "cores": len(os.sched_getaffinity(0)),
        "runs": runs,
        "images_per_second": round(BATCH / statistics.median(many)),
        "single_median_ms": round(statistics.median(alone) * 1_000, 3),
        "single_slowest_twentieth_ms": round(np.quantile(alone, 0.95) * 1_000, 3),
    }


def timed(read: Callable[[Any], Any], batches: list[Any]) -> list[float]:
    """Return the seconds that reading each batch takes."""
    seconds = []
    for images in batches:
        start = time.perf_counter()
        read(images)
        seconds.append(time.perf_counter() - start)
    return seconds


def compared(rows: list[Row], against: str) -> list[Row]:
    """Add how many times as many images a second, and how many times as fast alone."""
    (baseline,) = (row for row in rows if row["what"] == against)
    return [
        {
            **row,
            "times_keras": _ratio(row, baseline, "images_per_second"),
            "times_keras_single": _ratio(baseline, row, "single_median_ms"),
        }
        for row in rows
    ]


def _ratio(of: Row, to: Row, key: str) -> float:
    return round(float(str(of[key])) / float(str(to[key])), 1)


def _convnet() -> Any:
    import keras_tutorials

    return keras_tutorials.build_convnet()


def _drawn(seed: int) -> mnistry.Digits:
    return mnistry.Digits(*draw(BATCH, seed=seed))


def _pixels(images: Any) -> Any:
    return images[..., None].astype(np.float32) / 255


def _numbers(model: Any) -> int:
    return sum(array.size for array in model.net.weights.values())


def main(runs: int) -> None:
    """Measure each way, and write the table down."""
    command = [sys.executable, __file__, "--one"]
    rows = [
        answer([*command, what, runs], KERAS_BACKEND="torch", PYTHONWARNINGS="ignore")
        for what in WAYS
    ]
    packages = ("mnistry", "numpy", "torch", "keras", "onnxruntime")
    write("prediction", compared(rows, YARDSTICK), packages=packages)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2], int(sys.argv[3]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
