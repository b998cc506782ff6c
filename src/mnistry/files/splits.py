"""Splits and file names: which split a file holds, and in what order."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from mnistry.digits import Digits
from mnistry.errors import FormatError, UsageError
from mnistry.formats.plain import walk

ALL = "all"  # the file of digits without a split
WORDS = {  # in names of files from anywhere
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "test": "test",
    "testing": "test",
    "t10k": "test",
}
ORDER = ["train", "validation", "test"]
SHARD = re.compile(r"-\d{5,6}(-of-\d{5})?$")  # Hugging Face's; WebDataset's


def split_of(stem: str) -> str:
    """Return the split that a file holds, from its name without ending.

    Example:
        >>> split_of("mnist_train"), split_of("t10k"), split_of("letters")
        ('train', 'test', 'letters')
    """
    for word in re.split(r"[-_. ]", stem.lower()):
        if word in WORDS:
            return WORDS[word]
    return stem


def by_split(digits: Digits | Iterable[Digits]) -> dict[str, Digits]:
    """Return one or several Digits by split, as files will be named.

    Raises:
        UsageError: Two are of one split, or a split's name would not be read back.
    """
    splits: dict[str, Digits] = {}
    for part in [digits] if isinstance(digits, Digits) else digits:
        name = part.split_name or ALL
        if not re.fullmatch(r"\w+", name) or split_of(name) != name:
            message = (
                f"split {name!r} cannot be the name of a file that is read back as the"
                " same; expected letters and digits, such as 'train'."
                " Rename it with dataclasses.replace(digits, split_name=…)."
            )
            raise UsageError(message)
        if name in splits:
            message = (
                f"two of the digits are of split {name!r}; expected each once."
                " Rename one with dataclasses.replace(digits, split_name=…)."
            )
            raise UsageError(message)
        splits[name] = part
    return splits


def keys(names: Sequence[str]) -> list[str]:
    """Return the split of each name; the full name if two would be the same.

    Example:
        >>> keys(["mnist_train", "t10k"]), keys(["a-train", "b-train"])
        (['train', 'test'], ['a-train', 'b-train'])
    """
    splits = [split_of(name) for name in names]
    return splits if len(set(splits)) == len(splits) else list(names)


def visible(folder: Path, *patterns: str) -> Iterator[Path]:
    """Find files in a folder, sorted by name, without folders and hidden files.

    Raises:
        FormatError: There are too many.
    """
    for file in walk(folder, deepest=1):
        is_hidden = file.name.startswith(".")
        if not is_hidden and matches(file.name, patterns) and file.is_file():
            yield file


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Return whether a file's name matches one of the patterns."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def files(path: Path, pattern: str) -> dict[str, list[Path]]:
    """List the files of each split: `path` itself, or those in the folder.

    Files whose names end in a shard's number belong together, in its order.
    """
    found = list(visible(path, pattern)) if path.is_dir() else [path]
    stems: dict[str, list[Path]] = {}
    for file in found:
        stems.setdefault(SHARD.sub("", file.stem), []).append(file)
    return dict(zip(keys(list(stems)), stems.values(), strict=True))


def single_files(path: Path, pattern: str) -> dict[str, Path]:
    """List the file of each split, for formats without shards.

    Raises:
        FormatError: A split has several files; reading one would lose the others.
    """
    found = files(path, pattern)
    for split, parts in found.items():
        if len(parts) > 1:
            names = ", ".join(part.name for part in parts[:4])
            message = (
                f"{path} has {len(parts)} files of the split {split}: {names}; expected"
                " one. Join them, or write Parquet or tar, which may be in parts."
            )
            raise FormatError(message)
    return {split: parts[0] for split, parts in found.items()}


def together(parts: Iterable[tuple[Path, Mapping[str, Digits]]]) -> dict[str, Digits]:
    """Merge the splits of several files.

    Raises:
        FormatError: Two files hold the same split; reading one would lose the other.
    """
    found: dict[str, Digits] = {}
    places: dict[str, Path] = {}
    for file, splits in parts:
        for split in splits:
            if split in found:
                message = (
                    f"{file} and {places[split].name} both hold the split {split};"
                    " expected it in one of them. Join them, or load one alone."
                )
                raise FormatError(message)
            found[split], places[split] = splits[split], file
    return found


def named(splits: Mapping[str, Digits], path: Path) -> dict[str, Digits]:
    """Put splits in order, each with its name and source.

    Raises:
        FormatError: There is none.
    """
    if not splits:
        message = f"{path} holds no digits; expected images with labels."
        raise FormatError(message)
    first = [name for name in ORDER if name in splits]
    return {
        name: _named(splits[name], name, path)
        for name in [*first, *(name for name in splits if name not in ORDER)]
    }


def _named(digits: Digits, split: str, path: Path) -> Digits:
    stem = path.stem or path.resolve().stem  # of "." too
    name = stem if digits.name == "digits" else digits.name
    split_name = "" if split == ALL else split
    return replace(digits, name=name, split_name=split_name, source=str(path))
