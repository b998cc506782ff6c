"""Which score, from logits alone, tells pictures of no digit from digits?

Run: python benchmarks/out_of_distribution.py run/model.safetensors

For each kind of outsider and each score the AUROC: how often a digit that was held out
from training scores higher than a picture of no digit. One half is chance.
"""

import argparse
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mnistry import load, load_model
from mnistry.metrics import auroc, log_odds
from mnistry.predictions import digit_scores
from mnistry.synth.out_of_distribution import KINDS, out_of_distribution

COUNT = 1_000  # pictures of each kind
DIGITS = 5_000  # of MNIST's training images: the last ones, whatever was learned from


def energy(logits: Any) -> Any:
    """The logarithm of the sum of the powers: Liu et al., arXiv:2010.03759."""
    wide = logits.astype(float)
    largest = wide.max(axis=1)
    return largest + np.log(np.exp(wide - largest[:, None]).sum(axis=1))


SCORES: Mapping[str, Callable[[Any], Any]] = {
    "confidence": log_odds,
    "largest logit": lambda logits: logits.max(axis=1),
    "energy": energy,
    "largest less mean": digit_scores,
}


def main(path: str) -> None:
    """Print the table."""
    model = load_model(path)
    digits = load("mnist", split="train")[-DIGITS:]
    known = model.predict(digits.images).logits
    print(f"{'':16}", *(f"{name:>18}" for name in SCORES))
    for kind in KINDS:
        strange = model.predict(out_of_distribution(kind, COUNT, seed=5)).logits
        parts = [auroc(score(known), score(strange)) for score in SCORES.values()]
        print(f"{kind:16}", *(f"{part:18.4f}" for part in parts))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", help="file of a model, such as run/model.safetensors")
    main(parser.parse_args().model)
