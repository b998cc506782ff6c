"""Writing whole files, and failing without loss."""

import re
from pathlib import Path

import pytest

from mnistry.errors import CacheError, UsageError
from mnistry.formats.atomic import write_atomic


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


@pytest.mark.parametrize("path", ["", ".", "/"])
def test_what_is_no_name_of_a_file_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match=f"'{re.escape(path)}' is no name of a file"):
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
