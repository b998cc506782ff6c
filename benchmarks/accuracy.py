"""How right is a net after its recipe, and how long does that take?

One row for each net and seed: trained on MNIST's training images less those its recipe
holds back, tested once on the 10,000 test images. Nets, recipes and numbers of epochs
were chosen on held-back images. The time runs from the first step to the last, with a
look at the held-back images after each epoch; loading and importing are apart.

    python benchmarks/accuracy.py fast:5 balanced:5
"""

import statistics
import sys

import torch
from measure import Row, write

import mnistry


def main(wishes: list[str]) -> None:
    """Train each net with as many seeds as wished, write the table."""
    train, test = mnistry.load()
    rows: list[Row] = []
    for wish in wishes:
        net, _, seeds = wish.partition(":")
        found = [_row(net, seed, train, test) for seed in range(int(seeds or 1))]
        rows += found
        accuracy = [float(str(row["test_accuracy"])) for row in found]
        seconds = [float(str(row["seconds"])) for row in found]
        spread = statistics.stdev(accuracy) if len(accuracy) > 1 else float("nan")
        print(
            f"{net}: {statistics.mean(accuracy):.2%} ± {spread:.2%} of the test images,"
            f" {statistics.median(seconds):.1f} s, {len(found)} seeds"
        )
    name = f"accuracy-{'-'.join(wish.partition(':')[0] for wish in wishes)}"
    write(name, rows, packages=["mnistry", "numpy", "torch"])


def _row(net: str, seed: int, train: mnistry.Digits, test: mnistry.Digits) -> Row:
    model = mnistry.train(train, net, seed=seed, watch=False)
    evaluation = mnistry.evaluate(model, test)
    last = model.facts["history"][-1]
    return {
        "net": net,
        "seed": seed,
        "parameters": sum(of.size for of in model.weights.values()),
        "epochs": last["epoch"],
        "seconds": round(last["seconds"], 2),
        "test_accuracy": evaluation.accuracy,
        "test_loss": round(evaluation.loss, 5),
        "held_back_accuracy": last["validation_accuracy"],
        "threads": torch.get_num_threads(),
    }


if __name__ == "__main__":
    main(sys.argv[1:] or ["fast:5"])
