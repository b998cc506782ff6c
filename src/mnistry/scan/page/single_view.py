"""A picture of one digit as dark ink on light paper; of a sheet only its ink."""

from mnistry.scan.page.ink.masks import dilated
from mnistry.scan.page.paper.illumination import dark_on_light
from mnistry.scan.page.paper.views import View, as_it_is, sheet_view
from mnistry.scan.page.picture.load import Loaded
from mnistry.scan.page.prepare import prepare


def single_view(loaded: Loaded) -> View:
    """Look at a picture of one digit: dark ink on light paper.

    Of a sheet that lies in it only the ink is seen: no table, shade, ruling lines.

    Args:
        loaded: The picture.

    Returns:
        What is seen, and where it lies in the source; `on_paper` if it is a sheet.

    Example:
        >>> import numpy as np
        >>> table = np.full((400, 400, 3), 60, np.uint8)
        >>> table[60:340, 80:320] = 240
        >>> table[150:250, 195:205] = 30
        >>> sheet = single_view(Loaded(table, 1.0))
        >>> seen = sheet.pixels
        >>> sheet.on_paper, seen[0, 0].item(), bool(seen.min() < 50)
        (True, 255, True)
        >>> single_view(Loaded(255 - table[60:340, 80:320], 1.0)).on_paper
        False
    """
    whole = as_it_is(loaded)
    sheet = sheet_view(whole)
    if sheet is None:
        return whole._replace(pixels=dark_on_light(whole.pixels))
    page = prepare(sheet.pixels, on_paper=True)[0]
    pixels = 255 - page.soft * dilated(page.mask, 3)  # with the soft edges of strokes
    return View(pixels, sheet.back @ page.back, on_paper=True)
