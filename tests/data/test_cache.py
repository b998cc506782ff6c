import errno
import gzip
import hashlib
import io
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from mnistry import load
from mnistry.data import cache, download, lock, paths, store
from mnistry.data.cached_file import CachedFile
from mnistry.data.catalog import DATASETS as ALL
from mnistry.data.catalog.mnist import MNIST
from mnistry.data.catalog.rows import Dataset, File, Split, gzipped
from mnistry.data.clean import clean
from mnistry.errors import (
    CacheError,
    ChecksumError,
    FetchError,
    FormatError,
    UsageError,
)
from mnistry.formats import idx
from tests.server import Server


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def row_of(
    raw: dict[str, bytes], name: str = "tiny"
) -> tuple[Dataset, dict[str, bytes]]:
    """Make a catalogue row and the .gz files it speaks of."""
    packed = {f"{name}.gz": gzip.compress(data, mtime=0) for name, data in raw.items()}
    files = [
        gzipped(gz, len(packed[gz]), sha(packed[gz]), len(data), sha(data))
        for gz, data in zip(packed, raw.values(), strict=True)
    ]
    splits = {
        "train": Split(images=files[0], labels=files[1]),
        "test": Split(images=files[2], labels=files[3]),
    }
    row = replace(MNIST, name=name, splits=MappingProxyType(splits), mirrors=())
    return row, packed


def raw_files(seed: int = 0) -> dict[str, bytes]:
    generator = np.random.default_rng(seed)
    raw = {}
    for split, count in (("train", 40), ("t10k", 20)):
        images = generator.integers(0, 256, (count, 28, 28), np.uint8)
        raw[f"{split}-images-idx3-ubyte"] = idx.encode(images)
        labels = generator.integers(0, 10, count).astype(np.uint8)
        raw[f"{split}-labels-idx1-ubyte"] = idx.encode(labels)
    return raw


RAW = raw_files()
ROW, PACKED = row_of(RAW)
OTHER, OTHER_PACKED = row_of(raw_files(1), "other")
IMAGES = ROW.splits["train"].images


@pytest.fixture(autouse=True)
def _small_world(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    rows = {"tiny": replace(ROW, mirrors=(server.url("good"),)), "other": OTHER}
    monkeypatch.setattr("mnistry.data.catalog.DATASETS", rows)
    monkeypatch.setattr("mnistry.data.load.DATASETS", rows)
    monkeypatch.setattr(download, "WAIT_SECONDS", 0.01)
    monkeypatch.delenv("MNISTRY_OFFLINE")
    server.files.update(PACKED)


def put(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


DOTTED = {name.replace("-idx", ".idx"): data for name, data in RAW.items()}
LAYOUTS = {
    "gzipped": ("", PACKED),
    "raw": ("", RAW),
    "raw with dots": ("", DOTTED),
    "torchvision": ("MNIST/raw", PACKED | RAW),
    "by name": ("tiny", PACKED),
}


def test_a_folder_by_its_path_is_what_it_is_by_mnistry_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNISTRY_DATA", str(put(tmp_path / "data", RAW)))
    for split in ("train", "test"):
        by_name, by_path = (load(of, split=split) for of in ("tiny", tmp_path / "data"))
        np.testing.assert_array_equal(by_path.images, by_name.images)
        np.testing.assert_array_equal(by_path.labels, by_name.labels)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_files_are_found_in_the_folders_of_mnistry_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server, layout: str
) -> None:
    place, files = LAYOUTS[layout]
    put(tmp_path / "data" / place, files)
    empty = put(tmp_path / "empty", {})
    monkeypatch.setenv("MNISTRY_DATA", f"{empty}{os.pathsep}{tmp_path / 'data'}")
    train, test = load("tiny")
    assert np.array_equal(train.images, idx.decode(RAW["train-images-idx3-ubyte"]))
    assert np.array_equal(test.labels, idx.decode(RAW["t10k-labels-idx1-ubyte"]))
    assert train.source == str(tmp_path / "data" / place).rstrip("/")
    assert server.asked == []


def test_keras_npz_gives_the_same_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("x_train", "y_train", "x_test", "y_test")
    arrays = dict(zip(names, map(idx.decode, RAW.values()), strict=True))
    np.savez_compressed(put(tmp_path / "data", {}) / "mnist.npz", **arrays)  # type: ignore[arg-type]
    monkeypatch.setenv("MNISTRY_DATA", str(tmp_path / "data"))
    found = cache.locate(CachedFile(replace(ROW, name="mnist"), IMAGES))
    assert found.path.read_bytes() == RAW[IMAGES.raw_name]


def test_keras_npz_is_read_beside_a_cache_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    mnist = {"mnist": replace(ROW, name="mnist")}
    monkeypatch.setattr("mnistry.data.load.DATASETS", mnist)
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("MNISTRY_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("MNISTRY_DATA", str(tmp_path / "data"))
    names = ("x_train", "y_train", "x_test", "y_test")
    arrays = dict(zip(names, map(idx.decode, RAW.values()), strict=True))
    path = put(tmp_path / "data", {}) / "mnist.npz"
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    train, test = load("mnist")
    assert idx.encode(train.images) == RAW["train-images-idx3-ubyte"]
    assert idx.encode(test.labels) == RAW["t10k-labels-idx1-ubyte"]
    assert train.source == str(tmp_path / "data")
    [line] = caplog.messages
    assert "files are unpacked into memory" in line
    arrays["x_train"] = arrays["x_train"][::-1]
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    with pytest.raises(ChecksumError, match="came out of"):
        load("mnist")


def test_an_npz_of_something_else_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez(put(tmp_path / "data", {}) / "mnist.npz", x=np.zeros(3))
    monkeypatch.setenv("MNISTRY_DATA", str(tmp_path / "data"))
    for content in (None, b"", b"PK\3\4 no zip"):
        if content is not None:
            (tmp_path / "data" / "mnist.npz").write_bytes(content)
        with pytest.raises(FormatError, match="is not Keras' npz: .*expected the ar"):
            cache.locate(CachedFile(replace(ROW, name="mnist"), IMAGES))


def test_an_npz_of_other_digits_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "data", {}) / "mnist.npz"
    np.savez(path, x_train=np.zeros((40, 28, 28), np.uint8))
    monkeypatch.setenv("MNISTRY_DATA", str(tmp_path / "data"))
    with pytest.raises(ChecksumError, match=f"came out of {re.escape(str(path))} with"):
        cache.locate(CachedFile(replace(ROW, name="mnist"), IMAGES))


def test_the_mirror_is_asked_once_and_the_raw_file_is_mapped(server: Server) -> None:
    first, again = load("tiny", split="train"), load("tiny", split="train")
    assert first == again
    assert len(server.asked) == 2
    assert not first.images.flags.owndata
    names = {path.name for path in (paths.home() / "tiny").iterdir()}
    assert {"train-images-idx3-ubyte", "train-images-idx3-ubyte.gz"} <= names
    assert not [name for name in names if name.endswith(".part")]


def test_a_cached_file_that_was_changed_is_fetched_again(server: Server) -> None:
    load("tiny")
    path = paths.home() / "tiny" / IMAGES.raw_name
    path.write_bytes(b"changed")
    (paths.home() / "tiny" / IMAGES.name).unlink()
    assert len(load("tiny", split="train")) == 40
    assert path.read_bytes() == RAW[IMAGES.raw_name]


def test_a_change_that_keeps_size_and_time_is_found_by_verify(server: Server) -> None:
    row = replace(ROW, mirrors=(server.url("good"),))
    cache.fetch(row)
    path = paths.home() / "tiny" / IMAGES.raw_name
    stamps = {
        stamp.name: stamp.read_text() for stamp in (paths.home() / "stamps").iterdir()
    }
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1
    path.write_bytes(changed)
    state = path.stat()
    name = f"{state.st_dev:x}-{state.st_ino:x}"
    facts = f"{state.st_size} {state.st_mtime_ns} {state.st_ctime_ns}"
    (paths.home() / "stamps" / name).write_text(f"{facts} {IMAGES.raw_sha256}")
    assert name in stamps
    assert (
        cache.locate(CachedFile(row, IMAGES)).path.read_bytes() == changed
    )  # the stamp lies
    cache.fetch(row, verify=True)
    assert path.read_bytes() == RAW[IMAGES.raw_name]


def test_a_hash_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    load("tiny")
    monkeypatch.setattr("mnistry.data.verify._digest", lambda *_: pytest.fail("hashed"))
    load("tiny")


def test_offline_forbids_the_network(
    monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.setenv("MNISTRY_OFFLINE", "1")
    with pytest.raises(FetchError, match="MNISTRY_OFFLINE forbids.*drawn.*--from"):
        load("tiny")
    assert server.asked == []


def test_offline_uses_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    load("tiny")
    monkeypatch.setenv("MNISTRY_OFFLINE", "1")
    assert len(load("tiny")[1]) == 20


BAD_FILES = {
    "page": (b"<html>Sign in</html>", "it is a web page"),
    "cut": (PACKED[IMAGES.name][:-100], "it was cut short, at"),
    "long": (PACKED[IMAGES.name] + b"x", "it is too long, with"),
    "labels": (
        PACKED["train-labels-idx1-ubyte.gz"],
        "these are the bytes of train-labels-idx1-ubyte.gz",
    ),
    "flipped": (
        PACKED[IMAGES.name][:99] + b"\xff\xff\xff" + PACKED[IMAGES.name][102:],
        "its packed bytes are damaged",
    ),
}


@pytest.mark.parametrize("fault", BAD_FILES)
def test_a_file_that_is_not_what_its_name_says_is_refused_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    data, message = BAD_FILES[fault]
    folder = put(tmp_path / "data", PACKED | {IMAGES.name: data})
    monkeypatch.setenv("MNISTRY_DATA", str(folder))
    with pytest.raises(ChecksumError, match=message) as caught:
        load("tiny", split="train")
    assert str(folder / IMAGES.name) in str(caught.value)
    assert "expected" in str(caught.value)
    assert (folder / IMAGES.name).read_bytes() == data
    assert not (paths.home() / "tiny" / IMAGES.raw_name).exists()


def test_another_data_sets_files_of_the_same_name_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = put(tmp_path / "other", OTHER_PACKED)
    mine = put(tmp_path / "mine", PACKED)
    monkeypatch.setenv("MNISTRY_DATA", f"{other}{os.pathsep}{mine}")
    assert load("tiny", split="train").source == str(mine)
    assert load("other", split="train").source == str(other)


def test_fetch_from_a_folder_fills_the_cache(tmp_path: Path, server: Server) -> None:
    folder = put(tmp_path / "data", RAW)
    found = cache.fetch(ROW, folder=folder)
    assert [local.path.read_bytes() for local in found] == list(RAW.values())
    assert all(paths.home() in local.path.parents for local in found)
    assert server.asked == []


def test_fetch_from_a_folder_without_the_files_says_what_is_there(
    tmp_path: Path,
) -> None:
    folder = put(tmp_path / "data", {"readme.txt": b""})
    with pytest.raises(FetchError, match=r"has no train-images.*It has: readme.txt"):
        cache.fetch(ROW, folder=folder)
    with pytest.raises(FetchError, match="It has: nothing"):
        cache.fetch(ROW, folder=folder / "none")


def test_a_mirror_of_ones_own_is_asked_first(server: Server) -> None:
    row = replace(ROW, mirrors=(server.url("missing"),))
    found = cache.fetch(row, mirrors=(server.url("good"),))
    assert all(local.source.startswith(server.url("good")) for local in found)


def test_a_cache_that_cannot_be_written_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("MNISTRY_HOME", str(tmp_path / "file"))
    with pytest.raises(CacheError, match="cannot be written: .*set MNISTRY_HOME"):
        load("tiny")


def test_what_lies_packed_is_read_beside_a_cache_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("MNISTRY_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("MNISTRY_DATA", str(put(tmp_path / "data", PACKED)))
    train, test = load("tiny")
    assert idx.encode(train.images) == RAW["train-images-idx3-ubyte"]
    assert idx.encode(test.labels) == RAW["t10k-labels-idx1-ubyte"]
    assert not train.images.flags.writeable
    [line] = caplog.messages  # of four files
    assert "file/tiny cannot be written: files are unpacked into memory" in line
    put(tmp_path / "data", {IMAGES.name: gzip.compress(RAW[IMAGES.raw_name][:-1])})
    with pytest.raises(ChecksumError):
        load("tiny")


def test_a_bomb_is_not_unpacked_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks: list[bytes] = []

    def bomb(*_: object) -> Iterator[bytes]:
        while len(chunks) < 99:
            chunks.append(bytes(999))
            yield chunks[-1]

    monkeypatch.setattr(store, "_chunks", bomb)
    with pytest.raises(ChecksumError, match="came out of"):
        store.unpacked(CachedFile(ROW, IMAGES), tmp_path)
    assert len(chunks) == 32  # of 99: it has 31,376 bytes


def test_a_full_disk_leaves_nothing_that_is_later_trusted() -> None:
    """A file-size limit stands for the full disk: a write fails in the middle."""
    script = """
        import resource, signal, sys
        from tests.data.test_cache import ROW, CachedFile, CacheError, cache, replace
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
        try:
            cache.locate(CachedFile(replace(ROW, mirrors=(sys.argv[1],)), ROW.files[0]))
        except CacheError as error:
            print(error)
    """
    with Server() as server:
        server.files.update(PACKED)
        done = run(script, server.url("good"))
    assert "cannot be written: File too large" in done.stdout
    assert not (paths.home() / "tiny" / IMAGES.raw_name).exists()
    assert not (paths.home() / "tiny" / IMAGES.name).exists()


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


LOAD = """
    import sys
    from tests.data.test_cache import ROW, CachedFile, cache, replace
    row = replace(ROW, mirrors=(sys.argv[1],))
    print(cache.locate(CachedFile(row, ROW.files[0])).path.stat().st_size)
"""


def start(url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(LOAD), url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_ten_processes_at_once_download_once(server: Server) -> None:
    processes = [start(server.url("good")) for _ in range(10)]
    sizes = [process.communicate()[0].strip() for process in processes]
    assert sizes == [str(IMAGES.raw_size_bytes)] * 10
    assert server.tries[f"/good/{IMAGES.name}"] == 1


def test_a_clock_that_is_set_back_costs_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    load("tiny", split="train")
    folder = paths.home() / "tiny"
    (folder / ".resumed.part").write_bytes(b"half")
    tomorrow = time.time() + 86_400
    for path in folder.iterdir():  # as written before the clock was set back
        os.utime(path, (tomorrow, tomorrow))
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert len(load("tiny", split="train")) == 40
    assert server.tries[f"/good/{IMAGES.name}"] == 1
    assert clean(thorough=True) == []


def test_a_kill_in_the_middle_leaves_nothing_trusted_and_is_gone_on_with(
    server: Server,
) -> None:
    process = start(server.url("stalled"))
    part = paths.home() / "tiny" / f".{IMAGES.name}.part"
    while not (part.exists() and part.stat().st_size):
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (paths.home() / "tiny" / IMAGES.name).exists()
    assert not (paths.home() / "tiny" / IMAGES.raw_name).exists()
    load("tiny", split="train")
    ranges = [
        asked for path, asked in server.asked if path.startswith("/good/train-im")
    ]
    assert ranges[0].startswith("bytes=")


def test_the_default_home_is_the_users_cache_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MNISTRY_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tmp_path in paths.home().parents
    assert paths.home().name == "mnistry"


@pytest.mark.usefixtures("real_mnist")
def test_the_real_files_are_those_of_the_catalogue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mnistry.data.catalog.DATASETS", ALL)
    monkeypatch.setattr("mnistry.data.load.DATASETS", ALL)
    train, test = load()
    assert train.images.shape == (60_000, 28, 28)
    assert test.images.shape == (10_000, 28, 28)
    assert train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert [file.raw_sha256 for file in MNIST.files] == [
        sha(cache.locate(CachedFile(MNIST, file)).path.read_bytes())
        for file in MNIST.files
    ]


def test_a_row_whose_raw_hash_is_wrong_keeps_nothing(server: Server) -> None:
    wrong = replace(IMAGES, raw_sha256="0" * 64)
    row = replace(ROW, mirrors=(server.url("good"),))
    for size, words in ((wrong.raw_size_bytes, "31,376 and"), (None, "any number and")):
        sized = replace(wrong, raw_size_bytes=size)
        message = rf"of .*\.gz with 31,376 bytes .* expected {words} 000000"
        with pytest.raises(ChecksumError, match=message):
            cache.locate(CachedFile(row, sized))
    assert not CachedFile(row, IMAGES).raw_path.exists()


def test_the_packed_file_is_given_as_mirrors_hold_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = replace(ROW, mirrors=(server.url("good"),))
    assert (
        cache.packed(CachedFile(row, IMAGES)).path.read_bytes() == PACKED[IMAGES.name]
    )
    folder = put(tmp_path / "data", PACKED)
    monkeypatch.setenv("MNISTRY_DATA", str(folder))
    assert cache.packed(CachedFile(row, IMAGES)).path == folder / IMAGES.name


def test_the_packed_file_of_a_cache_without_the_right_to_write_is_given(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = replace(ROW, mirrors=(server.url("good"),))
    path = cache.packed(CachedFile(row, IMAGES)).path

    def refused(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("mnistry.data.lock.locked", refused)
    assert cache.packed(CachedFile(row, IMAGES)).path == path


def test_where_only_the_raw_file_is_at_hand_it_is_packed_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNISTRY_OFFLINE", "1")
    monkeypatch.setenv("MNISTRY_DATA", str(put(tmp_path / "data", RAW)))
    path = cache.packed(CachedFile(ROW, IMAGES)).path
    assert gzip.decompress(path.read_bytes()) == RAW[IMAGES.raw_name]


def test_fetch_takes_what_the_users_folders_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.setenv("MNISTRY_DATA", str(put(tmp_path / "data", PACKED)))
    found = cache.fetch(ROW)
    assert [local.path.read_bytes() for local in found] == list(RAW.values())
    assert all(paths.home() in local.path.parents for local in found)


def test_a_damaged_file_that_cannot_be_had_anew_is_named(
    monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    row = replace(ROW, mirrors=(server.url("good"),))
    cache.fetch(row)
    path = CachedFile(row, IMAGES).raw_path
    path.write_bytes(b"damaged")
    CachedFile(row, IMAGES).packed_path.unlink()
    monkeypatch.setenv("MNISTRY_OFFLINE", "1")
    with pytest.raises(
        FetchError, match="ubyte is damaged, and cannot be fetched again"
    ):
        cache.fetch(row, verify=True)


def test_a_lying_npz_takes_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = np.lib.stride_tricks.as_strided(
        np.zeros(1, np.uint8), (1 << 38, 28, 28), (0, 0, 0)
    )
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, np.lib.format.header_data_from_array_1_0(huge)
    )
    path = put(tmp_path / "data", {}) / "mnist.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x_train.npy", header.getvalue() + bytes(100))
    monkeypatch.setenv("MNISTRY_DATA", str(path.parent))
    with pytest.raises(FormatError, match="is not Keras' npz: array x_train"):
        cache.locate(CachedFile(replace(ROW, name="mnist"), IMAGES))


def test_fetch_from_a_folder_keeps_the_gzip_files_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = put(tmp_path / "data", PACKED)
    cache.fetch(ROW, folder=folder)
    stored = CachedFile(ROW, IMAGES).packed_path
    assert stored.read_bytes() == PACKED[IMAGES.name]
    (folder / IMAGES.name).unlink()
    assert cache.packed(CachedFile(ROW, IMAGES)).path == stored
    stored.write_bytes(b"changed since")  # what is packed again is not taken for it
    assert cache.packed(CachedFile(ROW, IMAGES)).path != stored


def test_mnistry_data_that_names_a_file_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = put(tmp_path / "data", PACKED)
    empty = put(tmp_path / "empty", {})
    named = f"{empty}{os.pathsep}{folder / IMAGES.name}"
    monkeypatch.setenv("MNISTRY_DATA", named)
    with pytest.raises(UsageError, match="MNISTRY_DATA names a file, .*; expected fol"):
        cache.locate(CachedFile(ROW, IMAGES))
    with pytest.raises(UsageError, match=rf"holds the files: {folder}$"):
        cache.fetch(ROW)


def test_a_folder_of_mnistry_data_that_is_not_there_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    server: Server,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("MNISTRY_DATA", str(tmp_path / "tpyo"))
    cache.locate(CachedFile(replace(ROW, mirrors=(server.url("good"),)), IMAGES))
    assert "tpyo is not there: asking the mirrors" in caplog.text
    empty = put(tmp_path / "empty", {})
    monkeypatch.setenv("MNISTRY_DATA", f"{tmp_path / 'tpyo'}{os.pathsep}{empty}")
    row = replace(ROW, name="nowhere", mirrors=(server.url("missing"),))
    with pytest.raises(FetchError, match="tpyo is not there, .*empty has none. Check"):
        cache.locate(CachedFile(row, IMAGES))
    monkeypatch.setenv("MNISTRY_OFFLINE", "1")
    with pytest.raises(FetchError, match=r"MNISTRY_DATA names \(.*tpyo is not there, "):
        cache.locate(CachedFile(replace(ROW, name="another"), IMAGES))


def unpublished(file: File) -> File:
    return replace(file, sha256=None, raw_sha256=None, size_bytes=None)


UNPUBLISHED = {
    name: Split(unpublished(split.images), unpublished(split.labels))
    for name, split in ROW.splits.items()
}


def test_a_hash_of_another_data_set_is_never_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MNIST's files where Fashion-MNIST's are looked for have the same names."""
    fashion = replace(ROW, name="fashion", splits=MappingProxyType(UNPUBLISHED))
    cached = CachedFile(fashion, fashion.splits["train"].images)
    monkeypatch.setenv("MNISTRY_OFFLINE", "1")
    for files in (RAW, PACKED):
        monkeypatch.setenv("MNISTRY_DATA", str(put(tmp_path / "data", files)))
        with pytest.raises(FetchError, match="of fashion is not in"):
            cache.locate(cached)
        with pytest.raises(FetchError, match="has no train-images"):
            cache.fetch(fashion, folder=tmp_path / "data")
        assert cached.raw_sha256 is None


def test_a_record_of_another_data_sets_hash_is_void(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fashion = replace(ROW, name="fashion", splits=MappingProxyType(UNPUBLISHED))
    cached = CachedFile(fashion, fashion.splits["train"].images)
    raw = cached.file.raw_name
    put(cached.folder, RAW)
    (cached.folder / f"{raw}.sha256").write_text(f"{IMAGES.raw_sha256}  {raw}\n")
    monkeypatch.setenv("MNISTRY_OFFLINE", "1")
    with pytest.raises(FetchError, match="is damaged, and cannot be fetched again"):
        cache.fetch(fashion, verify=True)
    other = sha(b"another")
    (cached.folder / f"{raw}.sha256").write_text(f"{other}  {raw}\n")
    assert cached.raw_sha256 == other


def test_raw_bytes_under_the_name_of_the_packed_file_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"{name}.gz": data for name, data in RAW.items()}
    monkeypatch.setenv("MNISTRY_DATA", str(put(tmp_path / "data", files)))
    monkeypatch.setenv("MNISTRY_OFFLINE", "1")
    assert len(load("tiny", split="test")) == 20
    found = cache.fetch(ROW, folder=tmp_path / "data")
    assert [local.path.read_bytes() for local in found] == list(RAW.values())


def test_a_tilde_is_the_users_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MNISTRY_HOME", "~/cache")
    assert paths.home() == tmp_path / "cache"
    monkeypatch.setenv("MNISTRY_DATA", "~/data")
    assert paths.data_folders() == [tmp_path / "data"]


def test_a_user_without_a_home_loads_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless(_path: object) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setenv("MNISTRY_HOME", "~/cache")
    monkeypatch.setattr(Path, "expanduser", homeless)
    monkeypatch.setenv("MNISTRY_DATA", str(put(tmp_path / "data", RAW)))
    assert len(load("tiny", split="test")) == 20
    monkeypatch.setenv("MNISTRY_DATA", "")
    with pytest.raises(CacheError, match="no home folder .*Set MNISTRY_HOME"):
        load("tiny")


def test_a_lock_that_a_hung_process_holds_is_given_up(
    monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    cached = CachedFile(replace(ROW, mirrors=(server.url("good"),)), IMAGES)
    monkeypatch.setattr(lock, "IDLE_SECONDS", 0.05)
    with lock.locked(put(cached.folder, {}) / IMAGES.name):
        holder = f"process {os.getpid()} on .* since 20"
        with pytest.raises(CacheError, match=f"is locked by {holder}.*written nothing"):
            cache.locate(cached)
    assert cache.locate(cached).path.read_bytes() == RAW[IMAGES.raw_name]
    assert not list(cached.folder.glob(".*.holder"))


def test_a_lock_is_waited_for_while_its_holder_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = put(paths.home() / "tiny", {}) / "file.gz"
    monkeypatch.setattr(lock, "IDLE_SECONDS", 0.05)
    sizes = iter([0, 0, 100, 100, 100])  # of its part file, before and after waiting
    monkeypatch.setattr(lock, "part_size", lambda _part: next(sizes))
    with lock.locked(path):
        (path.parent / ".file.gz.holder").unlink()
        message = "is locked by another process"
        with pytest.raises(CacheError, match=message), lock.locked(path):
            pytest.fail("two processes at once")
    assert next(sizes, None) is None


def aged(path: Path, days: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left over")
    seconds = path.stat().st_mtime - days * 86_400
    os.utime(path, (seconds, seconds))
    return path


def test_what_interrupted_processes_left_is_deleted() -> None:
    folder = paths.home() / "tiny"
    dead = aged(folder / f".raw.{'0a' * 8}.part", 2)
    dead_stamp = aged(paths.home() / "stamps" / f".1-2.{'0a' * 8}.part", 2)
    being_written = aged(folder / f".raw.{'0b' * 8}.part", 0.5)
    resumable = aged(folder / ".train.gz.part", 2)
    old_stamp = aged(paths.home() / "stamps" / "1-2", 100)
    new_stamp = aged(paths.home() / "stamps" / "1-3", 10)
    users = aged(folder / "notes.part", 1000)
    cache.fetch(replace(ROW, splits=MappingProxyType({})))
    assert not dead.exists()
    assert not dead_stamp.exists()
    assert clean(thorough=True) == [resumable, old_stamp]
    for path in (being_written, new_stamp, users):
        assert path.exists()


@pytest.mark.parametrize("files", [RAW, PACKED], ids=["raw", "packed"])
@pytest.mark.parametrize("call", range(1, 5))
def test_what_cannot_be_read_is_the_sources_fault(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: dict[str, bytes],
    call: int,
) -> None:
    """An OSError at each opening of the source in turn never names the cache."""
    source = put(tmp_path / "data", files)
    monkeypatch.setenv("MNISTRY_OFFLINE", "1")
    opened = []
    real_open: Any = Path.open

    def failing(self: Path, *arguments: Any, **named: Any) -> Any:
        if self.parent == source:
            opened.append(self)
            if len(opened) == call:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real_open(self, *arguments, **named)

    monkeypatch.setattr(Path, "open", failing)
    with pytest.raises(FetchError, match=f"{source}/.* cannot be read: Input/output"):
        cache.fetch(ROW, folder=source)
    monkeypatch.undo()


def test_what_cannot_be_written_is_the_caches_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An OSError at each step of an atomic write in turn names the cache."""
    source = put(tmp_path / "data", PACKED)
    monkeypatch.setenv("MNISTRY_OFFLINE", "1")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for step in ("pathlib.Path.replace", "pathlib.Path.mkdir"):
        with monkeypatch.context() as patch:
            patch.setattr(step, full)
            with pytest.raises(CacheError, match=f"^{paths.home()}/.*set MNISTRY_HOME"):
                cache.fetch(ROW, folder=source)
    assert len(cache.fetch(ROW, folder=source)) == len(ROW.files)
