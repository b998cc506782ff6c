import json
from pathlib import Path

from tests.cli.run import run


def test_page_writes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "digits.html"
    done = run("page", "--out", str(path), "--json")
    written = json.loads(done.out)
    assert written["path"] == str(path)
    assert written["bytes"] == path.stat().st_size
    assert written["largest_difference"] < 1e-5
    assert "half precision changes" in run("page", "--out", str(path)).out


def test_a_page_is_named_as_one(tmp_path: Path) -> None:
    done = run("page", "--out", str(tmp_path / "digits.txt"))
    assert done.code == 1
    assert "'digits.txt' is not named as an HTML page" in done.err
    assert list(tmp_path.iterdir()) == []
