"""What a shell offers after a tab."""

import pytest
from click.shell_completion import ShellComplete

from mnistry.cli import mnistry
from mnistry.cli.options import NETS


def offered(*words: str) -> list[tuple[str, str]]:
    *before, begun = words
    completion = ShellComplete(mnistry, {}, "mnistry", "_MNISTRY_COMPLETE")
    found = completion.get_completions(before, begun)
    return [(item.value, item.type) for item in found]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("sh",), {"show"}),
        (("show", "mni"), {"mnist"}),
        (("fetch", "emnist-l"), {"emnist-letters"}),
        (("test", "--data", "dr"), {"drawn"}),
        (("train", "--net", "f"), {"fast"}),
        (("export", "mnist", "--to", "np"), {"npz"}),
        (("test", "--deb"), {"--debug"}),
    ],
)
def test_known_names_are_offered(words: tuple[str, ...], names: set[str]) -> None:
    assert {value for value, _ in offered(*words)} == names


def test_a_path_of_ones_own_is_left_to_the_shell() -> None:
    assert offered("info", "my/dig") == [("my/dig", "file")]
    assert offered("train", "--net", "my/dig") == []


def test_every_net_is_named() -> None:
    from mnistry.learn.nets import NETS as BUILT

    assert set(NETS) == set(BUILT)
