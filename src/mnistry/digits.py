"""The central value: images with their labels, and where they came from."""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mnistry.arrays import (
    Images,
    Labels,
    Pixels,
    as_images,
    as_labels,
    expect_whole,
    seeded,
    stratified,
)
from mnistry.augment import Augment
from mnistry.batches import batches
from mnistry.errors import ShapeError, UsageError
from mnistry.escape import for_html
from mnistry.plural import counted

if TYPE_CHECKING:
    import datasets
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    import pyspark.sql

THUMBNAILS = 40  # displayed in a notebook: two rows of twenty


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Digits:
    """Images with their labels, and where they came from. Immutable.

    Arrays are not copied: if you write to yours later, these digits change too.
    Two Digits are equal if their images, labels and columns are.

    Attributes:
        images: (n, rows, columns) uint8, 0 paper to 255 ink; read-only, and
            memory-mapped where they come from a file.
        labels: (n,) uint8.
        name: The name of the data set, such as "mnist".
        split_name: "train", "test" …; empty when mixed.
        source: Where the digits came from: a folder, a mirror, a seed.
        classes: The names of classes 0, 1, …; empty if not given.
        columns: More facts for each image, by name, each (n,), such as its writer.

    Raises:
        ShapeError: An array has a shape or dtype that images or labels cannot have, or
            there is not one label for each image.

    Example:
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1], name="toy")
        >>> toy
        <Digits toy: 3 images of 28x28, 3 classes>
        >>> toy[:2].labels
        array([7, 2], dtype=uint8)
    """

    images: Images
    labels: Labels
    name: str = "digits"
    split_name: str = ""
    source: str = ""
    classes: tuple[str, ...] = ()
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        images = as_images(self.images)
        count = len(images)
        columns = {name: _column(name, of, count) for name, of in self.columns.items()}
        object.__setattr__(self, "images", _read_only(images))
        object.__setattr__(self, "labels", _read_only(as_labels(self.labels, count)))
        object.__setattr__(self, "columns", MappingProxyType(columns))

    def __reduce__(self) -> "tuple[type[Digits], tuple[Any, ...]]":
        """Return how to rebuild it in copies and other processes; arrays are copied."""
        facts = (self.name, self.split_name, self.source, self.classes)
        return type(self), (self.images, self.labels, *facts, dict(self.columns))

    def __len__(self) -> int:
        return len(self.labels)

    @overload
    def __getitem__(self, rows: slice | NDArray[Any] | Sequence[int]) -> "Digits": ...
    @overload
    def __getitem__(self, rows: int | np.integer[Any]) -> tuple[Pixels, int]: ...
    def __getitem__(self, rows: Any) -> "Digits | tuple[Pixels, int]":
        """Return one (image, label) for a number; Digits for a slice, mask or list."""
        if isinstance(rows, int | np.integer):
            return self.images[rows], int(self.labels[rows])
        if not isinstance(rows, slice):
            rows = np.asarray(rows)
            if not rows.size:
                rows = rows.astype(np.intp)  # NumPy makes an empty list float
        return replace(
            self,
            images=self.images[rows],
            labels=self.labels[rows],
            columns={name: column[rows] for name, column in self.columns.items()},
        )

    def __iter__(self) -> Iterator[tuple[Pixels, int]]:
        return zip(self.images, self.labels.tolist(), strict=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Digits):
            return NotImplemented
        return (
            np.array_equal(self.images, other.images)
            and np.array_equal(self.labels, other.labels)
            and self.columns.keys() == other.columns.keys()
            and all(
                np.array_equal(of, other.columns[n]) for n, of in self.columns.items()
            )
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        title = f"{self.name} {self.split_name}".strip()
        height, width = self.images.shape[1:]
        images = f"{counted(len(self), 'image')} of {height}x{width}"
        known = len(self.classes) or int(np.count_nonzero(self.counts()))
        return f"<Digits {title}: {images}, {counted(known, 'class', 'classes')}>"

    def _repr_html_(self) -> str:
        from mnistry.formats.sheets import data_uri, encode_png, sheet

        first = self[:THUMBNAILS]
        picture = data_uri(encode_png(sheet(first.images, THUMBNAILS // 2), zoom=2))
        labels = " ".join(str(label) for label in first.labels)
        text = for_html(repr(self).strip("<>"))
        image = f'<img src="{picture}" alt="{labels}" style="max-width:100%">'
        return f"<figure><figcaption>{text}</figcaption>{image}</figure>"

    def counts(self) -> NDArray[np.int64]:
        """Count the images of each label: (classes,) int64, at least ten.

        Example:
            >>> Digits(np.zeros((3, 28, 28), np.uint8), [7, 7, 1]).counts()
            array([0, 1, 0, 0, 0, 0, 0, 2, 0, 0])
        """
        fewest = len(self.classes) or 10
        return np.bincount(self.labels, minlength=fewest).astype(np.int64)

    def split(
        self, fraction: float, *, seed: int = 0, stratify: bool = False
    ) -> "tuple[Digits, Digits]":
        """Split the digits at random into two parts, for instance to hold some out.

        Args:
            fraction: The share of images that go into the first part, 0 to 1.
            seed: Decides which images those are.
            stratify: Split each label separately; a label with two or more images is
                then in both parts.

        Returns:
            Two Digits that share no image, both in the original order.

        Raises:
            UsageError: `fraction` is not a number from 0 to 1.

        Example:
            >>> toy = Digits(np.zeros((10, 28, 28), np.uint8), range(10))
            >>> [len(part) for part in toy.split(0.9)]
            [9, 1]
        """
        if not (isinstance(fraction, int | float | np.number) and 0 <= fraction <= 1):
            of = f"the first part's share of {len(self):,} images"
            message = f"fraction is {fraction!r}; expected 0 to 1, such as 0.9: {of}."
            raise UsageError(message)
        if stratify:
            first = stratified(self.labels, fraction, seeded(seed))
        else:
            first = np.zeros(len(self), bool)
            order = seeded(seed).permutation(len(self))
            first[order[: round(fraction * len(self))]] = True
        return self[first], self[~first]

    def choose(self, count: int, *, seed: int = 0) -> "Digits":
        """Choose images at random, each at most once; all if there are fewer.

        Args:
            count: How many to choose.
            seed: Decides which, and their order.

        Raises:
            UsageError: `count` is not a whole number, or is below 0.

        Example:
            >>> toy = Digits(np.zeros((10, 28, 28), np.uint8), range(10))
            >>> len(set(toy.choose(4).labels))
            4
        """
        expect_whole("count", count, least=0)
        return self[seeded(seed).permutation(len(self))[:count]]

    def batches(
        self,
        batch_size: int,
        *,
        shuffle: bool = False,
        seed: int = 0,
        dtype: DTypeLike = np.float32,
        augment: Augment | None = None,
    ) -> Iterator[tuple[NDArray[Any], NDArray[np.int64]]]:
        """Yield all images once, in batches; see `mnistry.batches.batches`.

        Args:
            batch_size: Images in a batch; the last batch may have fewer.
            shuffle: Use a random order, which depends on `seed` alone.
            seed: Pass a different one for each epoch.
            dtype: Floating-point dtype of the images.
            augment: Changes images before they are normalised, such as
                `mnistry.augment.shift`; its randomness depends on `seed` alone.

        Yields:
            Images (b, 1, rows, columns), normalised by 0.1307 and 0.3081; labels (b,)
            int64.

        Raises:
            UsageError: `batch_size` is below 1, or `dtype` is not floating-point.

        Example:
            >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1])
            >>> [images.shape for images, labels in toy.batches(2)]
            [(2, 1, 28, 28), (1, 1, 28, 28)]
        """
        return batches(
            (self.images, self.labels),
            batch_size,
            shuffle=shuffle,
            seed=seed,
            dtype=dtype,
            augment=augment,
        )

    def to_pandas(self) -> "pd.DataFrame":
        """See `mnistry.views.pandas.to_pandas`."""
        frame: pd.DataFrame = _view("pandas")(self)
        return frame

    def to_polars(self) -> "pl.DataFrame":
        """See `mnistry.views.polars.to_polars`."""
        frame: pl.DataFrame = _view("polars")(self)
        return frame

    def to_arrow(self) -> "pa.Table":
        """See `mnistry.views.arrow.to_arrow`."""
        frame: pa.Table = _view("arrow")(self)
        return frame

    def to_spark(self, session: "pyspark.sql.SparkSession") -> "pyspark.sql.DataFrame":
        """See `mnistry.views.spark.to_spark`."""
        frame: pyspark.sql.DataFrame = _view("spark")(self, session)
        return frame

    def to_torch(self) -> Any:
        """See `mnistry.views.torch.to_torch`, which gives a `TorchDigits`."""
        return _view("torch")(self)

    def to_huggingface(self) -> "datasets.Dataset":
        """See `mnistry.views.huggingface.to_huggingface`."""
        frame: datasets.Dataset = _view("huggingface")(self)
        return frame


def _view(name: str) -> Callable[..., Any]:
    """Return `views.<name>.to_<name>`, imported only when it is used."""
    view = importlib.import_module(f"mnistry.views.{name}")
    to_view: Callable[..., Any] = getattr(view, f"to_{name}")
    return to_view


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    if array.flags.writeable:
        array = array.view()
        array.flags.writeable = False
    return array


def _column(name: str, values: Any, count: int) -> NDArray[Any]:
    column = np.asarray(values)
    if column.shape != (count,):
        message = (
            f"column {name!r} has shape {column.shape}; expected ({count},),"
            " one value for each image."
        )
        raise ShapeError(message)
    return _read_only(column)
