"""Digits as a Hugging Face data set, with the features of ylecun/mnist.

`image` is an Image (PNG files, decoded to PIL on access), `label` a ClassLabel.
The data set's info has the name and the source; its split is the digits'.
"""

import re
from typing import TYPE_CHECKING

from mnistry.digits import Digits
from mnistry.extras import require
from mnistry.views import arrow, layout

if TYPE_CHECKING:
    import datasets
else:
    datasets = require("datasets", extra="huggingface")

SPLIT_NAME = re.compile(r"\w+(\.\w+)*")  # what `datasets` takes as a split


def to_huggingface(digits: Digits) -> datasets.Dataset:
    """Convert digits to a Hugging Face data set; each image is encoded as PNG.

    Args:
        digits: Any digits.

    Returns:
        Features `image`: Image, the digits' further columns, `label`: ClassLabel.

    Raises:
        UsageError: A column of the digits has the name of a pixel, "image" or "label".
        MissingExtraError: datasets is not installed.

    Example:
        >>> import numpy as np
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1])
        >>> to_huggingface(toy)[0]["image"].size
        (28, 28)
    """
    table = arrow.to_arrow(digits, layout="picture")
    features = datasets.Features.from_arrow_schema(table.schema)
    named = SPLIT_NAME.fullmatch(digits.split_name)
    split = datasets.NamedSplit(digits.split_name) if named else None
    info = datasets.DatasetInfo(
        dataset_name=digits.name, description=digits.source, features=features
    )
    return datasets.Dataset(table, info=info, split=split)


def from_huggingface(dataset: datasets.Dataset) -> Digits:
    """Convert a Hugging Face data set to digits.

    Args:
        dataset: It has `image` (Image, Array2D or lists) and `label`; other columns
            become columns of the digits.

    Returns:
        Digits, with the data set's name, split, description and class names.

    Raises:
        UsageError: It has several splits, is streamed, or is not a data set.
        ShapeError: No label or image columns; images of several shapes.
        FormatError: A picture in it is damaged.

    Example:
        >>> import numpy as np
        >>> toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1])
        >>> from_huggingface(to_huggingface(toy)) == toy
        True
    """
    mends = {
        datasets.DatasetDict: "Choose a split, such as dataset['train'].",
        datasets.IterableDataset: "To convert a streamed one, use"
        " datasets.Dataset.from_list(list(dataset.take(1000)), dataset.features).",
    }
    mend = next((of for kind, of in mends.items() if isinstance(dataset, kind)), "")
    layout.expect(dataset, "one data set of `datasets`", datasets.Dataset, mend=mend)
    digits = arrow.from_arrow(dataset.with_format("arrow")[:])
    label = dataset.features.get("label")
    return Digits(
        digits.images,
        digits.labels,
        dataset.info.dataset_name or digits.name,
        str(dataset.split or ""),
        dataset.info.description or "",
        tuple(getattr(label, "names", ())),
        digits.columns,
    )
