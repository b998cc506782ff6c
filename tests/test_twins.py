"""Pairs of ways to the same answer, of which one is short or fast: they agree.

Each row of PAIRS is a pair. A new short cut is a new row, and the law below holds it to
the long way round.
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mnistry
from mnistry import Digits, files
from mnistry.formats import idx, png
from mnistry.models.packaged import PackagedModel, load_model
from mnistry.predictors.files import read_predictions
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw

pytest.importorskip("onnxruntime")

CLOSE = 1e-5  # of probabilities: sums in another order
TEXT = "24680"


@cache
def digits() -> Digits:
    images, labels = draw(24)
    return Digits(images, labels, "few", "train")


@cache
def model() -> PackagedModel:
    return load_model()


@cache
def page() -> Any:
    return make_string(Alphabet(*draw(300)), TEXT, seed=3).picture


def as_file(kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(page()).save(file, kind)
    return file.getvalue()


def one_by_one(images: Any) -> Any:
    return np.concatenate([model().predict(image[None]).logits for image in images])


def in_numpy(images: Any) -> Any:
    return replace(model(), session=None).predict(images).logits


def by_evaluation(of: Any) -> dict[str, Any]:
    found = mnistry.evaluate(of, digits()).to_dict()
    return {name: found[name] for name in ("accuracy", "confusion") if name in found}


def through_a_file(folder: Path) -> Any:
    path = folder / "predictions.npz"
    np.savez(path, probabilities=model().predict(digits()).probabilities)
    return read_predictions(path, digits()).labels


def of_many(folder: Path) -> list[str]:
    pq = pytest.importorskip("pyarrow.parquet")
    folder.joinpath("page.png").write_bytes(as_file("PNG"))
    mnistry.read_many([folder / "page.png"], folder / "out", processes=1)
    table = pq.read_table(folder / "out" / "shard-00000.parquet")
    return [str(text) for text in table.column("text").to_pylist()]


def read_lines(source: Any) -> list[str]:
    return [line.text for line in mnistry.read(source).lines]


def through(to: str, folder: Path) -> Digits:
    files.export(digits(), to, folder)
    return files.load(folder)["train"]


def pixels_of(picture: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(picture)))


@dataclass(frozen=True)
class Pair:
    """Two ways to one answer; each may use an empty folder."""

    long_way: Callable[[Path], Any]
    short_way: Callable[[Path], Any]


PAIRS: Mapping[str, Pair] = MappingProxyType(
    {
        "an image alone, many at once": Pair(
            lambda _: one_by_one(digits().images),
            lambda _: model().predict(digits().images).logits,
        ),
        "NumPy, onnxruntime": Pair(
            lambda _: in_numpy(digits().images),
            lambda _: model().predict(digits().images).logits,
        ),
        "torch, onnxruntime": Pair(
            lambda _: model().to_torch().predict(digits().images).probabilities,
            lambda _: model().predict(digits().images).probabilities,
        ),
        "an array, Digits": Pair(
            lambda _: model().predict(digits().images).logits,
            lambda _: model().predict(digits()).logits,
        ),
        "numbers from 0 to 255, from 0 to 1": Pair(
            lambda _: model().predict(digits().images).logits,
            lambda _: model().predict(digits().images / np.float32(255)).logits,
        ),
        "images, rows of 784": Pair(
            lambda _: model().predict(digits().images).logits,
            lambda _: model().predict(digits().images.reshape(-1, 784)).logits,
        ),
        "a model tested, its predictions": Pair(
            lambda _: by_evaluation(model()),
            lambda _: by_evaluation(model().predict(digits())),
        ),
        "predictions, their file": Pair(
            lambda _: model().predict(digits()).labels, through_a_file
        ),
        "a picture read, many into a table": Pair(
            lambda _: read_lines(as_file("PNG")), of_many
        ),
        "an array read, a file": Pair(
            lambda _: mnistry.read(page()).to_dict(),
            lambda _: mnistry.read(as_file("PNG")).to_dict(),
        ),
        "a picture read, a page of a PDF": Pair(
            lambda _: read_lines(page()), lambda _: read_lines(as_file("PDF"))
        ),
        "PNG by Pillow, by ourselves": Pair(
            lambda _: pixels_of(png.encode(digits().images[0])),
            lambda _: png.decode(png.encode(digits().images[0])),
        ),
        "IDX written and read, in memory": Pair(
            lambda folder: through("idx", folder).images,
            lambda _: idx.decode(idx.encode(digits().images)),
        ),
        "IDX, its gzip": Pair(
            lambda folder: through("idx", folder), lambda one: through("idx.gz", one)
        ),
        "a table of pixels, pictures in folders": Pair(
            lambda folder: through("csv", folder).images,
            lambda folder: by_label(through("png", folder / "png")),
        ),
    }
)


def by_label(found: Digits) -> Any:
    """Put images of folders, which come label by label, in the order of ours."""
    order = np.argsort(digits().labels, kind="stable")
    images = np.empty_like(found.images)
    places = np.argsort(found.labels, kind="stable")
    images[order] = found.images[places]
    return images


@pytest.mark.parametrize("name", PAIRS)
def test_both_ways_give_the_same(name: str, tmp_path: Path) -> None:
    pair = PAIRS[name]
    folders = [tmp_path / way for way in ("long", "short")]
    for folder in folders:
        folder.mkdir()
    long, short = pair.long_way(folders[0]), pair.short_way(folders[1])
    if isinstance(long, np.ndarray) and long.dtype.kind == "f":
        np.testing.assert_allclose(short, long, atol=CLOSE, rtol=1e-4)
    elif isinstance(long, np.ndarray):
        np.testing.assert_array_equal(short, long)
    elif isinstance(long, dict):
        assert json.dumps(short) == json.dumps(long)
    else:
        assert short == long
    if isinstance(long, list):
        assert long == [TEXT]
