"""What people type wrongly: one line says what was expected, and nothing is made."""

from pathlib import Path

import pytest

from tests.cli.run import run

WRONG = {  # as typed -> exit status, words of the message
    "evaluate": (2, "'evaluate' is not a command. Did you mean: mnistry test"),
    "report": (2, "Did you mean: mnistry test --report report.html"),
    "fetsh": (2, "no command 'fetsh'; there are: "),
    "fetch FashionMNST": (1, "Did you mean 'fashion-mnist'?"),
    "fetch mnist kmnist": (2, "unexpected extra argument (kmnist)"),
    "fetch --from nowhere": (2, "Directory 'nowhere' does not exist."),
    "fetch --mirror x.org": (1, "the mirror 'x.org' is not an https address; expected"),
    "show drawn --count many": (2, "'--count': 'many' is not a valid integer."),
    "show drawn --count 1000000000000": (2, "is too large; expected at most"),
    "show drawn --split Tset": (1, "Did you mean 'test'?"),
    "show drawn --out grid.jpg": (2, "expected a name such as grid.png"),
    "train --net fastt --data drawn": (1, "Did you mean 'fast'?"),
    "train --epochs 1.5": (2, "'1.5' is not a valid integer."),
    "train --threads 5000": (2, "'--threads': 5000 is too large; expected at most"),
    "train --data nowhere": (1, "Nor is there a file or folder 'nowhere' here."),
    "train --from nowhere": (1, "there is no model file nowhere"),
    "test --coverage 95%": (2, "'95%' is not a valid number."),
    "test --coverage nan": (2, "'nan' is not a valid number."),
    "test nowhere.onnx": (2, "Path 'nowhere.onnx' does not exist."),
    "export drawn --to CSV --out new": (1, "Did you mean 'csv'?"),
    "export drawn --to csv --out new.csv": (2, "expected a folder for several files"),
    "export drawn --to csv": (2, "Missing option '--out'."),
    "convert": (2, "Missing option '--to'. Choose from: onnx, keras, h5, card"),
    "read": (2, "Missing argument 'PICTURES...', or --list."),
    "read --list list.txt": (2, "--list list.txt names no picture; expected one a"),
    "read --pattern [ 7.png": (2, "pattern '[' cannot be read"),
    "read https://example.org/7.png": (2, "is a URL; expected a path."),
    "serve --port http": (2, "'http' is not a valid integer."),
    "serve --port 99999": (2, "99999 is not in the range 0<=x<=65535."),
    "serve --host 192.0.2.1": (1, "Choose another --host, such as 127.0.0.1."),
}


@pytest.mark.parametrize("typed", WRONG)
def test_what_is_typed_wrongly_is_one_line(
    typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.txt").touch()
    code, words = WRONG[typed]
    done = run(*typed.split())
    assert (done.code, done.out) == (code, "")
    lines = [line for line in done.err.splitlines() if words in line]
    assert len(lines) == 1, done.err
    assert lines[0].startswith("error: " if code == 1 else "Error: ")
    assert "Traceback" not in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["list.txt"]


def test_a_run_that_is_not_there_is_named_before_digits_are_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("mnistry.cli.training.load", fetch)
    done = run("train", "--resume", "--out", str(tmp_path / "run"))
    assert done.code == 1
    assert "has no run to continue" in done.err
