"""The other data sets: their rows, and the ways from their files to digits."""

import bz2
import gzip
import hashlib
import io
import logging
import zipfile
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from mnistry import datasets, load
from mnistry.data import cache, paths
from mnistry.data.cached_file import CachedFile
from mnistry.data.catalog import DATASETS
from mnistry.data.catalog.rows import Dataset, File, Split
from mnistry.data.unpack import UNPACKERS, unpack
from mnistry.errors import ChecksumError, FetchError, FormatError
from mnistry.formats import idx
from tests.server import Server

rows = pytest.mark.parametrize("row", DATASETS.values(), ids=str)
GENERATOR = np.random.default_rng(0)


@rows
def test_a_row_says_what_a_user_needs(row: Dataset) -> None:
    assert {"train", "test"} <= set(row.splits)
    assert row.title
    assert row.licence
    assert row.citation
    assert row.classes
    assert all(url.startswith("https://") for url in row.mirrors)
    assert all(url.endswith("/") for url in row.mirrors)


@rows
def test_every_file_can_be_checked_by_something_published(row: Dataset) -> None:
    for file in row.files:
        assert file.sha256 or file.md5
        assert file.packing in UNPACKERS
        assert file.raw_size_bytes
        for digest, digits in (
            (file.sha256, 64),
            (file.md5, 32),
            (file.raw_sha256, 64),
        ):
            assert digest is None or len(bytes.fromhex(digest)) == digits // 2


def test_emnist_has_all_its_letters() -> None:
    sizes = {
        row.name: [split.labels.raw_size_bytes for split in row.splits.values()]
        for row in DATASETS.values()
    }
    assert sizes["emnist-letters"] == [8 + 124_800, 8 + 20_800]
    assert sizes["emnist-balanced"] == [8 + 112_800, 8 + 18_800]
    assert len(DATASETS["emnist-byclass"].classes) == 62
    assert len(DATASETS["emnist-bymerge"].classes) == 47
    assert DATASETS["emnist-letters"].classes[1] == "A"
    assert DATASETS["emnist-letters"].classes[26] == "Z"


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def known_by(name: str, data: bytes, file: File, *, published: bool = True) -> File:
    """Give a catalogue file the sizes and hashes of made data."""
    sha256 = hashlib.sha256(data).hexdigest() if published else None
    md5 = hashlib.md5(data).hexdigest()  # noqa: S324 - as torchvision published them
    return replace(
        file,
        name=name,
        size_bytes=len(data) if published else None,
        sha256=sha256,
        md5=None if published else md5,
    )


@pytest.fixture(autouse=True)
def _online(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MNISTRY_OFFLINE")


def test_emnist_comes_out_of_its_zip_upright(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    images = GENERATOR.integers(0, 256, (7, 28, 28), np.uint8)
    labels = np.arange(1, 8, dtype=np.uint8)
    row = DATASETS["emnist-letters"]
    members = {}
    for split in ("train", "test"):
        files = row.splits[split]
        members[files.images.member] = gzip.compress(idx.encode(images))
        members[files.labels.member] = gzip.compress(idx.encode(labels))
    data = zipped(members)
    server.files["gzip.zip"] = data

    def small(
        file: File, array: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    ) -> File:
        made = known_by("gzip.zip", data, file)
        return replace(made, raw_size_bytes=len(idx.encode(array)))

    splits = {
        name: Split(small(split.images, images), small(split.labels, labels))
        for name, split in row.splits.items()
    }
    made = replace(row, splits=MappingProxyType(splits), mirrors=(server.url("good"),))
    monkeypatch.setattr("mnistry.data.load.DATASETS", {"emnist-letters": made})
    with caplog.at_level(logging.WARNING):
        train, test = load("emnist-letters")
    assert np.array_equal(train.images, images.transpose(0, 2, 1))
    assert [train.classes[label] for label in train.labels] == list("ABCDEFG")
    assert train == test
    assert "not confirmed" not in train.source  # the zip's SHA-256 was published
    assert server.tries["/good/gzip.zip"] == 1
    assert (paths.home() / "emnist" / "gzip.zip").is_file()
    assert "nobody published its SHA-256; recorded" in caplog.text


def qmnist(server: Server, *, published: bool = True) -> Dataset:
    images = GENERATOR.integers(0, 256, (60, 28, 28), np.uint8)
    labels = GENERATOR.integers(0, 10, (60, 8)).astype(np.int32)
    splits = {}
    for name, split in DATASETS["qmnist"].splits.items():
        files = []
        for file, array in ((split.images, images), (split.labels, labels)):
            data = gzip.compress(idx.encode(array), mtime=0)
            server.files[file.name] = data
            made = known_by(file.name, data, file, published=published)
            files.append(replace(made, raw_size_bytes=len(idx.encode(array))))
        part = split.rows and (split.rows[0] // 1000, split.rows[1] // 1000)
        splits[name] = replace(split, images=files[0], labels=files[1], rows=part)
    return replace(
        DATASETS["qmnist"],
        splits=MappingProxyType(splits),
        mirrors=(server.url("good"),),
    )


def test_qmnist_has_its_columns_and_its_further_test_images(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = qmnist(server)
    monkeypatch.setattr("mnistry.data.load.DATASETS", {"qmnist": row})
    test = load("qmnist", split="test")
    further = load("qmnist", split="test50k")
    assert list(test.columns) == list(row.splits["test"].columns)
    assert len(row.splits["test"].columns) + 1 == 8
    assert further == test[10:]
    assert load("qmnist", split="test10k") == test[:10]
    assert len(server.asked) == 2


def test_a_hash_nobody_published_is_recorded_and_from_then_on_must_be_it(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    row = qmnist(server, published=False)
    file = row.files[0]
    cached = CachedFile(row, file)
    with caplog.at_level(logging.WARNING):
        cache.fetch(row)
    assert f"{file.name} of qmnist: nobody published its SHA-256" in caplog.text
    first = cached.packed_sha256
    assert first == hashlib.sha256(server.files[file.name]).hexdigest()
    record = cached.folder / f"{file.name}.sha256"
    assert record.read_text("utf-8").endswith(f"\n{first}  {file.name}\n")
    for path in cached.folder.glob("qmnist*ubyte*"):
        path.unlink() if path.suffix != ".sha256" else None
    changed = server.files[file.name][:-1] + b"!"
    server.files[file.name] = changed
    with pytest.raises(FetchError, match="SHA-256 is"):
        cache.fetch(row)


def test_a_wrong_md5_is_refused(server: Server) -> None:
    row = qmnist(server, published=False)
    server.files[row.files[0].name] = b"something else"
    with pytest.raises(FetchError, match="MD5 is"):
        cache.fetch(row)


def test_an_unknown_raw_file_of_the_right_size_is_trusted_once(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = qmnist(server)
    file = row.files[0]
    raw = gzip.decompress(server.files[file.name])
    (tmp_path / file.raw_name).write_bytes(raw)
    monkeypatch.setenv("MNISTRY_DATA", str(tmp_path))
    cached = CachedFile(row, file)
    local = cache.locate(cached)
    assert local.path.read_bytes() == raw
    assert "not confirmed" in cache.source_of(cached, local)  # only its gzip is known
    (tmp_path / file.raw_name).write_bytes(raw[:-1] + b"!")
    with pytest.raises(ChecksumError, match="its bytes were changed"):
        cache.locate(CachedFile(row, file))


def usps_text(images: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    lines = []
    for number, image in enumerate(images):
        values = image.ravel() / 255 * 2 - 1
        pairs = " ".join(
            f"{i}:{v:.7f}" for i, v in enumerate(values, start=1) if v != -1
        )
        lines.append(f"{number % 10 + 1} {pairs}")
    return bz2.compress("\n".join(lines).encode())


def test_usps_text_becomes_images_and_labels(tmp_path: Path) -> None:
    images = GENERATOR.integers(0, 256, (12, 16, 16), np.uint8)
    path = tmp_path / "usps.bz2"
    path.write_bytes(usps_text(images))
    split = DATASETS["usps"].splits["train"]
    decoded = idx.decode(b"".join(unpack(path, split.images)))
    assert np.array_equal(decoded, images)
    labels = idx.decode(b"".join(unpack(path, split.labels)))
    assert labels.tolist() == [number % 10 for number in range(12)]


@pytest.mark.parametrize("text", [b"seven 1:0", b"1 999:0", b"1 1:x", b"\xff"])
def test_text_that_is_not_usps_is_named(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "usps.bz2"
    path.write_bytes(bz2.compress(text))
    with pytest.raises(FormatError, match="is not USPS in libsvm's format"):
        list(unpack(path, DATASETS["usps"].files[0]))


def test_a_zip_without_the_member_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gzip.zip"
    path.write_bytes(zipped({"other": b""}))
    with pytest.raises(FormatError, match="has no intact gzip/emnist-letters-train"):
        list(unpack(path, DATASETS["emnist-letters"].files[0]))
    path.write_bytes(b"<html>")
    with pytest.raises(FormatError, match="has no intact"):
        list(unpack(path, DATASETS["emnist-letters"].files[0]))


@pytest.mark.parametrize("fault", ["encrypted", "another method"])
def test_a_zip_that_cannot_be_unpacked_is_named(tmp_path: Path, fault: str) -> None:
    file = DATASETS["emnist-letters"].files[0]
    data = bytearray(zipped({file.member: b"x" * 100}))
    central = data.index(b"PK\1\2")
    if fault == "encrypted":
        data[6] |= 1
        data[central + 8] |= 1
    else:
        data[8] = data[central + 10] = 97
    path = tmp_path / "gzip.zip"
    path.write_bytes(data)
    with pytest.raises(FormatError, match="has no intact gzip/emnist-letters"):
        list(unpack(path, file))


def test_a_small_file_that_unpacks_to_much_text_is_no_usps(tmp_path: Path) -> None:
    path = tmp_path / "usps.bz2"
    for text in (b"1 1:1\n" * 200_000, b"1" + b" 1:1" * 500_000):
        path.write_bytes(bz2.compress(text))
        with pytest.raises(FormatError, match="is not USPS in libsvm's format"):
            list(unpack(path, DATASETS["usps"].files[0]))


def test_all_names_are_listed_in_order() -> None:
    assert datasets() == sorted([*DATASETS, "drawn"])
