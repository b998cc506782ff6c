"""QMNIST as torchvision gives it: MNIST made again, with all that is known of each."""

import os
from typing import Any

from mnistry.data.catalog import DATASETS
from mnistry.dropin.torchvision.datasets.mnist import MNIST
from mnistry.errors import unknown_name


class QMNIST(MNIST):
    """QMNIST as torchvision gives it.

    Attributes:
        targets: (n, 8) int64: the label first, then writer and the like, as QMNIST's
            own files have them.
        compat: Whether an item has the label alone, as MNIST's have.
    """

    name = "qmnist"

    def __init__(
        self,
        root: str | os.PathLike[str],
        what: str | None = None,
        compat: bool = True,  # noqa: FBT001, FBT002 - as torchvision has it
        train: bool = True,  # noqa: FBT001, FBT002
        **kwargs: Any,
    ) -> None:
        """Load one part.

        Args:
            root: As for MNIST.
            what: "train", "test", "test10k" or "test50k"; None: as `train` says. NIST's
                own digits ("nist") are not in our catalogue.
            compat: See above.
            train: As for MNIST.
            **kwargs: As for MNIST.

        Raises:
            UnknownNameError: There is no such part.
        """
        parts = DATASETS[self.name].splits
        self.split = what or ("train" if train else "test")
        if self.split not in parts:
            raise unknown_name("part", what, parts, of="QMNIST")
        self.compat = compat
        super().__init__(root, self.split == "train", **kwargs)

    @property
    def _split_name(self) -> str:
        return self.split

    def _targets(self, rows: Any) -> Any:
        targets = self.targets[rows]
        return targets[..., 0].tolist() if self.compat else targets
