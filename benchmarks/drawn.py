"""How well does a net read real handwriting that learned from drawn digits alone?

`fast` and its recipe as they are, trained on the 60,000 of `load("drawn")`, tested on
MNIST's 10,000 test images. Neither the net nor the drawing was chosen by these images.
The time covers drawing, apart, and training from the first step to the last.
"""

import statistics
import time

from measure import Row, write

import mnistry
from mnistry.synth.drawn import draw

SEEDS = range(3)


def main() -> None:
    """Train with each seed, test once each, write the table."""
    start = time.perf_counter()
    draw(60_000)
    seconds_to_draw = time.perf_counter() - start
    drawn, unseen = mnistry.load("drawn")
    real = mnistry.load("mnist", split="test")
    rows: list[Row] = []
    for seed in SEEDS:
        model = mnistry.train(drawn, "fast", seed=seed, watch=False)
        rows.append(
            {
                "seed": seed,
                "accuracy_on_real_test": mnistry.evaluate(model, real).accuracy,
                "accuracy_on_unseen_drawn": mnistry.evaluate(model, unseen).accuracy,
                "seconds_to_train": round(model.facts["history"][-1]["seconds"], 2),
                "seconds_to_draw_60000": round(seconds_to_draw, 2),
            }
        )
    path = write("drawn", rows, packages=["mnistry", "numpy", "torch"])
    found = [float(str(row["accuracy_on_real_test"])) for row in rows]
    print(
        f"mean {statistics.mean(found):.4f}, sd {statistics.stdev(found):.4f}: {path}"
    )


if __name__ == "__main__":
    main()
