"""MNIST as torchvision gives it, and those of its family that are like it."""

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistry import extras
from mnistry.data import cache
from mnistry.data.cached_file import CachedFile
from mnistry.data.catalog import DATASETS
from mnistry.data.catalog.rows import Dataset, File, Split
from mnistry.dropin.torchvision.transforms.tensors import for_batches
from mnistry.errors import NotThereError, unknown_name
from mnistry.formats import idx
from mnistry.formats.atomic import atomic_path

if TYPE_CHECKING:
    import torch
    from torch.utils.data import Dataset as TorchDataset
else:
    torch = extras.require("torch", extra="train")
    TorchDataset = torch.utils.data.Dataset

WORDS = (
    *("zero", "one", "two", "three", "four"),
    *("five", "six", "seven", "eight", "nine"),
)

Transform = Callable[[Any], Any]


class MNIST(TorchDataset[tuple[Any, Any]]):
    """MNIST as torchvision gives it.

    Attributes:
        data: (n, 28, 28) uint8 tensor; may be written into or replaced.
        targets: (n,) int64 tensor; the same.
        classes: "0 - zero" to "9 - nine".
        class_to_idx: The label of each class.
        raw_folder: Where the files lie.

    Raises:
        NotThereError: The files are not in `root` and `download` is False.
        FetchError: No mirror could give them.
        ChecksumError: A file there is not what its name claims and `download` is False.
    """

    name = "mnist"
    classes: Sequence[str] = [f"{label} - {word}" for label, word in enumerate(WORDS)]

    def __init__(
        self,
        root: str | os.PathLike[str],
        train: bool = True,  # noqa: FBT001, FBT002 - as torchvision has it
        transform: Transform | None = None,
        target_transform: Transform | None = None,
        download: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        """Load one split.

        Args:
            root: The folder with `MNIST/raw/` in it; "~" is the user's own.
            train: The 60,000 training images, or else the 10,000 test images.
            transform: From a PIL picture to whatever an item shall have.
            target_transform: From the label as int to whatever an item shall have.
            download: Put files that are missing or damaged there, from mnistry's
                cache, which fetches them if need be.
        """
        self.root = os.path.expanduser(root)  # noqa: PTH111 - it stays a string
        self.train = train
        self.transform = transform
        self.target_transform = target_transform
        row = DATASETS[self.name]
        folder = Path(self.raw_folder)
        if download:
            put(row, row.files, folder)
        images, labels = read(row, row.splits[self._split_name], folder)
        self.data = torch.from_numpy(np.array(images))
        self.targets = torch.from_numpy(labels.astype(np.int64))

    @property
    def _split_name(self) -> str:
        return "train" if self.train else "test"

    @property
    def raw_folder(self) -> str:
        """The folder of the files."""
        return str(Path(self.root, type(self).__name__, "raw"))

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The label of each class."""
        return {name: label for label, name in enumerate(self.classes)}

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """Return one (picture, label): a PIL picture and an int, each transformed."""
        from PIL import Image

        picture: Any = Image.fromarray(self.data[index].numpy())
        if self.transform is not None:
            picture = self.transform(picture)
        return picture, self._target(self._targets(index))

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Any, Any]]:
        """Return many items, for DataLoader: the same as one by one, at once."""
        is_own = type(self).__getitem__ is not MNIST.__getitem__  # of a subclass
        batch = None if is_own else for_batches(self.transform)
        if batch is None:
            return [self[index] for index in indices]
        rows = torch.as_tensor(indices)
        pictures = batch(self.data[rows]).unbind()
        targets = self._targets(rows)
        return list(zip(pictures, map(self._target, targets), strict=True))

    def __repr__(self) -> str:
        lines = [
            f"Dataset {type(self).__name__}",
            f"    Number of datapoints: {len(self)}",
            f"    Root location: {self.root}",
            f"    Split: {self._split_name.capitalize()}",
        ]
        if self.transform is not None:
            lines.append(f"    Transform: {self.transform!r}".replace("\n", "\n    "))
        return "\n".join(lines)

    def _targets(self, rows: Any) -> Any:
        """Return the target of one item, or a list of several."""
        return self.targets[rows].tolist()

    def _target(self, target: Any) -> Any:
        transform = self.target_transform
        return target if transform is None else transform(target)


class FashionMNIST(MNIST):
    """Fashion-MNIST as torchvision gives it: MNIST with clothes."""

    name = "fashion-mnist"
    classes = DATASETS[name].classes


class KMNIST(MNIST):
    """KMNIST as torchvision gives it: MNIST with Japanese characters."""

    name = "kmnist"
    classes = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]  # noqa: RUF012


class EMNIST(MNIST):
    """EMNIST as torchvision gives it: rows and columns exchanged, as in its files."""

    splits = ("byclass", "bymerge", "balanced", "letters", "digits", "mnist")

    def __init__(self, root: str | os.PathLike[str], split: str, **kwargs: Any) -> None:
        """Load one split, `train` or not.

        Args:
            root: As for MNIST.
            split: One of `splits`.
            **kwargs: As for MNIST.

        Raises:
            UnknownNameError: There is no such split.
        """
        if split not in self.splits:
            raise unknown_name("split", split, self.splits, of="EMNIST")
        self.split = split
        self.name = f"emnist-{split}"
        known = DATASETS[self.name].classes
        self.classes = ["N/A", *known[1:]] if split == "letters" else list(known)
        super().__init__(root, **kwargs)


def _find(cached: CachedFile, folder: Path) -> Path:
    local = cache.find(cached, folder)
    if local is None:
        message = (
            f"Dataset not found: {folder} has no {cached.file.raw_name}, nor"
            f" {cached.file.name}; expected the files of {cached.dataset.name}."
            " You can use download=True to download it."
        )
        raise NotThereError(message)
    return local.path


def read(row: Dataset, split: Split, folder: Path) -> tuple[Any, Any]:
    """Read images and labels of a split, whose files lie in a folder.

    Raises:
        NotThereError: They are not there.
    """
    files = (CachedFile(row, file) for file in (split.images, split.labels))
    images, labels = (idx.read(_find(cached, folder)) for cached in files)
    start, stop = split.rows or (0, len(images))
    return images[start:stop], labels[start:stop]


def put(row: Dataset, files: Iterable[File], folder: Path) -> None:
    """Have files of a data set in a folder, as mirrors have them, and raw if gzipped.

    torchvision reads other packings as they are.
    """
    for cached in (CachedFile(row, file) for file in files):
        raw, packed = folder / cached.file.raw_name, folder / cached.file.name
        if cached.is_raw(raw) and packed.is_file():
            continue
        _copy(cache.packed(cached).path, packed)
        if cached.file.packing == "gzip":
            _copy(cache.locate(cached).path, raw)


def _copy(source: Path, target: Path) -> None:
    with atomic_path(target) as part:
        shutil.copyfile(source, part)
