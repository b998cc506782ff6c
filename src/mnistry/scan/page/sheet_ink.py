"""The ink of a sheet that was photographed with what lies around it."""

from mnistry.scan.page.load import Loaded
from mnistry.scan.page.masks import grown
from mnistry.scan.page.page import prepare
from mnistry.scan.page.pixels import one_channel
from mnistry.scan.page.views import View, sheet_view


def sheet_ink(loaded: Loaded) -> View | None:
    """See only what is written on the sheet: no table, no shade, no ruling lines.

    Args:
        loaded: The picture.

    Returns:
        (rows, columns) uint8, dark ink on white, and where it lies in the source of the
        picture; None if no sheet is found in it.

    Example:
        >>> table = np.full((400, 400, 3), 60, np.uint8)
        >>> table[60:340, 80:320] = 240
        >>> table[150:250, 195:205] = 30
        >>> seen = sheet_ink(Loaded(table, 1.0)).loaded.pixels
        >>> seen[0, 0].item(), bool(seen.min() < 50)
        (255, True)
        >>> sheet_ink(Loaded(table[60:340, 80:320], 1.0)) is None
        True
    """
    view = sheet_view(Loaded(one_channel(loaded.pixels), loaded.scale))
    if view is None:
        return None
    page = prepare(view.loaded, on_paper=True)[0]
    pixels = 255 - page.soft * grown(page.mask, 3)  # with the soft edges of strokes
    return View(Loaded(pixels, 1.0), view.back @ page.back, on_paper=True)
