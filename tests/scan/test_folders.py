import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnistry.bulk.sources import find
from mnistry.errors import FormatError, MnistryError, NotThereError, UsageError
from mnistry.formats.sheets import encode_png
from mnistry.scan.annotate import save_annotated, save_png
from mnistry.scan.folders import ANNOTATED, find_pictures, matches
from mnistry.scan.read import read, read_each
from mnistry.scan.results import Reading
from mnistry.synth.documents.scenes import Alphabet


def test_folders_are_walked_in_order_and_other_files_left_out(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", "notes.txt", "deep/c.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.name for path in find_pictures([tmp_path, "elsewhere.txt"])]
    assert found == ["a.JPG", "b.png", "c.pdf", "elsewhere.txt"]


def test_an_empty_name_is_not_the_folder_one_is_in(tmp_path: Path) -> None:
    for refuses in (
        lambda: read(""),
        lambda: list(find_pictures([tmp_path, ""])),
        lambda: list(find([""])),
    ):
        with pytest.raises(UsageError, match=r"a name is empty; .* such as '\.'"):
            refuses()


@pytest.mark.parametrize("name", ["7.png", "none/7.png"])
def test_a_picture_that_is_not_there_is_an_error_of_ours_and_of_pythons(
    name: str, tmp_path: Path
) -> None:
    for error in (MnistryError, FileNotFoundError):
        with pytest.raises(error, match=r"7?.png is not there; expected a picture"):
            read(tmp_path / name)


def test_a_pattern_that_matches_nothing_says_so_and_what_to_read_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, folder in (("a/b/7*.png", "a/b"), ("[7].png", "."), ("/no/*/7", "/no")):
        with pytest.raises(NotThereError) as raised:
            read(name)
        message = str(raised.value)
        assert f"{name} is a pattern that matches no picture; expected" in message
        assert message.endswith(f"read the whole folder: {folder}")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("img_0001.jpg", "IMG_0001.JPG"),
        ("IMG_0001.JPEG", "IMG_0001.JPG"),
        ("*.jpg", "IMG_0001.JPG"),
        ("letter.png", None),
        ("*.tif", None),
    ],
)
def test_the_error_for_what_is_not_there_names_what_it_may_be(
    name: str, meant: str | None, tmp_path: Path
) -> None:
    for there in ("IMG_0001.JPG", "notes.txt"):
        (tmp_path / there).touch()
    with pytest.raises(NotThereError) as raised:
        read(tmp_path / name)
    message = str(raised.value)
    if meant:
        assert message.endswith(f"Did you mean {tmp_path / meant}? Capitals count.")
    else:
        assert "Is it misspelt?" in message


def test_no_picture_that_mnistry_has_drawn_in_is_meant_by_a_pattern(
    tmp_path: Path,
) -> None:
    picture = np.full((40, 40), 255, np.uint8)
    (tmp_path / "a.png").write_bytes(encode_png(picture, comment=ANNOTATED))
    (tmp_path / "b.png").write_bytes(encode_png(picture))
    with pytest.raises(NotThereError, match=r"Did you mean \S+b\.png\?"):
        read(tmp_path / "*.PNG")


def test_a_home_that_no_shell_has_put_in_place_is_reported(tmp_path: Path) -> None:
    with pytest.raises(NotThereError, match=r"A shell makes a path of ~; here give /"):
        read("~/no-such-folder/7.png")


def test_a_pattern_of_names_is_read_as_a_folder_is(
    tmp_path: Path, alphabet: Alphabet
) -> None:
    for place in (1, 2, 3):
        digit = 255 - alphabet.images[place].repeat(4, axis=0).repeat(4, axis=1)
        Image.fromarray(digit).save(tmp_path / f"{place % 2}-{place}.png")
    reading = read(str(tmp_path / "1-?.png"), single=True)
    assert [*reading.by_file()] == [str(tmp_path / f"1-{at}.png") for at in (1, 3)]
    assert reading.text == "\n".join(map(str, alphabet.labels[[1, 3]]))
    (tmp_path / "[7].png").write_bytes((tmp_path / "0-2.png").read_bytes())
    named = read(tmp_path / "[7].png", single=True)
    assert named.text == str(alphabet.labels[2])
    assert [*named.by_file()] == [""]


def test_what_mnistry_has_drawn_in_is_no_picture_of_a_folder(tmp_path: Path) -> None:
    paper = np.full((40, 40), 255, np.uint8)
    save_annotated(paper, Reading(()), tmp_path / "seen.png")
    save_png(tmp_path / "plain.png", paper)
    os.mkfifo(tmp_path / "pipe.png")
    every, left = str(tmp_path / "*.png"), ["pipe.png", "plain.png"]
    assert [path.name for path in find_pictures([tmp_path])] == left
    assert [Path(path).name for path in matches(every)] == left
    for source in (tmp_path, every):
        assert [Path(one.name).name for one in find([source])] == left
    seen = tmp_path / "seen.png"
    assert [*find_pictures([seen])] == [seen]
    assert [one.name for one in find([seen])] == [str(seen)]
    with pytest.raises(FormatError, match=r"seen.png is annotated"):
        read(seen)


def test_a_pattern_names_a_folder_or_what_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for path in map(Path, ("scans/a.png", "scans/more/b.png", "scans/more/c.png")):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    every = ["scans/a.png", "scans/more/b.png", "scans/more/c.png"]
    assert matches("scans/**") == matches("scans/**/*") == every
    assert matches("sc*/**/b.png") == ["scans/more/b.png"]
    assert matches("scans/*") == ["scans/a.png", "scans/more"]
    assert matches("**/more") == ["scans/more"]
    assert matches("sca*/") == ["scans/"]


def test_a_broken_file_does_not_stop_the_next(
    tmp_path: Path, alphabet: Alphabet
) -> None:
    digit = 255 - alphabet.images[0].repeat(4, axis=0).repeat(4, axis=1)
    Image.fromarray(digit).save(tmp_path / "digit.png")
    sources: list[tuple[str, object]] = [
        ("broken", b"\x89PNG"),
        ("missing.png", tmp_path / "missing.png"),
        ("digit", tmp_path / "digit.png"),
        ("array", np.asarray(digit)),
    ]
    readings = dict(read_each(sources, single=True))
    assert isinstance(readings["broken"], FormatError)
    assert isinstance(readings["missing.png"], NotThereError)
    missing = str(readings["missing.png"])
    assert "missing.png is not there; expected a picture" in missing
    for name in ("digit", "array"):
        reading = readings[name]
        assert isinstance(reading, Reading)
        assert reading.text == "0"
