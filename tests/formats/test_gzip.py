import gzip
import io
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistry.errors import FormatError
from mnistry.formats.gzip import CHUNK_BYTES, inflate


@pytest.fixture(params=["isal", "zlib"])
def _inflater(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "zlib":
        monkeypatch.setitem(sys.modules, "isal", None)
    else:
        pytest.importorskip("isal")


def read(data: bytes) -> bytes:
    return b"".join(inflate(io.BytesIO(data), "file.gz"))


BIG = bytes(range(256)) * 20_000  # five chunks
MEMBERS = {
    "one": gzip.compress(b"digits"),
    "empty": gzip.compress(b""),
    "two": gzip.compress(b"dig") + gzip.compress(b"its"),
    "padded": gzip.compress(b"digits") + bytes(7),
    "big": gzip.compress(BIG),
    "zeros": gzip.compress(bytes(5_000_000)),
}


@pytest.mark.usefixtures("_inflater")
@pytest.mark.parametrize("which", MEMBERS)
def test_what_comes_out_is_what_the_standard_library_gets(which: str) -> None:
    assert read(MEMBERS[which]) == gzip.decompress(MEMBERS[which])


@pytest.mark.usefixtures("_inflater")
def test_no_chunk_is_larger_than_its_limit() -> None:
    chunks = inflate(io.BytesIO(MEMBERS["zeros"]), "file.gz")
    assert max(map(len, chunks)) <= CHUNK_BYTES


@pytest.mark.usefixtures("_inflater")
@pytest.mark.parametrize("cut", [1, 8, 12, len(MEMBERS["big"]) // 2])
def test_a_stream_cut_anywhere_is_named(cut: int) -> None:
    with pytest.raises(FormatError, match="file.gz ends in the middle"):
        read(MEMBERS["big"][:-cut])


@pytest.mark.usefixtures("_inflater")
def test_a_changed_byte_is_noticed_by_the_checksum() -> None:
    data = bytearray(gzip.compress(BIG, compresslevel=0))
    data[1000] ^= 1
    with pytest.raises(FormatError, match="file.gz is damaged"):
        read(bytes(data))


@given(st.binary(max_size=200))
@settings(max_examples=50)
def test_hostile_bytes_give_bytes_or_a_format_error(data: bytes) -> None:
    try:
        read(b"\x1f\x8b\x08\x00" + data)
    except FormatError:
        return
