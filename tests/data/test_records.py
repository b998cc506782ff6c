"""Records of a SHA-256 that nobody published."""

import json
import subprocess
from pathlib import Path
from shutil import which

import pytest

from mnistry.data import records
from mnistry.data.records import Record

SHA256 = "0123456789abcdef" * 4
RECORD = Record("usps.bz2", SHA256, "C:\\\n=1+1 é", records.now(), "confirmed", "later")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "usps.bz2.sha256"
    records.write(path, RECORD)
    assert records.read(path) == RECORD
    assert records.read(tmp_path / "other.sha256") is None


@pytest.mark.skipif(not which("sha256sum"), reason="sha256sum is not here")
def test_sha256sum_reads_a_record(tmp_path: Path) -> None:
    data = b"digits"
    done = subprocess.run(
        ["sha256sum"], input=data, capture_output=True, check=True
    ).stdout.split()[0]
    (tmp_path / "usps.bz2").write_bytes(data)
    for digest, code in ((done.decode(), 0), (SHA256, 1)):
        path = tmp_path / "usps.bz2.sha256"
        records.write(path, Record("usps.bz2", digest, "somewhere"))
        check = subprocess.run(
            ["sha256sum", "--check", path.name], cwd=tmp_path, capture_output=True
        )
        assert check.returncode == code


@pytest.mark.parametrize("facts", ["", "# {", "# []", '# {"trust": 1}', "# \\u00", "a"])
def test_damaged_facts_do_not_undo_the_hash(tmp_path: Path, facts: str) -> None:
    path = tmp_path / "usps.bz2.sha256"
    line = f"{SHA256}  usps.bz2\n"
    path.write_text(f"{facts}\n{line}" if facts else line, "ascii")
    assert records.read(path) == Record("usps.bz2", SHA256)


def test_an_unknown_word_vouches_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "usps.bz2.sha256"
    facts = json.dumps({"trust": "by magic", "seen": "today"})
    path.write_text(f"# {facts}\n{SHA256}  usps.bz2\n", "ascii")
    assert records.read(path) == Record("usps.bz2", SHA256)


@pytest.mark.parametrize("text", ["", "\n", "x  usps.bz2", f"{SHA256}  a", "\xff"])
def test_a_damaged_record_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "usps.bz2.sha256"
    path.write_bytes(text.encode("latin-1"))
    assert records.read(path) is None
