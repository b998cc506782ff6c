"""The front door of the room: `read`, from any picture to a `Reading`."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnistry.errors import UsageError
from mnistry.scan import decide, deskew, ink, light, lines, rules, single, strips
from mnistry.scan.confidence import best_guess, digit_confidence, line_confidence, single_confidence
from mnistry.scan.frame import stack_frames
from mnistry.scan.load import Loaded, Source, load_pictures, shrink
from mnistry.scan.patterns import Pattern, any_digits, parse_pattern
from mnistry.scan.pen import Box
from mnistry.scan.reading import ReadDigit, Reading, ReadLine
from mnistry.scan.weigh import JUNK, Predictor, Weights, weigh

Watch = Callable[[str, NDArray[np.uint8]], None]
"""Called with each step's name and its picture, to look at."""

WORK_SIDE = 1600  # pixels: an A4 page then has about 140 dots per inch
TALLEST = 90  # pixels of a digit; taller ones are shrunk, for windows to fit
COMFORTABLE = 48  # pixels that they are shrunk to
TALLER = 1.3  # heights of a digit; upright ink so tall is the side of a box
HOPELESS = -14.0  # logarithm of a probability; such a line is letters, or a drawing
ONE_LINE = 3.2  # a picture less than so many digits tall holds one line


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture made ready: evened, masked, cleaned, with the lines found.

    Attributes:
        soft: Soft ink.
        mask: Ink without rules.
        numbers: Of the component at each pixel.
        found: The lines.
        back: From its points to points of the source.
    """

    soft: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    numbers: NDArray[np.int32]
    found: tuple[lines.Line, ...]
    back: deskew.Affine


def read(
    source: Source,
    *,
    single: bool = False,
    pattern: str | None = None,
    allowed: str = "0123456789",
    model: Predictor | None = None,
    watch: Watch | None = None,
) -> Reading:
    r"""Read the digits in a picture.

    Args:
        source: A path, bytes, an open file, a Pillow image, or an array (rows, columns)
            or (rows, columns, 3 or 4); a PDF and a TIFF may have several pages.
        single: Exactly one digit is in it.
        pattern: What each line must match, such as "[0-9]{6}" or
            "[0-9]{5}(-[0-9]{4})?"; what is no digit in it goes into the text.
        allowed: Digits that may occur at all.
        model: Weighs single digits in place of the packaged net.
        watch: Called with each step's name and its picture.

    Returns:
        The lines in reading order; none if there is no digit.

    Raises:
        FormatError: No picture, broken, empty, animated, or too large.
        ShapeError: An array of another shape or dtype.
        UsageError: A pattern or whitelist that cannot be, or a model that cannot.
        OSError: The file cannot be opened.
    """
    wanted = parse_pattern(pattern) if pattern is not None else any_digits(allowed)
    if pattern is not None and allowed != "0123456789":
        message = "pattern and allowed were both given; write the digits into the pattern."
        raise UsageError(message)
    found: list[ReadLine] = []
    for page, loaded in enumerate(load_pictures(source), 1):
        if single:
            read_here = _read_single(loaded, wanted, model, watch)
        else:
            read_here = _read_lines(loaded, wanted, model, watch)
        found += [
            ReadLine(line.text, line.confidence, line.digits, line.box, page)
            for line in read_here
        ]
    return Reading(tuple(found))


def prepare(loaded: Loaded, watch: Watch | None = None) -> Sheet:
    """Make a picture ready: light, ink, rules, components, lines.

    Args:
        loaded: The picture.
        watch: Called with each step's name and its picture.
    """
    picture = shrink(loaded.pixels, WORK_SIDE)
    if light.is_light_on_dark(picture):
        picture = 255 - picture
    scale = loaded.scale * max(picture.shape[:2]) / max(loaded.pixels.shape[:2])
    sheet = _prepare(picture, watch)
    tall = max((line.band[1] - line.band[0] for line in sheet.found), default=0.0)
    if tall > TALLEST:
        smaller = max(32 / max(picture.shape[:2]), COMFORTABLE / tall)
        picture = shrink(picture, round(max(picture.shape[:2]) * smaller))
        scale *= smaller
        sheet = _prepare(picture, watch)
    angle = deskew.skew_of(sheet.found)
    back = np.array([[1 / scale, 0, 0], [0, 1 / scale, 0]])
    if deskew.LEAST < abs(angle) < deskew.MOST:
        turned, undo = deskew.level(picture, angle)
        sheet = _prepare(turned, watch)
        back = undo / scale
    return replace(sheet, back=back)


def _prepare(picture: NDArray[np.uint8], watch: Watch | None) -> Sheet:
    dark = light.even_out(picture)
    soft = ink.soft_ink(dark)
    mask = ink.ink_mask(dark)
    shortest = int(np.clip(1.2 * picture.shape[0], 40, 100))
    cleaned = rules.remove_rules(mask, shortest)
    components, numbers = lines.find_components(cleaned)
    height = lines.typical_height(components)
    if height:
        cleaned = rules.remove_uprights(cleaned, round(TALLER * height))
        components, numbers = lines.find_components(cleaned)
    found = lines.find_lines(components)
    if watch:
        watch("1-picture", picture)
        watch("2-light", 255 - dark)
        watch("3-ink", np.where(mask, np.uint8(0), np.uint8(255)))
        watch("4-rules", np.where(cleaned, np.uint8(0), np.uint8(255)))
    return Sheet(soft, cleaned, numbers, tuple(found), np.eye(2, 3))


def _read_lines(
    loaded: Loaded, wanted: Pattern, model: Predictor | None, watch: Watch | None
) -> list[ReadLine]:
    sheet = prepare(loaded, watch)
    main = lines.main_line(list(sheet.found))
    if main is None:
        return []
    rows, columns = sheet.mask.shape
    if rows < ONE_LINE * (main.band[1] - main.band[0]):
        line = read_line(sheet, main.band, (0, columns), wanted, model=model, watch=watch)
        return [line] if line else []
    found = []
    for line in sheet.found:
        height = line.band[1] - line.band[0]
        ends = max(0, line.box.left - height / 2), min(columns, line.box.right + height / 2)
        one = read_line(sheet, line.band, ends, wanted, model=model, watch=watch)
        if one and one.text:
            found.append(one)
    return found


def read_line(
    sheet: Sheet,
    band: tuple[float, float],
    ends: tuple[float, float],
    wanted: Pattern,
    *,
    model: Predictor | None = None,
    watch: Watch | None = None,
) -> ReadLine | None:
    """Read one line of a sheet.

    Args:
        sheet: The picture, made ready.
        band: Rows where the line's digits begin and end.
        ends: First column of the line, and the one after its last.
        wanted: What the line must match.
        model: Weighs single digits in place of the packaged net.
        watch: Called with each step's name and its picture.

    Returns:
        The line; none if nothing was found, or nothing that matches.
    """
    first = strips.look(sheet.soft, ends, band, strips.VIEWS[:1])
    path = decide.best_path(first[0].frames, wanted)
    if path is None or not path.digits:
        return None
    if decide.log_posterior(first[0].frames, path.digits) < HOPELESS:
        return None
    views = first + strips.look(sheet.soft, ends, band, strips.VIEWS[1:])
    paths = [decide.best_path(view.frames, wanted) for view in views]
    rows = {path.digits for path in paths if path and path.digits}
    if not rows:
        return None
    votes = decide.vote([view.frames for view in views], rows)
    plain = views[0]
    path = decide.best_path(plain.frames, decide.exactly(votes[0].digits))
    if path is None:
        return None
    images, boxes = _images_of(sheet, path, plain.matrix, band, ends)
    weights = weigh(images, model)
    if watch:
        watch("5-strip", 255 - plain.strip)
        watch("6-digits", 255 - np.concatenate(list(images), axis=1))
    sure = line_confidence(votes, weights)
    return _compose(path, plain.frames, weights, boxes, (wanted, sheet.back, sure))


def _images_of(
    sheet: Sheet,
    path: decide.Path,
    matrix: NDArray[np.float64],
    band: tuple[float, float],
    ends: tuple[float, float],
) -> tuple[NDArray[np.uint8], list[Box]]:
    """Frame each digit of a path."""
    crops, boxes = [], []
    for place in strips.places(path, matrix, ends):
        mask, box = strips.ink_of(sheet.numbers, place, band)
        if box is None:
            box = Box(int(place.left), int(band[0]), int(place.right) + 1, int(band[1]) + 1)
            crops.append(np.zeros((4, 4), np.uint8))
        else:
            soft = sheet.soft[box.top : box.bottom, box.left : box.right]
            crops.append(soft * mask)
        boxes.append(box)
    return stack_frames(crops), boxes


def _compose(
    path: decide.Path,
    frames: decide.Frames,
    weights: Weights,
    boxes: list[Box],
    facts: tuple[Pattern, deskew.Affine, float],
) -> ReadLine:
    wanted, back, sure = facts
    digits = []
    for value, span, weight, box in zip(
        path.digits, path.spans, weights, boxes, strict=True
    ):
        shares = digit_confidence(frames[span[0] : span[1]], weight)
        others = [(int(d), float(shares[d])) for d in np.argsort(-shares) if d != value]
        rejected = len(wanted.steps) == 1 and float(np.exp(weight[JUNK])) > 0.9 and shares[value] < 0.5
        placed = _to_source(box, back)
        digits.append(ReadDigit(value, float(shares[value]), placed, tuple(others[:3]), bool(rejected)))
    text = "".join(str(digit.value) for digit in digits if not digit.rejected)
    around = Box(
        min(d.box.left for d in digits),
        min(d.box.top for d in digits),
        max(d.box.right for d in digits),
        max(d.box.bottom for d in digits),
    )
    return ReadLine(wanted.put_in_form(text) if len(wanted.steps) > 1 else text, sure, tuple(digits), around)


def _to_source(box: Box, back: deskew.Affine) -> Box:
    left, top, right, bottom = box
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    points = corners @ back[:, :2].T + back[:, 2]
    low, high = np.floor(points.min(axis=0) + 1e-6), np.ceil(points.max(axis=0) - 1e-6)
    return Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def _read_single(
    loaded: Loaded, wanted: Pattern, model: Predictor | None, watch: Watch | None
) -> list[ReadLine]:
    picture = loaded.pixels
    if light.is_light_on_dark(picture):
        picture = 255 - picture
    work = single.work_size(picture)
    guesses = single.isolate(work)
    if not guesses:
        return []
    weights = weigh(np.stack([guess.image for guess in guesses]), model)
    best = best_guess(weights)
    guess = guesses[best]
    if watch:
        watch("1-picture", work)
        watch("2-digit", 255 - guess.soft)
        watch("3-image", 255 - guess.image)
    views = None
    if model is None:
        soft = ink.soft_ink(light.even_out(work))
        band = float(guess.box.top), float(guess.box.bottom)
        margin = 0.2 * guess.box.height
        ends = guess.box.left - margin, guess.box.right + margin
        views = strips.one_digit(strips.look(soft, ends, band, strips.VIEWS))
    shares = single_confidence(weights[best], views)
    may = np.array([wanted.accepts((digit,)) for digit in range(10)])
    shares = shares * may
    order = np.argsort(-shares)
    value = int(order[0])
    back = np.array([[picture.shape[1] / work.shape[1], 0, 0], [0, picture.shape[0] / work.shape[0], 0]]) / loaded.scale
    others = tuple((int(d), float(shares[d])) for d in order[1:4])
    rejected = bool(np.exp(weights[best][JUNK]) > 0.9)
    digit = ReadDigit(value, float(shares[value]), _to_source(guess.box, back), others, rejected)
    return [ReadLine(str(value), digit.confidence, (digit,), digit.box)]
