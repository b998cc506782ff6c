"""Layers against slow obvious twins: one sum for each number of what comes out."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from mnistry.errors import CheckpointError
from mnistry.inference import net
from mnistry.softmax import log_softmax

sides = st.integers(1, 3)


def lots(*shape: int, seed: int = 0) -> net.Activity:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@settings(max_examples=30)
@given(sides, sides, st.integers(0, 2), st.integers(0, 2), st.integers(1, 3))
def test_convolution_is_the_sum_over_each_window(
    high: int, wide: int, rows: int, columns: int, step: int
) -> None:
    x, weight, bias = lots(2, 5, 6, 3), lots(high, wide, 3, 4, seed=1), lots(4, seed=2)
    weights = {"a.weight": weight, "a.bias": bias}
    got = net.conv2d(x, weights, "a", rows, columns, step)
    padded = np.pad(x, ((0, 0), (rows, rows), (columns, columns), (0, 0)))
    tall = (5 + 2 * rows - high) // step + 1
    broad = (6 + 2 * columns - wide) // step + 1
    assert got.shape == (2, tall, broad, 4)
    for image, row, column, out in np.ndindex(got.shape):
        top, left = row * step, column * step
        window = padded[image, top : top + high, left : left + wide]
        wanted = (window * weight[:, :, :, out]).sum() + bias[out]
        assert got[image, row, column, out] == pytest.approx(wanted, abs=1e-4)


@given(sides, sides)
def test_pooling_keeps_the_largest(high: int, wide: int) -> None:
    x = lots(2, 6, 7, 3)
    got = net.max_pool2d(x, {}, high, wide)
    assert got.shape == (2, 6 // high, 7 // wide, 3)
    for image, row, column, channel in np.ndindex(got.shape):
        top, left = row * high, column * wide
        window = x[image, top : top + high, left : left + wide, channel]
        assert got[image, row, column, channel] == window.max()


def test_unshuffling_makes_pixels_channels_row_by_row() -> None:
    x = lots(2, 4, 6, 1)
    got = net.pixel_unshuffle(x, {}, 2)
    for image, row, column, channel in np.ndindex(2, 2, 3, 4):
        down, across = divmod(channel, 2)
        wanted = x[image, 2 * row + down, 2 * column + across, 0]
        assert got[image, row, column, channel] == wanted


def test_rectifying_keeps_what_is_above_nothing() -> None:
    x = lots(2, 3, 4, 5)
    wanted = [max(0.0, float(number)) for number in x.ravel()]
    assert net.relu(x, {}).ravel().tolist() == wanted


def test_a_dense_layer_has_a_weight_for_every_pixel() -> None:
    x, weight, bias = lots(2, 3, 2, 2), lots(12, 5, seed=1), lots(5, seed=2)
    got = net.linear(x, {"a.weight": weight, "a.bias": bias}, "a")
    assert got.shape == (2, 1, 1, 5)
    for image, out in np.ndindex(2, 5):
        wanted = sum(
            float(x[image].ravel()[place] * weight[place, out]) for place in range(12)
        )
        assert got[image, 0, 0, out] == pytest.approx(wanted + bias[out], abs=1e-4)


def attending(inputs: int, width: int) -> dict[str, net.Activity]:
    """Weights of attention, large enough that some columns count for more."""
    return {
        "a.inner.weight": lots(1, 1, inputs, 3 * width, seed=1),
        "a.inner.bias": lots(3 * width, seed=2),
        "a.outer.weight": lots(1, 1, width, inputs, seed=3),
        "a.outer.bias": lots(inputs, seed=4),
    }


@pytest.mark.parametrize("heads", [1, 2])
def test_attention_adds_what_the_columns_of_a_row_say(heads: int) -> None:
    x, width = lots(2, 1, 5, 3), 4
    weights = attending(3, width)
    got = net.attention(x, weights, "a", heads)
    each = width // heads
    for image in range(2):
        seen = x[image, 0] @ weights["a.inner.weight"][0, 0] + weights["a.inner.bias"]
        query, key, value = seen[:, :width], seen[:, width:-width], seen[:, -width:]
        for column in range(5):
            attended: list[float] = []
            for head in range(heads):
                of = slice(head * each, (head + 1) * each)
                shares = [float(np.exp(query[column, of] @ one[of])) for one in key]
                for place in range(head * each, (head + 1) * each):
                    terms = zip(shares, value[:, place], strict=True)
                    attended.append(sum(a * float(b) for a, b in terms) / sum(shares))
            added = np.array(attended) @ weights["a.outer.weight"][0, 0]
            wanted = x[image, 0, column] + added + weights["a.outer.bias"]
            assert got[image, 0, column] == pytest.approx(wanted, abs=1e-3)


def test_attention_of_large_numbers_stays_finite() -> None:
    weights = {name: 100 * array for name, array in attending(3, 4).items()}
    assert np.isfinite(net.attention(lots(1, 1, 6, 3), weights, "a", 2)).all()


def test_log_softmax_sums_to_one() -> None:
    assert np.allclose(np.exp(log_softmax(30 * lots(7, 11))).sum(axis=1), 1, atol=1e-5)


def test_a_net_in_a_file_runs_in_single_precision(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    weights = {
        "a.weight": lots(8, 3).astype(np.float16),
        "a.bias": lots(3).astype(np.float16),
    }
    layers = [["rectify"], ["dense", "a"]]
    save_file(weights, path, metadata={"layers": json.dumps(layers)})
    loaded = net.load_net(path)
    x = lots(5, 2, 2, 2)
    wanted = np.maximum(x, 0).reshape(5, 8) @ weights["a.weight"].astype(np.float32)
    wanted += weights["a.bias"].astype(np.float32)
    got = net.run(loaded, x)
    assert got.dtype == np.float32
    assert np.allclose(got.reshape(5, 3), wanted, atol=1e-6)


@pytest.mark.parametrize("content", [b"", b"no net", b"\x08\0\0\0\0\0\0\0{}      "])
def test_a_file_that_is_no_net_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "net.safetensors"
    path.write_bytes(content)
    with pytest.raises(
        CheckpointError, match="is not a net for reading: .*; expected a"
    ):
        net.load_net(path)
