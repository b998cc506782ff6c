"""Numbers and paths that cannot be are wrong usage, in every command alike."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

import mnistry
from mnistry import files
from mnistry.bulk.process import PictureLimits
from mnistry.cli import COMMANDS
from mnistry.cli.values import FolderPath
from mnistry.errors import UsageError
from mnistry.formats.budget import MOST_COUNTED, MOST_SECONDS
from tests.cli.run import run

URL = "https://example.com/digits/7.png?size=2"
WHOLE, FRACTION = click.types.IntParamType, click.types.FloatParamType


def parameters(*kinds: type) -> Iterator[tuple[str, click.Parameter]]:
    for name, room in COMMANDS.items():
        command = getattr(import_module(f"mnistry.cli.{room}"), f"{name}_command")
        for parameter in command.params:
            if isinstance(parameter.type, kinds):
                yield name, parameter


def refusal(parameter: click.Parameter, value: str) -> str:
    with pytest.raises(click.BadParameter) as refused:
        parameter.type.convert(value, parameter, None)
    return refused.value.message


def test_no_number_is_nan_endless_or_below_its_range() -> None:
    numbers = list(parameters(WHOLE, FRACTION))
    assert len(numbers) > 15
    for name, number in numbers:
        for value in ("nan", "inf", "-inf", "-1", "1e400", str(10**30)):
            assert refusal(number, value), (name, number.name)


def test_a_number_in_range_is_taken() -> None:
    for kind, value in ((WHOLE, 1), (FRACTION, 0.5)):
        for _, number in parameters(kind):
            assert number.type.convert(str(value), number, None) == value


@pytest.mark.parametrize("limit", [float("nan"), float("inf"), 0, -1])
def test_limits_of_a_picture_are_numbers_above_nothing(limit: float) -> None:
    with pytest.raises(UsageError, match="expected a number above 0"):
        PictureLimits(seconds=limit)


def test_the_library_and_the_command_have_one_bound_of_time() -> None:
    PictureLimits(seconds=MOST_SECONDS, megabytes=MOST_COUNTED)
    for option, most in (("time", MOST_SECONDS), ("memory", MOST_COUNTED)):
        field = {"time": "seconds", "memory": "megabytes"}[option]
        with pytest.raises(UsageError, match=f"at most {most:,}"):
            PictureLimits(**{field: most + 1})
        done = run("read", "7.png", "--out", "7", f"--{option}-limit", str(most + 1))
        assert f"expected at most {most:,}" in done.err


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("x.csv", "x"),
        ("of.2026/x.PNG", "of.2026/x"),
        ("run/model.safetensors", "run/model"),
        ("x.tar.gz", "x"),
    ],
)
def test_a_folder_is_not_made_with_the_name_of_a_file(
    name: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["read", "7.png"], ["train"], ["export", "drawn", "--to", "csv"]):
        done = run(*words, "--out", name)
        assert (done.code, list(tmp_path.iterdir())) == (2, [])
        assert f"{name} is named as a file; expected a folder" in done.err
        assert f"such as {folder}." in done.err


def test_a_folder_that_is_there_may_be_called_as_it_likes(tmp_path: Path) -> None:
    (tmp_path / "x.csv").mkdir()
    assert FolderPath().convert(str(tmp_path / "x.csv"), None, None).is_dir()
    assert FolderPath().convert("run.v1", None, None) == Path("run.v1")


def test_a_url_is_no_path_in_any_command() -> None:
    paths = list(parameters(click.Path, click.File))
    assert len(paths) > 20
    for name, path in paths:
        assert f"{URL} is a URL; expected a path" in refusal(path, URL), name


def test_a_url_of_pictures_or_data_is_refused_with_what_to_do(tmp_path: Path) -> None:
    for words in (["read", URL], ["read", "a.png", URL, "--json"], ["info", URL]):
        done = run(*words)
        assert done.out == ""
        assert done.err.endswith(f"    curl -fLO '{URL}'\n")
    done = run("read", URL, "--out", str(tmp_path / "out"))
    assert (done.code, list(tmp_path.iterdir())) == (2, [])


@pytest.mark.parametrize("url", [URL, Path(URL), "S3://bucket/7.png"])
def test_the_library_says_the_same(url: str | Path) -> None:
    for opens in (mnistry.read, mnistry.load_model, files.load):
        with pytest.raises(UsageError, match="://.* is a URL; expected a path"):
            opens(url)
