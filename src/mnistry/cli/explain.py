"""The command that explains one image."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mnistry.cli.checks import expect_kept, expect_not_given
from mnistry.cli.models import expect_input_used, open_all
from mnistry.cli.options import (
    as_they_are_option,
    data_option,
    input_option,
    json_option,
)
from mnistry.cli.output import echo, echo_drawing
from mnistry.cli.progress import transfer
from mnistry.cli.values import PLACE, FilePath
from mnistry.data.load import load
from mnistry.digits import Digits
from mnistry.formats.atomic import expect_writable

if TYPE_CHECKING:
    from mnistry.report.explain import Explanation


@click.command(
    name="explain",
    epilog="Example:  mnistry explain --index 247 --out explained.html",
)
@click.argument(
    "picture",
    required=False,
    type=FilePath(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--model",
    type=FilePath(exists=True, dir_okay=False, path_type=Path),
    help="A model that `mnistry test` takes. Default: the packaged model.",
)
@click.option(
    "--index",
    type=PLACE,
    help="Without PICTURE: index of an image in --data, as in reports.",
)
@data_option
@click.option("--split", default="test", show_default=True, help="Such as train.")
@as_they_are_option
@input_option
@click.option(
    "--out",
    type=FilePath(dir_okay=False, path_type=Path),
    help="Write a picture (.png) or a page (.html).",
)
@json_option
def explain_command(
    *,
    picture: Path | None,
    model: Path | None,
    index: int | None,
    data: str,
    split: str,
    as_they_are: bool,
    input: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Show what a model reads in one image, and which ink decides it.

    PICTURE shows one digit: drawn, photographed or scanned, of any size.
    """
    from mnistry.report.explain import explain, named_as_explanation

    if (picture is None) == (index is None):
        message = "give a PICTURE of one digit, or --index of an image in --data"
        raise click.UsageError(message)
    _expect_effects(has_picture=picture is not None, has_model=model is not None)
    if out is not None:  # better refused before the work than after it
        named_as_explanation(out)
        expect_kept(out, picture, data)
        expect_writable(out)
    image = _image(picture, index, data, split, as_they_are=as_they_are)
    found = explain(_model(model, data, input, as_they_are=as_they_are), image)
    if out is not None:
        found.save(out)
    if picture is not None and found.is_rejected:
        again = shlex.join(["mnistry", "read", str(picture)])
        echo(f"one digit is explained; if {picture} has several: {again}", err=True)
    if as_json:
        written = {"picture": out and str(out)}
        echo(json.dumps(found.to_dict() | written, ensure_ascii=False))
        return
    _echo_words(found, out)


def _expect_effects(*, has_picture: bool, has_model: bool) -> None:
    """Refuse an option that would do nothing beside the others."""
    if has_picture:
        expect_not_given(["split"], "with PICTURE")
    if not has_model:
        expect_input_used()
    if has_picture and not has_model:
        expect_not_given(["data"], "with PICTURE, unless with --model")


def _echo_words(found: "Explanation", out: Path | None) -> None:
    """Print what is read, and by which ink: drawn here, or in which file."""
    from mnistry.look.terminal import map_to_text

    echo(str(found).strip("<>").partition(": ")[2])
    name = found.name_of(found.read)
    if out is not None:
        echo(f"{out}: red ink speaks for {name}, blue ink against it")
        return
    echo_drawing(map_to_text(found.image, found.map, found.painted()))
    echo(
        f"left: the image; right: + or red is ink that speaks for {name},"
        " - or blue ink against it"
    )


def _image(
    picture: Path | None,
    index: int | None,
    data: str,
    split: str,
    *,
    as_they_are: bool,
) -> Any:
    """Return the one image: of a file, framed; or of a data set."""
    if picture is not None:
        from mnistry.files.pictures import read_pictures

        return read_pictures([picture], as_they_are=as_they_are)[0]
    with transfer() as progress:
        digits: Digits = load(
            data, split=split, as_they_are=as_they_are, progress=progress
        )
    if index is not None and index >= len(digits):
        message = f"there are {len(digits):,} images; expected --index below that"
        raise click.UsageError(message)
    return digits[index : index + 1] if index is not None else digits


def _model(
    path: Path | None, data: str, input: str | None, *, as_they_are: bool
) -> Any:
    if path is None:
        from mnistry.models.packaged import load_model

        return load_model()
    _, (model,) = open_all([path], data, input, as_they_are=as_they_are)
    return model
