"""WebDataset's tar files: 00042.png with 00042.cls, one after the other.

Source: the format as in https://github.com/webdataset/webdataset, "The WebDataset
Format". Members are read where they lie; nothing is ever unpacked onto the disk.
"""

import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from mnistry.digits import Digits
from mnistry.errors import FormatError
from mnistry.files import splits
from mnistry.files.disk import reading
from mnistry.files.folder import labels_of
from mnistry.files.pictures import MOST_FILE_BYTES, stack
from mnistry.formats import png
from mnistry.formats.atomic import atomic_path
from mnistry.formats.budget import check_unpacked
from mnistry.formats.pictures import ENDINGS

BLOCK_IMAGES = 4096  # encoded at a time
CLASS = ".cls"
BROKEN = (tarfile.TarError, EOFError, ValueError, OSError, RecursionError)


def save(by_split: Mapping[str, Digits], folder: Path) -> list[Path]:
    """Write a tar for each split, such as train.tar, without timestamps.

    Args:
        by_split: Digits by the names of their splits.
        folder: The folder.

    Returns:
        The files.
    """
    written = []
    for split, digits in by_split.items():
        path = folder / f"{split}.tar"
        width = max(5, len(str(len(digits))))
        with atomic_path(path) as part, tarfile.open(part, "w") as archive:
            for start in range(0, len(digits), BLOCK_IMAGES):
                block = digits[start : start + BLOCK_IMAGES]
                for at, data in enumerate(png.encode_all(block.images)):
                    key = f"{start + at:0{width}}"
                    _add(archive, f"{key}.png", data)
                    _add(archive, key + CLASS, str(block.labels[at]).encode())
        written.append(path)
    return written


def load(path: Path) -> dict[str, Digits]:
    """Read one tar, or all in a folder; shards of one split together.

    Raises:
        FormatError: Not a tar, truncated, a picture without a class or the reverse, or
            pictures that are damaged or of several sizes.
    """
    found = splits.files(path, "*.tar")
    return {split: _together(files) for split, files in found.items()}


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def _together(files: list[Path]) -> Digits:
    labels: list[str] = []
    shards = []
    for file in files:
        with reading(file, *BROKEN):
            samples = list(_samples(file))
            labels += [label for _, _, label in samples]
            named = ((name, png.decode(data, name=name)) for name, data, _ in samples)
            rows, columns = (samples and png.size_of(samples[0][1])) or (0, 0)
            claimed = rows * columns * len(samples)
            check_unpacked(str(file), claimed, file.stat().st_size)
            shards.append(stack(named, len(samples)))
    numbers, classes = labels_of(labels)
    with reading(files[0], ValueError):
        images = shards[0] if len(shards) == 1 else np.concatenate(shards)
    return Digits(images, np.array(numbers, np.uint8), classes=classes)


def _samples(file: Path) -> Iterator[tuple[str, bytes, str]]:
    """Yield the name, the picture file and the label of each sample, in order."""
    waiting: dict[str, dict[str, bytes]] = {}
    complete: set[str] = set()
    with tarfile.open(file, "r:") as archive:
        while (member := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]
            above, _, name = member.name.rpartition("/")
            stem, _, end = name.partition(".")
            key = f"{above}/{stem}" if above else stem
            if not member.isreg() or f".{end}" not in ENDINGS | {
                CLASS,
                ".json",
            }:
                continue
            if key in complete and f".{end}" not in ENDINGS:
                continue  # such as .json after .cls and .jpg, as sorted names are
            if member.size > MOST_FILE_BYTES:
                message = f"{file} has {member.name} of {member.size:,} bytes;"
                raise FormatError(f"{message} expected pictures of digits.")
            opened = archive.extractfile(member)
            sample = waiting.setdefault(key, {})
            sample[end] = opened.read() if opened else b""
            picture = next((of for of in sample if f".{of}" in ENDINGS), None)
            label = _label(sample)
            if picture and label is not None:
                yield f"{file}: {key}.{picture}", sample[picture], label
                del waiting[key]
                complete.add(key)
    for key, sample in waiting.items():
        message = (
            f"{file} has only {key}.{next(iter(sample))}; expected a picture and its"
            " class (.cls) next to each other. It is truncated, or not WebDataset."
        )
        raise FormatError(message)


def _label(sample: Mapping[str, bytes]) -> str | None:
    if "cls" in sample:
        return sample["cls"].decode().strip()
    if "json" in sample:
        record = json.loads(sample["json"])
        if isinstance(record, dict):
            label = record.get("label", record.get("cls"))
            return None if label is None else str(label)
    return None
