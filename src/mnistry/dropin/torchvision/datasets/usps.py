"""USPS as torchvision gives it: 16x16, arrays in place of tensors."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistry import extras
from mnistry.data.catalog import DATASETS
from mnistry.dropin.torchvision.datasets.mnist import Transform, put, read

if TYPE_CHECKING:
    from torch.utils.data import Dataset as TorchDataset
else:
    TorchDataset = extras.require("torch.utils.data", extra="train").Dataset


class USPS(TorchDataset[tuple[Any, Any]]):
    """USPS as torchvision gives it: `usps.bz2` and `usps.t.bz2` lie in `root` itself.

    Attributes:
        data: (n, 16, 16) uint8 array; may be written into or replaced.
        targets: The label of each, as a list of int.

    Raises:
        NotThereError: The file is not in `root` and `download` is False.
        FetchError: No mirror could give it.
        ChecksumError: A file there is not what its name claims.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        train: bool = True,  # noqa: FBT001, FBT002 - as torchvision has it
        transform: Transform | None = None,
        target_transform: Transform | None = None,
        download: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        """Load one split; arguments are those of MNIST."""
        self.root = os.path.expanduser(root)  # noqa: PTH111 - it stays a string
        self.train = train
        self.transform, self.target_transform = transform, target_transform
        row = DATASETS["usps"]
        split = row.splits["train" if train else "test"]
        if download:
            put(row, (split.images,), Path(self.root))
        images, labels = read(row, split, Path(self.root))
        self.data = np.array(images)
        self.targets: list[int] = labels.tolist()

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """Return one (picture, label): a PIL picture and an int, each transformed."""
        from PIL import Image

        picture: Any = Image.fromarray(self.data[index])
        target: Any = int(self.targets[index])
        if self.transform is not None:
            picture = self.transform(picture)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return picture, target
