"""Measure the packaged model, and store what was measured in the header of its file.

    MNISTRY_DATA=... python -m training.digit.measure [--store]

MNIST's test images are opened here, after all was chosen on other images.
"""

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from mnistry.data.load import load
from mnistry.digits import Digits
from mnistry.formats.tensors import read_weights, write_weights
from mnistry.metrics import auroc, error_detection, log_odds, loss
from mnistry.models.packaged import FILE, PackagedModel, load_model
from mnistry.predictions import digit_scores
from mnistry.synth.out_of_distribution import KINDS, out_of_distribution
from mnistry.synth.stress import KINDS as CORRUPTIONS
from mnistry.synth.stress import SEVERITIES, disturb
from training.digit.rendered import load_fonts, render

PACKAGED = Path(__file__).parents[2] / "src" / "mnistry" / "models" / FILE
IMAGES = 1000  # of each kind and severity
BATCHES, SINGLES = 30, 1000  # timed


def measure(
    model: PackagedModel, digits: Digits, *, images: int = IMAGES
) -> dict[str, Any]:
    """Measure accuracy, calibration, robustness, and rejection of non-digits.

    Args:
        model: The packaged one, or a new one.
        digits: None of which it learned from.
        images: Of each corruption and severity; half as many of each non-digit.
    """
    predictions = model.predict(digits.images)
    right = predictions.labels == digits.labels
    few = digits[:images]
    fonts = load_fonts(without=model.facts.get("faces", ()), most=max(1, images // 10))
    pictures = {kind: out_of_distribution(kind, images // 2, seed=1) for kind in KINDS}
    pictures |= render(few, fonts)
    others = {kind: model.predict(drawn) for kind, drawn in pictures.items()}
    return {
        "images": len(digits),
        "errors": int((~right).sum()),
        "accuracy": float(right.mean()),
        "loss": loss(digits.labels, predictions.logits),
        "error detection": error_detection(log_odds(predictions.logits), right),
        "rejected": float(predictions.rejected.mean()),
        "not a digit": {
            kind: round(auroc(predictions.digit_scores, digit_scores(of.logits)), 4)
            for kind, of in others.items()
        },
        "rejected of no digit": {
            kind: float(of.rejected.mean()) for kind, of in others.items()
        },
        "fonts": list(fonts),
        "stress": _corrupted_accuracy(model, few),
    }


def _corrupted_accuracy(model: PackagedModel, digits: Digits) -> dict[str, list[float]]:
    """Measure the accuracy for each corruption, one number for each severity."""
    return {
        kind: [
            float((model.predict(images).labels == digits.labels).mean().round(4))
            for images in (disturb(digits.images, kind, level) for level in SEVERITIES)
        ]
        for kind in CORRUPTIONS
    }


def speed(model: PackagedModel) -> dict[str, float]:
    """Measure how fast it predicts: 1,000 images at a time, and one."""
    images = np.random.default_rng(0).integers(0, 256, (1000, 28, 28), np.uint8)

    def seconds(some: Any) -> float:
        started = time.perf_counter()
        model.predict(some)
        return time.perf_counter() - started

    batch = statistics.median(seconds(images) for _ in range(BATCHES))
    single = statistics.median(seconds(images[:1]) for _ in range(SINGLES))
    return {"images a second": 1000 / batch, "milliseconds for one": 1000 * single}


def main() -> None:
    """Print what is measured, and store it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--store", action="store_true", help="in the file's header too")
    args = parser.parse_args()
    model = load_model()
    measured = measure(model, load("mnist", split="test"))
    print(json.dumps({**measured, "speed": speed(model)}, indent=1))
    if args.store:
        weights, facts = read_weights(PACKAGED)
        facts["measured"]["mnist test"] = measured
        write_weights(PACKAGED, weights, facts)
        PACKAGED.chmod(0o644)


if __name__ == "__main__":
    main()
