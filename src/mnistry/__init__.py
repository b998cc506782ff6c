"""MNIST-style handwritten digits, from the raw files to an answer you can trust.

    >>> import mnistry
    >>> toy = mnistry.load("drawn", split="test")
    >>> len(toy)
    10000

`import mnistry` loads NumPy and nothing heavier: each name below is imported from its
module when it is first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from mnistry.version import __version__

if TYPE_CHECKING:
    from mnistry.arrays import one_hot
    from mnistry.bulk.job import read_many
    from mnistry.data.load import datasets, load
    from mnistry.digits import Digits
    from mnistry.errors import MnistryError
    from mnistry.formats.idx import read as read_idx
    from mnistry.formats.idx import write as write_idx
    from mnistry.learn.classifier import DigitClassifier
    from mnistry.learn.distill import distill
    from mnistry.learn.model import Model
    from mnistry.learn.train import train
    from mnistry.look.figure import plot
    from mnistry.models.ensemble import average
    from mnistry.models.packaged import load_model
    from mnistry.predictions import Predictions
    from mnistry.predictors.predictor import as_predictor
    from mnistry.report.evaluate import evaluate
    from mnistry.report.explain import explain
    from mnistry.scan.read import read

_HOMES = {
    "DigitClassifier": "learn.classifier.DigitClassifier",
    "Digits": "digits.Digits",
    "MnistryError": "errors.MnistryError",
    "Model": "learn.model.Model",
    "Predictions": "predictions.Predictions",
    "as_predictor": "predictors.predictor.as_predictor",
    "average": "models.ensemble.average",
    "datasets": "data.load.datasets",
    "distill": "learn.distill.distill",
    "evaluate": "report.evaluate.evaluate",
    "explain": "report.explain.explain",
    "load": "data.load.load",
    "load_model": "models.packaged.load_model",
    "one_hot": "arrays.one_hot",
    "plot": "look.figure.plot",
    "read": "scan.read.read",
    "read_idx": "formats.idx.read",
    "read_many": "bulk.job.read_many",
    "train": "learn.train.train",
    "write_idx": "formats.idx.write",
}

__all__ = [
    "DigitClassifier",
    "Digits",
    "MnistryError",
    "Model",
    "Predictions",
    "__version__",
    "as_predictor",
    "average",
    "datasets",
    "distill",
    "evaluate",
    "explain",
    "load",
    "load_model",
    "one_hot",
    "plot",
    "read",
    "read_idx",
    "read_many",
    "train",
    "write_idx",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module 'mnistry' has no attribute {name!r}"
        raise AttributeError(message)
    module, _, thing = _HOMES[name].rpartition(".")
    value = getattr(importlib.import_module(f"mnistry.{module}"), thing)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
