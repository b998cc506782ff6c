import gzip
import math
import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from mnistry.errors import IdxError, ShapeError
from mnistry.formats import idx

SUFFIXES = ("", ".gz")
natives = [dtype.newbyteorder("=") for dtype in idx.ELEMENTS.values()]
arrays = st.sampled_from(natives).flatmap(
    lambda dtype: hnp.arrays(
        dtype, hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4)
    )
)


@given(arrays)
def test_decoding_what_was_encoded_gives_it_back(array: NDArray[Any]) -> None:
    decoded = idx.decode(idx.encode(array))
    assert decoded.dtype == array.dtype
    assert decoded.shape == array.shape
    assert decoded.tobytes() == array.tobytes()


def slow_decode(data: bytes) -> list[int]:
    """Read unsigned bytes the obvious way."""
    axes = data[3]
    sizes = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(axes)]
    return list(data[4 + 4 * axes :][: math.prod(sizes)])


@given(hnp.arrays(np.uint8, hnp.array_shapes(max_dims=3)))
def test_elements_are_those_a_slow_reader_finds(array: NDArray[np.uint8]) -> None:
    assert slow_decode(idx.encode(array)) == array.ravel().tolist()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", natives, ids=str)
def test_reading_what_was_written_gives_it_back(
    tmp_path: Path, dtype: np.dtype[Any], suffix: str
) -> None:
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    idx.write(tmp_path / f"a{suffix}", array)
    found = idx.read(tmp_path / f"a{suffix}")
    assert found.dtype == dtype
    assert found.tolist() == array.tolist()
    assert not found.flags.writeable


def test_bytes_of_a_plain_file_are_mapped_not_read(tmp_path: Path) -> None:
    path = tmp_path / "big"
    idx.write(path, np.zeros((64, 1 << 20), np.uint8))
    tracemalloc.start()
    array = idx.read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < array.nbytes / 100


def test_the_same_array_gives_the_same_gzip_bytes(tmp_path: Path) -> None:
    for name in ("first.gz", "second.gz"):
        idx.write(tmp_path / name, np.arange(9, dtype=np.uint8))
    first, second = (tmp_path / name for name in ("first.gz", "second.gz"))
    assert first.read_bytes() == second.read_bytes()


def test_gzip_may_have_members_of_any_length(tmp_path: Path) -> None:
    array = np.arange(2000, dtype=np.int32)
    data = idx.encode(array)
    cuts = (0, 3, 3, 10, 900, len(data))
    parts = (data[start:end] for start, end in pairwise(cuts))
    (tmp_path / "a.gz").write_bytes(b"".join(map(gzip.compress, parts)))
    assert np.array_equal(idx.read(tmp_path / "a.gz"), array)


def test_a_golden_file_has_these_bytes() -> None:
    array = np.array([[1, -2]], np.int16)
    golden = bytes.fromhex("00000b02 00000001 00000002 0001 fffe")
    assert idx.encode(array) == golden


@given(st.binary(max_size=64))
def test_hostile_bytes_give_an_array_or_an_idx_error(data: bytes) -> None:
    try:
        array = idx.decode(data)
    except IdxError:
        return
    assert array.nbytes <= len(data)


@given(st.binary(max_size=32))
def test_hostile_bytes_after_a_good_start_do_no_more_harm(rest: bytes) -> None:
    try:
        array = idx.decode(b"\0\0\x08\x02" + rest)
    except IdxError:
        return
    assert array.nbytes <= len(rest)


HEADER_OF_THREE = bytes([0, 0, 8, 1, 0, 0, 0, 3])
FAULTS = {
    "empty": (b"", r"starts with nothing \(it is empty\); expected '00 00'"),
    "wrong magic": (
        b"\x01\x00\x08\x01",
        r"starts with '01 00 08 01'; expected '00 00'",
    ),
    "gzip": (gzip.compress(b"x"), r"starts with '1f 8b .*gzip starts with '1f 8b'"),
    "page": (b"<!DOCTYPE html>", r"looks like a web page"),
    "unknown type": (b"\0\0\x0a\x01", r"element type 0a.*expected one of 08, 09, 0b"),
    "too many axes": (b"\0\0\x08\xff", r"claims 255 axes; expected at most 64"),
    "short header": (b"\0\0\x08\x02\0", r"ends within its header, after 5 bytes.*12"),
    "cut": (HEADER_OF_THREE + b"ab", r"holds 2 bytes.*expected 3 .*was cut short"),
    "too long": (HEADER_OF_THREE + b"abcd", r"holds 4 bytes.*something after it"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_header_that_lies_is_named_with_what_was_expected(fault: str) -> None:
    data, message = FAULTS[fault]
    with pytest.raises(IdxError, match=message) as caught:
        idx.decode(data, name="some-file")
    assert str(caught.value).startswith("some-file ")


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "gzip"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_with_the_same_faults_say_the_same(
    tmp_path: Path, fault: str, suffix: str
) -> None:
    data, message = FAULTS[fault]
    path = tmp_path / f"file{suffix}"
    path.write_bytes(gzip.compress(data) if suffix else data)
    with pytest.raises(IdxError, match=message) as caught:
        idx.read(path)
    assert str(path) in str(caught.value)


HUGE = b"\0\0\x08\x03" + b"\xff\xff\xff\xff" * 3


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_size_that_the_file_cannot_hold_takes_no_memory(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"huge{suffix}"
    path.write_bytes(gzip.compress(HUGE) if suffix else HUGE)
    tracemalloc.start()
    with pytest.raises(IdxError, match=r"79,228,162,458,924,105,385,300,197,375"):
        idx.read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_gzip_bomb_is_left_once_it_gives_more_than_it_says(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(HEADER_OF_THREE + bytes(200_000_000)))
    tracemalloc.start()
    with pytest.raises(IdxError, match="something after it"):
        idx.read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_damaged_gzip_is_named(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(idx.encode(np.arange(200, dtype=np.uint8))))
    data[len(data) // 2] ^= 0xFF
    (tmp_path / "flipped.gz").write_bytes(data)
    with pytest.raises(IdxError, match=r"flipped.gz (is damaged|ends in the middle)"):
        idx.read(tmp_path / "flipped.gz")


def test_gzip_cut_short_is_named(tmp_path: Path) -> None:
    data = gzip.compress(idx.encode(np.arange(200, dtype=np.uint8)))
    (tmp_path / "cut.gz").write_bytes(data[:-20])
    with pytest.raises(IdxError, match="cut.gz ends in the middle of its gzip stream"):
        idx.read(tmp_path / "cut.gz")


def test_an_array_idx_cannot_hold_is_refused_and_the_old_file_stays(
    tmp_path: Path,
) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"old")
    with pytest.raises(ShapeError, match="no element type for dtype complex128"):
        idx.write(path, np.zeros(3, np.complex128))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_axis_too_long_for_idx_is_refused() -> None:
    endless = np.broadcast_to(np.uint8(0), (1 << 32,))
    with pytest.raises(ShapeError, match="expected at most 4294967295"):
        idx.encode(endless)


def test_a_missing_file_is_the_usual_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        idx.read(tmp_path / "none")


@pytest.mark.parametrize(
    "shape", [(0, 2**32 - 1, 2**32 - 1), (2**26, 2**32 - 1, 2**24, 0)], ids=str
)
def test_an_axis_of_no_length_does_not_hide_huge_ones(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    data = bytes([0, 0, 0x0C, len(shape)]) + np.array(shape, ">u4").tobytes()
    with pytest.raises(IdxError, match="claims shape .*; expected one that an array"):
        idx.decode(data)
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(IdxError, match="claims shape"):
        idx.read(tmp_path / "file")
    small = np.zeros((0, 28, 28), np.uint8)
    assert idx.decode(idx.encode(small)).shape == small.shape
