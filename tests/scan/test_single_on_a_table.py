"""A digit on a sheet of paper, photographed with the table around it, read as the only
one: on plain and on ruled paper, as without `single`."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import mnistry
from mnistry.frame import to_frame
from mnistry.scan.frame_single import frame_single
from mnistry.synth.documents.surroundings import lay_on_table, make_table
from mnistry.synth.drawn import draw

SHEET, TABLE = (600, 440), (800, 640)
CORNERS = np.array([(105.0, 95.0), (540.0, 110.0), (530.0, 700.0), (95.0, 690.0)])


def photograph(
    image: NDArray[np.uint8], *, tall: int, ruled: bool
) -> NDArray[np.uint8]:
    """Lay a sheet with one digit, some dozens of pixels tall, on a wooden table."""
    sheet = np.ones((*SHEET, 3), np.float32)
    if ruled:
        sheet[30::40] = sheet[31::40] = (0.6, 0.7, 0.9)
    step = tall // 28 + 1
    ink = image.repeat(step, 0).repeat(step, 1).astype(np.float32) / 255
    rows, columns = ink.shape
    sheet[250 : 250 + rows, 170 : 170 + columns] *= 1 - 0.9 * ink[:, :, None]
    table = make_table(TABLE, generator=np.random.default_rng(0))
    lay_on_table(sheet, table, CORNERS)
    return (table.clip(0, 1) * 255).astype(np.uint8)


@pytest.mark.parametrize("ruled", [False, True], ids=["plain", "ruled"])
@pytest.mark.parametrize("tall", [60, 170])
def test_a_sheet_on_a_table_is_read_as_without_single(tall: int, ruled: bool) -> None:
    images, labels = draw(10, seed=7)
    right = 0
    for image, label in zip(images, labels, strict=True):
        picture = photograph(image, tall=tall, ruled=ruled)
        reading = mnistry.read(picture, single=True)
        right += reading.text == str(label)
        box = reading.lines[0].box
        assert box.height < 2 * tall, "it is the digit, not the sheet"
    assert right >= 8  # without a table two of the ten are read as others as well


def test_the_frame_is_of_the_digit_not_of_the_sheet() -> None:
    images, _ = draw(10, seed=7)
    image = np.asarray(images[3])
    framed = frame_single(photograph(image, tall=170, ruled=False))
    assert framed is not None
    assert np.corrcoef(framed.ravel(), to_frame(image).ravel())[0, 1] > 0.8


def paper_with(kind: str) -> NDArray[np.uint8]:
    """Draw paper with dots, or with squares that lean."""
    paper = np.full((480, 480, 3), 235, np.uint8)
    for row in range(20, 520, 40):
        if kind == "squared":
            cv2.line(paper, (0, row), (479, row - 35), (120,) * 3, 3)
            cv2.line(paper, (row - 25, 0), (row, 479), (120,) * 3, 3)
        for column in range(20, 480, 40) if kind == "dotted" else ():
            cv2.circle(paper, (column, row), 3, (90,) * 3, -1)
    return paper


def write(
    image: NDArray[np.uint8], *, on: NDArray[np.uint8], at: tuple[int, int]
) -> None:
    ink = image.repeat(3, 0).repeat(3, 1)[..., None]
    spot = on[at[0] : at[0] + 84, at[1] : at[1] + 84]
    np.minimum(spot, 255 - ink, out=spot)


@pytest.mark.parametrize("kind", ["dotted", "squared"])
def test_what_paper_is_ruled_with_is_no_mark_beside_the_digit(kind: str) -> None:
    images, labels = draw(4, seed=7)
    right = 0
    for image, label in zip(images, labels, strict=True):
        picture = paper_with(kind)
        write(image, on=picture, at=(200, 200))
        reading = mnistry.read(picture, single=True)
        right += reading.text == str(label)
    assert right >= 3  # none without the second look


@pytest.mark.parametrize("kind", ["dotted", "squared"])
def test_lines_of_digits_on_ruled_paper_are_no_single_digit(kind: str) -> None:
    images, _ = draw(12, seed=7)
    picture = paper_with(kind)
    for number, image in enumerate(images):
        row, column = divmod(number, 4)
        write(image, on=picture, at=(60 + 130 * row, 60 + 90 * column))
    reading = mnistry.read(picture, single=True)
    assert reading.text == ""
    assert reading.reason.startswith("not-single")
