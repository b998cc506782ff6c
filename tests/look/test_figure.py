"""Figures: one Axes for each digit, nothing global, shown by notebooks."""

import sys
from itertools import pairwise

import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.errors import MissingExtraError, UsageError
from mnistry.look.figure import plot


def some(count: int) -> Digits:
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return Digits(images, (np.arange(count) % 10).astype(np.uint8))


def test_nine_digits_stand_three_by_three_with_their_labels() -> None:
    figure = plot(some(9))
    assert [axes.get_title() for axes in figure.axes] == list("012345678")
    grid = figure.axes[0].get_gridspec()
    assert grid is not None
    assert (grid.nrows, grid.ncols) == (3, 3)


@pytest.mark.parametrize(("count", "columns", "rows"), [(30, 30, 1), (12, 4, 3)])
def test_rows_and_columns_are_as_wanted(count: int, columns: int, rows: int) -> None:
    figure = plot(some(count), columns=columns, titles=["Ground truth: 7"] * count)
    grid = figure.axes[0].get_gridspec()
    assert grid is not None
    assert (grid.nrows, grid.ncols) == (rows, columns)
    assert figure.axes[0].get_title() == "Ground truth: 7"


def test_each_axes_holds_its_own_image_unchanged() -> None:
    digits = some(4)
    for axes, (image, _) in zip(plot(digits).axes, digits, strict=True):
        (drawn,) = axes.get_images()
        assert np.array_equal(np.asarray(drawn.get_array()), image)
        assert drawn.get_clim() == (0, 255)  # a faint digit stays faint


def test_titles_do_not_touch_each_other() -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = plot(some(3), columns=3, titles=["Actual: 5 | Prediction: 3"] * 3)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    boxes = [axes.title.get_window_extent(renderer) for axes in figure.axes]
    assert all(one.x1 < other.x0 for one, other in pairwise(boxes))


def test_no_window_can_open() -> None:
    import matplotlib.pyplot as plt

    plot(some(1))
    assert plt.get_fignums() == []


def test_a_notebook_gets_a_png_from_the_figure_itself() -> None:
    figure = plot(some(1))
    png = figure._repr_png_()  # type: ignore[attr-defined]
    assert png.startswith(b"\x89PNG")


def test_without_matplotlib_there_is_an_install_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.figure", raising=False)
    with pytest.raises(MissingExtraError, match=r"install .*\[plot\]'"):
        plot(some(1))


def test_bad_columns_are_named() -> None:
    with pytest.raises(UsageError, match="columns is -1"):
        plot(some(1), columns=-1)
