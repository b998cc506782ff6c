"""Arguments and options that several commands have alike."""

from pathlib import Path

import click

from mnistry.cli.completion import NETS, dataset, one_of
from mnistry.cli.values import FilePath

name_argument = click.argument("name", default="mnist", shell_complete=dataset)
data_option = click.option(
    "--data",
    default="mnist",
    show_default=True,
    shell_complete=dataset,
    help="Data set: a name of `mnistry list`, or the path of your own digits.",
)
as_they_are_option = click.option(
    "--as-they-are",
    is_flag=True,
    help="Keep the size of your own pictures; else each digit is framed as MNIST's.",
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
    help="How an ONNX model wants its images, such as '0-1 nchw', '0-255 flat',"
    " 'normalised', 'inverted'. Default: found on training images.",
)
models_argument = click.argument(
    "models",
    nargs=-1,
    type=FilePath(exists=True, path_type=Path),
)
