import hashlib
from pathlib import Path

from mnistry.stamps import sha256_of


def test_a_stamp_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"digits")
    (tmp_path / "stamps").write_text("not a folder")
    expected = hashlib.sha256(b"digits").hexdigest()
    assert sha256_of(file, tmp_path / "stamps") == expected


def test_a_damaged_stamp_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"digits")
    expected = sha256_of(file, tmp_path / "stamps")
    (stamp,) = (tmp_path / "stamps").iterdir()
    stamp.write_text(stamp.read_text()[:-1])
    assert sha256_of(file, tmp_path / "stamps") == expected
    assert stamp.read_text().endswith(expected)


def test_a_stamp_ends_with_the_file_it_was_for(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"digits")
    sha256_of(file, tmp_path / "stamps")
    file.write_bytes(b"stigid")
    expected = hashlib.sha256(b"stigid").hexdigest()
    assert sha256_of(file, tmp_path / "stamps") == expected
