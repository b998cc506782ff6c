"""Hostile inputs for everything that takes bytes: `python fuzz/fuzz.py --seconds 60`.

Each target takes bytes and may give an answer or an error of ours; everything else is a
failure: another exception, a wrong answer, more than ten seconds, more than a gigabyte,
the end of the process. Inputs are seeds, mutated; with `--atheris TARGET` libFuzzer
mutates by coverage. Failures are kept below `fuzz/found/`, one file for each kind.

`--inputs 10000000 --processes 2` tries ten million (`make fuzz-long`).
"""

import argparse
import gzip
import hashlib
import io
import json
import math
import os
import platform
import random
import resource
import signal
import sys
import tarfile
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from multiprocessing import get_context
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
TOO_LONG = f"more than {MOST_SECONDS:g} seconds"
KILOBYTE = 1 if sys.platform == "darwin" else 1024  # in which getrusage counts
FORGOTTEN_BYTES = 64 << 20
MEMORY_DISK = "/dev/shm"  # noqa: S108 - a disk would be most of the time
CLEAR = Path("/proc/self/clear_refs")
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
Target = Callable[[bytes, Path], None]


@cache
def digits() -> Digits:
    images = np.random.default_rng(0).integers(0, 256, (3, 4, 4), np.uint8)
    return Digits(images, np.array([7, 2, 1], np.uint8), "toy", "train")


@cache
def exported(to: str) -> tuple[bytes, ...]:
    """Return the files of one of our formats."""
    with tempfile.TemporaryDirectory() as folder:
        return tuple(path.read_bytes() for path in files.export(digits(), to, folder))


@cache
def pictures(*kinds: str) -> tuple[bytes, ...]:
    """Return a picture of two strokes in some of Pillow's kinds."""
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
        if not data.startswith(b"PK\x03\x04"):  # NumPy wants it to begin there
            return
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
    from mnistry.scan.page.picture.load import load_pictures

    for page in load_pictures(data):
        expect(page.pixels.dtype == np.uint8, "pixels that are no bytes")


def fuzz_archive(data: bytes, folder: Path) -> None:
    from mnistry.bulk.archives import members

    for name in ("a.tar", "a.tar.gz"):
        for facts in members(str(written(data, folder, name)), len(data)):
            expect("name" in facts, "a member without a name")


def fuzz_checkpoint(data: bytes, folder: Path) -> None:
    from safetensors.numpy import save

    from mnistry.learn.checkpoint import load_checkpoint

    arrays = {f"net.{name}": array for name, array in weights().items()}
    text = data.decode("utf-8", "replace")
    metadata = {"format": FORMAT, "facts": text, "sha256": _sha256(arrays, text)}
    written(save(arrays, metadata), folder, "checkpoint.safetensors")
    load_checkpoint(folder)


def checkpoint_facts() -> bytes:
    facts = json.loads(model_facts()) | {
        "recipe": {},
        "progress": {"step": 1, "epoch_log": [], "seconds": 1.0},
    }
    return json.dumps(facts).encode()


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
    stdin, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(b"junk"), "utf-8")
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
        "a.weight": np.zeros((784, 10), np.float32),
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


@cache
def predictions_npz() -> tuple[bytes, ...]:
    made = []
    for arrays in (
        {"probabilities": np.eye(10, dtype=np.float32)},
        {"label": np.arange(10), "index": np.arange(10)[::-1]},
    ):
        file = io.BytesIO()
        np.savez(file, **arrays)
        made.append(file.getvalue())
    return tuple(made)


def predictions_csv() -> tuple[bytes, ...]:
    scores = "\n".join(",".join("0.1" for _ in range(10)) for _ in range(10))
    labels = "\n".join(str(digit) for digit in range(10))
    numbered = "\n".join(f"{10 - digit},{digit}" for digit in range(10))
    return (
        f"{','.join('0123456789')}\n{scores}\n".encode(),
        f"label\n{labels}\n".encode(),
        f"ImageId,Label\n{numbered}\n".encode(),
    )


@cache
def archives() -> tuple[bytes, ...]:
    """Return a tar of two pictures, as it is and packed in the ways that there are."""
    made = []
    for mode in ("w", "w:gz", "w:bz2", "w:xz"):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode=mode) as tar:
            for name, data in (("a/1.png", pictures("PNG")[0]), ("2.jpg", b"junk")):
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        made.append(file.getvalue())
    return tuple(made)


@cache
def heic() -> tuple[bytes, ...]:
    import pillow_heif
    from PIL import Image

    pillow_heif.register_heif_opener()
    file = io.BytesIO()
    Image.fromarray(png.decode(pictures("PNG")[0])).save(file, "HEIF")
    return (file.getvalue(),)


def is_there(name: str) -> bool:
    """Return whether what a target needs is installed."""
    return name != "heic" or find_spec("pillow_heif") is not None


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
    "predictions-csv": (opens("a.csv"), predictions_csv),
    "predictions-npz": (opens("a.npz"), predictions_npz),
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
    "checkpoint": (fuzz_checkpoint, lambda: (checkpoint_facts(),)),
    "archive": (fuzz_archive, archives),
    "heic": (fuzz_picture, heic),
    "command": (fuzz_command, lambda: (b"0", b"1", b"2")),
    "request": (
        fuzz_request,
        lambda: (json.dumps({"images": np.zeros((1, 28, 28), int).tolist()}).encode(),),
    ),
}


SHARES = {
    **dict.fromkeys(TARGETS, 30),
    **{"idx": 150, "png": 120, "pattern": 100, "request": 80, "gzip": 60},
    **{
        "picture": 60,
        "facts": 20,
        "checkpoint": 15,
        "heic": 10,
        "pdf": 5,
        "read": 5,
        "onnx": 2,
    },
    "command": 0.25,
}
"""Of the inputs, so that dear targets take no more time than cheap ones."""


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


@dataclass
class Tally:
    """What inputs of a target came to; of kinds of failures one input each is kept."""

    taken: int = 0
    refused: int = 0
    failed: int = 0
    failures: dict[str, bytes] = field(default_factory=dict)
    seconds: float = 0.0  # of the processor
    slowest_seconds: float = 0.0  # of one input
    peak_bytes: int = 0  # above what the process had before the first input

    @property
    def inputs(self) -> int:
        """All of them."""
        return self.taken + self.refused + self.failed

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.taken + other.taken,
            self.refused + other.refused,
            self.failed + other.failed,
            self.failures | other.failures,
            self.seconds + other.seconds,
            max(self.slowest_seconds, other.slowest_seconds),
            max(self.peak_bytes, other.peak_bytes),
        )


def memory_bytes() -> int:
    """Return the highest memory of this process since `forget_memory`."""
    if CLEAR.exists():  # what rusage says holds the program before exec, too
        status = CLEAR.with_name("status").read_text("utf-8")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILOBYTE


def forget_memory() -> None:
    """Have `memory_bytes` begin anew, so that an input is not hidden by one before."""
    if CLEAR.exists():
        CLEAR.write_text("5", "ascii")  # see proc(5)


def stop(_number: int, _frame: object) -> None:
    raise TimeoutError(TOO_LONG)


@contextmanager
def watched() -> Iterator[None]:
    """Within this block warnings are nobody's, and what hangs in Python is stopped."""
    before = signal.signal(signal.SIGALRM, stop)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def attempt(name: str, data: bytes, folder: Path) -> str:
    """Return one input to a target, within `watched`.

    Returns:
        "taken", "refused", or the kind of failure, in one line.
    """
    signal.setitimer(signal.ITIMER_REAL, 6 * MOST_SECONDS)
    try:
        TARGETS[name][0](data, folder)
    except MnistryError:
        return "refused"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a failure
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "/mnistry/" in frame.filename] or frames
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
        is_shown = isinstance(error, AssertionError | TimeoutError)
        return f"{type(error).__name__} {place} {str(error)[:80] if is_shown else ''}"
    return "taken"


def run(name: str, *, seed: int, seconds: float = 1e9, most: int = 1 << 40) -> Tally:
    """Return mutated seeds to a target, for some seconds or some number of inputs."""
    rng, end = random.Random(f"{name} {seed}"), time.monotonic() + seconds
    seeds, tally = TARGETS[name][1](), Tally()
    place = MEMORY_DISK if os.access(MEMORY_DISK, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder, watched():
        begun, first = time.process_time(), True
        while first or (tally.inputs < most and time.monotonic() < end):
            data = seeds[0] if first else mutate(rng.choice(seeds), rng)
            before = time.process_time()
            outcome = attempt(name, data, Path(folder))
            took = time.process_time() - before
            if first:  # what it imports and loads is no fault of an input
                expect(
                    outcome in {"taken", "refused"}, f"the seed of {name}: {outcome}"
                )
                forget_memory()
                first, base, begun = False, memory_bytes(), time.process_time()
                continue
            note(tally, data, outcome, took, memory_bytes() - base)
            if memory_bytes() - base > FORGOTTEN_BYTES:
                forget_memory()
        tally.seconds = time.process_time() - begun
    return tally


def note(tally: Tally, data: bytes, outcome: str, took: float, memory: int) -> None:
    """Count an input, and keep it if it is the first of a kind of failure."""
    tally.slowest_seconds = max(tally.slowest_seconds, took)
    tally.peak_bytes = max(tally.peak_bytes, memory)
    if took > MOST_SECONDS:
        outcome = TOO_LONG
    if memory > MOST_BYTES:
        outcome = f"more than {MOST_BYTES:,} bytes"
    if outcome == "taken":
        tally.taken += 1
    elif outcome == "refused":
        tally.refused += 1
    else:
        tally.failed += 1
        tally.failures.setdefault(outcome, data)


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

    with tempfile.TemporaryDirectory() as folder, watched():

        def one(data: bytes) -> None:
            outcome = attempt(name, data, Path(folder))
            if outcome not in {"taken", "refused"}:
                raise AssertionError(outcome)

        atheris.instrument_all()
        atheris.Setup([sys.argv[0], *options], one)
        atheris.Fuzz()


def run_all(
    names: list[str], seed: int, processes: int, most: Callable[[str], dict[str, Any]]
) -> Iterator[tuple[str, Tally]]:
    """Run each target in several processes at a time; each has a seed of its own.

    Args:
        names: Of TARGETS.
        seed: Of the first process of each; the next ones count on.
        processes: How many.
        most: Gives the limit of each of a target's processes, as `run` takes it.

    Yields:
        A target's name and what its inputs came to, in the order of names.

    Raises:
        BrokenExecutor: A process ended, by a signal for instance.
    """
    method = get_context("spawn")
    with ProcessPoolExecutor(processes, method, max_tasks_per_child=1) as pool:
        pieces = {
            name: [
                pool.submit(run, name, seed=seed + number, **most(name))
                for number in range(processes)
            ]
            for name in names
        }
        for name in names:
            yield name, sum((one.result() for one in pieces[name]), Tally())


def table_row(name: str, tally: Tally) -> str:
    """Write what a target came to as a row of `HEAD`."""
    return (
        f"| {name} | {tally.inputs:,} | {tally.taken:,} | {tally.failed}"
        f" | {tally.seconds:,.1f} | {1000 * tally.slowest_seconds:,.0f}"
        f" | {tally.peak_bytes / (1 << 20):,.0f} |"
    )


HEAD = """\
| target | inputs | taken | failed | processor s | slowest ms | most MiB |
|---|---:|---:|---:|---:|---:|---:|"""
DECODERS = ("numpy", "pillow", "pyarrow", "safetensors", "onnxruntime", "pypdfium2")


def main() -> None:
    """Fuzz all targets, or some, and print a table; exit 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("targets", nargs="*", default=list(TARGETS), metavar="target")
    parser.add_argument("--seconds", type=float, default=60, help="for all together")
    parser.add_argument(
        "--inputs",
        type=int,
        help="how many in all, instead; cheap targets get more of them",
    )
    parser.add_argument("--processes", type=int, default=1, help="at a time")
    parser.add_argument("--seed", type=int, default=time.time_ns())
    parser.add_argument("--atheris", metavar="TARGET", help="by coverage, this one")
    options, more = parser.parse_known_args()
    if options.atheris:
        by_coverage(options.atheris, more)
        return
    for name in set(options.targets) - set(TARGETS):
        parser.error(str(unknown_name("target", name, TARGETS)))
    names = [name for name in TARGETS if name in options.targets and is_there(name)]

    def most(name: str) -> dict[str, Any]:
        if options.inputs is None:
            return {"seconds": options.seconds / len(names)}
        share = SHARES[name] / sum(SHARES[one] for one in names)
        return {"most": math.ceil(options.inputs * share / options.processes)}

    os.environ["OMP_NUM_THREADS"] = "1"  # of the processes: each has one core
    versions = ", ".join(f"{one} {version(one)}" for one in DECODERS)
    print(
        f"seed {options.seed}, {options.processes} processes, Python"
        f" {platform.python_version()}, {versions}\n\n{HEAD}",
        flush=True,
    )
    whole, begun = Tally(), time.monotonic()
    try:
        for name, tally in run_all(names, options.seed, options.processes, most):
            whole += tally
            print(table_row(name, tally), flush=True)
            for outcome, data in tally.failures.items():
                print(f"  {outcome}  {keep(name, outcome, data)}", flush=True)
    except BrokenExecutor as error:
        print(f"  the target after these ended its process: {error}")
        whole.failed += 1
    print(table_row("all", whole))
    print(
        f"\n{whole.inputs:,} inputs, {time.monotonic() - begun:,.0f} s by the clock,"
        f" {whole.failed} failed"
    )
    sys.exit(whole.failed > 0)


if __name__ == "__main__":
    main()
