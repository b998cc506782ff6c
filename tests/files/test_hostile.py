"""Files that are not what they claim: named, never accepted, never a traceback."""

import io
import json
import os
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnistry.digits import Digits
from mnistry.errors import FormatError, MnistryError
from mnistry.files import FORMATS, export, load, splits
from mnistry.files.disk import reading
from mnistry.formats import png

FILES = sorted(set(FORMATS) - {"png"})


@pytest.fixture
def some() -> Digits:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (12, 28, 28), np.uint8)
    return Digits(images, np.arange(12, dtype=np.uint8) % 10, "toy", "train")


@pytest.mark.parametrize("to", FILES)
@pytest.mark.parametrize("junk", [b"", b"\0", b"<html>not here</html>", b"\xff" * 99])
def test_junk_is_refused(to: str, junk: bytes, some: Digits, tmp_path: Path) -> None:
    path = export(some, to, tmp_path)[0]
    path.write_bytes(junk)
    with pytest.raises(MnistryError, match=path.name):
        load(path)


@pytest.mark.parametrize("to", FILES)
def test_files_cut_anywhere_are_refused_or_were_whole_lines(
    to: str, some: Digits, tmp_path: Path
) -> None:
    path = export(some, to, tmp_path)[0]
    data = path.read_bytes()
    for cut in range(1, len(data) - 1, len(data) // 37):
        path.write_bytes(data[:cut])
        try:
            found = load(path)["train"]
        except MnistryError as error:
            assert str(tmp_path) in str(error) or "train" in str(error)  # noqa: PT017
        else:
            assert to.startswith("csv") or to == "webdataset"
            assert found == some[: len(found)]


@pytest.mark.parametrize("to", FILES)
@settings(
    max_examples=25,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(data=st.data())
def test_changed_bytes_never_give_another_error_than_ours(
    to: str, data: st.DataObject, some: Digits, tmp_path: Path
) -> None:
    path = export(some[:2], to, tmp_path)[0]
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        load(path)
    except MnistryError as error:
        assert error.args[0]  # noqa: PT017


def test_a_pickle_in_an_npz_is_never_opened(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "opened"),)

    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|O", "fortran_order": False, "shape": (1,)}
    )
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        for name in ("x_train.npy", "y_train.npy"):
            archive.writestr(name, header.getvalue() + pickle.dumps([Bomb()]))
    with pytest.raises(MnistryError, match="array x_train of object"):
        load(tmp_path / "a.npz")
    assert not (tmp_path / "opened").exists()


def test_an_npz_whose_header_does_not_end_is_refused(tmp_path: Path) -> None:
    header = b"{'descr': '|u1', 'shape': (3,"  # its brackets stay open
    data = b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("images.npy", data)
        archive.writestr("labels.npy", data)
    with pytest.raises(FormatError, match="cannot be read as digits"):
        load(tmp_path / "a.npz")


def test_an_npz_that_claims_more_than_it_has_takes_no_memory(tmp_path: Path) -> None:
    header = io.BytesIO()
    shape = (1 << 40, 28, 28)
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", header.getvalue() + bytes(784))
        archive.writestr("y.npy", header.getvalue() + bytes(784))
    with pytest.raises(MnistryError, match="array x of uint8"):
        load(tmp_path / "a.npz")


def test_an_npz_packed_in_another_way_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_LZMA) as archive:
        for name in ("x.npy", "y.npy"):
            archive.writestr(name, b"")
    with pytest.raises(MnistryError, match="array x is neither stored"):
        load(tmp_path / "a.npz")


def test_an_npz_that_would_swell_too_far_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnistry.formats.npz.MOST_BYTES_PER_BYTE", 2)
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((9, 28, 28)), y=np.zeros(9))
    with pytest.raises(MnistryError, match="array x claims 56,448 bytes, more than"):
        load(tmp_path / "a.npz")


def test_an_npz_without_images_names_its_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", weights=np.zeros(3))
    with pytest.raises(MnistryError, match="has the arrays weights; expected x_train"):
        load(tmp_path / "a.npz")


def test_a_safetensors_file_of_a_model_is_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"weight": np.zeros(3)}, tmp_path / "a.safetensors")
    with pytest.raises(MnistryError, match="has the tensors weight; expected images"):
        load(tmp_path / "a.safetensors")


def test_a_safetensors_header_that_is_too_long_takes_no_memory(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    with pytest.raises(MnistryError, match=r"a\.safetensors cannot be read"):
        load(tmp_path / "a.safetensors")


def test_a_parquet_without_images_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "a.parquet")
    with pytest.raises(MnistryError, match="no column for the label; its columns are"):
        load(tmp_path / "a.parquet")


def _tar(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def test_a_tar_with_a_picture_and_no_class_is_refused(tmp_path: Path) -> None:
    picture = png.encode(np.zeros((2, 2), np.uint8))
    path = _tar(tmp_path / "a.tar", {"0.png": picture})
    with pytest.raises(MnistryError, match=r"has only 0\.png; expected a picture and"):
        load(path)


def test_a_tar_never_writes_or_follows_anything(tmp_path: Path) -> None:
    picture = png.encode(np.zeros((2, 2), np.uint8))
    path = tmp_path / "in" / "a.tar"
    path.parent.mkdir()
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("7.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        for name, data in (("../8.png", picture), ("../8.json", b'{"label": 8}')):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    assert load(path)["a"].labels.tolist() == [8]
    assert sorted(tmp_path.rglob("*")) == [path.parent, path]


def test_a_tar_with_json_nested_without_end_is_refused(tmp_path: Path) -> None:
    deep = b'{"label":' * 100_000
    with pytest.raises(RecursionError):
        json.loads(deep)
    path = _tar(tmp_path / "a.tar", {"0.json": deep})
    with pytest.raises(MnistryError, match=r"a\.tar cannot be read"):
        load(path)


def test_a_file_without_splits_holds_no_digits(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="empty holds no digits"):
        splits.named({}, tmp_path / "empty")


def test_a_member_that_claims_to_be_huge_is_refused_before_it_is_read(
    tmp_path: Path,
) -> None:
    huge = tarfile.TarInfo("00000.png")
    huge.size = 1 << 40
    (tmp_path / "train.tar").write_bytes(huge.tobuf() + bytes(10_240))
    with pytest.raises(FormatError, match="has 00000.png of 1,099,511,627,776 bytes"):
        load(tmp_path / "train.tar")


def test_two_files_of_one_split_are_refused(some: Digits, tmp_path: Path) -> None:
    for name in ("a", "b"):
        np.savez(tmp_path / name, x_train=some.images, y_train=some.labels)
    with pytest.raises(FormatError, match=r"b\.npz and a\.npz both hold .* train;"):
        load(tmp_path)
    lists = tmp_path / "lists"
    export(some, "png", lists)
    picture = next(lists.rglob("*.png")).relative_to(lists)
    for name in ("a", "b"):
        (lists / f"{name}.csv").write_text(f"file,label\n{picture},7\n")
    with pytest.raises(FormatError, match=r"b\.csv and a\.csv both hold .* all;"):
        load(lists)


def test_a_class_of_thousands_of_digits_is_a_name(tmp_path: Path) -> None:
    picture = png.encode(np.zeros((2, 2), np.uint8))
    path = _tar(tmp_path / "a.tar", {"0.png": picture, "0.cls": b"9" * 5000})
    assert load(path)["a"].classes == ("9" * 5000,)


@pytest.mark.parametrize("ending", ["csv", "safetensors"])
def test_parts_that_would_be_lost_are_refused(
    some: Digits, tmp_path: Path, ending: str
) -> None:
    (path,) = export(some, ending, tmp_path)
    for number in (0, 1):
        part = tmp_path / f"{path.stem}-{number:05}-of-00002.{ending}"
        part.write_bytes(path.read_bytes())
    path.unlink()
    with pytest.raises(FormatError, match=r"has 2 files of the split .*; expected one"):
        load(tmp_path)


def test_a_file_that_cannot_be_read_is_not_called_damaged(tmp_path: Path) -> None:
    message = "a.npz cannot be read: Input/output error; expected"
    with (
        pytest.raises(FormatError, match=message),
        reading(tmp_path / "a.npz", ValueError),
    ):
        raise OSError(5, "Input/output error")
    with (
        pytest.raises(OSError, match="no errno"),
        reading(tmp_path / "a.npz", ValueError),
    ):
        raise OSError("no errno")


def test_a_tilde_is_the_users_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = np.array([7, 2, 1], np.uint8)
    toy = Digits(np.zeros((3, 28, 28), np.uint8), labels, "toy", "train")
    monkeypatch.setenv("HOME", str(tmp_path))
    export(toy, "idx", "~/digits")
    assert load("~/digits")["train"] == toy
    assert (tmp_path / "digits").is_dir()
