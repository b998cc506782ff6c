"""The command that has files verified in the cache: fetch."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from mnistry.cli.checks import expect_not_given
from mnistry.cli.options import json_option, name_argument
from mnistry.cli.output import echo
from mnistry.cli.progress import transfer
from mnistry.cli.values import FilePath
from mnistry.data import cache
from mnistry.data.cached_file import CachedFile
from mnistry.data.catalog import DATASETS
from mnistry.data.catalog.rows import Dataset
from mnistry.data.clean import clean as clean_cache
from mnistry.data.mirrors import expect_mirrors
from mnistry.data.records import Record
from mnistry.errors import unknown_name


@click.command(name="fetch", epilog="Example:  mnistry fetch mnist --from DIR")
@name_argument
@click.option(
    "--from",
    "folder",
    type=FilePath(exists=True, file_okay=False, path_type=Path),
    help="Take the files from this folder, not from the network.",
)
@click.option("--mirror", "mirrors", multiple=True, help="Try this https folder first.")
@click.option("--verify", is_flag=True, help="Hash the files in the cache again.")
@click.option(
    "--confirm",
    is_flag=True,
    help="Only vouch for each SHA-256 that was recorded at first sight.",
)
@click.option(
    "--clean", is_flag=True, help="Only delete what interrupted downloads left."
)
@json_option
def fetch_command(
    *,
    name: str,
    folder: Path | None,
    mirrors: tuple[str, ...],
    verify: bool,
    confirm: bool,
    clean: bool,
    as_json: bool,
) -> None:
    """Get a data set's files into the cache, verified.

    NAME is one of `mnistry list` that has files. Default: mnist.
    """
    _expect_effects(clean=clean, confirm=confirm, has_folder=folder is not None)
    if clean:
        _clean(as_json=as_json)
        return
    if name == "drawn":
        echo("drawn: there is no file to fetch, mnistry draws its digits", err=True)
        return
    row = DATASETS.get(name)
    if row is None:
        raise unknown_name("data set", name, DATASETS)
    if confirm:
        _confirm(row, as_json=as_json)
        return
    expect_mirrors(mirrors, row)
    places = tuple(mirror.rstrip("/") + "/" for mirror in mirrors)
    with transfer() as progress:
        found = cache.fetch(
            row, folder=folder, mirrors=places, verify=verify, progress=progress
        )
    _print_found(row, found, as_json=as_json)


def _expect_effects(*, clean: bool, confirm: bool, has_folder: bool) -> None:
    """Refuse what would do nothing beside an option that does only its own work."""
    one = "Leave one of them out."
    if clean:
        names = ("folder", "mirrors", "verify", "confirm")
        expect_not_given(names, "with --clean", one)
        expect_not_given(["name"], "with --clean, which cleans the whole cache")
    elif confirm:
        expect_not_given(("folder", "mirrors", "verify"), "with --confirm", one)
    elif has_folder:
        expect_not_given(["mirrors"], "with --from, which asks no mirror", one)


def _clean(*, as_json: bool) -> None:
    """Delete what was left, and print it; say so if there was nothing."""
    deleted = [str(path) for path in clean_cache(thorough=True)]
    if as_json:
        echo(json.dumps(deleted))
    elif deleted:
        echo("\n".join(deleted))
    else:
        echo("there was nothing to delete", err=True)


def _print_found(row: Dataset, found: list[cache.Local], *, as_json: bool) -> None:
    """Print where the files are, and which SHA-256 nobody vouches for yet."""
    files = [CachedFile(row, file) for file in row.files]
    for cached, local in zip(files, found, strict=True):
        facts = {
            "file": cached.file.raw_name,
            "path": str(local.path),
            "source": cache.source_of(cached, local),
            "sha256": cached.raw_sha256,
            "trust": cached.trust,
        }
        text = f"{facts['path']}  (from {facts['source']})"
        echo(json.dumps(facts) if as_json else text)
    records = dict.fromkeys(record for cached in files for record in cached.records)
    first_seen = [_text(record) for record in records if record.trust == "first seen"]
    if first_seen and not as_json:
        advice = (
            "Compare these with what somebody else has. If they are the same:"
            f" mnistry fetch {row.name} --confirm"
        )
        echo("\n".join([*first_seen, advice]), err=True)


def _confirm(row: Dataset, *, as_json: bool) -> None:
    """Confirm what was recorded, and print it; say so if there was nothing to do."""
    confirmed = cache.confirm(row)
    for record in confirmed:
        echo(json.dumps(asdict(record)) if as_json else _text(record))
    if not confirmed and not as_json:
        echo(f"{row.name}: every SHA-256 is published or confirmed", err=True)


def _text(record: Record) -> str:
    confirmed = f"confirmed {record.confirmed}" if record.confirmed else "not confirmed"
    return (
        f"{record.name}: SHA-256 {record.sha256}, first seen"
        f" {record.seen or 'at an unknown time'} in"
        f" {record.source or 'an unknown place'}; {confirmed}"
    )
