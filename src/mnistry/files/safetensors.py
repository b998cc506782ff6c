"""safetensors: images, labels and columns as named tensors, facts in the header."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from mnistry.digits import Digits
from mnistry.errors import FormatError, UsageError
from mnistry.files import splits
from mnistry.files.disk import reading
from mnistry.formats.atomic import atomic_path
from mnistry.views import layout

COLUMN = "columns."  # prefix of the names of further columns


def save(by_split: Mapping[str, Digits], folder: Path) -> list[Path]:
    """Write a file for each split, such as train.safetensors.

    Args:
        by_split: Digits by the names of their splits.
        folder: The folder.

    Returns:
        The files.

    Raises:
        UsageError: A column is not numeric.
    """
    for digits in by_split.values():
        for name, column in digits.columns.items():
            if column.dtype.kind not in "biuf":
                message = (
                    f"column {name!r} is {column.dtype}, which safetensors cannot hold;"
                    " expected numbers. Leave it out, or write Parquet."
                )
                raise UsageError(message)
    written = []
    for split, digits in by_split.items():
        path = folder / f"{split}.safetensors"
        columns = {COLUMN + name: column for name, column in digits.columns.items()}
        arrays = {"images": digits.images, "labels": digits.labels, **columns}
        contiguous = {
            name: np.ascontiguousarray(array) for name, array in arrays.items()
        }
        with atomic_path(path) as part:
            try:
                save_file(contiguous, part, metadata={layout.KEY: layout.facts(digits)})
            except SafetensorError as error:  # a full disk, missing permission
                raise OSError(str(error)) from error
        written.append(path)
    return written


def load(path: Path) -> dict[str, Digits]:
    """Read one file, or all in a folder.

    Raises:
        FormatError: Not safetensors, damaged, or without images and labels.
    """
    found = splits.single_files(path, "*.safetensors")
    return {split: _read(file) for split, file in found.items()}


def _read(file: Path) -> Digits:
    with (
        reading(file, SafetensorError, TypeError, OSError),
        safe_open(file, framework="numpy") as tensors,
    ):
        names = list(tensors.keys())
        if not {"images", "labels"} <= set(names):
            message = (
                f"{file} has the tensors {', '.join(names[:8]) or 'none'}; expected"
                " images and labels. Is it a model?"
            )
            raise FormatError(message)
        facts = layout.read_facts((tensors.metadata() or {}).get(layout.KEY))
        columns = {
            name.removeprefix(COLUMN): tensors.get_tensor(name)
            for name in names
            if name.startswith(COLUMN)
        }
        images, labels = tensors.get_tensor("images"), tensors.get_tensor("labels")
        return layout.make(images, labels, columns, facts)
