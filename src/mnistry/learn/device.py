"""The device and precision for training, as this machine has them.

Rule of the file: what a recipe leaves open is decided once, before the first step, and
recorded in the facts; a resumed run keeps it.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from mnistry.errors import UsageError
from mnistry.recipes import Recipe

PROCESSOR = Path("/proc/cpuinfo")
THREADS = "MNISTRY_THREADS"
MOST_THREADS = 1024
BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}  # as Linux names what the processor can


def resolve(recipe: Recipe) -> Recipe:
    """Replace "fastest" in a recipe by a device and a precision.

    Measured: with avx512_bf16 a step of `balanced` in bfloat16 takes 13 ms on one
    thread, 24 ms in float32. Without such instructions bfloat16 is emulated, 4 to 16
    times slower (https://github.com/pytorch/pytorch/issues/183815).

    Returns:
        The same recipe, with an available device and a precision.

    Raises:
        UsageError: The device that it names is not available.

    Example:
        >>> resolve(Recipe(device="cpu", precision="float32")).device
        'cpu'
    """
    device = recipe.device
    if device == "fastest":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there[device]:
        message = (
            f"device is {device!r}, which torch does not find on this machine; expected"
            f" one of: {', '.join(name for name in there if there[name])}. Install a"
            " torch that is built for it, or set device='cpu'."
        )
        raise UsageError(message)
    precision = recipe.precision
    if precision == "fastest":
        precision = "bfloat16" if _has_bfloat16(device) else "float32"
    return recipe.changed(device=device, precision=precision)


def _has_bfloat16(device: Literal["cpu", "cuda", "mps"]) -> bool:
    """Return whether the device has instructions for bfloat16."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device == "cpu" and PROCESSOR.exists():  # elsewhere unknown: float32 then
        words = PROCESSOR.read_text("utf-8", "replace").split()
        return not BFLOAT16_FLAGS.isdisjoint(words)
    return False


def autocast(recipe: Recipe) -> AbstractContextManager[object]:
    """Compute a net's layers in the precision of a recipe.

    For the forward pass only: gradients follow, and the loss needs float32.
    """
    return torch.autocast(
        recipe.device,
        torch.bfloat16,
        enabled=recipe.precision == "bfloat16",
        cache_enabled=False,  # each weight is used once
    )


@contextmanager
def deterministic(recipe: Recipe) -> Iterator[None]:
    """Preserve a GPU's random state, and make its convolutions deterministic.

    On a CPU a run has its own random numbers: see `generator`. CUDA's other sums are
    not deterministic unless CUBLAS_WORKSPACE_CONFIG is set before the process starts.
    """
    if recipe.device != "cuda":
        yield
        return
    cudnn = torch.backends.cudnn
    with (
        torch.random.fork_rng(devices=[torch.cuda.current_device()]),
        cudnn.flags(enabled=cudnn.enabled, benchmark=False, deterministic=True),
    ):
        yield


def thread_count() -> int:
    """Return the number of threads: MNISTRY_THREADS, or as many as torch may use.

    Raises:
        UsageError: MNISTRY_THREADS is not a number from 1 to `MOST_THREADS`.
    """
    given = os.environ.get(THREADS, "")
    if not given:
        return torch.get_num_threads()
    if not given.isdecimal() or not 1 <= int(given) <= MOST_THREADS:
        message = (
            f"{THREADS} is {given!r}; expected a number of threads, from 1 to"
            f" {MOST_THREADS}. Set it to 1, or leave it out."
        )
        raise UsageError(message)
    return int(given)


@contextmanager
def using_threads(count: int) -> Iterator[None]:
    """Set how many of torch's own threads an operation in this thread may use."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


LARGEST = 31 << 20  # bytes; glibc counts no block of 32 MB or more


def retain_memory() -> None:
    """Stop the C library from giving memory back to the system after every batch.

    glibc gives back what is freed beyond a size that grows with the largest block freed
    so far. The batches of a small net stay below it, and so pay for fresh pages each
    time: 1,800 page faults a step of `fast`, 5 after this, and a third of its time.

    Source:
        mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD: "dynamic".
    """
    np.empty(LARGEST, np.uint8)  # made, never touched, and freed
