"""A tiny MNIST of the right names, which the drop-ins take for the real one."""

import gzip
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from mnistry import Digits
from mnistry.data.catalog.mnist import MNIST
from mnistry.data.catalog.rows import Dataset, Split, gzipped
from mnistry.formats import idx

COUNTS = {"train": 50, "test": 20}


@dataclass
class Tiny:
    """What lies in MNISTRY_DATA, and its row."""

    row: Dataset
    folder: Path
    train: Digits
    test: Digits


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tiny:
    folder = tmp_path / "data"
    folder.mkdir()
    generator = np.random.default_rng(0)
    digits, splits = {}, {}
    for split, count in COUNTS.items():
        images = generator.integers(0, 256, (count, 28, 28), np.uint8)
        labels = generator.integers(0, 10, count).astype(np.uint8)
        digits[split] = Digits(images, labels, "mnist", split)
        files = []
        of = MNIST.splits[split]
        for file, array in ((of.images, images), (of.labels, labels)):
            raw = idx.encode(array)
            packed = gzip.compress(raw, mtime=0)
            (folder / file.name).write_bytes(packed)
            hashes = [hashlib.sha256(data).hexdigest() for data in (packed, raw)]
            files.append(
                gzipped(file.name, len(packed), hashes[0], len(raw), hashes[1])
            )
        splits[split] = Split(files[0], files[1])
    row = replace(MNIST, splits=MappingProxyType(splits), mirrors=())
    # the drop-in first: it reads the catalogue when it is imported
    for module in ("dropin.torchvision.datasets.mnist", "data.load", "data.catalog"):
        monkeypatch.setattr(f"mnistry.{module}.DATASETS", {"mnist": row})
    monkeypatch.setattr("mnistry.dropin.azureml.ROW", row)
    monkeypatch.setenv("MNISTRY_DATA", str(folder))
    return Tiny(row, folder, digits["train"], digits["test"])
