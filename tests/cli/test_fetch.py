"""mnistry fetch --confirm: a SHA-256 that nobody published, until a person vouches."""

import json
from pathlib import Path

import pytest

from mnistry.data.catalog.rows import Dataset
from tests.cli.run import run
from tests.data.catalog.test_family import qmnist
from tests.server import Server


@pytest.fixture
def unpublished(server: Server, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.delenv("MNISTRY_OFFLINE")
    row = qmnist(server, published=False)
    for module in ("cli.fetch", "data.load", "cli.data"):
        monkeypatch.setattr(f"mnistry.{module}.DATASETS", {"qmnist": row})
    return row


def test_what_nobody_published_says_so_until_it_is_confirmed(
    unpublished: Dataset,
) -> None:
    files = len(unpublished.files)
    done = run("fetch", "qmnist", "--confirm")
    assert done.code == 1  # nobody can have compared what is not there
    assert "Run: mnistry fetch qmnist" in done.err

    done = run("fetch", "qmnist")
    assert done.out.count("recorded at first sight, not confirmed") == files
    assert done.err.count("; not confirmed") == 2 * files  # packed and raw
    assert "mnistry fetch qmnist --confirm" in done.err
    assert "not confirmed" in run("info", "qmnist").out
    rows = [json.loads(x) for x in run("fetch", "qmnist", "--json").out.splitlines()]
    assert {row["trust"] for row in rows} == {"first seen"}

    done = run("fetch", "qmnist", "--confirm", "--json")
    confirmed = [json.loads(line) for line in done.out.splitlines()]
    assert {row["trust"] for row in confirmed} == {"confirmed"}
    assert len(confirmed) == 2 * files
    mirror = unpublished.mirrors[0]
    for row in confirmed:
        assert row["source"].startswith(mirror)
        assert row["seen"] <= row["confirmed"]
    assert {row["sha256"] for row in rows} <= {row["sha256"] for row in confirmed}

    for command in ("fetch", "info"):
        done = run(command, "qmnist")
        assert "not confirmed" not in done.out + done.err
    assert "every SHA-256 is published" in run("fetch", "qmnist", "--confirm").err


@pytest.mark.parametrize("mirror", ["foo", "http://example.org/", "https://["])
def test_a_mirror_that_cannot_be_one_is_refused_while_the_files_are_there(
    unpublished: Dataset, mirror: str
) -> None:
    assert run("fetch", "qmnist").code == 0
    done = run("fetch", "qmnist", "--mirror", mirror)
    assert done.code == 1
    assert f"error: the mirror {mirror!r} is not an https address; expected" in done.err
    assert unpublished.mirrors[0] in done.err


def test_confirming_prints_the_hash_where_it_came_from_and_when(
    unpublished: Dataset,
) -> None:
    run("fetch", "qmnist")
    lines = run("fetch", "qmnist", "--confirm").out.splitlines()
    name = unpublished.files[0].name
    assert any(
        line.startswith(f"{name}: SHA-256 ")
        and f" in {unpublished.mirrors[0]}" in line
        and "; confirmed 20" in line
        for line in lines
    )


def test_another_file_is_refused_after_it(
    unpublished: Dataset, server: Server, tmp_path: Path
) -> None:
    run("fetch", "qmnist")
    run("fetch", "qmnist", "--confirm")
    file = unpublished.files[0]
    (tmp_path / file.name).write_bytes(server.files[file.name][:-1] + b"!")
    done = run("fetch", "qmnist", "--from", str(tmp_path))
    assert done.code == 1
    assert f"is not {file.name} of qmnist" in done.err


@pytest.mark.parametrize("more", ["--json", "--confirm"])
def test_an_unknown_name_is_answered_with_the_known_ones(more: str) -> None:
    done = run("fetch", "mnits", more)
    assert done.code == 1
    assert "mnits" in done.err
    assert "mnist" in done.err
