import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import click
import numpy as np
import pytest

from mnistry import Digits, __version__, load
from mnistry.cli import COMMANDS
from mnistry.data.paths import home
from mnistry.errors import FetchError
from mnistry.files import FORMATS, export
from mnistry.files import load as load_files
from tests.cli.run import run


def test_list_names_all_data_sets() -> None:
    rows = json.loads(run("list", "--json").out)
    assert {"mnist", "drawn", "emnist-letters"} <= {row["name"] for row in rows}
    assert "mnist" in run("list").out


def test_an_unknown_data_set_is_one_line_on_stderr_and_exit_1() -> None:
    done = run("info", "minst")
    assert done.code == 1
    assert done.out == ""
    assert done.err.startswith("error: no data set 'minst'; there are: ")
    assert done.err.endswith(
        "Did you mean 'mnist'? Nor is there a file or folder 'minst' here.\n"
    )
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("name", ["drawn", "Drawn", "DRAWN"])
def test_a_data_set_is_the_same_however_its_name_is_written(name: str) -> None:
    """It was fetched under one spelling only, and described as digits of one's own."""
    assert "there is no file to fetch" in run("fetch", name).err
    facts = json.loads(run("info", name, "--json").out)
    assert (facts["name"], facts["licence"]) == ("drawn", "MIT")
    assert run("show", name, "--count", "1").code == 0


def test_an_unknown_command_is_wrong_usage_with_a_suggestion() -> None:
    done = run("lst")
    assert done.code == 2
    assert "Did you mean 'list'?" in done.err


def test_a_picture_in_place_of_a_command_is_answered_with_the_line_that_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my letter.png").touch()
    done = run("my letter.png")
    assert done.code == 2
    assert "To read what is written: mnistry read 'my letter.png'\n" in done.err


def test_wrong_options_are_wrong_usage() -> None:
    assert run("show", "--count", "0").code == 2
    assert run("list", "--nonsense").code == 2


def test_an_error_with_debug_shows_its_traceback() -> None:
    with pytest.raises(LookupError, match="no data set"):
        run("--debug", "info", "minst")
    with pytest.raises(LookupError, match="no data set"):
        run("info", "minst", "--debug")


def test_version() -> None:
    assert __version__ in run("--version").out


def test_a_wrong_file_in_mnistry_data_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train-images-idx3-ubyte.gz").write_text("<html>Sign in</html>")
    monkeypatch.setenv("MNISTRY_DATA", str(tmp_path))
    done = run("info", "mnist")
    assert done.code == 1
    assert "it is a web page" in done.err
    assert done.err.count("\n") == 1


def test_nothing_at_hand_and_no_network_is_one_line() -> None:
    done = run("fetch", "mnist")
    assert done.code == 1
    assert "MNISTRY_OFFLINE forbids the network" in done.err
    assert done.err.count("\n") == 1


def test_fetch_clean_deletes_what_was_left_and_names_it() -> None:
    part = home() / "mnist" / ".train-images-idx3-ubyte.gz.part"
    part.parent.mkdir(parents=True)
    for as_json in ((), ("--json",)):
        part.write_bytes(b"")
        os.utime(part, (0, 0))
        done = run("fetch", "--clean", *as_json)
        assert done.code == 0
        assert done.out == (f'["{part}"]\n' if as_json else f"{part}\n")
        assert not part.exists()
    done = run("fetch", "--clean")
    assert (done.out, done.err) == ("", "there was nothing to delete\n")


def test_data_that_no_file_holds_need_not_be_fetched() -> None:
    done = run("fetch", "drawn")
    assert done.code == 0
    assert "there is no file to fetch" in done.err


@pytest.mark.parametrize(
    ("options", "useless"),
    [
        (("--clean", "--confirm"), "--confirm has no effect with --clean"),
        (("--clean", "--mirror", "https://a.example"), "--mirror has no effect"),
        (("--confirm", "--verify"), "--verify has no effect with --confirm"),
    ],
)
def test_fetch_refuses_options_without_effect(
    options: tuple[str, ...], useless: str
) -> None:
    done = run("fetch", "mnist", *options)
    assert done.code == 2
    assert useless in done.err


def test_fetch_from_a_folder_fills_the_cache(
    real_mnist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNISTRY_DATA")
    monkeypatch.setenv("MNISTRY_HOME", str(tmp_path / "filled"))
    lines = run("fetch", "mnist", "--from", str(real_mnist), "--json").out.splitlines()
    assert len(lines) == 4
    assert all(Path(json.loads(line)["path"]).is_file() for line in lines)
    assert run("fetch", "mnist", "--verify").code == 0


@pytest.mark.usefixtures("real_mnist")
def test_info_prints_the_shapes_that_the_tutorials_print() -> None:
    out = run("info", "mnist").out
    for line in (
        "X_train: (60000, 28, 28)",
        "Y_train: (60000,)",
        "X_test: (10000, 28, 28)",
        "Y_test: (10000,)",
        "see: https://github.com/cvdfoundation/mnist",
    ):
        assert line in out.splitlines()
    assert "mean         0.1307" in out
    assert "deviation    0.3081" in out


@pytest.mark.usefixtures("real_mnist")
def test_info_json_counts_what_is_there() -> None:
    about = json.loads(run("info", "mnist", "--json").out)
    assert sum(about["train"]["counts"]) == 60_000
    assert sum(about["train"]["ink"]) == pytest.approx(1)
    assert about["test"]["images"] == [10_000, 28, 28]


def test_the_licence_is_shown_where_the_files_cannot_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        message = "no file; expected four. Check the network."
        raise FetchError(message)

    monkeypatch.setattr("mnistry.cli.data.load_there", fail)
    done = run("info", "mnist")
    assert done.code == 1
    assert "licence: CC BY-SA 3.0" in done.out
    assert done.err == "error: no file; expected four. Check the network.\n"
    done = run("info", "mnist", "--json")
    assert (done.code, done.out) == (1, "")


def test_what_one_should_know_of_a_data_set_is_shown_before_it_is_there() -> None:
    rows = {row["name"]: row for row in json.loads(run("list", "--json").out)}
    assert any("with --from" in note for note in rows["kmnist"]["notes"])
    assert rows["drawn"]["notes"] == []


def test_every_command_has_an_example_in_its_help() -> None:
    for command in COMMANDS:
        done = run(command, "--help")
        assert done.code == 0
        assert f"Example:  mnistry {command}" in done.out
        assert "--json" in done.out
        assert done.out.count("--debug") == 1


def test_every_option_has_a_word_of_help() -> None:
    for command in set(COMMANDS.values()):
        module = import_module(f"mnistry.cli.{command}")
        for name in (name for name, file in COMMANDS.items() if file == command):
            for option in getattr(module, f"{name}_command").params:
                if isinstance(option, click.Option):
                    assert option.help, (name, option.name)


def test_the_name_of_a_data_set_is_explained() -> None:
    for command in ("fetch", "info", "show", "export"):
        assert "NAME is one of `mnistry list`" in run(command, "--help").out


def test_the_help_of_export_names_every_format() -> None:
    lines = [line.split()[:1] for line in run("export", "--help").out.splitlines()]
    assert all([to] in lines for to in FORMATS)


def test_the_help_of_train_names_every_net() -> None:
    from mnistry.learn.nets import NETS

    words = run("train", "--help").out.replace(",", " ").split()
    assert set(NETS) <= set(words)


def test_no_command_is_described_in_half_a_sentence() -> None:
    output = run("--help").out.partition("Commands:")[2].splitlines()
    assert [
        line for line in output if line.endswith("...") and "demo" not in line
    ] == []


def test_mnistry_data_that_names_a_file_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mnist.npz").write_bytes(b"")
    monkeypatch.setenv("MNISTRY_DATA", str(tmp_path / "mnist.npz"))
    done = run("info")
    assert done.code == 1
    assert done.err.startswith("error: MNISTRY_DATA names a file, ")
    assert done.err.count("\n") == 1


def test_export_writes_files_that_load_again(tmp_path: Path) -> None:
    done = run(
        "export", "drawn", "--split", "test", "--to", "npz", "--out", str(tmp_path)
    )
    assert done.code == 0, done.err
    assert load(done.out.strip(), split="test") == load("drawn", split="test")


def test_an_unknown_format_is_one_line(tmp_path: Path) -> None:
    done = run("export", "drawn", "--to", "parket", "--out", str(tmp_path))
    assert done.code == 1
    assert "Did you mean 'parquet'?" in done.err


def test_show_writes_a_picture_and_draws_in_the_terminal(tmp_path: Path) -> None:
    picture = tmp_path / "grid.png"
    done = run("show", "drawn", "--split", "test", "--out", str(picture))
    assert done.out.strip() == str(picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    shown = run("show", "drawn", "--split", "test", "--count", "2").out
    assert "@@@" in shown  # a stream of no known encoding is given plain characters
    first, second = (
        run("show", "drawn", "--split", "test", "--random", seed).out for seed in "12"
    )
    assert first != second


def test_what_cannot_be_shown_is_wrong_usage(tmp_path: Path) -> None:
    few = ("show", "drawn", "--split", "test")
    assert "10,000 images; expected --start below" in run(*few, "--start", "70000").err
    assert "not named as a PNG" in run(*few, "--out", str(tmp_path / "g.jpg")).err
    done = run(*few, "--random", "3", "--start", "5")
    assert "--start has no effect with --random" in done.err
    done = run(*few, "--count", "2000", "--out", str(tmp_path / "g.png"))
    assert (done.code, "up to 1,000 images" in done.err) == (2, True)
    assert run(*few, "--random", "-1").code == 2
    labels = load("drawn", split="test").labels[:3].tolist()
    assert json.loads(run(*few, "--count", "3", "--json").out)["labels"] == labels


def test_info_of_digits_of_ones_own_does_not_call_them_drawn(
    toy: Digits, tmp_path: Path
) -> None:
    (path,) = export(replace(toy, split_name=""), "npz", tmp_path)
    about = json.loads(run("info", str(path), "--json").out)
    assert about["title"] == "digits of your own"
    *_, empty, licence = run("info", str(path)).out.splitlines()
    assert (empty, licence) == ("", "licence: yours to say")


def test_info_export_and_mount_take_what_there_is(toy: Digits, tmp_path: Path) -> None:
    export(replace(toy, split_name="train"), "idx", tmp_path)
    output = run("info", str(tmp_path)).out
    assert "X_train: (30, 28, 28)" in output
    assert "X_test" not in output
    about = json.loads(run("info", str(tmp_path), "--json").out)
    assert about["test_images_in_train"] is None
    assert "test" not in about
    out = tmp_path / "out"
    done = run("export", str(tmp_path), "--to", "npz", "--out", str(out))
    assert done.code == 0, done.err
    assert list(load_files(out)) == ["train"]


def test_an_error_of_the_system_says_what_to_do() -> None:
    done = run("info", "/" + 300 * "a" + ".csv")
    assert done.code == 1
    assert done.err.startswith("error: /aaa")
    assert "cannot be used: File name too long; expected a path that may be" in done.err
    assert done.err.count("\n") == 1


def test_a_split_without_images_is_reported_as_such(tmp_path: Path) -> None:
    none = Digits(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8))
    export(replace(none, split_name="train"), "idx", tmp_path)
    done = run("show", str(tmp_path))
    assert done.code == 2
    assert "train has no images; expected 1 or more" in done.err


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
def test_names_that_the_terminal_cannot_show_are_shown_somehow(
    toy: Digits, tmp_path: Path, encoding: str
) -> None:
    (path,) = export(replace(toy, split_name="train"), "npz", tmp_path)
    odd = path.rename(Path(os.fsdecode(os.fsencode(tmp_path / "n") + b"\xfe.npz")))
    done = subprocess.run(
        [sys.executable, "-m", "mnistry", "info", odd],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b".npz: digits of your own" in done.stdout
