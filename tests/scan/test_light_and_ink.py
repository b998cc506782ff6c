import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mnistry.arrays import Mask
from mnistry.box import Box
from mnistry.scan.page.boxes.tall_sides import without_tall_sides
from mnistry.scan.page.ink import binarize
from mnistry.scan.page.ink.components import Component, find_components
from mnistry.scan.page.paper import illumination
from mnistry.scan.page.paper.illumination import spread_colours
from mnistry.scan.page.rules import ruling
from mnistry.scan.read import read
from mnistry.synth.documents.camera import Camera, photograph
from mnistry.synth.documents.scenes import Alphabet, make_string


def page(shade: float = 0.0, colour: tuple[int, int, int] = (20, 20, 60)) -> np.ndarray:
    """Light paper that grows darker to the right, with three strokes."""
    picture = np.full((60, 160, 3), 240, np.float64)
    for left in (30, 70, 120):
        picture[15:45, left : left + 4] = colour
    return (picture * np.linspace(1, 1 - shade, 160)[None, :, None]).astype(np.uint8)


@given(st.integers(0, 70), st.integers(150, 255), st.booleans())
@settings(max_examples=30)
def test_polarity_is_seen_either_way(dark: int, bright: int, flip: bool) -> None:
    picture = np.full((40, 40, 3), bright, np.uint8)
    picture[8:32, 18:23] = dark
    seen = 255 - picture if flip else picture
    assert illumination.is_light_on_dark(seen) is flip


@given(*[st.floats(-0.3, 0.3)] * 3, st.booleans())
@settings(max_examples=50)
def test_light_that_grows_evenly_over_few_pixels_does_not_turn_polarity(
    down: float, across: float, both: float, flip: bool
) -> None:
    rows, columns = np.mgrid[-1:1:28j, -1:1:28j]
    picture = np.full((28, 28), 150.0)
    picture[6:22, 12:15] = 60
    light = 1 + down * rows + across * columns + both * rows * columns
    seen = np.clip(picture * light, 0, 255).astype(np.uint8)
    assert illumination.is_light_on_dark(255 - seen if flip else seen) is flip


def test_a_picture_of_one_colour_has_a_polarity() -> None:
    assert illumination.is_light_on_dark(np.zeros((5, 5, 3), np.uint8)) is True
    assert illumination.is_light_on_dark(np.full((5, 5), 255, np.uint8)) is False


@pytest.mark.parametrize("colour", [(20, 20, 20), (20, 40, 200), (200, 20, 20)])
@pytest.mark.parametrize("shade", [0.0, 0.6])
def test_ink_of_any_colour_is_found_in_any_light(
    shade: float, colour: tuple[int, int, int]
) -> None:
    mask = binarize.ink_mask(illumination.flatten_illumination(page(shade, colour)))
    truth = np.zeros((60, 160), bool)
    for left in (30, 70, 120):
        truth[15:45, left : left + 4] = True
    assert (mask & truth).sum() > 0.9 * truth.sum()
    assert (mask & ~truth).sum() < 0.4 * truth.sum()


def number_on(paper: np.ndarray) -> np.ndarray:
    """A number written in the middle of a sheet of 300 by 500."""
    inked = np.full(paper.shape, 255, np.uint8)
    cv2.putText(inked, "35366", (130, 170), 0, 2.0, 70, 5, cv2.LINE_AA)
    seen = paper * (inked / 255.0)
    blurred: np.ndarray = cv2.GaussianBlur(seen, (0, 0), 1.0)
    clipped: np.ndarray = np.clip(blurred, 0, 255)
    return clipped.astype(np.uint8)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("lit", [0.2, 0.5, 0.8])
def test_a_sharp_shadow_turns_no_polarity_and_is_no_ink(
    lit: float, *, flip: bool
) -> None:
    paper = np.full((300, 500), 220.0)
    paper[:, round(lit * 500) :] *= 0.55
    seen = number_on(paper)
    assert illumination.is_light_on_dark(255 - seen if flip else seen) is flip
    mask = binarize.ink_mask(illumination.flatten_illumination(seen))
    edge = mask[:100, round(lit * 500) - 4 : round(lit * 500) + 40]
    assert edge.mean() < 0.15  # a line at most, and no band beside it
    assert mask[120:175, 130:320].mean() > 0.1


@pytest.mark.parametrize("flip", [False, True])
def test_a_dark_table_is_not_the_paper(*, flip: bool) -> None:
    paper = np.full((300, 500), 90.0)
    paper[60:240, 80:400] = 220
    seen = number_on(paper)
    assert illumination.is_light_on_dark(255 - seen if flip else seen) is flip


def test_strokes_of_a_pale_pencil_are_not_torn() -> None:
    generator = np.random.default_rng(0)
    picture = np.full((300, 400), 225.0)
    truth = np.zeros(picture.shape, bool)
    for left in (60, 160, 260):
        truth[100:200, left : left + 5] = True
    picture[truth] -= generator.normal(34, 6, int(truth.sum()))
    picture += generator.normal(0, 4, picture.shape)
    dark = illumination.flatten_illumination(picture.astype(np.uint8))
    mask = binarize.ink_mask(dark)
    assert (mask & truth).sum() > 0.9 * truth.sum()
    assert (mask & ~truth).sum() < 0.4 * truth.sum()


def test_dithered_paper_is_grey_and_its_number_is_read(alphabet: Alphabet) -> None:
    scene = make_string(alphabet, "314159", seed=5)
    shaded = Image.fromarray((scene.picture * 0.85).astype(np.uint8))
    dithered = shaded.convert("1", dither=Image.Dither.FLOYDSTEINBERG)
    assert read(dithered).text == "314159"


def test_a_number_that_fades_is_read_to_its_end(alphabet: Alphabet) -> None:
    """As on old receipts, and as ribbons and pens run dry."""
    picture = make_string(alphabet, "314159", seed=7).picture
    strength = np.linspace(0.5, 0.1, picture.shape[1])[None, :, None]
    faded = 240 - (240 - np.minimum(picture, 240)) * strength
    assert read(faded.round().astype(np.uint8)).text == "314159"


def test_pale_rules_around_pale_ink_are_no_ink() -> None:
    dark = np.zeros((400, 400), np.uint8)
    dark[20::40] = dark[21::40] = dark[:, 20::40] = dark[:, 21::40] = 20
    dark[170:220, 190:196] = 70
    mask = binarize.ink_mask(dark)
    assert mask[180:210, 191:195].all()
    assert not mask[:100].any()


def test_a_strip_of_the_table_says_nothing_about_ink() -> None:
    dark = np.zeros((400, 300), np.uint8)
    dark[100:200, 90:96] = dark[100:200, 150:156] = 40
    level = binarize.ink_level(dark)
    dark[:3], dark[:, :3] = 220, 220
    assert binarize.ink_level(dark) == level


def test_blank_paper_has_no_ink() -> None:
    noise = np.random.default_rng(0).normal(230, 3, (80, 80, 3))
    assert not binarize.ink_mask(
        illumination.flatten_illumination(noise.astype(np.uint8))
    ).any()


def test_the_local_threshold_is_sauvolas() -> None:
    dark = np.random.default_rng(1).integers(0, 90, (32, 30)).astype(np.uint8)
    dark[10:20, 10:13] = 230
    got = binarize.ink_mask(dark)
    threshold, _ = binarize.ink_level(dark)
    bright, reach = 255.0 - dark, 7  # the window is 15 for so small a picture
    padded = np.pad(bright, reach, mode="reflect")
    for row in range(32):
        for column in range(30):
            window = padded[row : row + 15, column : column + 15]
            local = window.mean() * (1 + 0.2 * (window.std() / 128 - 1))
            wanted = bright[row, column] < local and dark[row, column] > max(
                24, 0.7 * threshold
            )
            wanted |= dark[row, column] > 1.6 * threshold
            assert got[row, column] == wanted, (row, column)


def test_soft_ink_keeps_the_order_of_darkness() -> None:
    dark = np.arange(256, dtype=np.uint8).reshape(16, 16)
    soft = binarize.soft_ink(dark).ravel().astype(int)
    assert (np.diff(soft) >= 0).all()
    assert soft[-1] == 255


@pytest.mark.parametrize("lean", [0.0, 0.02])
def test_a_rule_goes_and_the_stroke_across_it_stays(lean: float) -> None:
    mask = np.zeros((60, 200), bool)
    for column in range(200):
        row = round(40 + lean * column)
        mask[row : row + 2, column] = True
    stroke = np.zeros_like(mask)
    stroke[15:50, 100:104] = True
    inked = mask | stroke
    cleaned = ruling.without_rules(inked, ruling.find_rules(inked, 70))
    assert (cleaned & stroke).sum() > 0.9 * stroke.sum()
    assert (cleaned & ~stroke).sum() < 0.1 * mask.sum()


def without_sides(mask: Mask, height: int) -> Mask:
    """Remove sides of boxes on a page whose digits are so tall."""
    digits = [Component(Box(0, 0, height, height), 999, 0)]
    _, component_map = find_components(mask)
    return without_tall_sides(mask, np.zeros_like(mask), digits, component_map)


def test_sides_of_boxes_go_and_ones_stay() -> None:
    mask = np.zeros((60, 60), bool)
    mask[5:55, 5:7] = True
    mask[18:42, 30:33] = True
    cleaned = without_sides(mask, 24)
    assert not cleaned[:, 5:7].any()
    assert cleaned[18:42, 30:33].all()


@pytest.mark.parametrize("apart", [0, 40])
def test_a_stroke_as_tall_as_sides_is_one_only_beside_another(apart: int) -> None:
    mask = np.zeros((60, 60), bool)
    mask[5:40, 5:8] = mask[5:40, 5 + apart : 8 + apart] = True
    mask[10:35, 20:35] = True  # what stands in the box, or beside a tall one
    cleaned = without_sides(mask, 25)
    assert cleaned[:, 5:8].any() == (apart == 0)
    assert cleaned[10:35, 22:33].all()


@pytest.mark.parametrize("is_in_box", [False, True])
def test_strokes_by_hand_among_print_are_no_sides_but_between_rules(
    is_in_box: bool,
) -> None:
    mask = np.zeros((90, 160), bool)
    mask[40:75, 20:23] = mask[40:75, 50:53] = True  # a line of its own, 35 pixels tall
    rules = np.zeros_like(mask)
    if is_in_box:
        rules[[38, 39, 75, 76]] = True
    by_hand, component_map = find_components(mask)
    small = [Component(Box(6 * n, 20, 6 * n + 4, 29), 30, 0) for n in range(25)]
    cleaned = without_tall_sides(mask, rules, [*small, *by_hand], component_map)
    assert cleaned.any() != is_in_box


def test_masks_without_rules_are_left_as_they_are() -> None:
    mask = np.zeros((40, 40), bool)
    mask[10:20, 10:14] = True
    assert ruling.without_rules(mask, ruling.find_rules(mask, 30)) is mask
    assert without_sides(mask, 24) is mask


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_shade_across_a_page_does_not_turn_its_polarity(
    seed: int, *, flip: bool
) -> None:
    """Half of the page lies in shade: ink is what stands out, not the dark half."""
    generator = np.random.default_rng(seed)
    corners = generator.permutation(np.array([[0.45, 0.55], [0.95, 1.0]]).ravel())
    shade = cv2.resize(corners.reshape(2, 2), (900, 216), interpolation=cv2.INTER_CUBIC)
    page = np.clip(shade * 255, 0, 255).astype(np.uint8)
    cv2.putText(page, "353566", (300, 110), 0, 1.6, 20, 3, cv2.LINE_AA)
    assert illumination.is_light_on_dark(255 - page if flip else page) is flip


@pytest.mark.parametrize(
    ("ink", "paper"), [((210, 40, 50), (60, 90, 225)), ((60, 90, 225), (210, 40, 50))]
)
def test_ink_as_light_as_its_paper_is_read_by_its_colour(
    alphabet: Alphabet, ink: tuple[int, ...], paper: tuple[int, ...]
) -> None:
    grey = make_string(alphabet, "40713", seed=3).picture.mean(axis=2, keepdims=True)
    share = np.clip((grey.max() - grey) / np.ptp(grey), 0, 1)
    coloured = share * np.array(ink) + (1 - share) * np.array(paper)
    assert read(coloured.round().astype(np.uint8)).text == "40713"


def test_a_picture_whose_ink_is_darker_stays_as_it_is(alphabet: Alphabet) -> None:
    for seed in range(4):
        picture = make_string(alphabet, "40713", seed=seed).picture
        assert spread_colours(picture) is picture
    grey = picture[:, :, 0]
    assert spread_colours(grey) is grey
    noise = np.random.default_rng(0).integers(126, 130, (40, 60, 3), np.uint8)
    assert spread_colours(noise) is noise


def test_a_digit_of_few_pixels_is_read_in_uneven_light(alphabet: Alphabet) -> None:
    generator = np.random.default_rng(2)
    right = 0
    for image, label in zip(alphabet.images, alphabet.labels, strict=True):
        ink = cv2.resize(image, (22, 22), interpolation=cv2.INTER_AREA) / 255
        sheet = (0.9 * (1 - 0.6 * ink))[:, :, None].repeat(3, axis=2)
        taken_by = Camera(shade=0.5, blur=0.5)
        seen = photograph(sheet.astype(np.float32), taken_by, generator=generator)
        right += read(seen).text == str(label)
    assert right >= 0.93 * len(alphabet.labels)


def test_two_digits_of_few_pixels_stay_two(alphabet: Alphabet) -> None:
    picture = make_string(alphabet, "37", seed=3).picture
    size = 36, round(36 * picture.shape[0] / picture.shape[1])
    assert read(cv2.resize(picture, size, interpolation=cv2.INTER_AREA)).text == "37"
