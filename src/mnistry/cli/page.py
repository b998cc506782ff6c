"""The command that writes a page which reads drawn digits."""

import json
from pathlib import Path

import click

from mnistry.cli.options import json_option
from mnistry.cli.output import echo, expect_page
from mnistry.cli.values import FilePath
from mnistry.formats.atomic import write_atomic


@click.command(name="page", epilog="Example:  mnistry page --out digits.html")
@click.option(
    "--out",
    type=FilePath(dir_okay=False, path_type=Path),
    default=Path("digits.html"),
    show_default=True,
    help="File to write.",
)
@click.option(
    "--model",
    type=FilePath(exists=True, dir_okay=False, path_type=Path),
    help="A model of your own in place of the packaged one.",
)
@json_option
def page_command(*, out: Path, model: Path | None, as_json: bool) -> None:
    """Write one page that reads drawn digits, offline.

    It opens from disk and never uses the network. Its weights have half precision; the
    largest difference that this makes to a probability is printed.
    """
    from mnistry.models.packaged import load_model
    from mnistry.web.page.embed import embed
    from mnistry.web.page.render import render_embedded

    expect_page(out)
    embedded = embed(load_model(model))
    write_atomic(out, render_embedded(embedded).encode())
    written = {
        "path": str(out),
        "bytes": out.stat().st_size,
        "net": embedded.name,
        "weights": embedded.numbers,
        "largest_difference": embedded.largest_difference,
    }
    line = (
        f"{out}: {written['bytes']:,} bytes, net {embedded.name}; half precision"
        f" changes a probability by {embedded.largest_difference:.2g} at most"
    )
    echo(json.dumps(written) if as_json else line)
