"""`import mnistry` is light, and its names are the promised ones."""

import subprocess
import sys

import pytest

import mnistry

LIGHT = {"mnistry", "numpy"}
LIST_MODULES = """
import sys
before = set(sys.modules)
{statement}
names = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(*sorted(names - set(sys.stdlib_module_names)))
"""


def modules_after(statement: str) -> set[str]:
    script = LIST_MODULES.format(statement=statement)
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {name for name in done.stdout.split() if not name.startswith("_")}


def test_importing_loads_numpy_and_nothing_heavier() -> None:
    assert modules_after("import mnistry") <= LIGHT


def test_the_way_to_the_data_loads_nothing_heavier_either() -> None:
    assert modules_after("import mnistry; mnistry.load; mnistry.Digits") <= LIGHT


def test_the_test_above_can_fail() -> None:
    assert "PIL" in modules_after("import mnistry; import PIL")


@pytest.mark.parametrize("name", mnistry.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(mnistry, name) is not None
    assert name in dir(mnistry)


def test_a_name_that_is_not_there_is_the_usual_error() -> None:
    with pytest.raises(AttributeError, match="module 'mnistry' has no attribute 'x'"):
        mnistry.x  # noqa: B018
