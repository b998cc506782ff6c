"""How right can a net be that has only so many numbers to learn?

Run: python benchmarks/sizes.py [SIZE:SEEDS ...]   such as 2k:3 10k:3; all, three seeds

One row for each size and seed: trained on MNIST's training images less those its recipe
holds out, tested once on the 10,000 test images. Nets and recipes, in `small_nets.py`,
were chosen on held-out images alone. Parameters are the numbers that are learned, the
two of each batch normalisation included; its mean and spread are only counted, and all
four can be folded into the convolution before it.

`seconds` run from the first step to the last, with a look at the held-out images after
each epoch; `processor_seconds` are what the process used meanwhile. A row is kept as
soon as it is known. Rows that are kept already are not measured again: delete them, or
the file, to begin anew.
"""

import statistics
import sys
import time
from collections.abc import Sequence

import torch
from measure import Row, keep, read, show
from small_nets import SIZES

import mnistry
from mnistry.learn.device import thread_count

PACKAGES = ("mnistry", "numpy", "torch")
QUESTION = "sizes"


def main(specs: Sequence[str]) -> None:
    """Train each size with as many seeds as given, keeping each row."""
    train, test = mnistry.load()
    rows = read(QUESTION)
    known = {(row["size"], str(row["seed"])) for row in rows}
    for size, seed in planned(specs):
        if (size, str(seed)) in known:
            continue
        rows.append(one(size, seed, train, test))
        print(rows[-1], flush=True)
        keep(QUESTION, in_order(rows), packages=PACKAGES)
    show(summed(rows))


def planned(specs: Sequence[str]) -> list[tuple[str, int]]:
    """Parse specs such as "2k:3": which sizes with which seeds."""
    parts = [spec.partition(":") for spec in specs]
    return [(size, seed) for size, _, n in parts for seed in range(int(n or 3))]


def one(size: str, seed: int, train: mnistry.Digits, test: mnistry.Digits) -> Row:
    """Train and test a net of one size once."""
    of = SIZES[size]
    torch.manual_seed(seed)  # first weights; all other chances are the recipe's
    net = of.build()
    before = time.process_time()
    model = mnistry.train(train, net, seed=seed, recipe=of.recipe, watch=False)
    used = time.process_time() - before
    last = model.facts["history"][-1]
    evaluation = mnistry.evaluate(model, test)
    return {
        "size": size,
        "seed": seed,
        "parameters": sum(of.numel() for of in model.net.parameters()),
        "epochs": last["epoch"],
        "seconds": round(last["seconds"], 1),
        "processor_seconds": round(used, 1),
        "threads": thread_count(),
        "precision": model.facts["recipe"]["precision"],
        "test_accuracy": evaluation.accuracy,
        "test_loss": round(evaluation.loss, 5),
        "held_out_accuracy": round(last["validation_accuracy"], 5),
        "held_out_loss": round(last["validation_loss"], 5),
    }


def in_order(rows: Sequence[Row]) -> list[Row]:
    """Sort by size, then seed, in whatever order they were measured."""
    sizes = list(SIZES)
    return sorted(
        rows, key=lambda r: (sizes.index(str(r["size"])), int(str(r["seed"])))
    )


def summed(rows: Sequence[Row]) -> list[Row]:
    """Return a row for each size: mean and standard deviation over its seeds."""
    table: list[Row] = []
    for size, of in SIZES.items():
        its = [row for row in rows if row["size"] == size]
        if not its:
            continue
        right = _numbers(its, "test_accuracy")
        spread = statistics.stdev(right) if len(its) > 1 else float("nan")
        held_out = statistics.mean(_numbers(its, "held_out_accuracy"))
        used = statistics.median(_numbers(its, "processor_seconds"))
        table.append(
            {
                "size": f"<= {of.most:,}",
                "parameters": its[0]["parameters"],
                "epochs": its[0]["epochs"],
                "seconds": statistics.median(_numbers(its, "seconds")),
                "processor_seconds": used,
                "seeds": len(its),
                "test_accuracy": f"{statistics.mean(right):.3%} ± {spread:.3%}",
                "held_out_accuracy": f"{held_out:.3%}",
                "aim": f"{of.aim:.1%}",
            }
        )
    return table


def _numbers(rows: Sequence[Row], key: str) -> list[float]:
    return [float(str(row[key])) for row in rows]


if __name__ == "__main__":
    main(sys.argv[1:] or [f"{size}:3" for size in SIZES])
