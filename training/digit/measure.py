"""Measure the packaged model, and keep what was measured in the header of its file.

    MNISTRY_DATA=... PYTHONPATH=src python training/digit/measure.py [--keep]

MNIST's test images are looked at here, after all was chosen on other images.
"""

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
from rendered import faces, strangers

from mnistry.data.load import load
from mnistry.digits import Digits
from mnistry.formats.tensors import read_weights, write_weights
from mnistry.metrics import auroc, error_detection, loss, sureness
from mnistry.models.packaged import FILE, PackagedModel, load_model
from mnistry.predictions import digit_scores
from mnistry.synth.outsiders import KINDS, outsiders
from mnistry.synth.stress import KINDS as STRESSES
from mnistry.synth.stress import SEVERITIES, disturb

PACKAGED = Path(__file__).parent.parent / "src" / "mnistry" / "models" / FILE
STRESSED = 1000  # images, for each kind and severity
STRANGE = 500  # pictures of each kind
BATCHES, SINGLES = 30, 1000  # timed


def measure(model: PackagedModel, digits: Digits) -> dict[str, Any]:
    """Tell how well a model reads digits, whole and disturbed, and rejects others."""
    said = model.predict(digits.images)
    right = said.labels == digits.labels
    few = digits[:STRESSED]
    stress = {
        kind: [
            float((model.predict(images).labels == few.labels).mean().round(4))
            for images in (disturb(few.images, kind, level) for level in SEVERITIES)
        ]
        for kind in STRESSES
    }
    fonts = faces(without=model.facts.get("faces", ()))
    pictures = {kind: outsiders(kind, STRANGE, seed=1) for kind in KINDS}
    pictures |= strangers(digits[:STRESSED], fonts)
    strange = {kind: model.predict(images) for kind, images in pictures.items()}
    return {
        "images": len(digits),
        "errors": int((~right).sum()),
        "accuracy": float(right.mean()),
        "loss": loss(digits.labels, said.logits),
        "error detection": error_detection(sureness(said.logits), right),
        "rejected": float(said.rejected.mean()),
        "not a digit": {
            kind: round(auroc(said.digit_scores, digit_scores(other.logits)), 4)
            for kind, other in strange.items()
        },
        "rejected of no digit": {
            kind: float(other.rejected.mean()) for kind, other in strange.items()
        },
        "fonts": list(fonts),
        "stress": stress,
    }


def speed(model: PackagedModel) -> dict[str, float]:
    """Tell how fast it predicts: 1,000 images a time, and one."""
    images = np.random.default_rng(0).integers(0, 256, (1000, 28, 28), np.uint8)

    def seconds(some: Any) -> float:
        started = time.perf_counter()
        model.predict(some)
        return time.perf_counter() - started

    batch = statistics.median(seconds(images) for _ in range(BATCHES))
    single = statistics.median(seconds(images[:1]) for _ in range(SINGLES))
    return {"images a second": 1000 / batch, "milliseconds for one": 1000 * single}


def main() -> None:
    """Print, and keep if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="in the file's header")
    given = parser.parse_args()
    model = load_model()
    found = measure(model, load("mnist", split="test"))
    print(json.dumps({**found, "speed": speed(model)}, indent=1))
    if given.keep:
        weights, facts = read_weights(PACKAGED)
        facts["measured"]["mnist test"] = found
        write_weights(PACKAGED, weights, facts)
        PACKAGED.chmod(0o644)


if __name__ == "__main__":
    main()
