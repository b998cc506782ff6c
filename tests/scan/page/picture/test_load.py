import io
import warnings
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from mnistry.digits import Digits
from mnistry.errors import FormatError, ShapeError
from mnistry.scan.page.picture import load
from mnistry.scan.page.picture.pixels import LONGEST_SIDE


def stroke() -> np.ndarray:
    """White paper, 20 high and 30 wide, with a black stroke at the left."""
    picture = np.full((20, 30, 3), 255, np.uint8)
    picture[5:15, 4:7] = 0
    return picture


def encoded(image: Image.Image, kind: str = "PNG", **settings: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def only(source: object) -> np.ndarray:
    (loaded,) = load.load_pictures(source)
    return loaded.pixels


PICTURE = Image.fromarray(stroke())
PDF = encoded(PICTURE, "PDF")


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF", "WEBP", "PPM"])
def test_every_kind_of_file_gives_the_picture(kind: str) -> None:
    settings = {"lossless": True} if kind == "WEBP" else {}
    assert np.array_equal(only(encoded(PICTURE, kind, **settings)), stroke())


def test_paths_bytes_files_images_and_arrays_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "stroke.png"
    path.write_bytes(encoded(PICTURE))
    with path.open("rb") as file:
        for source in (path, str(path), path.read_bytes(), file, PICTURE, stroke()):
            assert np.array_equal(only(source), stroke())


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I", "I;16", "F"]
)
def test_every_mode_keeps_the_stroke_dark(mode: str) -> None:
    if mode in {"I;16", "I", "F"}:
        deep = stroke()[:, :, 0].astype(np.uint16) * 16  # 12 bits, as scanners give
        image = (
            Image.fromarray(deep).convert(mode)
            if mode != "I;16"
            else Image.fromarray(deep)
        )
    else:
        image = PICTURE.convert(mode)
    picture = only(image)
    assert picture.shape == (20, 30, 3)
    assert picture[10, 5].max() < 60
    assert picture[10, 20].min() > 200


def test_a_picture_turned_by_exif_is_turned_back() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter to be upright
    lying = PICTURE.transpose(Image.Transpose.ROTATE_90)
    assert np.array_equal(only(encoded(lying, "PNG", exif=exif)), stroke())


@pytest.mark.parametrize("ink", [0, 255])
def test_a_drawing_in_the_alpha_is_dark_on_white(ink: int) -> None:
    drawn = np.full((20, 30, 4), ink, np.uint8)
    drawn[:, :, 3] = 255 - stroke()[:, :, 0]
    assert np.array_equal(only(drawn), stroke())


def test_white_strokes_beside_others_on_nothing_become_black_as_they() -> None:
    drawn = np.zeros((20, 30, 4), np.uint8)
    drawn[3:8, 2:28] = 255
    drawn[12:17, 2:28] = (220, 40, 40, 255)
    seen = only(drawn)
    assert not seen[3:8, 2:28].any()
    assert not seen[12:17, 2:28].any()
    assert seen[9:11].min() == 255


def test_white_ink_saved_premultiplied_is_dark_up_to_its_soft_edges() -> None:
    opacity = cv2.GaussianBlur(255 - stroke()[:, :, 0], (0, 0), 1.5)
    straight = np.full((20, 30, 4), 255, np.uint8)
    straight[:, :, 3] = opacity
    assert np.array_equal(only(np.dstack([opacity] * 4)), only(straight))


def test_a_fax_is_as_high_as_its_resolution_says() -> None:
    """Standard resolution has 204 dots per inch across and 98 down."""
    fax = encoded(PICTURE.convert("1"), "TIFF", dpi=(204, 98))
    (loaded,) = load.load_pictures(fax)
    assert loaded.pixels.shape == (42, 30, 3)
    assert loaded.scale == 1
    wrong = encoded(PICTURE.convert("1"), "TIFF", dpi=(204, 10))
    assert only(wrong).shape == (20, 30, 3)


def test_red_ink_on_white_paper_with_clear_edges_stays_red_on_white() -> None:
    paper = np.zeros((40, 60, 4), np.uint8)
    paper[5:35, 5:55] = 255
    paper[15:25, 20:40] = (220, 40, 40, 255)
    seen = only(paper)
    assert seen[20, 30].tolist() == [220, 40, 40]
    assert seen[10, 10].min() == 255


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.uint16, np.float64])
def test_arrays_of_any_depth_give_the_picture(dtype: type) -> None:
    most = {np.bool_: 1, np.uint8: 255, np.uint16: 65535, np.float64: 1}[dtype]
    grey: np.ndarray = (stroke()[:, :, 0] / 255 * most).astype(dtype)
    assert np.array_equal(only(grey), stroke())


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 3, 5)), r"shape \(2, 3, 5\); expected \(rows, columns\)"),
        (np.zeros((0, 4)), r"shape \(0, 4\)"),
        (np.zeros((4, 4), complex), "dtype complex128; expected uint8"),
        (
            np.full((4, 4), 7.0),
            "dtype float64; expected uint8, uint16, bool, or floats",
        ),
        (np.full((4, 4), np.nan), "dtype float64"),
        (
            np.broadcast_to(np.uint8(0), (20_000, 20_000)),
            "expected at most 100,000,000",
        ),
    ],
)
def test_arrays_that_are_no_picture_are_refused(
    array: np.ndarray, message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        only(array)


def test_large_pictures_are_shrunk_and_say_by_how_much() -> None:
    (loaded,) = load.load_pictures(np.zeros((1200, 4800), np.uint8))
    assert loaded.pixels.shape == (600, 2400, 3)
    assert loaded.scale == 0.5


def test_every_page_of_a_pdf_and_a_tiff_is_given() -> None:
    blank = Image.new("RGB", (30, 20), "white")
    settings: dict[str, object] = {"save_all": True, "append_images": [blank, PICTURE]}
    tiff = list(load.load_pictures(encoded(PICTURE, "TIFF", **settings)))
    pdf = list(load.load_pictures(encoded(PICTURE, "PDF", resolution=72, **settings)))
    assert [page.pixels.min() < 99 for page in tiff] == [True, False, True]
    assert [page.pixels.min() < 99 for page in pdf] == [True, False, True]
    assert pdf[0].pixels.shape == (56, 84, 3)  # 20 by 30 points at 200 dots an inch


@pytest.mark.parametrize("kind", ["PDF", "TIFF"])
def test_one_page_alone_is_that_page(kind: str) -> None:
    others = [PICTURE.rotate(180), PICTURE.rotate(90, expand=True)]
    file = encoded(PICTURE, kind, save_all=True, append_images=others)
    for number, page in enumerate(load.load_pictures(file), 1):
        (alone,) = load.load_pictures(file, page=number)
        assert np.array_equal(alone.pixels, page.pixels)
        assert alone.scale == page.scale
        assert list(load.load_pictures(alone)) == [alone]
    for source, wrong in ((file, 0), (file, 4), (stroke(), 2), (PICTURE, 2)):
        with pytest.raises(FormatError, match=f"and page {wrong} was asked for"):
            list(load.load_pictures(source, page=wrong))


def pdf_without_pages() -> bytes:
    file = io.BytesIO()
    document = pypdfium2.PdfDocument.new()
    document.save(file)
    document.close()
    return file.getvalue()


LOCKED = (
    b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"3 0 obj<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>endobj\n"
    b"trailer<</Root 1 0 R/Encrypt 3 0 R/ID[<30><30>]>>" % (64 * b"0", 64 * b"0")
)


def animation() -> bytes:
    frames = [Image.new("L", (9, 9), shade) for shade in (0, 99, 255)]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the picture is empty; expected a picture"),
        (
            b"Dear reader, this is text.",
            r"is not in a format that mnistry reads; expected PNG, .* or PDF. Save the",
        ),
        (b"PK\x03\x04 and more", "is a zip archive, .* Unpack it and name its folder"),
        (b"\x1f\x8b\x08 and more", "is packed by gzip; .* with --out"),
        (b"BMW and Audi", "is not in a format that mnistry reads; expected PNG"),
        (encoded(PICTURE)[:60], "is broken: [^;]*[^.;]; expected a whole picture"),
        (LOCKED, "needs a password; expected a PDF that opens without one. Open it"),
        (PDF[:300], "is broken: [^;]*[^.;]; expected a whole picture"),
        (pdf_without_pages(), "is broken: [^;]*[^.;]; expected a whole picture"),
        (animation(), "is animated: 3 frames; expected one picture"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        list(load.load_pictures(data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "GIF", "WEBP", "JPEG2000"])
def test_a_picture_that_was_cut_short_is_broken_and_no_other_kind_of_file(
    kind: str,
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 80), dtype=np.uint8)
    whole = encoded(Image.fromarray(noise), kind)
    for size in (16, 20, 30, 60, 100):
        with pytest.raises(FormatError, match=r"is broken: .* Take or fetch it again"):
            list(load.load_pictures(whole[:size]))


def test_a_decompression_bomb_is_refused_before_it_goes_off() -> None:
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    for side in (11_000, 50_000):
        header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")
        with pytest.raises(FormatError, match=r"pixels; expected at most 100,000,000"):
            list(load.load_pictures(bomb))


def test_files_that_are_too_large_or_give_text_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(encoded(PICTURE))
    with pytest.raises(FormatError, match="gives text; expected bytes. Open it with"):
        list(load.load_pictures(io.StringIO("7")))
    monkeypatch.setattr(load, "MOST_BYTES", 10)
    with pytest.raises(
        FormatError, match="bytes; expected at most 10. Make it smaller"
    ):
        list(load.load_pictures(path))
    with pytest.raises(FormatError, match="more bytes; expected at most 10"):
        list(load.load_pictures(path.read_bytes()))


def test_a_device_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "MOST_BYTES", 10)
    with pytest.raises(FormatError, match=r"/dev/zero has more bytes; expected at mo"):
        list(load.load_pictures("/dev/zero"))


def test_pillow_images_of_no_size_or_too_large_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(FormatError, match="image has no pixels; expected a picture"):
        list(load.load_pictures(Image.new("L", (0, 5))))
    monkeypatch.setattr(load, "MOST_PIXELS", 10)
    with pytest.raises(FormatError, match="has 3×4 pixels; expected at most 10 in all"):
        list(load.load_pictures(Image.new("L", (3, 4))))


def test_other_things_are_refused() -> None:
    with pytest.raises(
        FormatError, match="cannot read digits from 'int'; expected a path"
    ):
        list(load.load_pictures(7))


def test_the_error_for_what_may_have_pictures_says_how_to_read_them() -> None:
    class Tensor:
        def numpy(self) -> None: ...

    for source, advice in (
        (["7.png"], r"\[mnistry.read\(one\) for one in pictures\]"),
        (Digits(np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.uint8)), "predict"),
        (Tensor(), r"as an array: \.numpy\(\)"),
    ):
        with pytest.raises(FormatError, match=advice):
            list(load.load_pictures(source))


def test_a_file_that_is_not_there_is_the_usual_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(load.load_pictures(tmp_path / "none.png"))


WHOLE = [
    encoded(PICTURE, kind) for kind in ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP")
]


@given(
    whole=st.sampled_from([*WHOLE, PDF]),
    places=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=12),
    keep=st.floats(0.05, 1),
)
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_files_give_pictures_or_a_format_error(
    whole: bytes, places: list[tuple[int, int]], keep: float
) -> None:
    data = bytearray(whole)
    for at, value in places:
        data[at % len(data)] = value
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            for loaded in load.load_pictures(
                bytes(data[: max(1, int(keep * len(data)))])
            ):
                assert loaded.pixels.dtype == np.uint8
                assert loaded.pixels.shape[2] == 3
                assert max(loaded.pixels.shape) <= LONGEST_SIDE
        except FormatError:
            pass  # a clear error; any other error fails


@given(st.binary(max_size=200))
@settings(max_examples=80)
def test_any_bytes_give_pictures_or_a_format_error(data: bytes) -> None:
    with suppress(FormatError):  # a clear error; any other error fails
        list(load.load_pictures(data))
