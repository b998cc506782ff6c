"""Measure reading on real and generated digits; numbers in sum only.

Nothing was trained on this material. Its strings were looked at while the reading nets
were made (training/reading/README.md says how): test on other strings. Run:

    MNISTRY_DATA=... python benchmarks/reading.py DATA_DIR [name ...]

DATA_DIR holds `strings/` and `register_rows/` (labels.csv and images/) and `digits/`
(usps.npz, exam.npz). Of several lines the most confident counts. Sums are kept as
files, what was not asked for as it was; `coverage.py` draws a picture of them.
"""

import argparse
import csv
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from measure import Row, replace
from PIL import Image

import mnistry
from mnistry.scan.read import read
from mnistry.synth.documents.forms import make_form
from mnistry.synth.documents.paper import Paper, make_sheet
from mnistry.synth.documents.scenes import Alphabet, make_envelope, make_string

Pair = tuple[np.ndarray, str]
CODES = 60  # generated pictures of each kind
LEVELS = 0.0, 0.5, 0.8, 0.9, 0.95, 0.98  # of confidence
STEPS = 50  # of the curve of coverage against error
PACKAGES = "mnistry", "numpy", "opencv-python-headless", "onnxruntime"


def strings(folder: Path) -> Iterator[Pair]:
    """Yield photographed strings from cheques."""
    with (folder / "strings/labels.csv").open() as file:
        for row in csv.DictReader(file):
            picture = Image.open(folder / "strings" / row["path"]).convert("RGB")
            yield np.asarray(picture), row["label"]


def registers(folder: Path) -> Iterator[Pair]:
    """Yield photographed cells of old registers, with whatever else is in them."""
    with (folder / "register_rows/labels.csv").open() as file:
        for row in csv.DictReader(file):
            picture = Image.open(folder / "register_rows" / row["path"]).convert("RGB")
            yield np.asarray(picture), row["label"]


def boxed(folder: Path) -> Iterator[Pair]:
    """Yield single digits of those strings, cut out along their boxes."""
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
    """Yield the single digits of an npz."""
    with np.load(folder / f"digits/{name}.npz") as arrays:
        for image, label in zip(arrays["images"], arrays["labels"], strict=True):
            yield image, str(label)


def on_paper(count: int = 1000) -> Iterator[Pair]:
    """Yield MNIST's test digits put on paper: inverted, enlarged, moved, textured."""
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
    """Yield generated pictures with six digits in each."""
    source = mnistry.load(digits, split="test")
    alphabet = Alphabet(np.asarray(source.images), np.asarray(source.labels))
    generator = np.random.default_rng(7)
    for seed in range(CODES):
        code = "".join(map(str, generator.integers(0, 10, 6)))
        text = [code] if make is make_form else code
        yield make(alphabet, text, seed=seed).picture, code  # type: ignore[attr-defined]


def measure(name: str, pairs: Iterator[Pair], **settings: object) -> None:
    """Read all, print the sums and keep them."""
    rows, seconds = [], []
    for picture, label in pairs:
        start = time.perf_counter()
        reading = read(picture, **settings)  # type: ignore[arg-type]
        seconds.append(time.perf_counter() - start)
        line = max(reading.lines, key=lambda line: line.confidence, default=None)
        text, confidence = (line.text, line.confidence) if line else ("", 0.0)
        rows.append((text == label, confidence))
    right = np.array([row[0] for row in rows])
    confidences = np.array([row[1] for row in rows])
    speed = round(float(np.median(seconds)) * 1e3, 1)
    print(f"{name:22} {len(rows):5} read exactly {right.mean():7.2%} | {speed:6.1f} ms")
    sums: list[Row] = []
    for level in LEVELS:
        given = confidences >= level
        wrong = int((~right[given]).sum())
        print(f"{'':22} >= {level:.2f}: {given.mean():6.1%}, {wrong} of them wrong")
        sums.append(
            {
                "what": name,
                "pictures": len(rows),
                "milliseconds": speed,
                "confidence_at_least": level,
                "given": int(given.sum()),
                "wrong": wrong,
            }
        )
    replace("reading", sums, by="what", packages=PACKAGES)
    replace("coverage", curve(name, right, confidences), by="what", packages=PACKAGES)


def curve(name: str, right: np.ndarray, confidences: np.ndarray) -> list[Row]:
    """Return how many are wrong among the most confident 2, 4 ... 100 % of readings."""
    wrong = np.cumsum(~right[np.argsort(-confidences, kind="stable")])
    counts = {round(step * len(right) / STEPS) for step in range(1, STEPS + 1)} - {0}
    return [
        {"what": name, "pictures": len(right), "given": n, "wrong": int(wrong[n - 1])}
        for n in sorted(counts)
    ]


def main() -> None:
    """Measure what is asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder with the real strings, digits")
    parser.add_argument("names", nargs="*", help="what to read; else all")
    args = parser.parse_args()
    at = args.data
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
    if unknown := set(args.names) - set(table):
        parser.error(f"no {', '.join(sorted(unknown))}; expected some of {[*table]}")
    for name, run in table.items():
        if not args.names or name in args.names:
            run()


if __name__ == "__main__":
    main()
