"""A random number generator for each run; torch's global one is not used.

Layers such as dropout take no generator: they draw from one that the whole process
shares, so two runs in two threads would disturb each other. Here torch's dispatcher
passes this thread's own generator to each operation that draws.

Source:
    https://docs.pytorch.org/docs/stable/notes/extending.html, "Extending all torch API
    with Modes". On a CPU the same seed gives what `torch.manual_seed` would.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

_GLOBAL = threading.Lock()


class OwnGenerator(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """A context in which torch, on the CPU in this thread, draws from one seed.

    Attributes:
        draws: Number of operations that have drawn so far.

    Example:
        >>> with OwnGenerator(7):
        ...     once = torch.rand(2)
        >>> with OwnGenerator(7):
        ...     again = torch.rand(2)
        >>> torch.equal(once, again)
        True
    """

    def __init__(self, *seed: int) -> None:
        """Make it from a seed, or from several whole numbers together."""
        super().__init__()  # type: ignore[no-untyped-call]
        number = seed[0]
        if len(seed) > 1:
            number = int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])
        self._generator = torch.Generator().manual_seed(number)
        self.draws = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # or torch loads its compiler, a second of work

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call an operation, with this generator if it draws."""
        given = dict(kwargs or {})
        if torch.Tag.nondeterministic_seeded not in func.tags:
            return func(*args, **given)
        self.draws += 1
        if any(of.name == "generator" for of in func._schema.arguments):
            if given.get("generator") is None and _on_cpu(args, given):
                given["generator"] = self._generator
            return func(*args, **given)
        return self._lend(func, args, given)

    def _lend(self, func: Any, args: tuple[Any, ...], given: dict[str, Any]) -> Any:
        """Call what takes no generator (`torch.rand`) with the global one set to it."""
        with _GLOBAL:
            before = torch.get_rng_state()
            torch.set_rng_state(self._generator.get_state())
            try:
                return func(*args, **given)
            finally:
                self._generator.set_state(torch.get_rng_state())
                torch.set_rng_state(before)


def _on_cpu(args: tuple[Any, ...], given: Mapping[str, Any]) -> bool:
    tensors = [of for of in (*args, *given.values()) if isinstance(of, torch.Tensor)]
    return all(of.device.type == "cpu" for of in tensors)
