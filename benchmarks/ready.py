"""How long from four .gz to verified raw files in an empty cache?

Run: python benchmarks/ready.py [RUNS]

The time covers, in one process after its imports: hashing the .gz, inflating, hashing
and writing the raw files, and their stamps; `fetch` and, as people meet it, the first
`load`. The baseline is inflating the same four files in one go, to their known size,
with the fastest decompressor installed: Intel's igzip (`isal`) or libdeflate
(`deflate`, which is not needed by mnistry: pip install deflate). The parts are timed
too. The .gz files are in the page cache; the new cache lies in the temporary folder.
"""

import hashlib
import os
import sys
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from measure import in_turn, table, write

import mnistry
from mnistry.data import cache
from mnistry.data.catalog.mnist import MNIST

FOLDER = Path(os.environ["MNISTRY_DATA"])
PACKED = [FOLDER / file.name for file in MNIST.files]
SIZES = [file.raw_size_bytes or 0 for file in MNIST.files]


def fetch() -> None:
    """Fill an empty cache from the folder."""
    cache.fetch(MNIST, folder=FOLDER)


def inflaters() -> dict[str, Callable[[bytes, int], bytes]]:
    """Return the decompressors that are installed, by name."""
    found: dict[str, Callable[[bytes, int], bytes]] = {
        "zlib": lambda data, size: zlib.decompress(data, 31, size)
    }
    if find_spec("isal"):
        from isal import isal_zlib

        found["isal"] = lambda data, size: isal_zlib.decompress(data, 31, size)
    if find_spec("deflate"):
        import deflate

        found["libdeflate"] = deflate.gzip_decompress
    return found


def inflating(inflate: Callable[[bytes, int], bytes]) -> Callable[[], None]:
    """Make a work of reading and inflating all four files."""

    def work() -> None:
        for path, size in zip(PACKED, SIZES, strict=True):
            inflate(path.read_bytes(), size)

    return work


def in_empty_cache(work: Callable[[], object]) -> Callable[[], object]:
    """Return a work each time a home of its own, that was never used."""

    def with_home() -> None:
        os.environ["MNISTRY_HOME"] = mkdtemp(dir=PLACE.name)
        work()

    return with_home


def main(runs: int) -> None:
    """Measure and write the table down."""
    own = {name: inflating(inflate) for name, inflate in inflaters().items()}
    packed = [path.read_bytes() for path in PACKED]
    raw = [zlib.decompress(data, 31) for data in packed]
    target = Path(PLACE.name, "written")
    works = own | {
        "fetch": in_empty_cache(fetch),
        "load": in_empty_cache(mnistry.load),
        "hash .gz": lambda: [hashlib.sha256(data).digest() for data in packed],
        "hash raw": lambda: [hashlib.sha256(data).digest() for data in raw],
        "write raw": lambda: [target.write_bytes(data) for data in raw],
    }
    seconds = in_turn(works, runs=runs)
    fastest = min(own, key=lambda name: sorted(seconds[name])[runs // 2])
    rows = table(seconds, against=fastest)
    write("ready", rows, packages=("mnistry", "isal", "deflate"))


PLACE = TemporaryDirectory()

if __name__ == "__main__":
    with PLACE:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
