"""Atomic writes: complete or not at all, and never through a link of somebody's."""

import os
import re
from pathlib import Path

import pytest

from mnistry.errors import CacheError, UsageError
from mnistry.formats import atomic
from mnistry.formats.atomic import (
    atomic_folder,
    atomic_path,
    expect_writable_folder,
    open_part,
    part_size,
    write_atomic,
)


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.bin"
    write_atomic(path, b"first")
    write_atomic(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_cannot_be_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(CacheError, match=r"cannot be written: .* Choose another place"):
        write_atomic(tmp_path / "file" / "new", b"data")
    assert (tmp_path / "file").read_bytes() == b"in the way"


def test_a_folder_that_cannot_be_written_to_is_named_as_it_was_asked_for(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    folder = tmp_path / "file" / "new"
    with pytest.raises(CacheError, match=f"^{re.escape(str(folder))} cannot be"):
        expect_writable_folder(folder)


@pytest.mark.parametrize("path", ["", ".", "/"])
def test_what_is_no_name_of_a_file_is_refused(path: str) -> None:
    with pytest.raises(
        UsageError, match=f"'{re.escape(path)}' is not the name of a file"
    ):
        write_atomic(path, b"data")


def test_what_was_there_stays_if_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.bin"
    write_atomic(path, b"good")

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CacheError, match="No space left on device; expected a folder"):
        write_atomic(path, b"better")
    assert path.read_bytes() == b"good"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_laid_in_the_way_of_a_temporary_file_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine")
    path = tmp_path / "file.bin"
    part = tmp_path / "guessed.part"
    part.symlink_to(precious)
    monkeypatch.setattr(atomic, "_temporary", lambda _target: part)
    with pytest.raises(CacheError, match="cannot be written: File exists"):
        write_atomic(path, b"data")
    assert precious.read_bytes() == b"mine"
    assert not path.exists()


def test_temporary_names_differ_and_files_get_the_users_permissions(
    tmp_path: Path,
) -> None:
    with atomic_path(tmp_path / "file") as one, atomic_path(tmp_path / "file") as two:
        assert one != two
        assert one.is_file()
    (tmp_path / "as usual").write_bytes(b"")
    usual = (tmp_path / "as usual").stat().st_mode
    assert (tmp_path / "file").stat().st_mode == usual


def test_a_folder_appears_complete_or_not_at_all(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "new" / "folder") as part:
        (part / "file").write_bytes(b"data")
        assert not (tmp_path / "new" / "folder").exists()
    assert [path.name for path in (tmp_path / "new").rglob("*")] == ["folder", "file"]
    for error, raised in (
        (OSError(28, "No space left on device"), CacheError),
        (UsageError("of another kind"), UsageError),
    ):
        with pytest.raises(raised), atomic_folder(tmp_path / "other"):
            raise error
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_a_part_file_is_resumed_where_it_is_ours(tmp_path: Path) -> None:
    part = tmp_path / ".file.part"
    assert part_size(part) == 0
    with open_part(part) as file:
        file.write(b"first ")
    assert part_size(part) == 6
    with open_part(part) as file:
        file.seek(6)
        file.write(b"and second")
    assert part.read_bytes() == b"first and second"


@pytest.mark.parametrize("kind", ["symbolic link", "hard link", "pipe"])
def test_what_is_no_file_of_ours_is_not_resumed(tmp_path: Path, kind: str) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine")
    part = tmp_path / ".file.part"
    if kind == "pipe":
        os.mkfifo(part)
    elif kind == "hard link":
        part.hardlink_to(precious)
    else:
        part.symlink_to(precious)
    assert part_size(part) == 0
    with open_part(part) as file:
        file.write(b"a download")
    assert part.read_bytes() == b"a download"
    assert precious.read_bytes() == b"mine"


def test_a_tilde_is_the_users_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_atomic("~/new/file", b"data")
    assert (tmp_path / "new" / "file").read_bytes() == b"data"


def test_bytes_are_on_the_disk_before_the_name_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []

    def fsync(_descriptor: int) -> None:
        synced.append((tmp_path / "file").exists())

    monkeypatch.setattr("os.fsync", fsync)
    write_atomic(tmp_path / "file", b"data")
    assert synced == [False]
    write_atomic(tmp_path / "other", b"data", durable=False)
    assert synced == [False]
