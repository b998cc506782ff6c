"""matplotlib figures without a window: as PNG, or displayed by a notebook."""

import io
from functools import partial
from typing import TYPE_CHECKING, Any

from mnistry.extras import require

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def new_figure(inches: tuple[float, float]) -> "Figure":
    """Make an empty figure that pyplot does not know; a notebook shows it.

    Args:
        inches: Its width and its height.

    Raises:
        MissingExtraError: matplotlib is not installed.

    Example:
        >>> new_figure((2.0, 1.0)).axes
        []
    """
    make: Any = require("matplotlib.figure", extra="plot").Figure
    figure: Figure = make(figsize=inches, layout="constrained")
    # a notebook asks the value itself when pyplot has not configured it
    figure._repr_png_ = partial(figure_png, figure)  # type: ignore[attr-defined]
    return figure


def figure_png(figure: "Figure", **settings: Any) -> bytes:
    """Write a figure as PNG.

    Args:
        figure: Of matplotlib.
        settings: As `savefig` takes them, such as `dpi`.
    """
    file = io.BytesIO()
    figure.savefig(file, format="png", **settings)
    return file.getvalue()
