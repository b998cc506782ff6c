"""Hostile inputs for everything that takes bytes: `python fuzz/fuzz.py --seconds 60`.

Each target takes bytes and may give an answer or an error of ours; everything else is a
failure: another exception, a wrong answer, more than ten seconds, more than a gigabyte.
Inputs are seeds, mutated; with `--atheris TARGET` libFuzzer mutates by coverage.
Failures are kept below `fuzz/found/`, one file for each kind.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import random
import sys
import tarfile
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import mnistry
from mnistry import files
from mnistry.digits import Digits
from mnistry.errors import MnistryError, unknown_name
from mnistry.formats import idx, png
from mnistry.formats.tensors import FORMAT, _sha256, write_weights

FOUND = Path(__file__).parent / "found"
MOST_SECONDS = 10.0
MOST_BYTES = 1 << 30
EDGES = (0, 1, 2, 7, 127, 128, 255, 256, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
TOKENS = (
    *(b"null", b"NaN", b"-1", b"1e308", b"1e-320", b"[]", b"{}", b'""', b"9" * 400),
    *(b'"\\ud800"', b"<script>", b"=1+1", b"\x1b[2J", b"../", b"\0", b"%s", b"{64}"),
)
ARGUMENTS = (
    *("", "-", "--", "0", "-1", "1e400", "nan", "9" * 20, ".", "/dev/null"),
    *("nosuch", "x.png", "a\nb", "\x1b[31m", "[0-9]{2}", "(", "1{9999}", "%s", "drawn"),
    *("--json", "--csv", "--out", "--to", "--split", "--count", "--pattern", "--net"),
    *("--data", "--allowed", "--single", "--report", "--mirror", "--verify", "onnx"),
)
COMMANDS = ("list", "info", "show", "export", "test", "convert", "read", "nosuch")

UNKNOWN = {("JPEG", "RGBA"), ("PDF", "RGBA"), ("JPEG2000", "1")}  # to Pillow
Tally = tuple[dict[str, int], dict[str, bytes]]
Target = Callable[[bytes, Path], None]


@cache
def digits() -> Digits:
    images = np.random.default_rng(0).integers(0, 256, (3, 4, 4), np.uint8)
    return Digits(images, np.array([7, 2, 1], np.uint8), "toy", "train")


@cache
def exported(to: str) -> tuple[bytes, ...]:
    """Give the files of one of our formats."""
    with tempfile.TemporaryDirectory() as folder:
        return tuple(path.read_bytes() for path in files.export(digits(), to, folder))


@cache
def pictures(*kinds: str) -> tuple[bytes, ...]:
    """Give a picture of two strokes in some of Pillow's kinds."""
    from PIL import Image

    paper = np.full((24, 40), 255, np.uint8)
    paper[4:20, 10:13] = paper[4:20, 25:28] = 10
    found = [png.encode(paper)]
    for mode in ("L", "RGB", "RGBA", "1"):
        image = Image.fromarray(paper).convert(mode)
        for kind in kinds:
            if (kind, mode) not in UNKNOWN:
                file = io.BytesIO()
                image.save(file, kind)
                found.append(file.getvalue())
    return tuple(found)


def written(data: bytes, folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def fuzz_idx(data: bytes, _: Path) -> None:
    expect(idx.encode(idx.decode(data)) == data, "another IDX after a round trip")


def fuzz_gzip(data: bytes, folder: Path) -> None:
    array = mnistry.read_idx(written(data, folder, "a-idx3-ubyte.gz"))
    raw = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    expect(idx.encode(array) == raw, "other bytes than gzip gives")


def loads(name: str) -> Target:
    """Make the target for files of digits of a name."""

    def fuzz(data: bytes, folder: Path) -> None:
        for split in files.load(written(data, folder, name)).values():
            expect(len(split.images) == len(split.labels), "images without labels")

    return fuzz


def fuzz_npz(data: bytes, folder: Path) -> None:
    path = written(data, folder, "a.npz")
    for split in files.load(path).values():
        with np.load(path, allow_pickle=False) as arrays:
            sizes = {len(arrays[name]) for name in arrays.files if arrays[name].ndim}
        expect(len(split) in sizes, "other lengths than NumPy gives")


def fuzz_listing(data: bytes, folder: Path) -> None:
    written(png.encode(np.zeros((28, 28), np.uint8)), folder, "pic.png")
    files.load(written(b"file,label\n" + data, folder, "list.csv"))


def fuzz_png(data: bytes, _: Path) -> None:
    from PIL import Image

    ours = png.decode(data)
    if data[:8] == png.SIGNATURE and data[24:29] == png.GREY:
        try:
            theirs = np.asarray(Image.open(io.BytesIO(data)))
        except Exception:  # noqa: BLE001 - ours ends at IEND, theirs may want more
            return
        expect(np.array_equal(ours, theirs), "other pixels than Pillow gives")


def fuzz_picture(data: bytes, _: Path) -> None:
    from mnistry.scan.page.load import load_pictures

    for page in load_pictures(data):
        expect(page.pixels.dtype == np.uint8, "pixels that are no bytes")


def fuzz_read(data: bytes, _: Path) -> None:
    reading = mnistry.read(data)
    json.dumps(reading.to_dict(), allow_nan=False)
    reading.to_csv()


def fuzz_model(data: bytes, folder: Path) -> None:
    model = mnistry.load_model(written(data, folder, "m.safetensors"))
    model.predict(np.zeros((2, 28, 28), np.uint8))


@cache
def weights() -> dict[str, Any]:
    from mnistry.learn.model import weights_of
    from mnistry.learn.nets import build

    return weights_of(build("linear", 10))


@cache
def model_facts() -> bytes:
    row = {"epoch": 1, "loss": 0.5, "validation_loss": None, "seconds": 1.5}
    facts = {"net": "linear", "classes": 10, "image_size": [28, 28], "epoch": 1}
    facts |= {"history": [row], "recipe": {"patience": 0}, "digits": {"images": 9}}
    facts |= {"trust": {"temperature": 1.2, "reject_below": -3.0, "sets": [[0.9, 0.1]]}}
    return json.dumps(facts).encode()


@cache
def model_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "m.safetensors")
        write_weights(path, weights(), json.loads(model_facts()))
        return path.read_bytes()


def fuzz_facts(data: bytes, folder: Path) -> None:
    from safetensors.numpy import save

    text = data.decode("utf-8", "replace")
    metadata = {"format": FORMAT, "facts": text, "sha256": _sha256(weights(), text)}
    path = written(save(weights(), metadata), folder, "m.safetensors")
    model: Any = mnistry.load_model(path)
    image = np.zeros((3, *model.facts.get("image_size", (28, 28))), np.uint8)
    expect(bool(np.isfinite(model.predict(image).confidence).all()), "no confidence")
    model.card().encode()


def fuzz_pattern(data: bytes, _: Path) -> None:
    from mnistry.scan.pattern import parse_pattern

    parse_pattern(data.decode("utf-8", "surrogateescape"))


def fuzz_command(data: bytes, folder: Path) -> None:
    from mnistry.cli import main

    rng = random.Random(data)
    chosen = [rng.choice(ARGUMENTS) for _ in range(rng.randrange(5))]
    place, out, err = Path.cwd(), io.StringIO(), io.StringIO()
    stdin, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(b"junk"))
    os.chdir(folder)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main([rng.choice(COMMANDS), *chosen])
    except SystemExit as ended:
        expect(ended.code in {0, 1, 2}, f"exit status {ended.code}")
    finally:
        os.chdir(place)
        sys.stdin = stdin
    expect("\x1b[31m" not in out.getvalue() + err.getvalue(), "an escape got out")


@cache
def worker() -> Any:
    from mnistry.web.service.jobs import limits_of, prepare
    from mnistry.web.service.limits import Limits

    return prepare(None, limits_of(Limits()))


def fuzz_request(data: bytes, _: Path) -> None:
    from mnistry.web.service.jobs import pack, unpack

    for answer in unpack(worker()(pack([b"predict", data]))):
        json.loads(answer)


@cache
def onnx_file() -> bytes:
    from mnistry.inference.net import Net
    from mnistry.inference.onnx import encode_graph

    arrays = {
        "a.weight": np.zeros((10, 784), np.float32),
        "a.bias": np.zeros(10, np.float32),
    }
    return encode_graph(Net((("dense", "a"),), arrays), 28, 28)


def opens(name: str) -> Target:
    """Make the target for models and predictions of others, by name."""

    def fuzz(data: bytes, folder: Path) -> None:
        from mnistry.models.files import open_file

        open_file(written(data, folder, name), digits=ten())

    return fuzz


@cache
def ten() -> Digits:
    images = np.random.default_rng(1).integers(0, 256, (10, 28, 28), np.uint8)
    return Digits(images, np.arange(10, dtype=np.uint8), "ten", "test")


def predictions() -> tuple[bytes, ...]:
    file = io.BytesIO()
    np.savez(file, probabilities=np.eye(10, dtype=np.float32))
    rows = "\n".join(",".join("0.1" for _ in range(10)) for _ in range(3))
    return file.getvalue(), rows.encode(), b"label\n7\n2\n1\n"


def empty_tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w"):
        pass
    return file.getvalue()


RASTER = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "PPM", "JPEG2000")
TARGETS: dict[str, tuple[Target, Callable[[], tuple[bytes, ...]]]] = {
    "idx": (fuzz_idx, lambda: exported("idx")),
    "gzip": (fuzz_gzip, lambda: exported("idx.gz") + exported("idx")),
    "npz": (fuzz_npz, lambda: exported("npz")),
    "csv": (loads("a.csv"), lambda: exported("csv") + exported("csv-label-last")),
    "listing": (fuzz_listing, lambda: (b"pic.png,7\n", b'"pic.png","cat"\n../x,1')),
    "parquet": (
        loads("a.parquet"),
        lambda: (
            exported("parquet")
            + exported("parquet-pixels")
            + exported("parquet-huggingface")
        ),
    ),
    "safetensors": (loads("a.safetensors"), lambda: exported("safetensors")),
    "tar": (loads("a.tar"), lambda: (*exported("webdataset"), empty_tar())),
    "png": (fuzz_png, lambda: pictures("PNG")),
    "picture": (fuzz_picture, lambda: pictures(*RASTER)),
    "pdf": (fuzz_picture, lambda: pictures("PDF")[1:]),
    "read": (fuzz_read, lambda: pictures(*RASTER)),
    "model": (fuzz_model, lambda: (model_file(),)),
    "facts": (fuzz_facts, lambda: (model_facts(),)),
    "onnx": (opens("a.onnx"), lambda: (onnx_file(),)),
    "predictions-csv": (opens("a.csv"), predictions),
    "predictions-npz": (opens("a.npz"), predictions),
    "pattern": (
        fuzz_pattern,
        lambda: (
            b"[0-9]{6}",
            b"\\d{5}(-\\d{4})?",
            b"(1|2){3,6}",
            b"[^5]",
            b"12|[3-5]+",
        ),
    ),
    "command": (fuzz_command, lambda: (b"0", b"1", b"2")),
    "request": (
        fuzz_request,
        lambda: (json.dumps({"images": np.zeros((1, 28, 28), int).tolist()}).encode(),),
    ),
}


def expect(is_right: bool, otherwise: str) -> None:  # noqa: FBT001
    """Fail a target whose answer is wrong."""
    if not is_right:
        raise AssertionError(otherwise)


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Change a few bytes, numbers, lengths or words."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        at = rng.randrange(len(changed) + 1)
        kind = rng.randrange(7)
        if kind == 0 and changed:
            changed[at % len(changed)] = rng.randrange(256)
        elif kind == 1:
            width, order = rng.choice((1, 2, 4)), rng.choice(("big", "little"))
            number = rng.choice(EDGES) & ((1 << 8 * width) - 1)
            changed[at : at + width] = number.to_bytes(width, order)  # type: ignore[arg-type]
        elif kind == 2:
            del changed[at : at + rng.randrange(1, 40)]
        elif kind == 3:
            changed[at:at] = changed[at : at + rng.randrange(1, 40)]
        elif kind == 4:
            del changed[at:]
        elif kind == 5:
            changed[at : at + rng.randrange(8)] = rng.choice(TOKENS)
        elif changed:
            changed[at % len(changed)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def peak_bytes() -> int:
    """Tell the highest memory that this process had; 0 where it is not known."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    return int(status.read_text("ascii").split("VmHWM:")[1].split()[0]) * 1024


def attempt(name: str, data: bytes, folder: Path) -> str:
    """Give one input to a target.

    Returns:
        "taken", "refused", or the kind of failure, in one line.
    """
    before, begun, outcome = peak_bytes(), time.process_time(), "taken"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            TARGETS[name][0](data, folder)
    except MnistryError:
        outcome = "refused"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a failure
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "/mnistry/" in frame.filename] or frames
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
        text = str(error)[:80] if isinstance(error, AssertionError) else ""
        outcome = f"{type(error).__name__} {place} {text}".strip()
    if time.process_time() - begun > MOST_SECONDS:
        outcome = f"more than {MOST_SECONDS:g} seconds"
    if peak_bytes() - before > MOST_BYTES:
        outcome = f"more than {MOST_BYTES:,} bytes"
    return outcome


def run(name: str, *, seed: int, seconds: float = 1e9, most: int = 1 << 40) -> Tally:
    """Give mutated seeds to a target, for some seconds or some number of inputs.

    Returns:
        How many were taken and refused, and one input for each kind of failure.
    """
    rng, end = random.Random(f"{name} {seed}"), time.monotonic() + seconds
    counts = {"taken": 0, "refused": 0, "failed": 0}
    failed: dict[str, bytes] = {}
    seeds = TARGETS[name][1]()
    with tempfile.TemporaryDirectory() as folder:
        while sum(counts.values()) < most and time.monotonic() < end:
            data = mutate(rng.choice(seeds), rng)
            outcome = attempt(name, data, Path(folder))
            if outcome in counts:
                counts[outcome] += 1
            else:
                counts["failed"] += 1
                failed.setdefault(outcome, data)
    return counts, failed


def keep(name: str, outcome: str, data: bytes) -> Path:
    """Write down an input that failed."""
    digest = hashlib.sha256(outcome.encode()).hexdigest()[:8]
    path = FOUND / name / digest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.with_suffix(".txt").write_text(outcome + "\n", "utf-8")
    return path


def by_coverage(name: str, options: list[str]) -> None:
    """Let libFuzzer choose the inputs; it ends with the first failure."""
    import atheris

    with tempfile.TemporaryDirectory() as folder:

        def one(data: bytes) -> None:
            outcome = attempt(name, data, Path(folder))
            if outcome not in {"taken", "refused"}:
                raise AssertionError(outcome)

        atheris.instrument_all()
        atheris.Setup([sys.argv[0], *options], one)
        atheris.Fuzz()


def main() -> None:
    """Fuzz all targets, or some, and print a table; exit 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("targets", nargs="*", default=list(TARGETS), metavar="target")
    parser.add_argument("--seconds", type=float, default=60, help="for all together")
    parser.add_argument("--seed", type=int, default=time.time_ns())
    parser.add_argument("--atheris", metavar="TARGET", help="by coverage, this one")
    options, more = parser.parse_known_args()
    if options.atheris:
        by_coverage(options.atheris, more)
        return
    for name in set(options.targets) - set(TARGETS):
        parser.error(str(unknown_name("target", name, TARGETS)))
    print(f"seed {options.seed}\n{'target':16} {'taken':>9} {'refused':>9} failed")
    total, failures = 0, 0
    for name in options.targets:
        share = options.seconds / len(options.targets)
        counts, failed = run(name, seed=options.seed, seconds=share)
        total, failures = total + sum(counts.values()), failures + counts["failed"]
        taken, refused = counts["taken"], counts["refused"]
        print(f"{name:16} {taken:9,} {refused:9,} {counts['failed']}", flush=True)
        for outcome, data in failed.items():
            print(f"  {outcome}  {keep(name, outcome, data)}")
    print(f"{total:,} inputs in {options.seconds:g} s, {failures} failed")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
