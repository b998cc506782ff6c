"""One image explained: what a model reads, how confidently, and from which ink."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import SIDE, Images, Pixels, as_ink
from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.formats.atomic import write_atomic
from mnistry.formats.sheets import data_uri, encode_png
from mnistry.metrics.class_names import class_names
from mnistry.predictions import Predictions
from mnistry.predictors.predictor import as_predictor
from mnistry.report.mistakes import PredictionRow, percent, prediction_rows
from mnistry.report.occlusion import coloured, occlusion_maps
from mnistry.report.page import templates
from mnistry.report.tables import plain

ZOOM = 10  # of a pixel in a picture: 28 of them are as wide as a hand on a screen
GAP = 2  # pixels of the image between it and its map
THIRDS = ("top", "middle", "bottom"), ("left", "middle", "right")
DECIMALS = 3  # of log-odds in JSON


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Explanation:
    """What a model reads in one image, how confidently, and from which ink.

    Attributes:
        image: (rows, columns) uint8, 0 paper to 255 ink.
        predictions: For this image alone.
        map: (rows, columns) float32: by how much the log odds of the answer fall when
            the ink around a pixel is erased (see `occlusion_maps`); above 0 where ink
            supports the answer, below where it contradicts it.
        written: The label, if known.
        classes: The names of classes 0, 1, …; empty if not given.
        facts: What is known about the model; may be empty.
    """

    image: Pixels
    predictions: Predictions
    map: NDArray[np.float32]
    written: int | None = None
    classes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        name, found = self.name_of, self.row
        confidence, *others = (percent(of["probability"]) for of in found["likeliest"])
        labels = [of["label"] for of in found["likeliest"][1:]]
        pairs = zip(map(name, labels), others, strict=True)
        other = ", ".join(" ".join(pair) for pair in pairs)
        written = "" if self.written is None else f", written {name(self.written)}"
        rejected = "; taken for no digit" if self.is_rejected else ""
        return (
            f"<Explanation: read {name(self.read)}{written}; {confidence} sure,"
            f" then {other};"
            f" what counts most is at the {self.place}{rejected}>"
        )

    def _repr_html_(self) -> str:
        picture = data_uri(self.picture())
        text = str(self).strip("<>")
        return str(
            jinja2.Template(
                '<figure><figcaption>{{ text }}</figcaption><img src="{{ picture }}"'
                ' alt="{{ text }}" style="max-width:100%"></figure>',
                autoescape=True,
            ).render(text=text, picture=picture)
        )

    @property
    def read(self) -> int:
        """The label that was read."""
        return int(self.predictions.labels[0])

    @property
    def is_rejected(self) -> bool:
        """Whether the model rejects it as a non-digit."""
        return bool(self.predictions.rejected[0])

    @property
    def row(self) -> PredictionRow:
        """The answer and its alternatives, as plain values."""
        written = np.array([self.read if self.written is None else self.written])
        return prediction_rows(
            np.array([0]), written.astype(np.uint8), self.predictions
        )[0]

    @property
    def place(self) -> str:
        """Which ninth of the image supports the answer most, in words."""
        rows, columns = (np.array_split(np.arange(n), 3) for n in self.image.shape)
        shares = [[self.map[np.ix_(r, c)].mean() for c in columns] for r in rows]
        down, across = divmod(int(np.argmax(shares)), 3)
        words = [THIRDS[0][down], THIRDS[1][across]]
        return " ".join(dict.fromkeys(words))

    def name_of(self, label: int) -> str:
        """Return what a label stands for."""
        return self.classes[label] if label < len(self.classes) else str(label)

    def picture(self, *, zoom: int = ZOOM) -> bytes:
        """Draw the image, and beside it a copy with coloured ink, as a PNG.

        Red ink supports the answer, blue ink contradicts it.

        Args:
            zoom: Each pixel becomes a square of this side.
        """
        return encode_png(
            np.concatenate(
                [
                    np.repeat(255 - self.image[..., None], 3, axis=2),
                    np.full((self.image.shape[0], GAP, 3), 255, np.uint8),
                    self.painted(),
                ],
                axis=1,
            ),
            zoom=zoom,
        )

    def painted(self) -> NDArray[np.uint8]:
        """Return the image with its ink coloured: (rows, columns, 3) uint8."""
        painted: NDArray[np.uint8] = coloured(self.image[None], self.map[None])[0]
        return painted

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        found = self.row
        return {
            "written": self.written,
            "read": self.read,
            "name": self.name_of(self.read),
            "confidence": found["confidence"],
            "rejected": self.is_rejected,
            "probabilities": self.predictions.probabilities[0].astype(float).tolist(),
            "counts_most": self.place,
            "map": np.round(self.map.astype(float), DECIMALS).tolist(),
            "model": plain(self.facts).get("net"),
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as a picture or as a page.

        Args:
            path: Such as "explained.png" or "explained.html". It is overwritten if it
                exists.

        Raises:
            UsageError: The name ends in neither.
            CacheError: The folder cannot be written.
        """
        target = named_as_explanation(path)
        if target.suffix.lower() == ".png":
            write_atomic(target, self.picture())
        else:
            write_atomic(target, _page(self).encode(errors="replace"))


def named_as_explanation(path: str | os.PathLike[str]) -> Path:
    """Check that a name is that of a picture or a page, and return its path.

    Raises:
        UsageError: It ends in neither .png nor .html.

    Example:
        >>> named_as_explanation("explained.png").suffix
        '.png'
    """
    target = Path(path)
    if target.suffix.lower() not in (".png", ".html", ".htm"):
        message = (
            f"{target.name!r} is named neither as a picture nor as a page; expected a"
            " name such as 'explained.png' or 'explained.html'."
        )
        raise UsageError(message)
    return target


def explain(model: Any, image: Any) -> Explanation:
    """Explain what a model reads in one image, how confidently, and from which ink.

    Small patches of the image are erased one after another, and the model reads the
    rest: its confidence falls where ink mattered. This needs only predictions, so it
    works for any model.

    Args:
        model: As for `evaluate`, such as `load_model()`, but not an array of
            predictions.
        image: One image of Digits, such as `test[7]` or `test[7:8]`; or pixels (rows,
            columns), 0 paper to 255 ink, or 0 to 1.

    Returns:
        An explanation, which a notebook displays; `save` writes a picture or a page.

    Raises:
        UsageError: There is not exactly one image; or the model cannot predict, or
            gives only labels.
        ShapeError: The model does not take such an image.

    Source:
        M. Zeiler, R. Fergus: Visualizing and understanding convolutional networks.
        ECCV 2014, arXiv:1311.2901, section 4.2, with paper in place of grey.

    Example:
        >>> explain(load_model(), test[7])  # doctest: +SKIP
        <Explanation: read 9, written 9; >99.9 % sure, then 4 0.0 %, 7 0.0 %; …>
    """
    images, written, classes = _one(image)
    label = np.array([written or 0], np.uint8)
    like = Digits(images, label, classes=classes)
    predictor = as_predictor(model, like=like)
    predictions = predictor.predict(images)
    if predictions.only_labels:
        message = (
            "the model gives only labels; expected probabilities or logits, which show"
            " how much ink matters. Give a model that has predict_proba."
        )
        raise UsageError(message)
    facts: Mapping[str, Any] = getattr(predictor, "facts", None) or {}
    return Explanation(
        image=images[0],
        predictions=predictions,
        map=occlusion_maps(predictor, images)[0],
        written=written,
        classes=tuple(class_names(facts)) or classes,
        facts=facts,
    )


def _one(image: Any) -> tuple[Images, int | None, tuple[str, ...]]:
    """Return one image, with its label and class names if they are known."""
    if isinstance(image, tuple) and len(image) == 2 and np.ndim(image[0]) == 2:
        image = Digits(np.asarray(image[0])[None], np.array([image[1]]))  # as test[7]
    if isinstance(image, Digits):
        images = as_ink(image)
    else:
        pixels = np.asarray(image)
        is_flat = pixels.shape == (1, SIDE * SIDE)
        images = as_ink(pixels[None] if pixels.ndim == 2 and not is_flat else pixels)
    if len(images) != 1:
        message = (
            f"there are {len(images):,} images; expected one: (rows, columns) pixels,"
            " or one of Digits, such as test[7]."
        )
        raise UsageError(message)
    if isinstance(image, Digits):
        return images, int(image.labels[0]), image.classes
    return images, None, ()


def _page(explanation: Explanation) -> str:
    shares = explanation.predictions.probabilities[0].astype(float)
    return (
        templates()
        .get_template("explain.html.j2")
        .render(
            explanation=explanation,
            read=explanation.name_of(explanation.read),
            written=None
            if explanation.written is None
            else explanation.name_of(explanation.written),
            model=plain(explanation.facts).get("net") or "",
            picture=data_uri(explanation.picture()),
            rows=[
                (
                    explanation.name_of(label),
                    100 * shares[label],
                    percent(shares[label]),
                )
                for label in range(len(shares))
            ],
        )
    )
