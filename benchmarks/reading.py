"""Measure reading on real and generated digits; numbers in sum only.

Nothing was trained on this material. Its strings were looked at while the reading nets
were made (training/reading/README.md says how): take other strings for a verdict. Run:

    MNISTRY_DATA=... python benchmarks/reading.py DATA_DIR [name ...]

DATA_DIR holds `strings/` and `register_rows/` (labels.csv and images/) and `digits/`
(usps.npz, exam.npz). Of several lines the surest counts.
"""

import csv
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

import mnistry
from mnistry.scan.read import read
from mnistry.synth.documents.paper import Paper, make_sheet
from mnistry.synth.documents.scenes import (
    Alphabet,
    make_envelope,
    make_form,
    make_string,
)

Pair = tuple[np.ndarray, str]
CODES = 60  # generated pictures of each kind
LEVELS = 0.5, 0.8, 0.9, 0.95, 0.98  # of confidence, for coverage against error


def strings(folder: Path) -> Iterator[Pair]:
    """Give photographed strings from cheques."""
    with (folder / "strings/labels.csv").open() as file:
        for row in csv.DictReader(file):
            picture = Image.open(folder / "strings" / row["path"]).convert("RGB")
            yield np.asarray(picture), row["label"]


def registers(folder: Path) -> Iterator[Pair]:
    """Give photographed cells of old registers, with whatever else is in them."""
    with (folder / "register_rows/labels.csv").open() as file:
        for row in csv.DictReader(file):
            picture = Image.open(folder / "register_rows" / row["path"]).convert("RGB")
            yield np.asarray(picture), row["label"]


def boxed(folder: Path) -> Iterator[Pair]:
    """Give single digits of those strings, cut out along their boxes."""
    with (folder / "strings/labels.csv").open() as file:
        for row in csv.DictReader(file):
            picture = np.asarray(
                Image.open(folder / "strings" / row["path"]).convert("RGB")
            )
            for digit, x, y, width, height in json.loads(row["boxes"]):
                part = picture[max(0, y) : y + height, max(0, x) : x + width]
                if part.size:
                    yield part, str(digit)


def stored(folder: Path, name: str) -> Iterator[Pair]:
    """Give the single digits of an npz."""
    with np.load(folder / f"digits/{name}.npz") as arrays:
        for image, label in zip(arrays["images"], arrays["labels"], strict=True):
            yield image, str(label)


def on_paper(count: int = 1000) -> Iterator[Pair]:
    """Give MNIST's test digits put on paper: inverted, enlarged, moved, textured."""
    test = mnistry.load("mnist", split="test")
    generator = np.random.default_rng(0)
    for image, label in test[np.sort(generator.permutation(len(test))[:count])]:
        ink = image.repeat(4, axis=0).repeat(4, axis=1) / 255
        room = generator.integers(0, 60, 4)
        ink = np.pad(ink, ((room[0], room[1]), (room[2], room[3])))
        paper = Paper((0.9, 0.88, 0.84), 0.03)
        sheet = make_sheet(ink.shape, paper, generator=generator)
        sheet *= (1 - 0.85 * ink)[:, :, None]
        yield (np.clip(sheet, 0, 1) * 255).astype(np.uint8), str(label)


def generated(make: Callable[..., object], digits: str) -> Iterator[Pair]:
    """Give generated pictures with six digits in each."""
    source = mnistry.load(digits, split="test")
    alphabet = Alphabet(np.asarray(source.images), np.asarray(source.labels))
    generator = np.random.default_rng(7)
    for seed in range(CODES):
        code = "".join(map(str, generator.integers(0, 10, 6)))
        text = [code] if make is make_form else code
        yield make(alphabet, text, seed=seed).picture, code  # type: ignore[attr-defined]


def measure(name: str, pairs: Iterator[Pair], **settings: object) -> None:
    """Read all and print the sums."""
    rows, seconds = [], []
    for picture, label in pairs:
        start = time.perf_counter()
        reading = read(picture, **settings)  # type: ignore[arg-type]
        seconds.append(time.perf_counter() - start)
        line = max(reading.lines, key=lambda line: line.confidence, default=None)
        text, sure = (line.text, line.confidence) if line else ("", 0.0)
        rows.append((text == label, sure))
    right = np.array([row[0] for row in rows])
    sure = np.array([row[1] for row in rows])
    given = sure >= 0.95
    wrong = float((~right[given]).mean()) if given.any() else 0.0
    print(
        f"{name:22} {len(rows):5} read exactly {right.mean():7.2%}"
        f" | confident {given.mean():6.1%}, of these wrong {wrong:6.2%}"
        f" | mean confidence {sure.mean():5.3f}"
        f" | {np.median(seconds) * 1e3:6.1f} ms",
        flush=True,
    )
    for level in LEVELS:
        at_least = sure >= level
        lost = int((~right[at_least]).sum())
        print(f"{'':22} >= {level:.2f}: {at_least.mean():6.1%}, {lost} of them wrong")


def main() -> None:
    """Measure what is asked for, or all."""
    folder, *names = sys.argv[1:]
    at = Path(folder)
    table: dict[str, Callable[[], None]] = {
        "strings": lambda: measure("cheque strings", strings(at)),
        "registers": lambda: measure("register rows", registers(at)),
        "boxed": lambda: measure("cheque digits", boxed(at), single=True),
        "exam": lambda: measure("exam boxes", stored(at, "exam"), single=True),
        "usps": lambda: measure("USPS", stored(at, "usps"), single=True),
        "paper": lambda: measure("MNIST on paper", on_paper(), single=True),
    }
    for digits in ("mnist", "drawn"):
        for make in (make_string, make_envelope, make_form):
            table[f"{make.__name__}-{digits}"] = lambda make=make, digits=digits: (
                measure(
                    f"{make.__name__[5:]}, {digits}",
                    generated(make, digits),
                    pattern="[0-9]{6}",
                )
            )
    for name, run in table.items():
        if not names or name in names:
            run()


if __name__ == "__main__":
    main()
