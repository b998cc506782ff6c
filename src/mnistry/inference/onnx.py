"""A net of `inference.net` as the bytes of an ONNX file, without the package onnx.

onnxruntime takes a net only so. ONNX files are protocol buffers: fields, each a number
and a kind, then a whole number in groups of seven bits or some bytes with their length.

Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto for the numbers of the
fields, https://protobuf.dev/programming-guides/encoding for their bytes.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.inference.net import Net

IR_VERSION, OPSET = 8, 13  # of 2021: every onnxruntime for Python 3.11 knows them
FLOAT, INT64 = 1, 7  # of TensorProto
INT, INTS = 2, 7  # of AttributeProto
BLOCK = 16  # channels that onnxruntime keeps together, at most: with AVX-512


def encode_graph(net: Net, rows: int, columns: int | None) -> bytes:
    """Write a net as ONNX.

    Args:
        net: Its layers; if it has an unshuffling one that is the first.
        rows: Of the images that it takes.
        columns: Of the images that it takes; None if any number will do.

    Returns:
        A model that takes `images`, (n, 1, rows, columns) float32, as the net was
        trained, and gives `logits`, (n, classes); of a net without a dense layer (n,
        channels, rows, columns).

    Example:
        >>> net = Net((("rectify",),), {})
        >>> b"Relu" in encode_graph(net, 28, 28)
        True
    """
    nodes, tensors, before, is_flat = b"", b"", "images", False
    for number, (kind, *settings) in enumerate(net.layers, 1):
        after = "logits" if number == len(net.layers) else f"after {number}"
        if kind == "dense" and not is_flat:
            # we flatten with the channels of a pixel side by side
            turned, flat = f"turned {number}", f"flat {number}"
            nodes += _node("Transpose", [before], turned, perm=[0, 2, 3, 1])
            nodes += _node("Flatten", [turned], flat, axis=1)
            before, is_flat = flat, True
        if kind == "attend":
            more, arrays = _attention(net.weights, before, after, *settings)
            nodes, tensors, before = nodes + more, tensors + arrays, after
            continue
        operator, attributes = _operator(kind, settings)
        inputs = [before]
        if kind in ("convolve", "dense"):
            inputs += [f"{settings[0]}.{part}" for part in ("weight", "bias")]
            tensors += _tensors(net.weights, kind, settings[0])
        nodes += _node(operator, inputs, after, **attributes)
        before = after
    named = _text(2, "net") + tensors
    named += _message(11, _value("images", [None, 1, rows, columns]))
    named += _message(12, _value("logits", [None] * (2 if is_flat else 4)))
    opset = _message(8, _number(2, OPSET))
    return _number(1, IR_VERSION) + _message(7, nodes + named) + opset


def open_session(
    net: Net,
    rows: int,
    columns: int | None,
    *,
    threads: int = 0,
    block: int = BLOCK,
) -> Any:
    """Let onnxruntime run a net, where it is installed.

    Args:
        net: Its layers; if it has an unshuffling one that is the first.
        rows: Of the images that it takes.
        columns: Of the images that it takes; None if any number will do.
        threads: That work on one image; 0 lets onnxruntime choose.
        block: Channels that it keeps together on this processor; where that is not
            known the most will do.

    Returns:
        Its session, or None if it is not installed.
    """
    try:
        import onnxruntime
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # threads that wait busily slow down all others on the machine, and us with them
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    encoded = encode_graph(_in_blocks(net, block), rows, columns)
    return onnxruntime.InferenceSession(
        encoded, options, providers=["CPUExecutionProvider"]
    )


def _in_blocks(net: Net, block: int) -> Net:
    """Add channels that are 0 between convolutions, until they are whole blocks.

    onnxruntime computes whole blocks, but takes others apart to pool them: with 32
    channels for 24 the net for lines takes 4 % less time, and gives the same bits. With
    AVX2 alone, where blocks are of 8, 24 are whole, and 32 would take 3 % more.
    """
    weights, before = dict(net.weights), ""
    for kind, *settings in net.layers:
        if kind == "convolve":
            after = str(settings[0])
            size = len(weights[f"{before}.bias"]) if before else 0
            more = -size % block if size > block else 0  # of fewer it makes no blocks
            widened = {f"{before}.weight": 3, f"{before}.bias": 0, f"{after}.weight": 2}
            for name, axis in widened.items() if more else ():
                pads = [(0, more if of == axis else 0) for of in range(4)]
                weights[name] = np.pad(weights[name], pads[: weights[name].ndim])
            before = after
        elif kind not in {"pool", "rectify"}:
            before = ""
    return Net(net.layers, weights)


def _operator(kind: str, settings: list[Any]) -> tuple[str, dict[str, Any]]:
    if kind == "convolve":
        _, rows, columns, *step = settings
        step = [*step, 1][:1]
        return "Conv", {"pads": [rows, columns] * 2, "strides": step * 2}
    if kind == "pool":
        return "MaxPool", {"kernel_shape": settings, "strides": settings}
    if kind == "unshuffle":
        return "SpaceToDepth", {"blocksize": settings[0]}
    return {"rectify": "Relu", "dense": "Gemm"}[kind], {}


def _attention(
    weights: Mapping[str, NDArray[Any]], before: str, after: str, name: str, heads: int
) -> tuple[bytes, bytes]:
    """Write self-attention among columns: its nodes, and its tensors.

    Of images of one row; columns stay the last axis, so that only keys are turned.
    """
    width = weights[f"{name}.outer.weight"].shape[2]
    split = np.array([0, heads, width // heads, -1])
    joined = np.array([0, width, 1, -1])
    tensors = b"".join(
        _tensors(weights, "convolve", f"{name}.{part}") for part in ("inner", "outer")
    )
    tensors += _message(5, _tensor(f"{name}.split", split))
    tensors += _message(5, _tensor(f"{name}.joined", joined))

    def of(part: str) -> str:
        return f"{name}.{part}"

    def convolution(part: str, ink: str, to: str) -> bytes:
        inputs = [ink, of(f"{part}.weight"), of(f"{part}.bias")]
        return _node("Conv", inputs, to, pads=[0] * 4, strides=[1, 1])

    nodes = convolution("inner", before, of("all"))
    parts = [of(part) for part in ("queries", "keys", "values")]
    nodes += _node("Split", [of("all")], *parts, axis=1)
    for part in parts:
        nodes += _node("Reshape", [part, of("split")], f"{part} of heads")
    query, key, value = (f"{part} of heads" for part in parts)
    nodes += _node("Transpose", [key], of("turned"), perm=[0, 1, 3, 2])
    nodes += _node("MatMul", [of("turned"), query], of("logs"))
    nodes += _node("Softmax", [of("logs")], of("shares"), axis=2)
    nodes += _node("MatMul", [value, of("shares")], of("mixed"))
    nodes += _node("Reshape", [of("mixed"), of("joined")], of("flat"))
    nodes += convolution("outer", of("flat"), of("added"))
    return nodes + _node("Add", [before, of("added")], after), tensors


def _tensors(weights: Mapping[str, NDArray[Any]], kind: str, name: str) -> bytes:
    weight = weights[f"{name}.weight"]
    if kind == "convolve":  # ONNX wants (outputs, inputs, rows, columns)
        weight = weight.transpose(3, 2, 0, 1)
    both = {f"{name}.weight": weight, f"{name}.bias": weights[f"{name}.bias"]}
    return b"".join(_message(5, _tensor(name, of)) for name, of in both.items())


def _tensor(name: str, array: NDArray[Any]) -> bytes:
    sizes = b"".join(_number(1, size) for size in array.shape)
    is_whole = array.dtype.kind == "i"
    data = _message(9, array.astype("<i8" if is_whole else "<f4").tobytes())
    return sizes + _number(2, INT64 if is_whole else FLOAT) + _text(8, name) + data


def _node(operator: str, inputs: list[str], *outputs: str, **attributes: Any) -> bytes:
    fields = b"".join(_text(1, name) for name in inputs)
    fields += b"".join(_text(2, name) for name in outputs)
    fields += _text(4, operator)
    for name, value in attributes.items():
        if isinstance(value, int):
            of = _number(3, value) + _number(20, INT)
        else:
            of = b"".join(_number(8, one) for one in value) + _number(20, INTS)
        fields += _message(5, _text(1, name) + of)
    return _message(1, fields)


def _value(name: str, sizes: list[int | None]) -> bytes:
    """Describe an input or output array; a size None is free."""
    shape = b"".join(
        _message(1, _text(2, f"any {axis}") if size is None else _number(1, size))
        for axis, size in enumerate(sizes)
    )
    tensor = _number(1, FLOAT) + _message(2, shape)
    return _text(1, name) + _message(2, _message(1, tensor))


def _text(field: int, text: str) -> bytes:
    return _message(field, text.encode())


def _message(field: int, data: bytes) -> bytes:
    return _groups(field << 3 | 2) + _groups(len(data)) + data


def _number(field: int, number: int) -> bytes:
    return _groups(field << 3) + _groups(number)


def _groups(number: int) -> bytes:
    """Write a whole number of 0 or more, seven bits a byte, the lowest first."""
    groups = [int(number) >> shift & 127 for shift in range(0, 70, 7)]
    last = max(0, (int(number).bit_length() - 1) // 7)
    return bytes([group | 128 for group in groups[:last]] + [groups[last]])
