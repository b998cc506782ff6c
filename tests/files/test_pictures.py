"""Pictures of any size as images: framed, the right way round, none lost unsaid."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mnistry.arrays import Pixels
from mnistry.digits import Digits
from mnistry.errors import FormatError
from mnistry.files import export, load
from mnistry.formats.paper import lightness
from mnistry.frame import to_frame
from mnistry.scan.page.paper.illumination import is_light_on_dark
from mnistry.synth.drawn import draw

SEVEN: Pixels = draw(8, split="test")[0][7]


def drawing(side: int = 140, border: int = 30) -> Pixels:
    """Draw a digit as people do: black on white, large, not in the middle."""
    large = Image.fromarray(255 - SEVEN).resize((side, side), Image.Resampling.BICUBIC)
    sheet = np.full((side + 3 * border, side + border), 255, np.uint8)
    sheet[2 * border : 2 * border + side, :side] = np.asarray(large)
    return sheet


def rgba(alpha: Pixels, ink: int) -> Image.Image:
    """Draw in the transparency alone, with ink of one grey."""
    colours = np.full((*alpha.shape, 4), ink, np.uint8)
    colours[:, :, 3] = alpha
    return Image.fromarray(colours)


def turned(picture: Image.Image) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter to be upright
    return exif


def only(folder: Path, **options: Any) -> Pixels:
    (image,) = load(folder, **options)["all"].images
    found: Pixels = image
    return found


def likeness(one: Pixels, other: Pixels) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@pytest.mark.parametrize(
    "kind",
    ["dark on light", "light on dark", "white, clear", "black, clear", "EXIF", "photo"],
)
@pytest.mark.parametrize("border", [0, 30])
def test_a_drawing_of_any_kind_becomes_the_digit(
    kind: str, border: int, tmp_path: Path
) -> None:
    grey = drawing(border=border)
    (tmp_path / "7").mkdir()
    path = tmp_path / "7" / "a.png"
    if kind == "photo":  # in the shade of a hand, on coloured paper
        shade = np.linspace(0.6, 1, grey.shape[1])[None, :, None]
        colours = (
            np.array([250, 240, 200]) * shade * (0.2 + 0.8 * grey[..., None] / 255)
        )
        Image.fromarray(colours.astype(np.uint8)).save(path.with_suffix(".jpg"))
    elif kind == "EXIF":
        lying = Image.fromarray(grey).transpose(Image.Transpose.ROTATE_90)
        lying.save(path, exif=turned(lying))
    elif kind.endswith("clear"):
        rgba(255 - grey, 255 if kind.startswith("white") else 0).save(path)
    else:
        Image.fromarray(grey if kind == "dark on light" else 255 - grey).save(path)
    assert likeness(only(tmp_path), to_frame(SEVEN)) > 0.85


@pytest.mark.parametrize("kind", ["dark", "light", "white, clear"])
def test_small_pictures_keep_their_pixels_each_the_right_way_round(
    kind: str, tmp_path: Path
) -> None:
    (tmp_path / "7").mkdir()
    Image.fromarray(SEVEN).save(tmp_path / "7" / "0.png")
    for at in (1, 2, 3):
        picture = {
            "dark": Image.fromarray(255 - SEVEN),
            "light": Image.fromarray(SEVEN),
            "white, clear": rgba(SEVEN, 255),
        }[kind]
        picture.save(tmp_path / "7" / f"{at}.png")
    assert all((image == SEVEN).all() for image in load(tmp_path)["all"].images)


def test_pictures_stay_as_they_are_for_who_wants_that(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    Image.fromarray(drawing()).save(tmp_path / "7" / "a.png")
    assert (only(tmp_path, as_they_are=True) == 255 - drawing()).all()
    (tmp_path / "list.csv").write_text("file,label\n7/a.png,7\n")
    listed = load(tmp_path / "list.csv", as_they_are=True)["all"]
    assert (listed.images[0] == 255 - drawing()).all()
    assert load(tmp_path / "list.csv")["all"].images.shape == (1, 28, 28)


def test_what_has_no_ink_is_left_out_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "7").mkdir()
    Image.new("L", (100, 90), 255).save(tmp_path / "7" / "blank.png")
    Image.fromarray(drawing()).save(tmp_path / "7" / "a.png")
    with caplog.at_level(logging.WARNING, "mnistry"):
        assert load(tmp_path)["all"].labels.tolist() == [7]
    assert "in 1 of 2 pictures; left out: " in caplog.text
    assert "blank.png" in caplog.text
    (tmp_path / "7" / "a.png").unlink()
    with pytest.raises(FormatError, match=r"in 1 picture: .*blank\.png"):
        load(tmp_path)


def test_a_picture_of_several_pages_is_refused(tmp_path: Path) -> None:
    page = Image.fromarray(drawing())
    (tmp_path / "7").mkdir()
    page.save(tmp_path / "7" / "a.tif", save_all=True, append_images=[page])
    with pytest.raises(FormatError, match=r"a\.tif has 2 pages; expected one picture"):
        load(tmp_path)


def test_one_rule_says_which_way_round_a_picture_is() -> None:
    """The rule for small pictures is the one that reading has."""
    images, _ = draw(50, seed=3)
    for image in [*images, *(255 - images), np.full((9, 9), 200, np.uint8)]:
        assert (lightness(image) < 0) == is_light_on_dark(image)
    assert all(lightness(image) < 0 < lightness(255 - image) for image in images)


@pytest.mark.parametrize("listed", [False, True])
def test_whoever_waits_sees_each_picture_done(tmp_path: Path, *, listed: bool) -> None:
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 12:16] = 255
    digits = Digits(np.stack([image] * 3), np.array([1, 1, 1], np.uint8))
    export(digits, "png", tmp_path)
    if listed:
        files = sorted(tmp_path.rglob("*.png"))
        rows = [f"{file.relative_to(tmp_path)},1" for file in files]
        (tmp_path / "list.csv").write_text("\n".join(["file,label", *rows]))
    seen: list[tuple[str, int, int]] = []
    load(
        tmp_path / "list.csv" if listed else tmp_path,
        progress=lambda *call: seen.append(call),
    )
    assert seen == [("3 pictures", done, 3) for done in (1, 2, 3)]
