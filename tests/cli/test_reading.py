import csv
import io
import json
from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest
from PIL import Image

import mnistry
from mnistry.box import Box
from mnistry.cli.output import read_stdin
from mnistry.cli.reading import _format_reading
from mnistry.errors import UsageError
from mnistry.scan.annotate import SURE_COLOUR, UNSURE_COLOUR, annotate
from mnistry.scan.results import ReadDigit, Reading, ReadLine, ReadPage
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw
from tests.cli.run import run

STRINGS = {"2468": 3, "94103": 4}  # text: a seed whose light is good


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pictures with digits, and a file that breaks off between them."""
    made = tmp_path_factory.mktemp("pictures")
    alphabet = Alphabet(*draw(200))
    for text, seed in STRINGS.items():
        scene = make_string(alphabet, text, seed=seed)
        Image.fromarray(scene.picture).save(made / f"{text}.png")
    (made / "3-broken.png").write_bytes((made / "2468.png").read_bytes()[:200])
    return made


def test_each_picture_is_a_line_that_ends_with_what_was_read(folder: Path) -> None:
    paths = [str(folder / f"{text}.png") for text in STRINGS]
    done = run("read", *paths)
    assert (done.code, done.err) == (0, "2 read, 0 without digits, 0 broken\n")
    assert done.out.splitlines() == [
        f"{path}  {text}" for path, text in zip(paths, STRINGS, strict=True)
    ]


@pytest.mark.parametrize("form", [[], ["--signs"], ["--json"]])
def test_a_pattern_in_quotes_names_what_it_matches(
    form: list[str], folder: Path
) -> None:
    done = run("read", str(folder / "[29]*.png"), *form)
    assert (done.code, done.err) == (0, "2 read, 0 without digits, 0 broken\n")
    assert [str(folder / f"{text}.png") in done.out for text in STRINGS] == [True] * 2
    done = run("read", str(folder / "x*.png"), *form)
    assert done.code == 1
    matches_none = f"error: {folder / 'x*.png'} is a pattern that matches no picture; "
    assert done.err.startswith(matches_none)


def test_a_broken_file_does_not_stop_the_good_ones_of_a_folder(folder: Path) -> None:
    done = run("read", str(folder), "--json")
    assert done.code == 1
    error, last = done.err.splitlines()
    assert error.startswith(f"error: {folder / '3-broken.png'} is broken: ")
    assert last == "2 read, 0 without digits, 1 broken"
    facts = [json.loads(line) for line in done.out.splitlines()]
    assert [one["error"] for one in facts if "error" in one] == [error[7:]]
    facts = [one for one in facts if "error" not in one]
    assert [(one["file"], one["text"]) for one in facts] == [
        (str(folder / f"{text}.png"), text) for text in STRINGS
    ]
    for one in facts:
        assert 0.5 < one["confidence"] <= 1
        assert "".join(str(digit["value"]) for digit in one["digits"]) == one["text"]


def test_json_says_what_the_library_says(folder: Path) -> None:
    path = folder / "2468.png"
    facts = json.loads(run("read", str(path), "--json").out)
    assert facts == {"file": str(path)} | mnistry.read(path).to_dict()


def test_csv_has_one_header_and_a_row_for_each_digit(folder: Path) -> None:
    paths = [str(folder / f"{text}.png") for text in STRINGS]
    rows = list(csv.DictReader(io.StringIO(run("read", *paths, "--csv").out)))
    for path, text in zip(paths, STRINGS, strict=True):
        digits = [row["value"] for row in rows if row["file"] == path]
        assert "".join(digits) == text
    assert len(rows) == len("".join(STRINGS))


def test_standard_input_is_a_picture_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    piped = io.TextIOWrapper(io.BytesIO((folder / "2468.png").read_bytes()), "utf-8")
    monkeypatch.setattr("sys.stdin", piped)
    done = run("read", "-", "--annotate", str(tmp_path))
    assert (done.code, done.out) == (0, "-  2468\n")
    assert [path.name for path in tmp_path.iterdir()] == ["stdin.png"]


def test_annotated_pictures_never_take_the_place_of_what_was_read(folder: Path) -> None:
    source = next(path for path in sorted(folder.iterdir()) if path.suffix == ".png")
    before = source.read_bytes()
    for named in (source, folder):
        done = run("read", str(named), "--annotate", str(folder))
        assert done.code == 2
        assert "which a copy could overwrite. Name another one." in done.err
    assert source.read_bytes() == before


def test_annotated_pictures_and_steps_go_into_folders(
    folder: Path, tmp_path: Path
) -> None:
    seen, steps = tmp_path / "deep" / "seen", tmp_path / "steps"
    source = folder / "2468.png"
    done = run("read", str(source), "--annotate", str(seen), "--steps", str(steps))
    assert done.code == 0, done.err
    with Image.open(seen / "2468.png") as drawn_on, Image.open(source) as before:
        assert drawn_on.size[1] > before.size[1]
    names = sorted(path.name for path in (steps / "2468").iterdir())
    assert names[0] == "1-picture.png"
    assert len(names) >= 5


def test_what_is_written_into_a_folder_that_is_read_is_not_read(
    folder: Path, tmp_path: Path
) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    copyfile(folder / "2468.png", scans / "2468.png")
    made = ["--annotate", str(scans / "1" / "seen"), "--steps", str(scans / "3")]
    for _ in range(2):
        done = run("read", str(scans), *made)
        assert (done.code, done.out) == (0, f"{scans / '2468.png'}  2468\n")
    seen = scans / "1" / "seen" / "2468.png"
    done = run("read", str(seen))
    assert done.code == 1
    assert f"{seen} is annotated: mnistry has drawn in it what it read" in done.err


def test_what_is_written_around_a_folder_leaves_its_pictures_to_be_read(
    folder: Path, tmp_path: Path
) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    copyfile(folder / "2468.png", scans / "2468.png")
    for option in ("--annotate", "--steps"):
        done = run("read", str(scans), option, str(tmp_path))
        assert (done.code, done.out) == (0, f"{scans / '2468.png'}  2468\n")
    done = run("read", str(scans), "--steps", str(scans))
    assert done.code == 2
    assert f"such as {scans / 'steps'}." in done.err
    assert [path.name for path in scans.iterdir()] == ["2468.png"]


def test_pictures_of_one_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    for place in ("a/blank.png", "b/blank.png", "c/blank-2.png"):
        (tmp_path / place).parent.mkdir()
        Image.new("L", (60, 40), 255).save(tmp_path / place)
    out = tmp_path / "out"
    folders = [str(tmp_path / name) for name in "abc"]
    run("read", *folders, "--annotate", str(out))
    names = {path.name for path in out.iterdir()}
    assert names == {"blank.png", "blank-2.png", "blank-2-2.png"}


def test_a_pattern_puts_its_separators_into_the_text(folder: Path) -> None:
    picture = str(folder / "94103.png")
    done = run("read", picture, "--pattern", "[0-9]{2}-[0-9]{3}")
    assert done.out == f"{picture}  94-103\n"


def test_signs_are_printed_where_they_are_asked_for(tmp_path: Path) -> None:
    scene = make_string(Alphabet(*draw(200)), "-38.50", seed=3)
    picture = tmp_path / "amount.png"
    Image.fromarray(scene.picture).save(picture)
    assert run("read", str(picture)).out == f"{picture}  3850\n"
    assert run("read", str(picture), "--signs").out == f"{picture}  -38.50\n"


def test_allowed_digits_and_one_digit_a_picture(tmp_path: Path) -> None:
    images, labels = draw(200)
    place = int(np.flatnonzero(labels == 0)[0])
    picture = 255 - images[place].repeat(4, axis=0).repeat(4, axis=1)
    Image.fromarray(picture).save(tmp_path / "nought.png")
    done = run("read", str(tmp_path), "--single", "--allowed", "01")
    assert done.out == f"{tmp_path / 'nought.png'}  0\n"


def test_paper_without_digits_is_reported(tmp_path: Path) -> None:
    Image.new("L", (60, 40), 255).save(tmp_path / "blank.png")
    done = run("read", str(tmp_path))
    message = (
        f"{tmp_path / 'blank.png'}  (no digits) blank: there is no ink on the paper."
    )
    assert (done.code, done.out) == (3, f"{message}\n")
    assert done.err == "0 read, 1 without digits, 0 broken\n"


def test_every_file_has_its_row(folder: Path, tmp_path: Path) -> None:
    paths = [str(folder / f"{name}.png") for name in (*STRINGS, "3-broken")]
    Image.new("L", (60, 40), 255).save(tmp_path / "blank.png")
    paths.append(str(tmp_path / "blank.png"))
    for form in ("--csv", "--json"):
        done = run("read", *paths, form)
        assert done.code == 1
        assert done.err.splitlines()[-1] == "2 read, 1 without digits, 1 broken"
        if form == "--csv":
            rows = list(csv.DictReader(io.StringIO(done.out)))
            reasons = {row["file"]: row["reason"].partition(":")[0] for row in rows}
            assert list(reasons.values()) == ["", "", "broken", "blank"]
        else:
            rows = [json.loads(line) for line in done.out.splitlines()]
        assert list(dict.fromkeys(row["file"] for row in rows)) == paths


def test_the_library_reads_a_folder_as_the_command_does(folder: Path) -> None:
    reading = mnistry.read(folder)
    facts = {
        one["file"]: one
        for one in map(json.loads, run("read", str(folder), "--json").out.splitlines())
    }
    parts = reading.by_file()
    assert list(parts) == list(facts)
    for file, part in parts.items():
        if "error" in facts[file]:
            assert part.reason == f"broken: {facts[file]['error']}"
        else:
            assert part.to_dict() | {"file": file} == facts[file]
    assert reading.text.splitlines() == list(STRINGS)
    assert reading.reason == ""


@pytest.mark.parametrize("form", [[], ["--csv"], ["--json"], ["--out", "out"]])
@pytest.mark.parametrize(
    "settings",
    [
        ["--pattern", "[0-9"],
        ["--allowed", "ab"],
        ["--pattern", "[0-9]", "--allowed", "01"],
    ],
)
def test_a_pattern_that_cannot_be_is_wrong_usage(
    settings: list[str],
    form: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("read", "7.png", *settings, *form)
    assert (done.code, done.out, list(tmp_path.iterdir())) == (2, "", [])
    assert done.err.startswith("Usage: ")
    assert settings[0].strip("-") in done.err


def test_a_folder_without_pictures_says_so(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    done = run("read", str(tmp_path))
    assert done.code == 1
    assert done.out == ""
    assert done.err.startswith(f"error: {tmp_path} is a folder, and no picture in it")


def test_each_page_of_a_file_is_annotated(folder: Path, tmp_path: Path) -> None:
    with (
        Image.open(folder / "2468.png") as one,
        Image.open(folder / "94103.png") as two,
    ):
        one.save(tmp_path / "two.tiff", save_all=True, append_images=[two])
    done = run("read", str(tmp_path / "two.tiff"), "--annotate", str(tmp_path / "out"))
    assert (done.code, done.err) == (0, "")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["two-page-2.png", "two.png"]


def test_a_closed_standard_input_is_wrong_usage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(UsageError, match="stdin is closed; expected a picture"):
        read_stdin()


def test_an_unsure_line_is_marked_and_a_page_named() -> None:
    box = Box(0, 0, 10, 10)
    lines = tuple(
        ReadLine(text, confidence, (ReadDigit(7, 0.99, box),), box, page=page)
        for text, confidence, page in (("71", 0.49, 1), ("72", 0.5, 2))
    )
    many = Reading(lines, pages=(ReadPage(1), ReadPage(2)))
    shown = "a.pdf  page 1  71  0.49 unsure\na.pdf  page 2  72\n"
    assert _format_reading("a.pdf", many, "text") == shown
    one = Reading(lines[:1], pages=(ReadPage(1),))
    assert _format_reading("a.png", one, "text") == "a.png  71  0.49 unsure\n"
    row = next(csv.DictReader(io.StringIO(many.to_csv())))
    assert row["line_confidence"] == "0.49"


@pytest.mark.parametrize(
    ("confidence", "colour"), [(0.49, UNSURE_COLOUR), (0.5, SURE_COLOUR)]
)
def test_all_of_an_unsure_line_is_amber(
    confidence: float, colour: tuple[int, int, int]
) -> None:
    box = Box(20, 20, 60, 60)
    line = ReadLine("7", confidence, (ReadDigit(7, 0.99, box),), box)
    paper = np.full((100, 100), 255, np.uint8)
    drawn = annotate(paper, Reading((line,)))
    other = SURE_COLOUR if colour == UNSURE_COLOUR else UNSURE_COLOUR
    assert (drawn == colour).all(axis=2).any()
    assert not (drawn == other).all(axis=2).any()
