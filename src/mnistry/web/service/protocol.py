"""The Open Inference Protocol, version 2: metadata, and tensors as JSON.

Source: https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol
"""

import json
import math
from dataclasses import dataclass
from typing import Any

from mnistry.models.packaged import SIDE
from mnistry.version import __version__
from mnistry.web.service.problems import ProblemError

NAME = "digits"
SERVER = {"name": "mnistry", "version": __version__, "extensions": []}
MODEL = {
    "name": NAME,
    "versions": ["1"],
    "platform": "mnistry",
    "inputs": [{"name": "images", "datatype": "UINT8", "shape": [-1, SIDE, SIDE]}],
    "outputs": [
        {"name": "labels", "datatype": "INT64", "shape": [-1]},
        {"name": "confidence", "datatype": "FP32", "shape": [-1]},
        {"name": "rejected", "datatype": "BOOL", "shape": [-1]},
        {"name": "probabilities", "datatype": "FP32", "shape": [-1, 10]},
    ],
}
_DATATYPES = {str(one["name"]): str(one["datatype"]) for one in MODEL["outputs"]}  # type: ignore[index]


@dataclass(frozen=True, slots=True)
class InferRequest:
    """A request to infer: its images as nested lists, its id, the outputs wanted."""

    images: list[Any]
    id: str | None
    outputs: tuple[str, ...]


def to_request(body: bytes, most: int) -> InferRequest:
    """Parse a request.

    Args:
        body: JSON with one input `images` of UINT8, its data flat or nested.
        most: Largest number of images.

    Raises:
        ProblemError: 400 if it is anything else.
    """
    try:
        request = json.loads(body)
        (given,) = request["inputs"]
        name, datatype = given["name"], given["datatype"]
        shape, data = given["shape"], given["data"]
        count, rows, columns = shape
        names = [one["name"] for one in request.get("outputs", [])]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _refused(f"{type(error).__name__}: {error}") from error
    if (name, datatype, rows, columns) != ("images", "UINT8", SIDE, SIDE):
        raise _refused(f"the input is {name} {datatype} {shape}")
    if not isinstance(count, int) or not 0 <= count <= most:
        raise _refused(f"there are {count} images, of at most {most:,}")
    unknown = [one for one in names if one not in _DATATYPES]
    if unknown:
        raise _refused(f"there is no output {unknown[0]!r}")
    flat = _flattened(data)
    if len(flat) != math.prod(shape):
        raise _refused(f"there are {len(flat):,} numbers for the shape {shape}")
    images = [
        [flat[start : start + SIDE] for start in range(first, first + SIDE**2, SIDE)]
        for first in range(0, len(flat), SIDE**2)
    ]
    return InferRequest(images, request.get("id"), tuple(names) or tuple(_DATATYPES))


def to_answer(request: InferRequest, found: dict[str, Any]) -> dict[str, Any]:
    """Write predictions in the protocol's form.

    Args:
        request: The request.
        found: labels, confidence, rejected and probabilities, as lists.
    """
    count = len(found["labels"])
    outputs = []
    for name in request.outputs:
        values, shape = found[name], [count]
        if name == "probabilities":
            values, shape = [one for row in values for one in row], [count, 10]
        outputs.append(
            {"name": name, "datatype": _DATATYPES[name], "shape": shape, "data": values}
        )
    answer = {"model_name": NAME, "model_version": "1", "outputs": outputs}
    return answer if request.id is None else answer | {"id": request.id}


def _flattened(data: Any) -> list[Any]:
    """Flatten lists of up to three levels, as clients may nest them."""
    for _ in range(2):
        if isinstance(data, list) and data and isinstance(data[0], list):
            data = [
                one for row in data for one in (row if isinstance(row, list) else [row])
            ]
    return data if isinstance(data, list) else []


def _refused(reason: str) -> ProblemError:
    detail = (
        f"the request cannot be read: {reason}; expected one input 'images', UINT8,"
        f" shape [n, {SIDE}, {SIDE}], with its data. See /v2/models/{NAME}."
    )
    return ProblemError(400, detail)
