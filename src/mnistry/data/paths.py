"""Where files lie on this machine: the cache, and the folders of MNISTRY_DATA."""

import os
from collections.abc import Iterator
from pathlib import Path

from mnistry.data.catalog.rows import Dataset, File
from mnistry.errors import UsageError


def home() -> Path:
    """Tell where files are kept: MNISTRY_HOME, or the user's cache folder."""
    if folder := os.environ.get("MNISTRY_HOME"):
        return Path(folder)
    from platformdirs import user_cache_path

    return user_cache_path("mnistry")


def stamps() -> Path:
    """Tell where the stamps of verified files are kept."""
    return home() / "stamps"


def kept(dataset: Dataset, name: str) -> Path:
    """Tell where the cache has, or would have, a file of a data set."""
    return home() / (dataset.folder or dataset.name) / name


def named_by_the_user() -> list[Path]:
    """Tell the folders that MNISTRY_DATA names, in their order; they may be missing.

    Raises:
        UsageError: It names a file.
    """
    named = os.environ.get("MNISTRY_DATA", "")
    folders = [Path(folder) for folder in named.split(os.pathsep) if folder]
    for folder in folders:
        if folder.is_file():
            message = (
                f"MNISTRY_DATA names a file, {folder}; expected folders. Set it to the"
                f" folder that holds the files: {folder.parent}"
            )
            raise UsageError(message)
    return folders


def is_offline() -> bool:
    """Tell whether MNISTRY_OFFLINE forbids the network."""
    return os.environ.get("MNISTRY_OFFLINE", "").lower() not in {"", "0", "false", "no"}


def candidates(dataset: Dataset, file: File, folder: Path) -> Iterator[Path]:
    """Give the paths in a folder that by their name could be a file, raw ones first.

    People keep the files loose, in a folder named after the data set, or as torchvision
    does; raw or packed; with a dash or, as inside the .gz files, with a dot.
    """
    dotted = file.raw_name.replace("-idx", ".idx")
    names = dict.fromkeys((file.raw_name, dotted, f"{file.raw_name}.gz", file.name))
    for place in places(dataset, folder):
        for name in names:
            path = place / name
            if path.is_file():
                yield path


def places(dataset: Dataset, folder: Path) -> tuple[Path, ...]:
    """Give the folders within a folder that may hold a data set's files."""
    return folder, folder / dataset.name, folder / "MNIST" / "raw"
