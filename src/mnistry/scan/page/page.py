"""A page ready for reading: its ink, its lines, where it lies in the source."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistry.arrays import ComponentMap, Mask, Pixels
from mnistry.box import Box
from mnistry.scan.page.layout.lines import Line, main_line
from mnistry.scan.page.picture.transform import Homography

StepObserver = Callable[[str, NDArray[np.uint8]], None]
"""Called with the name of each step and its picture."""

ONE_LINE = 3.2  # heights of a digit; a lower picture holds one line
LOW = 160  # pixels; a picture so low may hold one line, whatever is found in it
OUTSIDE = 0.05  # of its ink is above the digits of that line, as much is below


def _nothing() -> None:
    """Return no page."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page ready for reading: flattened, binarized, cleaned, with its lines.

    Attributes:
        soft: Soft ink.
        mask: Ink without rules.
        component_map: Number of the connected component at each pixel, 0 for none.
        lines: From top to bottom.
        back: (3, 3) transform from its points to points of the source, in perspective
            where a sheet was looked at from above.
        inked: All ink, rules too.
        dark: How dark each pixel is, compared with the paper.
        cells: Of each row of boxes whose sides were taken out.
        frames: What printed frames enclose that were taken out.
        unboxed: Finds the page without its boxes and frames, or None if it has none.
            Copies of the page share it, and it looks only once: where no line matches,
            or the picture may be turned, a page is read again.
    """

    soft: Pixels
    mask: Mask
    component_map: ComponentMap
    lines: tuple[Line, ...]
    back: Homography
    inked: Mask
    dark: Pixels
    cells: tuple[tuple[Box, ...], ...] = ()
    frames: tuple[Box, ...] = ()
    unboxed: Callable[[], "Page | None"] = _nothing

    @property
    def is_low(self) -> bool:
        """Whether there is a line, and the picture is too low for another."""
        main = main_line(self.lines)
        return main is not None and len(self.mask) < ONE_LINE * main.height

    @property
    def only_line(self) -> Line | None:
        """The main line, if the picture is too low for another."""
        main = main_line(self.lines) if self.is_low else None
        return main and main._replace(other=self._ink_band())

    @property
    def whole_line(self) -> Line | None:
        """All of a low picture as one line: dots and torn strokes may hide it."""
        if not self.lines or len(self.mask) > LOW:
            return None
        parts = (part for line in self.lines for part in line.components)
        return Line.of(parts, self._ink_band())

    def without_boxes(self) -> "Page | None":
        """Return the page without its boxes and frames; None if it has none."""
        cleaned = self.unboxed()
        return cleaned and replace(cleaned, back=self.back)

    def upside_down(self) -> "Page":
        """Return the page turned by 180 degrees, with all that was found in it.

        To prepare the turned picture would take as long as the picture took, and find
        the same ink.
        """
        rows, columns = self.mask.shape

        def box(of: Box) -> Box:
            left, top, right, bottom = of
            return Box(columns - right, rows - bottom, columns - left, rows - top)

        def band(of: tuple[float, float]) -> tuple[float, float]:
            return rows - of[1], rows - of[0]

        def line(of: Line) -> Line:
            parts = (part._replace(box=box(part.box)) for part in of.components)
            turned = Line.of(parts, band(of.band))
            return turned._replace(other=of.other and band(of.other))

        def unboxed() -> Page | None:
            cleaned = self.unboxed()
            return cleaned and cleaned.upside_down()

        lines = sorted(map(line, self.lines), key=lambda of: (of.band[0], of.box.left))
        turn = np.array([[-1, 0, columns], [0, -1, rows], [0, 0, 1]], float)
        return Page(
            _turned(self.soft),
            _turned(self.mask),
            _turned(self.component_map),
            tuple(lines),
            self.back @ turn,
            _turned(self.inked),
            _turned(self.dark),
            tuple(tuple(map(box, cells[::-1])) for cells in self.cells[::-1]),
            tuple(map(box, self.frames[::-1])),
            cache(unboxed),
        )

    def _ink_band(self) -> tuple[float, float]:
        """Estimate where digits begin and end by where most of the ink is."""
        inked = self.mask.sum(axis=1, dtype=np.int64).cumsum()
        limits = inked[-1] * np.array([OUTSIDE, 1 - OUTSIDE])
        top, bottom = np.searchsorted(inked, limits).tolist()
        return float(top), float(bottom + 1)


def _turned(picture: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(picture[::-1, ::-1])
