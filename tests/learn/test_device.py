"""CUDA and MPS are not there where this runs: what is asked of torch is tested."""

from pathlib import Path

import pytest
import torch
from torch import nn

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.learn import device
from mnistry.learn.device import autocast, resolve
from mnistry.learn.model import Model
from mnistry.learn.train import resume, train
from mnistry.recipes import Recipe

FASTEST = Recipe(precision="fastest")


@pytest.fixture(autouse=True)
def _no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.mark.parametrize(
    ("flags", "precision"),
    [
        ("flags : fpu avx512f avx512_bf16 avx512_vnni", "bfloat16"),
        ("flags : fpu amx_tile amx_bf16", "bfloat16"),
        ("flags : fpu avx2 avx512f", "float32"),
        ("flags : not_avx512_bf16", "float32"),
    ],
)
def test_the_processor_decides_the_precision(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flags: str, precision: str
) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor : 0\n{flags}\n\n")
    monkeypatch.setattr(device, "PROCESSOR", tmp_path / "cpuinfo")
    settled = resolve(FASTEST)
    assert (settled.device, settled.precision) == ("cpu", precision)


def test_where_nobody_tells_of_the_processor_it_is_float32(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(device, "PROCESSOR", tmp_path / "none")
    assert resolve(FASTEST).precision == "float32"


@pytest.mark.parametrize(("can", "precision"), [(True, "bfloat16"), (False, "float32")])
def test_cuda_is_taken_where_it_is(
    monkeypatch: pytest.MonkeyPatch, can: bool, precision: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: can)
    settled = resolve(FASTEST)
    assert (settled.device, settled.precision) == ("cuda", precision)
    assert resolve(FASTEST.changed(device="cpu")).device == "cpu"


def test_mps_is_taken_only_when_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert resolve(FASTEST).device == "cpu"
    asked = resolve(FASTEST.changed(device="mps"))
    assert (asked.device, asked.precision) == ("mps", "float32")


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_an_error(bars: Digits, device: str) -> None:
    with pytest.raises(
        UsageError, match=f"device is '{device}', .*expected one of: cpu"
    ):
        train(bars, "linear", device=device)


def test_what_is_settled_stands() -> None:
    settled = resolve(FASTEST)
    assert resolve(settled) == settled


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_layers_compute_in_the_precision_and_weights_stay(precision: str) -> None:
    net = nn.Linear(4, 2)
    recipe = resolve(Recipe(precision=precision))  # type: ignore[arg-type]
    with autocast(recipe):
        output = net(torch.ones(1, 4))
    assert output.dtype == getattr(torch, precision)
    assert net.weight.dtype == torch.float32


def test_bfloat16_learns_other_weights_than_float32_and_says_so(
    bars: Digits, tmp_path: Path
) -> None:
    models: list[Model] = []
    for precision in ("float32", "bfloat16", "bfloat16"):
        folder = tmp_path / f"{len(models)}"
        models.append(train(bars, "fast", epochs=1, precision=precision, folder=folder))
        assert models[-1].facts["recipe"]["precision"] == precision
        assert models[-1].facts["recipe"]["device"] == "cpu"
        assert all(of.dtype != torch.bfloat16 for of in models[-1].net.parameters())
    first = [model.weights["0.weight"].tobytes() for model in models]
    assert first[0] != first[1] == first[2]
    carried = resume(tmp_path / "1", bars)
    assert carried.facts["recipe"]["precision"] == "bfloat16"
