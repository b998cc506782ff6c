"""Your own pictures: wherever their labels are."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnistry.digits import Digits
from mnistry.errors import FormatError
from mnistry.files import load, pictures
from mnistry.files.folder import labels_of
from mnistry.formats import png
from mnistry.formats.pictures import ENDINGS
from mnistry.scan.folders import SUFFIXES


def put(path: Path, ink: int, size: int = 28) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png.encode(np.full((size, size), ink, np.uint8)))


def inks(digits: Digits) -> list[int]:
    return [int(ink) for ink in digits.images[:, 0, 0]]


def test_a_folder_for_each_label(tmp_path: Path) -> None:
    put(tmp_path / "7" / "b10.png", 3)
    put(tmp_path / "7" / "b9.png", 2)
    put(tmp_path / "0" / "a.png", 1)
    found = load(tmp_path)["all"]
    assert (inks(found), found.labels.tolist()) == ([1, 2, 3], [0, 7, 7])
    assert found.name == tmp_path.name


def test_this_folder_has_a_name_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "mine" / "7" / "a.png", 3)
    monkeypatch.chdir(tmp_path / "mine")
    assert load(".")["all"].name == "mine"


def test_a_folder_for_each_split_and_label(tmp_path: Path) -> None:
    put(tmp_path / "testing" / "1" / "a.png", 1)
    put(tmp_path / "training" / "2" / "a.png", 2)
    found = load(tmp_path)
    assert list(found) == ["train", "test"]
    assert found["train"].labels.tolist() == [2]


def test_names_of_classes(tmp_path: Path) -> None:
    for at, name in enumerate(["cat", "ant"]):
        put(tmp_path / name / f"{at}.png", at)
    found = load(tmp_path)["all"]
    assert found.classes == ("ant", "cat")
    assert found.labels.tolist() == [1, 0]


def test_the_label_in_front_of_the_name(tmp_path: Path) -> None:
    put(tmp_path / "7_0012.png", 1)
    put(tmp_path / "3-x.png", 2)
    put(tmp_path / "train2" / "5" / "x.png", 4)
    assert load(tmp_path)["all"].labels.tolist() == [3, 7]
    assert load(tmp_path / "7_0012.png")["all"].labels.tolist() == [7]


def test_endings_may_be_in_capitals_as_cameras_write_them(tmp_path: Path) -> None:
    put(tmp_path / "camera" / "7" / "IMG_1.PNG", 1)
    put(tmp_path / "7_0012.PNG", 1)
    assert load(tmp_path / "camera")["all"].labels.tolist() == [7]
    assert load(tmp_path / "7_0012.PNG")["all"].labels.tolist() == [7]


def test_digits_may_be_in_every_kind_of_picture_that_is_read(tmp_path: Path) -> None:
    known = {
        ending
        for ending in ENDINGS
        if Image.registered_extensions().get(ending) in Image.SAVE
    }
    assert {".png", ".jpg", ".pbm", ".jp2", ".webp"} <= known
    assert known <= SUFFIXES
    (tmp_path / "7").mkdir()
    for ending in known:
        digit = Image.new("1", (28, 28), 1)
        digit.paste(0, (12, 4, 15, 24))
        grey = digit if ending == ".pbm" else digit.convert("L")
        grey.save(tmp_path / "7" / f"one{ending}")
    assert load(tmp_path)["all"].labels.tolist() == [7] * len(known)


def test_splits_with_the_label_in_front_of_the_name(tmp_path: Path) -> None:
    put(tmp_path / "train" / "7_0012.png", 1)
    assert load(tmp_path)["train"].labels.tolist() == [7]


@pytest.mark.parametrize("head", ["file,label", "Label,Filename", "path,who,label"])
def test_a_list_of_files_with_labels(head: str, tmp_path: Path) -> None:
    put(tmp_path / "b.png", 1)
    put(tmp_path / "sub" / "a.png", 2)
    fields = {"file": "b.png", "path": "b.png", "filename": "b.png", "who": "me"}
    names = head.lower().split(",")
    lines = [head]
    for name, label in (("b.png", "7"), ("sub/a.png", "2")):
        row = fields | {"file": name, "path": name, "filename": name, "label": label}
        lines.append(",".join(row[key] for key in names))
    (tmp_path / "list.csv").write_text("\n".join(lines))
    found = load(tmp_path)["all"]
    assert (inks(found), found.labels.tolist()) == ([1, 2], [7, 2])


def test_a_list_with_splits(tmp_path: Path) -> None:
    put(tmp_path / "b.png", 1)
    (tmp_path / "a.csv").write_text("file,label,split\nb.png,7,training\n")
    assert load(tmp_path / "a.csv")["train"].labels.tolist() == [7]


def test_lists_named_after_their_splits(tmp_path: Path) -> None:
    for at, name in enumerate(["train", "test"]):
        put(tmp_path / f"{at}.png", at)
        (tmp_path / f"{name}.csv").write_text(f"file,label\n{at}.png,{at + 7}\n")
    found = load(tmp_path)
    assert [of.labels.tolist() for of in found.values()] == [[7], [8]]
    assert list(found) == ["train", "test"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("../b.png,7", "line 2, names ../b.png, outside its folder"),
        ("/etc/passwd,7", "line 2, names /etc/passwd, outside its folder"),
        ("none.png,7", "none.png cannot be read: No such file"),
        ("b.png,", "line 2, lacks a file or a label"),
    ],
)
def test_a_list_that_names_what_it_should_not(
    line: str, message: str, tmp_path: Path
) -> None:
    put(tmp_path / "b.png", 1)
    put(tmp_path / "in" / "b.png", 1)
    (tmp_path / "in" / "a.csv").write_text(f"file,label\n{line}\n")
    with pytest.raises(FormatError, match=message):
        load(tmp_path / "in" / "a.csv")


def test_pictures_of_other_sizes_are_named_where_none_is_framed(
    tmp_path: Path,
) -> None:
    put(tmp_path / "0" / "a.png", 1, size=28)
    put(tmp_path / "0" / "b.png", 1, size=30)
    put(tmp_path / "1" / "c.png", 1, size=28)
    with pytest.raises(FormatError, match=r"1 of 3 .* not 28×28 .*b\.png \(30×30\)"):
        load(tmp_path, as_they_are=True)


def test_a_picture_without_a_label_is_named(tmp_path: Path) -> None:
    put(tmp_path / "seven.png", 1)
    with pytest.raises(FormatError, match=r"seven\.png has no label; expected"):
        load(tmp_path)


def test_a_damaged_picture_is_named(tmp_path: Path) -> None:
    put(tmp_path / "0" / "a.png", 1)
    (tmp_path / "0" / "b.png").write_bytes(b"<html>")
    with pytest.raises(FormatError, match=r"b\.png cannot be read as a picture"):
        load(tmp_path)


def test_what_is_hidden_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path / "7" / "a.png", 1)
    put(tmp_path / ".trash" / "7" / "b.png", 1)
    assert len(load(tmp_path)["all"]) == 1


def test_too_many_classes_are_refused() -> None:
    with pytest.raises(FormatError, match="there are 300 classes"):
        labels_of([f"word{number}" for number in range(300)])


def test_a_file_too_large_for_a_picture_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "7_a.png", 1)
    monkeypatch.setattr(pictures, "MOST_FILE_BYTES", 10)
    with pytest.raises(FormatError, match="has more than 10 bytes"):
        load(tmp_path)


def test_dark_ink_on_white_paper_is_turned_round(tmp_path: Path) -> None:
    paper = np.full((28, 28), 250, np.uint8)
    paper[8:20, 12:15] = 20
    (tmp_path / "1").mkdir()
    Image.fromarray(paper).save(tmp_path / "1" / "a.png")
    (found,) = load(tmp_path).values()
    assert np.array_equal(found.images[0], 255 - paper)
    (tmp_path / "1" / ".white-ink").touch()
    (found,) = load(tmp_path).values()
    assert np.array_equal(found.images[0], paper)


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["7_0012", "3_0013"], [7, 3]),
        (["0012_7", "0013_3"], [7, 3]),
        (["1_7", "2_3", "3_7", "11_0"], [7, 3, 7, 0]),
        (["7_1", "7_2", "3_3"], [7, 7, 3]),
        (["1_7", "2_7", "3_3"], [7, 7, 3]),
        (["12_1", "12_2", "45_3"], [12, 12, 45]),
        (["1_12", "2_12", "30_45"], [12, 12, 45]),
    ],
)
def test_the_label_is_found_on_either_side_of_the_index(
    names: list[str], labels: list[int], tmp_path: Path
) -> None:
    for at, name in enumerate(names):
        put(tmp_path / f"{name}.png", at)
    found = load(tmp_path)["all"]
    by_ink = dict(zip(inks(found), found.labels.tolist(), strict=True))
    assert [by_ink[at] for at in range(len(names))] == labels


@pytest.mark.parametrize(
    "names", [["0_0", "0_1", "1_0", "1_1"], ["12_1", "12_2", "45_1"], ["7_1"]]
)
def test_names_that_could_be_either_way_are_asked_about(
    names: list[str], tmp_path: Path
) -> None:
    for name in names:
        put(tmp_path / f"{name}.png", 1)
    with pytest.raises(FormatError, match=rf"either number in {names[0]} .*; expected"):
        load(tmp_path)


def test_a_number_that_can_be_no_label_is_none(tmp_path: Path) -> None:
    put(tmp_path / "300_400.png", 1)
    with pytest.raises(FormatError, match=r"300_400\.png has no label"):
        load(tmp_path)


def test_a_link_to_a_class_folder_is_followed_and_one_back_is_not(
    tmp_path: Path,
) -> None:
    put(tmp_path / "elsewhere" / "a.png", 3)
    put(tmp_path / "mine" / "7" / "b.png", 1)
    (tmp_path / "mine" / "3").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "mine" / "7" / "back").symlink_to(tmp_path / "mine")
    assert load(tmp_path / "mine")["all"].labels.tolist() == [3, 7]
