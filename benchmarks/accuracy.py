"""How right is a net after its recipe, and how long does that take?

One row for each net and seed: trained on MNIST's training images less those its recipe
holds out, tested once on the 10,000 test images, after all are trained. Nets, recipes
and numbers of epochs were chosen on held-out images. The time runs from the first step
to the last, with a look at the held-out images after each epoch; loading and importing
are apart. Then a row for the average of all seeds of a net, and one for each of both
where every image is also read moved by a pixel up, down, left and right. With
--distilled, so many nets of each kind then learn from the average of its seeds
(`mnistry.distill`); what the teachers took to train is reported apart.

    python benchmarks/accuracy.py fast:5 balanced:5
    python benchmarks/accuracy.py accurate:5 --runs DIR  # keeps runs, goes on with them
    python benchmarks/accuracy.py accurate:5 --distilled 5
"""

import argparse
import statistics
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from measure import Row, write

import mnistry
from mnistry.learn.checkpoint import CHECKPOINT
from mnistry.learn.device import thread_count
from mnistry.learn.distill import distill
from mnistry.learn.layers import parameter_count
from mnistry.learn.train import resume, train
from mnistry.models.ensemble import Ensemble

Readers = Sequence[mnistry.Model]


def main() -> None:
    """Train each net with as many seeds as given, then test, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nets", nargs="*", default=["fast:5"], metavar="NET:SEEDS")
    parser.add_argument("--runs", type=Path, help="folder to keep runs in")
    parser.add_argument("--distilled", type=int, default=0, metavar="SEEDS")
    args = parser.parse_args()
    digits, test = mnistry.load()
    trained: dict[str, Readers] = {}
    for spec in args.nets:
        net, _, seeds = spec.partition(":")
        learn = partial(train, digits, net, watch=False)
        runs = [_folder(args.runs, net, seed) for seed in range(int(seeds or 1))]
        trained[net] = [
            _trained(seed, digits, learn, folder) for seed, folder in enumerate(runs)
        ]
    distilled = {
        net: [
            _distilled(net, seed, digits, models, args.runs)
            for seed in range(args.distilled)
        ]
        for net, models in trained.items()
    }
    rows: list[Row] = []
    for net, models in trained.items():
        rows += _rows(net, models, test)
    for net, models in distilled.items():
        rows += _rows(f"distilled {net}", models, test, teachers=trained[net])
    name = f"accuracy-{'-'.join(trained)}"
    write(name, rows, packages=["mnistry", "numpy", "torch"])


def _folder(runs: Path | None, net: str, seed: int) -> Path | None:
    return None if runs is None else runs / f"{net}-{seed}"


def _trained(
    seed: int,
    digits: mnistry.Digits,
    learn: Callable[..., mnistry.Model],
    folder: Path | None,
    teacher: Ensemble | None = None,
) -> mnistry.Model:
    """Train, or go on with a run that was begun."""
    if folder is not None and (folder / CHECKPOINT).exists():
        return resume(folder, digits, teacher=teacher, watch=False)
    return learn(seed=seed, folder=folder)


def _distilled(
    net: str, seed: int, digits: mnistry.Digits, models: Readers, runs: Path | None
) -> mnistry.Model:
    """Let a net learn from the average of others."""
    folder = _folder(runs, f"distilled-{net}", seed)
    teacher = mnistry.average(models)
    learn = partial(distill, teacher, digits, net, watch=False)
    return _trained(seed, digits, learn, folder, teacher)


def _rows(
    net: str, models: Readers, test: mnistry.Digits, teachers: Readers = ()
) -> list[Row]:
    """Test each net once, and all of them together."""
    if not models:
        return []
    rows = [_row(net, model, [model], test) for model in models]
    accuracy = [float(str(row["test_accuracy"])) for row in rows]
    seconds = [float(str(row["seconds"])) for row in rows]
    spread = statistics.stdev(accuracy) if len(accuracy) > 1 else float("nan")
    print(
        f"{net}: {statistics.mean(accuracy):.2%} ± {spread:.2%} of the test images,"
        f" {statistics.median(seconds):.1f} s, {len(rows)} seeds"
    )
    for model in models:
        reader = mnistry.average([model], shifted=True)
        rows.append(_row(f"{net}, moved too", reader, [model], test))
    if len(models) > 1:
        for shifted in (False, True):
            reader = mnistry.average(models, shifted=shifted)
            words = ", moved too" if shifted else ""
            rows.append(_row(f"average of {net}{words}", reader, models, test))
    seconds_before = round(sum(_seconds(model) for model in teachers), 2)
    return [row | {"seconds_of_teachers": seconds_before} for row in rows]


def _seconds(model: mnistry.Model) -> float:
    return float(model.facts["history"][-1]["seconds"])


def _row(
    what: str,
    reader: mnistry.Model | Ensemble,
    models: Readers,
    test: mnistry.Digits,
) -> Row:
    evaluation = mnistry.evaluate(reader, test, maps=0)
    last = [model.facts["history"][-1] for model in models]
    recipe = models[0].facts["recipe"]
    alone = len(models) == 1
    return {
        "what": what,
        "seeds": " ".join(str(model.facts["seed"]) for model in models),
        "parameters": sum(parameter_count(model.net) for model in models),
        "epochs": last[0]["epoch"],
        "precision": recipe["precision"],
        "seconds": round(sum(_seconds(model) for model in models), 2),
        "test_accuracy": evaluation.accuracy,
        "test_loss": round(evaluation.loss, 5),
        "held_out_accuracy": last[0]["validation_accuracy"] if alone else None,
        "threads": thread_count(),
    }


if __name__ == "__main__":
    main()
