"""EMNIST: six data sets in one zip of NIST's, all with rows and columns exchanged.

Counts are those of the files, which hold 124,800 and 20,800 letters, not those of the
paper. No hash of a single member was published; the zip's own was.
"""

from string import ascii_lowercase, ascii_uppercase
from types import MappingProxyType

from mnistry.data.catalog.mnist import DIGITS
from mnistry.data.catalog.rows import Dataset, File, Split

UPPER, LOWER = tuple(ascii_uppercase), tuple(ascii_lowercase)
UNLIKE_THEIR_CAPITALS = tuple("abdefghnqrt")  # the lower case that bymerge separates
MERGED = (*DIGITS, *UPPER, *UNLIKE_THEIR_CAPITALS)

TABLE = {  # data set: training images, test images, classes
    "byclass": (697_932, 116_323, (*DIGITS, *UPPER, *LOWER)),
    "bymerge": (697_932, 116_323, MERGED),
    "balanced": (112_800, 18_800, MERGED),
    "letters": (124_800, 20_800, ("", *UPPER)),  # labels run from 1
    "digits": (240_000, 40_000, DIGITS),
    "mnist": (60_000, 10_000, DIGITS),
}


def _file(stem: str, raw_size_bytes: int) -> File:
    return File(
        name="gzip.zip",
        raw_name=stem,
        packing="zip",
        member=f"gzip/{stem}.gz",
        size_bytes=561_753_746,
        sha256="fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
        raw_size_bytes=raw_size_bytes,
    )


def _split(name: str, split: str, count: int) -> Split:
    stem = f"emnist-{name}-{split}"
    return Split(
        images=_file(f"{stem}-images-idx3-ubyte", 16 + 28 * 28 * count),
        labels=_file(f"{stem}-labels-idx1-ubyte", 8 + count),
    )


def _row(name: str) -> Dataset:
    train, test, classes = TABLE[name]
    return Dataset(
        name=f"emnist-{name}",
        title=f"EMNIST {name}: {train + test:,} handwritten characters of NIST SD 19",
        splits=MappingProxyType(
            {"train": _split(name, "train", train), "test": _split(name, "test", test)}
        ),
        mirrors=("https://biometrics.nist.gov/cs_links/EMNIST/",),
        classes=classes,
        licence="none stated by NIST; NIST Special Database 19 is US-government data",
        citation=(
            "G. Cohen, S. Afshar, J. Tapson, A. van Schaik: EMNIST: extending MNIST to"
            " handwritten letters. IJCNN 2017. doi:10.1109/IJCNN.2017.7966217"
        ),
        homepage="https://www.nist.gov/itl/products-and-services/emnist-dataset",
        transposed=True,
        folder="emnist",
        notes=("The files come in one zip of 562 MB for all six data sets.",),
    )


EMNIST = tuple(_row(name) for name in TABLE)
