"""Options and arguments, checked before the work: those without effect; names."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from mnistry.cli.output import STDIN
from mnistry.errors import UsageError
from mnistry.escape import as_text
from mnistry.formats.atomic import expect_writable_folder
from mnistry.formats.plain import refuse_url

ADVICE = {
    "processes": "Add --out DIR, or --json without --annotate and --steps; or leave"
    " it out."
}


def is_given(name: str) -> bool:
    """Return whether an option or argument was typed, not left at its default.

    Args:
        name: As the function of the command calls it.
    """
    source = click.get_current_context().get_parameter_source(name)
    return source is ParameterSource.COMMANDLINE


def expect_not_given(
    names: Iterable[str], when: str, advice: str = "Leave it out."
) -> None:
    """Refuse options and arguments that would do nothing beside the others.

    Args:
        names: As the function of the command calls them.
        when: Beside what they do nothing, such as "with --json".
        advice: What to do.
    """
    given = {one.name: one for one in click.get_current_context().command.params}
    for name in filter(is_given, names):
        one = given[name]
        word = one.opts[0] if isinstance(one, click.Option) else name.upper()
        raise click.UsageError(f"{word} has no effect {when}. {advice}")


def expect_kept(out: Path, *read: str | Path | None) -> None:
    """Refuse to write over a file that is read.

    Args:
        out: The file to write.
        read: Paths of what is read; names of data sets, and none, are passed over.
    """
    for source in read if out.is_file() else ():
        if source and Path(source).is_file() and out.samefile(source):
            message = f"{out} is read, and would be overwritten. Name another file."
            raise click.UsageError(message)


def expect_effects(
    form: str, given: dict[str, Any], *, has_out: bool, as_csv: bool
) -> None:
    """Refuse an option that would do nothing beside the others.

    Args:
        form: What is printed: "json", "csv", "signs" or "text".
        given: Options that count only with some of these.
        has_out: Tables are written into a folder.
        as_csv: `--csv` was given.
    """
    typed = set(filter(is_given, click.get_current_context().params))
    useless = {
        option: "with --out" for option, value in given.items() if value and has_out
    }
    if not has_out:
        only = typed & {"retry_errors", "time_limit", "memory_limit"}
        useless |= dict.fromkeys(only, "without --out")
        if form != "json" or given["annotate"] or given["steps"]:
            only = typed & {"processes"}
            one_by_one = "where pictures are read one after the other"
            useless |= dict.fromkeys(only, one_by_one)
        if form == "json" and as_csv:
            useless["csv"] = "with --json, unless with --out"
        if form in {"json", "csv"} and given["signs"]:
            useless["signs"] = f"with --{form}: JSON has them always, CSV never"
    if click.get_current_context().params["pattern"] == "":
        useless["pattern"] = "when it is empty, for no line matches it"
    for option, when in sorted(useless.items()):
        advice = ADVICE.get(option, "Leave it out.")
        message = f"--{option.replace('_', '-')} has no effect {when}. {advice}"
        raise click.UsageError(message)


def expect_pattern(settings: dict[str, Any]) -> None:
    """Refuse a pattern or allowed digits that cannot be, as wrong usage.

    Args:
        settings: As `mnistry.read` takes them.
    """
    from mnistry.scan.read import TEN, to_pattern

    try:
        to_pattern(
            settings["pattern"],
            settings.get("allowed", TEN),
            single=settings.get("single", False),
        )
    except UsageError as error:
        raise click.UsageError(str(error)) from error


def expect_paths(pictures: Iterable[str]) -> None:
    """Refuse URLs before the first picture is read, as wrong usage.

    Args:
        pictures: Names.
    """
    try:
        for picture in pictures:
            refuse_url(picture)
    except UsageError as error:
        raise click.UsageError(str(error)) from error


def expect_folders(
    pictures: Iterable[str], annotate: Path | None, steps: Path | None
) -> None:
    """Refuse folders that cannot be written, or that what is read lies in.

    Args:
        pictures: Names of what is read.
        annotate: The folder for annotated pictures, or none.
        steps: That for steps, or none.
    """
    for folder in filter(None, (annotate, steps)):
        expect_writable_folder(folder)  # before the first picture, not after it
    if annotate is not None:
        _expect_apart(pictures, annotate)
    if steps is not None:
        _expect_not_read(pictures, steps)


def _expect_apart(pictures: Iterable[str], folder: Path) -> None:
    """Refuse to draw into the folder of a picture: a copy could take its name."""
    for picture in pictures:
        if picture == STDIN:
            continue
        path = Path(picture)
        if folder.resolve() == (path if path.is_dir() else path.parent).resolve():
            message = (
                f"--annotate {as_text(str(folder))} is the folder of"
                f" {as_text(picture)}, which a copy could overwrite. Name another one."
            )
            raise click.UsageError(message)


def _expect_not_read(pictures: Iterable[str], folder: Path) -> None:
    """Refuse to keep steps in a folder that is read: they would be read as well."""
    for picture in pictures:
        path = Path(picture)
        if picture != STDIN and path.is_dir() and path.resolve() == folder.resolve():
            message = (
                f"--steps {as_text(str(folder))} is a folder that is read, and the"
                " steps would be read as well. Name another one, such as"
                f" {as_text(str(folder / 'steps'))}."
            )
            raise click.UsageError(message)
