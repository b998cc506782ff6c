"""What cannot be written is refused before data or models are opened."""

from pathlib import Path

import pytest

from tests.cli.run import run

PREDICTIONS = ("a.csv", "b.csv")


@pytest.mark.parametrize(
    ("arguments", "option", "name"),
    [
        (("show", "nosuch"), "--out", "grid.png"),
        (("export", "nosuch", "--to", "npz"), "--out", "files"),
        (("compare", *PREDICTIONS, "--data", "nosuch"), "--out", "both.html"),
        (("compare", *PREDICTIONS, "--data", "nosuch"), "--csv", "both.csv"),
        (("seeds", "--data", "nosuch"), "--out", "seeds"),
        (("explain", "--index", "0", "--data", "nosuch"), "--out", "one.html"),
        (("test", "--data", "nosuch"), "--report", "report.html"),
        (("page", "--model", "a.csv"), "--out", "page.html"),
        (("read", "a.csv"), "--annotate", "boxes"),
        (("read", "a.csv"), "--steps", "steps"),
    ],
)
def test_a_place_that_cannot_be_written_is_named_before_anything_is_opened(
    arguments: tuple[str, ...],
    option: str,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in PREDICTIONS:
        Path(file).write_text("label\n1\n", "utf-8")
    Path("file").touch()
    done = run(*arguments, option, str(Path("file", name)))
    assert done.code == 1
    assert "cannot be written" in done.err
    assert "nosuch" not in done.err
