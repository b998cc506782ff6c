"""How long from nothing to both splits of MNIST as arrays?

Run: python benchmarks/load.py [RUNS]; before it, once: python benchmarks/peers.py

The time covers a new process each: start Python, import, load train and test, sum every
pixel, end. The files are on this machine, unpacked and verified, and in the page cache.
The floor is NumPy's own import and one pass over a memory map of the raw files.
"""

import sys

from measure import PEERS_PYTHON, in_turn, process, table, write
from peers import MNIST_ROOT, TORCHVISION, keras_script, keras_variables

from mnistry.data import cache
from mnistry.data.catalog.mnist import MNIST

OURS = """
import mnistry
train, test = mnistry.load()
print(train.images.sum() + test.images.sum())
"""
FLOOR = """
import numpy as np
for path, count in {!r}.items():
    shape = count, 28, 28
    print(np.memmap(path, np.uint8, "r", offset=16, shape=shape).sum())
"""
WITH_TORCHVISION = f"""{TORCHVISION}
for train in (True, False):
    print(datasets.MNIST({str(MNIST_ROOT)!r}, train=train).data.sum())
"""
SUM_OF_KERAS = "print(train.sum() + test.sum())"


def main(runs: int) -> None:
    """Measure and write the table down."""
    splits = {"train": 60_000, "test": 10_000}
    raw = {
        str(cache.locate(MNIST, MNIST.splits[name].images).path): count
        for name, count in splits.items()
    }
    seconds = in_turn(
        {
            "mnistry": process(sys.executable, OURS),
            "floor": process(sys.executable, FLOOR.format(raw)),
        },
        runs=runs * 4,
    ) | in_turn(
        {
            "torchvision": process(PEERS_PYTHON, WITH_TORCHVISION),
            "Keras": process(
                PEERS_PYTHON, keras_script() + SUM_OF_KERAS, **keras_variables()
            ),
        },
        runs=runs,
    )
    rows = table(seconds, against="mnistry")
    ours, floor = (float(str(row["median_seconds"])) for row in rows[:2])
    print(f"mnistry takes {ours / floor:.2f} times the floor; the bar is 1.5")
    packages = ("mnistry", "numpy", "torch", "torchvision", "keras")
    write("load", rows, packages=packages)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
