"""Pipes and devices are refused before they are opened; walks have a bound."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import mnistry
from mnistry import files
from mnistry.errors import FormatError, UsageError
from mnistry.formats import plain, png
from tests.cli.run import run

PIPE = "is a named pipe; expected a plain file"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder of digits among which there is a named pipe."""
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "a.png").write_bytes(png.encode(np.zeros((28, 28), np.uint8)))
    os.mkfifo(tmp_path / "7" / "b.png")
    return tmp_path


def test_a_pipe_among_pictures_is_named_and_never_opened(folder: Path) -> None:
    with pytest.raises(FormatError, match=PIPE):
        files.load(folder)
    with pytest.raises(FormatError, match=PIPE):
        mnistry.read(folder / "7" / "b.png")
    done = run("read", str(folder), "--csv")
    assert done.code == 1
    assert PIPE in done.err


def test_a_pipe_in_a_list_is_named_and_never_opened(folder: Path) -> None:
    (folder / "list.csv").write_text("file,label\n7/b.png,7\n", "utf-8")
    with pytest.raises(FormatError, match=PIPE):
        files.load(folder / "list.csv")


def test_a_socket_is_refused_and_what_a_shell_hands_over_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # names of sockets must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("a.png")
        with pytest.raises(FormatError, match="is a socket"):
            mnistry.read(tmp_path / "a.png")
    plain.refuse_special("/dev/null")


def test_a_walk_is_in_the_order_of_names_and_no_deeper_than_asked(
    tmp_path: Path,
) -> None:
    for name in ("b/9.png", "b/10.png", "a/c/1.png", "a.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    found = [str(path.relative_to(tmp_path)) for path in plain.walk(tmp_path)]
    assert found == ["a/c/1.png", "a.png", "b/10.png", "b/9.png", "loop"]
    shallow = [path.name for path in plain.walk(tmp_path, deepest=2)]
    assert shallow == ["a.png", "10.png", "9.png", "loop"]


def test_a_walk_of_a_whole_machine_ends_and_says_so(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(FormatError, match="more than 10 files and folders.*Name one"):
        list(plain.walk(tmp_path, most=10))
    assert len(list(plain.walk(tmp_path, most=12))) == 12


def test_a_folder_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "7").mkdir()

    def refuse(_: Path) -> None:
        raise PermissionError

    monkeypatch.setattr("os.scandir", refuse)  # root may read everything
    assert list(plain.walk(tmp_path)) == [tmp_path]


@pytest.mark.parametrize("name", ["{}.csv", "{}.png", "{}", "{}-images-idx3-ubyte"])
def test_a_folder_of_digits_is_walked_within_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for number in range(12):
        (tmp_path / name.format(number)).touch()
    looked_at = []
    scan = os.scandir

    def look_at(one: os.DirEntry[str]) -> os.DirEntry[str]:
        looked_at.append(one)
        return one

    class Counted:
        def __init__(self, path: Path) -> None:
            self.inside = scan(path)

        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            return map(look_at, self.inside)

        def __exit__(self, *_: object) -> None:
            self.inside.close()

    monkeypatch.setattr("os.scandir", Counted)
    defaults = {**(plain.walk.__kwdefaults__ or {}), "most": 10}
    monkeypatch.setattr(plain.walk, "__kwdefaults__", defaults)
    with pytest.raises(FormatError, match="more than 10 files and folders"):
        files.load(tmp_path)
    assert len(looked_at) == 11  # once, and not to the end


@pytest.mark.parametrize(
    ("url", "typed"),
    [
        ("file:///scans/7.png", "/scans/7.png"),
        ("file:/scans/7.png", "/scans/7.png"),
        ("file://localhost/scans/7.png", "/scans/7.png"),
        ("file:///my%20scans/%E4%B8%83.png", "'/my scans/七.png'"),
    ],
)
def test_the_path_in_the_url_of_a_file_is_named_as_typed(url: str, typed: str) -> None:
    with pytest.raises(UsageError) as refused:
        plain.refuse_url(url)
    assert str(refused.value).endswith(f"expected a path. Type {typed} instead.")
