"""What a shell may complete beside commands and options: nets, data sets, formats.

A shell uses it after `eval "$(_MNISTRY_COMPLETE=bash_source mnistry)"` (or zsh, fish).
"""

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

from mnistry.data.load import datasets
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


dataset = one_of(datasets, or_file=True)
