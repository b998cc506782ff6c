"""A net with scikit-learn's interface: for pipelines, cross-validation and grids.

Rule of the file: scikit-learn makes its usual checks; shapes and ranges of pixels are
checked here, and the range is never guessed from the images to be predicted.

Source: https://scikit-learn.org/stable/developers/develop.html
"""

import math
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from torch import nn

from mnistry.arrays import Probabilities
from mnistry.digits import Digits
from mnistry.errors import ShapeError, UsageError
from mnistry.extras import require
from mnistry.frame import MEND
from mnistry.learn.train import train
from mnistry.recipes import Recipe
from mnistry.softmax import softmax

require("sklearn", extra="sklearn")
from sklearn.base import BaseEstimator, ClassifierMixin  # noqa: E402
from sklearn.utils.multiclass import check_classification_targets  # noqa: E402
from sklearn.utils.validation import (  # noqa: E402
    check_is_fitted,
    column_or_1d,
    validate_data,
)

SIDE = 28  # of the images that the nets take, in pixels
MOST_CLASSES = 256  # that Digits can hold


class DigitClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A net as a scikit-learn classifier.

    Images are arrays, data frames or Digits, (n, 784), (n, 28, 28) or (n, 1, 28, 28);
    with your own net they may have any other size: (n, 64) are 8x8. Pixels run from 0
    paper to 255 ink, or to 1 if no training pixel is above 1. Labels may be anything
    that can be sorted.

    Without a recipe it trains on all images and holds none out; `cross_val_score` and
    `GridSearchCV` do that themselves.

    Attributes:
        classes_: The labels, sorted; columns of `predict_proba` are in this order.
        model_: The `Model`; its classes are indices into `classes_`.
        largest_: The value of ink in the training images: 255 or 1.
        n_features_in_: Pixels in an image: 784, or another number with your own net.
        size_: Rows and columns of an image.

    Example:
        >>> from sklearn.model_selection import cross_val_score
        >>> scores = cross_val_score(  # doctest: +SKIP
        ...     DigitClassifier("fast", epochs=1), train.images, train.labels, cv=3
        ... )
    """

    def __init__(
        self,
        net: str | nn.Module = "fast",
        *,
        epochs: int | None = None,
        learning_rate: float | None = None,
        recipe: Recipe | None = None,
        seed: int = 0,
        watch: bool = False,
    ) -> None:
        """Set the parameters; they are checked by `fit`.

        Args:
            net: A name in `NETS`, or your own module.
            epochs: Number of epochs; None: as the recipe says.
            learning_rate: The largest learning rate; None: as the recipe says.
            recipe: All other parameters; None: those in `RECIPES`, nothing held out.
            seed: Decides everything random.
            watch: Show a progress bar.
        """
        self.net = net
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.recipe = recipe
        self.seed = seed
        self.watch = watch

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803 - scikit-learn's names
        """Train the net.

        Args:
            X: Images, see above; or Digits, which include labels.
            y: (n,) labels of any dtype; None: the labels of the Digits.

        Raises:
            ShapeError: Images of another size, or pixels out of range.
            UsageError: Only one class, more than 256, or a parameter of the recipe out
                of range.
            ValueError: scikit-learn finds values missing or of different lengths.
        """
        if y is None and isinstance(X, Digits):
            y = X.labels
        pixels, shape = self._pixels(X, reset=True, y=y)
        labels = column_or_1d(y, warn=True)
        check_classification_targets(labels)
        self.classes_, places = np.unique(labels, return_inverse=True)
        if not 2 <= len(self.classes_) <= MOST_CLASSES:
            message = (
                f"labels have {len(self.classes_)} class(es); expected 2 to"
                f" {MOST_CLASSES}. Give images of more classes, or fewer."
            )
            raise UsageError(message)
        self.largest_ = 255 if pixels.max() > 1 else 1
        images = _as_bytes(pixels, self.largest_)  # first: of what it can be read of
        self.size_ = self._size(shape)
        digits = Digits(
            images.reshape(-1, *self.size_),
            places.astype(np.uint8),
            name="given",
            classes=tuple(str(label) for label in self.classes_),
        )
        self.model_ = train(
            digits,
            self.net,
            seed=self.seed,
            recipe=self.recipe,
            watch=self.watch,
            **self._changes(),
        )
        return self

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803
        """Return the predicted labels: (n,), as in `classes_`.

        Raises:
            ShapeError: Images of another size, or pixels out of range.
            sklearn.exceptions.NotFittedError: Before `fit`.
        """
        places = self.predict_proba(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[places]
        return labels

    def predict_proba(self, X: Any) -> Probabilities:  # noqa: N803
        """Return the probability of each label: (n, classes) float32, as `classes_`.

        Raises:
            ShapeError: Images of another size, or pixels out of range.
            sklearn.exceptions.NotFittedError: Before `fit`.
        """
        check_is_fitted(self)
        pixels, _ = self._pixels(X, reset=False)
        images = _as_bytes(pixels, self.largest_).reshape(-1, *self.size_)
        # as many classes as there are labels; a net of one's own may give more
        logits = self.model_.predict(images).logits[:, : len(self.classes_)]
        return softmax(logits)

    def _changes(self) -> dict[str, Any]:
        """Return the changes of the recipe; if none was passed, nothing is held out."""
        kept = {"validation": 0.0} if self.recipe is None else {}
        changes = {"epochs": self.epochs, "learning_rate": self.learning_rate}
        return kept | {name: of for name, of in changes.items() if of is not None}

    def _pixels(
        self, images: Any, *, reset: bool, **labels: Any
    ) -> tuple[NDArray[Any], tuple[int, ...]]:
        """Convert images to numbers (n, pixels), checked by scikit-learn.

        Returns:
            The numbers, and the shape they had.
        """
        if isinstance(images, Digits):
            images = images.images
        if not hasattr(images, "shape"):
            images = np.asarray(images)
        shape = tuple(images.shape)
        if len(shape) > 2:
            if len(shape) > 4 or (len(shape) == 4 and shape[1] != 1):
                raise _other_shape(shape)
            if not reset and shape[-2:] != self.size_:
                raise _other_shape(shape, self.size_)
            images = np.reshape(images, (len(images), shape[-2] * shape[-1]))
        checked = validate_data(self, images, reset=reset, dtype="numeric", **labels)
        pixels: NDArray[Any] = checked[0] if labels else checked
        return pixels, shape if len(shape) > 2 else pixels.shape

    def _size(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Return rows and columns of an image, if the net takes that size."""
        side = math.isqrt(shape[1])
        size = (shape[-2], shape[-1]) if len(shape) > 2 else (side, side)
        is_taken = size == (SIDE, SIDE) or not isinstance(self.net, str)
        if not is_taken or (len(shape) == 2 and side * side != shape[1]):
            raise _other_shape(shape)
        return size

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn which inputs are accepted."""
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.positive_only = True
        return tags


def _other_shape(
    shape: tuple[int, ...], size: tuple[int, int] = (SIDE, SIDE)
) -> ShapeError:
    rows, columns = size
    features = f", n_features = {shape[1]}" if len(shape) == 2 else ""
    return ShapeError(
        f"images have shape {shape}{features}; expected (n, {rows * columns}),"
        f" (n, {rows}, {columns}) or (n, 1, {rows}, {columns}). A net of your own"
        f" learns from images of other sizes. {MEND}"
    )


def _as_bytes(pixels: NDArray[Any], largest: int) -> NDArray[np.uint8]:
    """Make uint8 pixels of numbers from 0 to `largest`."""
    low, high = pixels.min(), pixels.max()
    is_of_ones = largest == 255 and 0 < high <= 1
    if low < 0 or high > largest or is_of_ones:
        negative = "Negative values in data: " if low < 0 else ""  # as scikit-learn
        message = (
            f"{negative}pixels run from {low} to {high}; expected 0 to {largest}, as"
            " in the training images. Do not normalise them: that is done inside."
        )
        raise ShapeError(message)
    if pixels.dtype == np.uint8 and largest == 255:
        return pixels
    whole: NDArray[np.uint8] = np.rint(pixels * (255 / largest)).astype(np.uint8)
    return whole
