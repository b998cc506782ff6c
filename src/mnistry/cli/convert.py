"""The command that writes models for other libraries, and a page for people."""

import json
from pathlib import Path

import click

from mnistry.cli.checks import expect_kept
from mnistry.cli.options import json_option
from mnistry.cli.output import echo
from mnistry.cli.values import FilePath
from mnistry.errors import UsageError
from mnistry.formats.atomic import expect_writable, write_atomic

SUFFIXES = {"onnx": ".onnx", "keras": ".keras", "h5": ".h5", "card": ".md"}
ALSO = {"h5": ".hdf5", "card": ".markdown"}  # longer forms of the same extensions


@click.command(
    name="convert", epilog="Example:  mnistry convert run/model.safetensors --to onnx"
)
@click.argument(
    "model",
    required=False,
    type=FilePath(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--to",
    "form",
    required=True,
    type=click.Choice(list(SUFFIXES)),
    help="ONNX; Keras' own or its older HDF5; a page in Markdown.",
)
@click.option(
    "--out",
    type=FilePath(dir_okay=False, path_type=Path),
    help="Default: beside the model, or here, with the format's extension.",
)
@json_option
def convert_command(
    *, model: Path | None, form: str, out: Path | None, as_json: bool
) -> None:
    """Write a model, or the packaged one, for other libraries."""
    from mnistry.learn.export.card import model_card
    from mnistry.learn.export.keras import to_keras
    from mnistry.learn.export.onnx import to_onnx
    from mnistry.models.packaged import PackagedModel, load_model

    path = out or (model or Path("packaged")).with_suffix(SUFFIXES[form])
    if out is not None:
        _expect_named(out, form)
        expect_kept(out, model)
    expect_writable(path)
    found = load_model(model)
    loaded = found.to_torch() if isinstance(found, PackagedModel) else found
    if form == "card":
        write_atomic(path, model_card(loaded).encode())
    else:
        write = to_onnx if form == "onnx" else to_keras
        write(loaded, path)
    size = path.stat().st_size
    summary = json.dumps({"path": str(path), "to": form, "bytes": size})
    echo(summary if as_json else f"{path}: {size:,} bytes")


def _expect_named(path: Path, form: str) -> None:
    """Refuse a name that other programs would take for another format."""
    if path.suffix.lower() not in {SUFFIXES[form], ALSO.get(form)}:
        message = (
            f"{path} is not named as --to {form}; expected a name such as"
            f" {path.with_suffix(SUFFIXES[form])}"
        )
        raise UsageError(message)
