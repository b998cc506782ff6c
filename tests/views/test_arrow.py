"""Arrow tables: whose memory they have, and whatever tables others make."""

import numpy as np
import pyarrow as pa
import pytest

from mnistry.digits import Digits
from mnistry.errors import FormatError, ShapeError, UnknownNameError
from mnistry.formats import png
from mnistry.views.arrow import LAYOUTS, from_arrow, to_arrow


@pytest.fixture
def some() -> Digits:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6, 28, 28), np.uint8)
    return Digits(
        images,
        np.array([7, 2, 1, 0, 4, 1], np.uint8),
        "toy",
        classes=tuple("0123456789"),
    )


def test_tensors_are_the_digits_own_memory_there_and_back(some: Digits) -> None:
    table = to_arrow(some)
    buffer = table["image"].chunk(0).storage.flatten().buffers()[1]
    assert buffer.address == some.images.ctypes.data
    assert np.shares_memory(from_arrow(table).images, some.images)
    assert np.shares_memory(from_arrow(table).labels, some.labels)


def test_images_are_fixed_shape_tensors(some: Digits) -> None:
    assert to_arrow(some).schema.field("image").type == pa.fixed_shape_tensor(
        pa.uint8(), [28, 28]
    )


def test_pixel_columns_end_with_the_label(some: Digits) -> None:
    names = to_arrow(some, layout="pixels").column_names
    assert names == [*map(str, range(784)), "label"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_comes_back(layout: str, some: Digits) -> None:
    table = to_arrow(some, layout=layout)
    back = from_arrow(table)
    assert back == some
    assert (back.name, back.classes) == (some.name, some.classes)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_tables_in_several_chunks_and_slices_come_back(
    layout: str, some: Digits
) -> None:
    table = to_arrow(some, layout=layout)
    chunked = pa.concat_tables([table.slice(1, 2), table.slice(3, 0), table.slice(3)])
    assert chunked.column(0).num_chunks > 1
    assert from_arrow(chunked) == some[1:]


def test_the_way_others_store_images_is_read(some: Digits) -> None:
    labels = pa.array(some.labels)
    files = [png.encode(image) for image in some.images]
    raw = [image.tobytes() for image in some.images]
    ways = {
        "lists": pa.array(some.images.tolist()),
        "flat lists": pa.array(some.images.reshape(6, -1).tolist()),
        "lists of one channel": pa.array(some.images[..., None].tolist()),
        "floats": pa.array(some.images.astype(float).tolist()),
        "files": pa.array(files),
        "raw": pa.array(raw, pa.binary(784)),
    }
    for way, images in ways.items():
        back = from_arrow(pa.table({"image": images, "label": labels}))
        assert back == Digits(some.images, some.labels), way


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (pa.array([[[1]], None]), "1 of 2 images are missing"),
        (pa.array([[[1]], [[1], [2]]]), "images have several shapes"),
        (pa.array([[[300]], [[1]]]), "pixels hold 300"),
        (pa.array(["a", "b"]), "type string; expected tensors"),
        (pa.array([1, 2]), "type int64; expected tensors"),
        (
            pa.array([{"bytes": None, "path": "7.png"}] * 2),
            "row 0 has no bytes; expected the picture itself",
        ),
    ],
)
def test_columns_that_are_no_images_are_refused(images: pa.Array, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        from_arrow(pa.table({"image": images, "label": pa.array([1, 2])}))


def test_pictures_of_several_sizes_are_refused() -> None:
    files = [png.encode(np.zeros(shape, np.uint8)) for shape in ((2, 2), (3, 3))]
    table = pa.table({"image": pa.array(files), "label": pa.array([1, 2])})
    with pytest.raises(ShapeError, match=r"\(2, 2\) and \(3, 3\)"):
        from_arrow(table)


def test_a_damaged_picture_is_named_by_its_row() -> None:
    files = [png.encode(np.zeros((2, 2), np.uint8)), b"\x89PNG not at all"]
    table = pa.table({"image": pa.array(files), "label": pa.array([1, 2])})
    with pytest.raises(FormatError, match="the image in row 1 cannot be read"):
        from_arrow(table)


def test_a_label_that_is_missing_is_refused() -> None:
    table = pa.table({"image": pa.array([[[1]]] * 2), "label": pa.array([1, None])})
    with pytest.raises(ShapeError, match="labels hold nan"):
        from_arrow(table)


def test_an_unknown_layout_is_refused(some: Digits) -> None:
    with pytest.raises(UnknownNameError, match=r"no layout 'pixel'.*'pixels'"):
        to_arrow(some, layout="pixel")
