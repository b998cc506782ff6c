"""What a report needs of a model: that it can predict."""

from typing import Any, Protocol

from mnistry.predictions import Predictions


class Predictor(Protocol):
    """Whatever says of images which digits they are.

    If it has `facts` (a mapping: net, recipe, seed, history, versions …), a report
    tells them.
    """

    def predict(self, images: Any) -> Predictions:
        """Say for each image, (n, rows, columns) uint8, which digit it is."""
        ...
