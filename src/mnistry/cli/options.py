"""Arguments and options that several commands have alike, and what a shell completes.

A shell uses it after `eval "$(_MNISTRY_COMPLETE=bash_source mnistry)"` (or zsh, fish).
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from mnistry.cli.values import FilePath
from mnistry.data.load import as_listed, datasets
from mnistry.recipes import RECIPES

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
NETS = tuple(RECIPES)


def one_of(names: Callable[[], Iterable[str]], *, or_file: bool = False) -> Complete:
    """Complete a name; where none begins so, perhaps a path."""

    def complete(
        _context: click.Context, _parameter: click.Parameter, begun: str
    ) -> list[CompletionItem]:
        found = [CompletionItem(name) for name in names() if name.startswith(begun)]
        return found or [CompletionItem(begun, type="file")] * or_file

    return complete


def _as_listed(_context: click.Context, _given: click.Parameter, name: str) -> str:
    return as_listed(name)


_dataset = one_of(datasets, or_file=True)
name_argument = click.argument(
    "name", default="mnist", shell_complete=_dataset, callback=_as_listed
)
data_option = click.option(
    "--data",
    default="mnist",
    show_default=True,
    shell_complete=_dataset,
    callback=_as_listed,
    help="Data set: a name of `mnistry list`, or the path of your own digits.",
)
as_they_are_option = click.option(
    "--as-they-are",
    is_flag=True,
    help="Keep the size of your own pictures. Default: frame each digit as in MNIST.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
net_option = click.option(
    "--net",
    default="fast",
    show_default=True,
    shell_complete=one_of(lambda: NETS),
    help=", ".join(NETS),
)
input_option = click.option(
    "--input",
    metavar="WORDS",
    help="How an ONNX model expects its images, such as '0-1 nchw', '0-255 flat',"
    " 'normalised', 'inverted'. Default: detected on training images.",
)
models_argument = click.argument(
    "models",
    nargs=-1,
    type=FilePath(exists=True, path_type=Path),
)
