"""ONNX files of any origin, and those that are none."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistry import load_model
from mnistry.errors import CheckpointError, UsageError
from mnistry.models.onnx import load_onnx
from mnistry.predictors.inputs import Input, prepare
from mnistry.predictors.onnx import open_onnx
from mnistry.predictors.predictor import ForeignModel
from tests.predictors.conftest import LEARNED, TEST

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


def weights() -> Any:
    """Give the weights of a linear reader of pixels from 0 to 1: nearest means."""
    pixels = prepare(LEARNED.images, Input("0-1", "flat"), np.float64)
    means = np.stack([pixels[LEARNED.labels == label].mean(0) for label in range(10)])
    return means.T.astype(np.float32), -(means**2).sum(1).astype(np.float32) / 2


def graph(
    shape: list[Any],
    *,
    kind: int = 1,
    end: str = "",
    opset: int = 13,
    scale: float = 20,
) -> Any:
    """Make a linear reader as ONNX, of whatever input."""
    make, (weight, bias) = onnx.helper, weights()
    nodes = [
        make.make_node("Cast", ["image"], ["real"], to=1),
        make.make_node("Flatten", ["real"], ["flat"], axis=1),
        make.make_node("Gemm", ["flat", "weight", "bias"], ["logits"]),
    ]
    if end:
        nodes.append(make.make_node(end, ["logits"], ["out"], axis=1))
    arrays = {"weight": scale * weight, "bias": scale * bias}
    return make.make_model(
        make.make_graph(
            nodes,
            "reader",
            [make.make_tensor_value_info("image", kind, shape)],
            [
                make.make_tensor_value_info(
                    "out" if end else "logits", 1, [shape[0], 10]
                )
            ],
            [onnx.numpy_helper.from_array(of, name) for name, of in arrays.items()],
        ),
        opset_imports=[make.make_opsetid("", opset)],
        ir_version=8,
    )


def expected(how: Input) -> Any:
    weight, bias = weights()
    return (prepare(TEST.images, how).reshape(len(TEST), -1) @ weight + bias).argmax(1)


@pytest.mark.parametrize(
    ("shape", "layout"),
    [
        (["n", 1, 28, 28], "nchw"),
        ([None, 28, 28, 1], "nhwc"),
        (["n", 28, 28], "nhw"),
        (["n", 784], "flat"),
        ([1, 1, 28, 28], "nchw"),
        ([7, 784], "flat"),
    ],
)
@pytest.mark.parametrize(
    ("end", "opset"), [("", 9), ("Softmax", 13), ("LogSoftmax", 7)]
)
def test_any_layout_batch_and_opset(
    shape: list[Any], layout: str, end: str, opset: int, tmp_path: Path
) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(graph(shape, end=end, opset=opset), path)
    found = load_onnx(path, training=lambda: LEARNED)
    assert isinstance(found, ForeignModel)
    assert str(found.how) == f"0-1 {layout}"
    assert (found.predict(TEST.images).labels == expected(found.how)).all()
    assert len(found.predict(TEST.images[:0])) == 0


def test_bytes_are_given_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(graph(["n", 28, 28], kind=2, scale=20 / 255), path)
    found = load_onnx(path, training=lambda: LEARNED)
    assert isinstance(found, ForeignModel)
    assert found.how.pixels == "0-255"
    assert found.opened.dtype == np.uint8


def test_our_own_model_comes_back_with_its_facts(tmp_path: Path) -> None:
    from mnistry import train

    model = train(LEARNED, "linear", epochs=1, watch=False)
    path = tmp_path / "model.onnx"
    model.to_onnx(path)
    found = load_model(path)
    wanted, predictions = model.predict(TEST.images), found.predict(TEST.images)
    np.testing.assert_allclose(predictions.logits, wanted.logits, atol=1e-4)
    assert (predictions.rejected == wanted.rejected).all()
    facts: Any = found
    assert facts.facts["recipe"] == model.facts["recipe"]


def test_scikit_learns_outputs_are_a_label_and_a_mapping() -> None:
    from mnistry.predictors.onnx import _scores

    labels, maps = np.array([3, 4]), [{3: 0.9, 4: 0.1}, {3: 0.2, 4: 0.8}]
    found = _scores({"output_label": (labels,), "output_probability": (maps,)})
    assert found.classes == [3, 4]
    assert found.values == [[0.9, 0.1], [0.2, 0.8]]
    assert _scores({"label": (labels,)}).values.tolist() == [3, 4]


def external(path: Path, location: str) -> Path:
    """Save a model that keeps its weights in another file."""
    model = graph(["n", 784])
    tensor = model.graph.initializer[0]
    (path.parent / "weights.bin").write_bytes(tensor.raw_data)
    onnx.external_data_helper.set_external_data(tensor, location)
    tensor.ClearField("raw_data")
    path.write_bytes(model.SerializeToString())
    return path


def test_arrays_beside_the_model_are_taken(tmp_path: Path) -> None:
    path = external(tmp_path / "model.onnx", "weights.bin")
    assert load_onnx(path, training=lambda: LEARNED).predict(TEST.images[:3])


@pytest.mark.parametrize(
    "location", ["../weights.bin", "/etc/passwd", "C:\\x", "a/../../b", "."]
)
def test_arrays_elsewhere_are_refused_before_they_are_opened(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = external(tmp_path / "model.onnx", location)
    monkeypatch.setattr("onnxruntime.InferenceSession", None)  # must not be come to
    with pytest.raises(CheckpointError, match="outside its folder; expected them in"):
        open_onnx(path)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    path = external(tmp_path / "inside" / "model.onnx", "link.bin")
    (tmp_path / "inside" / "link.bin").symlink_to(tmp_path / "secret")
    with pytest.raises(CheckpointError, match="outside its folder"):
        open_onnx(path)


def test_arrays_in_graphs_within_graphs_are_found(tmp_path: Path) -> None:
    make = onnx.helper
    tensor = onnx.numpy_helper.from_array(np.zeros(3, np.float32), "inner")
    onnx.external_data_helper.set_external_data(tensor, "../x")
    branch = make.make_graph([], "branch", [], [], [tensor])
    node = make.make_node("If", ["c"], ["d"], then_branch=branch, else_branch=branch)
    model = make.make_model(make.make_graph([node], "g", [], []))
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(CheckpointError, match="outside its folder"):
        open_onnx(path)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x3a", b"\x3a\xff\xff\xff\xff\x0f", b"\xff" * 40, b"\x07", b"\x3a\x64abc"],
)
def test_bytes_that_are_no_model_are_named(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="is not an ONNX model|cannot be opened"):
        open_onnx(path)
    with pytest.raises(CheckpointError, match="there is no model file"):
        open_onnx(tmp_path / "none.onnx")


def test_graphs_without_end_are_refused(tmp_path: Path) -> None:
    data = b""
    for _ in range(200):  # a graph with a node with an attribute with a graph …
        for tag in (0x32, 0x2A, 0x0A):
            size = len(data)
            groups = bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14])
            data = bytes([tag]) + groups + data
    size = len(data)
    groups = bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14])
    path = tmp_path / "model.onnx"
    path.write_bytes(b"\x3a" + groups + data)
    with pytest.raises(CheckpointError, match="nested more than 64 deep"):
        open_onnx(path)


def test_models_of_no_images_are_named(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    model = graph(["n", 784])
    model.graph.input.append(model.graph.input[0])
    model.graph.input[1].name = "other"
    onnx.save(model, path)
    with pytest.raises(UsageError, match="expected one input of images"):
        load_onnx(path, training=lambda: LEARNED)
    make = onnx.helper
    taken = make.make_tensor_value_info("x", 1, ["n", 17])
    given = make.make_tensor_value_info("y", 1, ["n", 17])
    node = make.make_node("Identity", ["x"], ["y"])
    model = make.make_model(
        make.make_graph([node], "g", [taken], [given]),
        opset_imports=[make.make_opsetid("", 13)],
        ir_version=8,
    )
    onnx.save(model, path)
    with pytest.raises(UsageError, match=r"of shape \(n, 17\); expected images"):
        load_onnx(path, training=lambda: LEARNED)


def test_what_is_wrong_with_a_file_is_raised_and_not_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"\x3a\x06\x0a\x04\x22\x02\xff\xae")  # an operator of no name
    with pytest.raises(CheckpointError):
        open_onnx(path)
    assert capfd.readouterr() == ("", "")
