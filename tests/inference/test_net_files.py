from pathlib import Path

import numpy as np
import pytest

from mnistry.errors import CheckpointError
from mnistry.inference import net as nets
from mnistry.scan.recognize.models import digit_log_probs, packaged_net
from mnistry.softmax import log_softmax


def test_convolution_is_the_sum_over_each_window() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(2, 5, 6, 3)).astype(np.float32)
    weight = generator.normal(size=(3, 3, 3, 4)).astype(np.float32)
    bias = generator.normal(size=4).astype(np.float32)
    got = nets.conv2d(x, {"a.weight": weight, "a.bias": bias}, "a", 1, 1)
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    assert got.shape == (2, 5, 6, 4)
    for image, row, column, out in np.ndindex(got.shape):
        window = padded[image, row : row + 3, column : column + 3]
        wanted = (window * weight[:, :, :, out]).sum() + bias[out]
        assert got[image, row, column, out] == pytest.approx(wanted, abs=1e-4)


def test_pooling_keeps_the_largest() -> None:
    x = np.arange(2 * 4 * 5, dtype=np.float32).reshape(1, 4, 5, 2)
    got = nets.max_pool2d(x, {}, 2, 2)
    assert got.shape == (1, 2, 2, 2)
    for row, column, channel in np.ndindex(2, 2, 2):
        window = x[0, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2, channel]
        assert got[0, row, column, channel] == window.max()


def test_log_softmax_sums_to_one() -> None:
    logits = np.random.default_rng(0).normal(0, 30, (7, 11)).astype(np.float32)
    assert np.allclose(np.exp(log_softmax(logits)).sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("content", [b"", b"no net", b"\x08\0\0\0\0\0\0\0{}      "])
def test_a_file_that_is_no_net_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "net.safetensors"
    path.write_bytes(content)
    with pytest.raises(
        CheckpointError, match="is not a net for reading: .*; expected a"
    ):
        nets.load_net(path)


@pytest.mark.parametrize("name", ["digit", "lines", "upright"])
def test_packaged_nets_are_small(name: str) -> None:
    count = sum(weight.size for weight in packaged_net(name).weights.values())
    assert 0 < count * 2 <= 2_500_000  # bytes in half precision


def test_packaged_weights_are_probabilities() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)
    weights = digit_log_probs(images)
    assert weights.shape == (5, 11)
    assert np.allclose(np.exp(weights).sum(axis=1), 1, atol=1e-4)
    assert digit_log_probs(images[:0]).shape == (0, 11)
