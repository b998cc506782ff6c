"""Arrays and facts in one safetensors file, complete or not at all.

Layout: the tensors by name; in the header's metadata `format` = "mnistry 1", `facts` =
JSON, `sha256` over the facts and all tensors. Rule of the package: nothing that is read
can run, and what was changed or cut is noticed before it is used.

Source: https://huggingface.co/docs/safetensors, "Format".
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from mnistry.errors import CheckpointError
from mnistry.formats.atomic import write_atomic

FORMAT = "mnistry 1"

LONGEST_SIDE = 2048  # pixels of the images a net takes; digits have 28
TEMPERATURES = 1e-3, 1e3  # fitted ones lie within e⁻⁴ and e⁴
DEEPEST = 32  # facts in facts
LARGEST = 1 << 63  # of whole numbers; what cannot become a float is no fact of ours

MOST_SHOWN = 60  # characters of a fact that is wrong

Weights = dict[str, NDArray[Any]]
"""Arrays by name: the parameters of a net, or the state of its training."""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _is_rows(value: Any) -> bool:
    rows = isinstance(value, list) and all(isinstance(row, dict) for row in value)
    return rows and all(
        of is None or _is_number(of) for row in value for of in row.values()
    )


def _is_size(value: Any) -> bool:
    is_pair = isinstance(value, list) and len(value) == 2
    return is_pair and all(
        isinstance(side, int) and 0 < side <= LONGEST_SIDE for side in value
    )


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_trust(value: Any) -> bool:
    names = ("temperature", "reject_below")
    numbers = _is_table(value) and all(_is_number(value.get(name, 1)) for name in names)
    least, most = TEMPERATURES
    return numbers and least <= value.get("temperature", 1) <= most


def _is_about_digits(value: Any) -> bool:
    return _is_table(value) and isinstance(value.get("images", 0), int)


FORMS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {  # of facts that are used
    "history": ("a list of rows of numbers", _is_rows),
    "epoch": (
        "an integer above 0",
        lambda value: isinstance(value, int) and value > 0,
    ),
    "image_size": (f"two integers from 1 to {LONGEST_SIDE}", _is_size),
    "trust": (
        f"names with numbers, the temperature from {TEMPERATURES[0]} to"
        f" {TEMPERATURES[1]}",
        _is_trust,
    ),
    "recipe": ("names with values", lambda value: value is None or _is_table(value)),
    "digits": ("names with values, images an integer", _is_about_digits),
}


def write_weights(
    path: Path, weights: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]
) -> None:
    """Write arrays and facts to a file, atomically.

    Args:
        path: One that is there is replaced; its folder is made.
        weights: Arrays by name.
        facts: Whatever JSON can hold; half a character, as names of files that are
            not UTF-8 have them, becomes a question mark.

    Raises:
        CacheError: The folder cannot be written, or the disk is full.
    """
    whole = json.dumps(facts, ensure_ascii=False).encode(errors="replace")
    text = json.dumps(json.loads(whole), sort_keys=True)
    arrays = {name: np.asarray(array, order="C") for name, array in weights.items()}
    metadata = {"format": FORMAT, "facts": text, "sha256": _sha256(arrays, text)}
    write_atomic(path, _sorted(save(arrays, metadata)))


def _sorted(file: bytes) -> bytes:
    """Sort the names in the header of a safetensors file, which come in any order.

    The header is its length, 8 bytes little-endian, and JSON padded with spaces.
    """
    start = 8 + int.from_bytes(file[:8], "little")
    header = json.dumps(
        json.loads(file[8:start]), sort_keys=True, separators=(",", ":")
    ).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + file[start:]


def read_weights(path: Path) -> tuple[Weights, dict[str, Any]]:
    """Read what `write_weights` wrote.

    Returns:
        Arrays by name; the facts.

    Raises:
        CheckpointError: There is no such file, or it is not one of mnistry's, or it was
            cut or changed.
    """
    if not path.is_file():
        message = f"there is no model file {path}. mnistry train --out DIR makes one."
        raise CheckpointError(message)
    try:
        with safe_open(path, framework="numpy") as file:
            metadata: dict[str, str] = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        message = (
            f"{path} {_fault(path)} ({error}); expected a safetensors file that mnistry"
            " wrote. Copy it again, or train again."
        )
        raise CheckpointError(message) from error
    if metadata.get("format") != FORMAT:
        message = (
            f"{path} is a safetensors file of the format {metadata.get('format')!r};"
            f" expected {FORMAT!r}. Only models that mnistry saved can be loaded."
        )
        raise CheckpointError(message)
    return weights, _facts(path, weights, metadata)


def _fault(path: Path) -> str:
    """Say whether a file is damaged or of another kind, by how it begins."""
    try:
        with path.open("rb") as file:
            start = file.read(9)
    except OSError:
        return "cannot be read"
    if not start:
        return "is empty"
    is_begun = start[8:] == b"{"  # its header, after 8 bytes of its length
    return "was cut short or changed" if is_begun else "is not a safetensors file"


def _facts(path: Path, weights: Weights, metadata: dict[str, str]) -> dict[str, Any]:
    text = metadata.get("facts", "")
    expected, found = metadata.get("sha256", ""), _sha256(weights, text)
    if expected != found:
        message = (
            f"{path} was changed after it was written: its SHA-256 is"
            f" {found[:8]}…; expected {expected[:8]}…. Copy it again, or train again."
        )
        raise CheckpointError(message)
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"{path} has facts that are not JSON ({error}). Train again."
        raise CheckpointError(message) from error
    return check_facts(path, facts)


def check_facts(path: Path, facts: Any) -> dict[str, Any]:
    """Refuse facts of a model that mnistry does not write, before they are used.

    Args:
        path: Of the model, for the message.
        facts: What its file holds, as JSON gives it.

    Raises:
        CheckpointError: Not an object, or something in it that is computed with is of
            another form.
    """
    if not isinstance(facts, dict):
        message = f"{path} has facts that are not a JSON object. Train again."
        raise CheckpointError(message)
    if not _is_plain(facts, DEEPEST):
        message = (
            f"{path} has facts that mnistry does not write: a whole number of more than"
            f" 63 bits, half a character, or more than {DEEPEST} lists in each other."
            " It was not written by mnistry as it is; train again."
        )
        raise CheckpointError(message)
    for name, (form, is_right) in FORMS.items():
        if name in facts and not is_right(facts[name]):
            message = (
                f"{path} has {str(facts[name])[:MOST_SHOWN]!r} as {name}; expected"
                f" {form}. It was not written by mnistry as it is; train again."
            )
            raise CheckpointError(message)
    return facts


def _is_plain(value: Any, deepest: int) -> bool:
    """Return whether facts can be shown, computed with, and written again."""
    if isinstance(value, str):
        return not any("\ud800" <= sign <= "\udfff" for sign in value)
    if isinstance(value, int):
        return abs(value) < LARGEST
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        return deepest > 0 and all(_is_plain(of, deepest - 1) for of in value)
    return True


def _sha256(weights: Mapping[str, NDArray[Any]], facts: str) -> str:
    digest = hashlib.sha256(facts.encode())
    for name in sorted(weights):
        array = weights[name]
        digest.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
