import hashlib
from pathlib import Path

from mnistry.data.paths import home
from mnistry.data.store import write_hashed
from mnistry.data.verify import file_sha256, stamp_file


def test_a_stamp_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"digits")
    home().mkdir()
    (home() / "stamps").write_text("not a folder")
    expected = hashlib.sha256(b"digits").hexdigest()
    assert file_sha256(file) == expected


def test_a_damaged_stamp_is_not_trusted(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"digits")
    expected = file_sha256(file)
    (stamp,) = (home() / "stamps").iterdir()
    stamp.write_text(stamp.read_text()[:-1])
    assert file_sha256(file) == expected
    assert stamp.read_text().endswith(expected)


def test_a_stamp_ends_with_the_file_it_was_for(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"digits")
    file_sha256(file)
    file.write_bytes(b"stigid")
    expected = hashlib.sha256(b"stigid").hexdigest()
    assert file_sha256(file) == expected


def test_what_is_written_is_hashed_meanwhile(tmp_path: Path) -> None:
    chunks = [bytes([number]) * 100_000 for number in range(20)]
    path = tmp_path / "file"
    size, sha256 = write_hashed(path, iter(chunks), None)
    data = b"".join(chunks)
    assert path.read_bytes() == data
    assert (size, sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_no_more_is_written_than_was_allowed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    size, _ = write_hashed(path, iter([b"12", b"34", b"56", b"78"]), 5)
    assert size == 6
    assert path.read_bytes() == b"1234"


def test_a_stamp_that_was_left_is_trusted_until_the_file_changes(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"digits")
    stamp_file(path, "0" * 64)
    assert file_sha256(path) == "0" * 64
    path.write_bytes(b"changed")
    right = hashlib.sha256(b"changed").hexdigest()
    assert file_sha256(path) == right
