"""ONNX files of any origin, run by onnxruntime.

Rule of the file: the graph is walked before onnxruntime sees it, so that arrays kept in
other files come from the model's own folder and from nowhere else.

Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto for the numbers of the
fields, https://protobuf.dev/programming-guides/encoding for their bytes.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.errors import CheckpointError, UsageError
from mnistry.extras import require
from mnistry.predictors.outputs import Output

Array = NDArray[Any]

DTYPES: Mapping[str, type[np.generic]] = {  # of inputs, as onnxruntime names them
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(uint8)": np.uint8,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}
ALL = "logits", "probabilities", "output_probability"  # preferred names of outputs

# Which messages hold others, by the numbers of their fields; a tensor's 13 is a pair of
# texts that tells where its numbers are.
NESTED: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {
        5: "tensor",
        6: "graph",
        10: "tensor",
        11: "graph",
        22: "sparse",
        23: "sparse",
    },
    "sparse": {1: "tensor", 2: "tensor"},
    "function": {7: "node", 11: "attribute"},
    "training": {1: "graph", 2: "graph"},
    "tensor": {13: "entry"},
}
DEEPEST = 64  # graphs in graphs
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types


def open_onnx(path: Path) -> Any:
    """Open an ONNX file with onnxruntime, on one thread of the processor.

    Args:
        path: The file; external arrays must be in its folder.

    Returns:
        onnxruntime's session.

    Raises:
        CheckpointError: There is no such file, it is not an ONNX model, or it has
            external arrays outside its folder.
        MissingExtraError: onnxruntime is not installed.
    """
    onnxruntime = require("onnxruntime", extra="read")
    if not path.is_file():
        message = f"there is no model file {path}. Check the path."
        raise CheckpointError(message)
    _expect_own_folder(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4  # what is wrong is raised
    try:
        return onnxruntime.InferenceSession(
            path,
            options,
            providers=["CPUExecutionProvider"],
            enable_fallback=0,  # else it prints errors, with names from the file
        )
    except Exception as error:  # it has many classes of errors
        reason = str(error).partition(" : ")[2] or str(error)
        message = (
            f"{path} cannot be opened by onnxruntime: {reason.strip()[:300]}. Expected"
            " an ONNX model that it can run; export it again, or copy it again."
        )
        raise CheckpointError(message) from error


def facts_of(session: Any) -> dict[str, Any]:
    """Return the facts that mnistry wrote into an ONNX file; empty for other files.

    Each is text, or JSON as `learn.export.onnx` writes it.
    """
    about = session.get_modelmeta()
    if about.producer_name != "mnistry":
        return {}
    facts: dict[str, Any] = {}
    for name, text in about.custom_metadata_map.items():
        try:
            facts[name] = json.loads(text)
        except (ValueError, RecursionError):
            facts[name] = text
    return facts


def shape_and_dtype(session: Any) -> tuple[tuple[int | None, ...], np.dtype[Any]]:
    """Return a session's input: its shape without the number of images, its dtype.

    Raises:
        UsageError: It has several inputs, or no numeric one.
    """
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].type not in DTYPES or not inputs[0].shape:
        listed = ", ".join(f"{one.name} {one.type} {one.shape}" for one in inputs)
        message = (
            f"the ONNX model takes {listed[:300] or 'nothing'}; expected one input of"
            " images."
        )
        raise UsageError(message)
    shape = [size if isinstance(size, int) else None for size in inputs[0].shape[1:]]
    return tuple(shape), np.dtype(DTYPES[inputs[0].type])


def runnable(session: Any) -> Callable[[Array], Output]:
    """Return a function that runs a session, in batches of its fixed size, if any."""
    (taken,) = session.get_inputs()
    size = taken.shape[0] if isinstance(taken.shape[0], int) else 0
    names = [output.name for output in session.get_outputs()]

    def ask(pixels: Array) -> Output:
        parts = []
        step = size or max(1, len(pixels))
        for start in range(0, len(pixels), step):
            batch = pixels[start : start + step]
            missing = step - len(batch) if size else 0
            if missing:
                batch = np.concatenate([batch, np.repeat(batch[-1:], missing, axis=0)])
            given = session.run(None, {taken.name: batch})
            parts.append([one[: step - missing] for one in given])
        return _scores(dict(zip(names, zip(*parts, strict=True), strict=True)))

    return ask


def _scores(given: Mapping[str, tuple[Any, ...]]) -> Output:
    """Choose an output: scores of classes rather than labels."""
    order = sorted(given, key=lambda name: name not in ALL)
    for name in order:  # scikit-learn's: a mapping of class to probability per image
        rows = [row for part in given[name] if isinstance(part, list) for row in part]
        if rows and isinstance(rows[0], Mapping):
            return Output([[*row.values()] for row in rows], [*rows[0]])
    arrays = {
        name: np.concatenate(given[name])
        for name in order
        if all(isinstance(part, np.ndarray) for part in given[name])
    }
    for array in arrays.values():
        if array.dtype.kind == "f" and array.ndim > 1 and array.shape[1] > 1:
            return Output(array)
    return Output(next(iter(arrays.values()), None))


def _expect_own_folder(path: Path) -> None:
    """Refuse a model with arrays outside its folder, before any is opened."""
    try:
        locations = set(_locations(memoryview(path.read_bytes()), "model", 0))
    except (IndexError, ValueError) as error:
        message = (
            f"{path} is not an ONNX model: {error}. Was it truncated? Copy it again, or"
            " export it again."
        )
        raise CheckpointError(message) from error
    folder = path.parent.resolve()
    for location in locations:
        other = (folder / location).resolve()
        is_absolute = Path(location).is_absolute() or PureWindowsPath(location).drive
        if is_absolute or not other.is_relative_to(folder) or other == folder:
            message = (
                f"{path} keeps arrays in {location[:200]!r}, outside its folder;"
                " expected them in the file itself, or beside it. Export it as one"
                " file."
            )
            raise CheckpointError(message)


def _locations(data: memoryview, kind: str, depth: int) -> Iterator[str]:
    """Yield the places of all arrays that a message keeps in other files."""
    if depth > DEEPEST:
        message = f"messages are nested more than {DEEPEST} deep"
        raise ValueError(message)
    for number, value in _fields(data):
        inner = NESTED[kind].get(number)
        if inner is None or not isinstance(value, memoryview):
            continue
        if inner == "entry":
            pair = dict(_fields(value))
            key, text = (bytes(pair.get(n) or b"") for n in (1, 2))
            if key == b"location":
                yield text.decode()
        else:
            yield from _locations(value, inner, depth + 1)


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview | None]]:
    """Yield each field of a message: its number, and its bytes, if it has any."""
    at = 0
    while at < len(data):
        tag, at = _number(data, at)
        number, wire = tag >> 3, tag & 7
        value = None
        if wire == VARINT:
            _, at = _number(data, at)
        elif wire in (FIXED32, FIXED64):
            at += 4 if wire == FIXED32 else 8
        elif wire == BYTES:
            size, at = _number(data, at)
            value, at = data[at : at + size], at + size
        else:
            message = f"no field can begin at byte {at:,}"
            raise ValueError(message)
        if at > len(data):
            message = f"a field ends {at - len(data):,} bytes after the message"
            raise ValueError(message)
        yield number, value


def _number(data: memoryview, at: int) -> tuple[int, int]:
    """Read a whole number in groups of seven bits, the lowest first."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    message = f"a number at byte {at:,} does not end"
    raise ValueError(message)
