"""Extras: each names what src imports; what is missing is named as it can be typed."""

import ast
import gc
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from contextlib import nullcontext
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions
from pathlib import Path

import pytest

import mnistry
from mnistry import extras
from mnistry.errors import MissingExtraError

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
NAME = re.compile(r"[\w.-]+")
OURS = re.compile(r"mnistry\[([\w,]+)\]")
# Needed by a package we import, in versions that it does not ask for itself.
SITE = ("docs/conf.py", "tools/docs.py")
FOR_OTHERS = {"spark": {"pandas"}}  # pyspark 4 warns on pandas 3


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _packages(extra: str) -> set[str]:
    """Give the distributions that an extra names, its own extras opened."""
    found = set()
    for requirement in EXTRAS[extra]:
        if mine := OURS.match(requirement):
            found |= {name for part in mine[1].split(",") for name in _packages(part)}
        elif name := NAME.match(requirement):
            found.add(_normal(name[0]))
    return found


def _module(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Give the modules that a statement or call imports, with the extra it names."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, "") for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module, ""
    elif isinstance(node, ast.Call) and node.args:
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        argument = node.args[0]
        if name in {"require", "find_spec"} and isinstance(argument, ast.Constant):
            extras = [word.value for word in node.keywords if word.arg == "extra"]
            named = [
                str(extra.value) for extra in extras if isinstance(extra, ast.Constant)
            ]
            yield str(argument.value), "".join(named)


@cache
def _imports(folder: str = "src") -> set[tuple[str, str]]:
    """Give the packages that a folder imports, with the extra named for each."""
    found = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for module, extra in _module(node):
                package = module.partition(".")[0]
                if package not in {"mnistry", *sys.stdlib_module_names}:
                    found.add((package, extra))
    return found


_known = cache(packages_distributions)


def _distributions(package: str) -> set[str]:
    found = _known().get(package, [package])
    return {_normal(name) for name in found}


@cache
def _imported() -> set[str]:
    return {name for package, _ in _imports() for name in _distributions(package)}


CORE = {_normal(NAME.match(line)[0]) for line in PROJECT["dependencies"]}  # type: ignore[index]


@pytest.mark.parametrize("extra", sorted(EXTRAS.keys() - {"dev"}))
def test_an_extra_names_only_what_the_package_imports(extra: str) -> None:
    imported = _imported() | FOR_OTHERS.get(extra, set())
    if extra in {"training", "fuzz"}:  # folders of scripts of that name
        imported |= {x for name, _ in _imports(extra) for x in _distributions(name)}
    if extra == "docs":  # what the settings of the site and its tool name
        named = re.findall(
            r'"([\w-]+)"', "".join((ROOT / x).read_text("utf-8") for x in SITE)
        )
        tools = {x for name, _ in _imports("tools") for x in _distributions(name)}
        imported |= tools | {x for name in named for x in _distributions(name)}
    assert _packages(extra) <= imported


def test_the_core_names_only_what_the_package_imports() -> None:
    assert _imported() >= CORE


def test_everything_that_is_imported_is_named() -> None:
    named = CORE.union(*(_packages(extra) for extra in EXTRAS.keys() - {"dev"}))
    for package, _ in _imports():
        assert _distributions(package) & named, package


@pytest.mark.parametrize(("package", "extra"), sorted(x for x in _imports() if x[1]))
def test_the_extra_that_an_error_names_brings_the_package(
    package: str, extra: str
) -> None:
    assert _distributions(package) & _packages(extra)


@pytest.fixture
def activated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)


@pytest.mark.usefixtures("activated")
def test_in_a_checkout_the_command_names_its_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    assert extras.install_command("read") == "pip install -e '.[read]'"
    monkeypatch.chdir(tmp_path)
    assert extras.install_command("read") == f"pip install -e '{ROOT}[read]'"


@pytest.mark.usefixtures("activated")
@pytest.mark.parametrize("kind", ["wheel", "folder", "gone", "index"])
def test_elsewhere_it_names_what_pip_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    wheel = tmp_path / "mnistry-0.1.0-py3-none-any.whl"
    folder = tmp_path / "a clone"
    wheel.touch()
    folder.mkdir()
    sources = {
        "wheel": (wheel.as_uri(), f"'mnistry[read] @ {wheel.as_uri()}'"),
        "folder": (folder.as_uri(), f"'{folder}[read]'"),
        "gone": ((tmp_path / "gone").as_uri(), "'mnistry[read]'"),
        "index": ("", "'mnistry[read]'"),
    }
    url, expected = sources[kind]

    class Installed:
        def read_text(self, name: str) -> str | None:
            assert name == "direct_url.json"
            return json.dumps({"url": url}) if url else None

    monkeypatch.setattr(extras, "__file__", str(tmp_path / "a/b/mnistry/extras.py"))
    monkeypatch.setattr("importlib.metadata.distribution", lambda _: Installed())
    assert extras.install_command("read") == f"pip install {expected}"


def test_without_any_record_it_names_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nothing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(extras, "__file__", str(tmp_path / "a/b/mnistry/extras.py"))
    monkeypatch.setattr("importlib.metadata.distribution", nothing)
    assert extras.install_command("read").endswith("install 'mnistry[read]'")


def test_pip_is_that_of_the_environment_that_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    command = extras.install_command("read")
    assert command.startswith(f"{Path('.venv', 'bin', 'pip')} install ")
    monkeypatch.setattr(sys, "prefix", "/usr")
    assert extras.install_command("read").startswith("pip install ")


def test_the_message_has_the_command() -> None:
    command = re.escape(extras.install_command("data"))
    with pytest.raises(MissingExtraError, match=f"no_such_package .*{command}"):
        extras.require("no_such_package", extra="data")


def test_the_changelog_has_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    version, date = re.findall(
        r"^## \[([\d.]+)\] - (\d{4}-\d\d-\d\d)$", changelog, re.M
    )[0]
    assert version == mnistry.__version__
    assert date >= "2026-11-28"


@pytest.mark.parametrize("was_enabled", [True, False])
@pytest.mark.parametrize("fault", ["", "1 / 0"])
def test_nothing_is_collected_while_a_library_is_imported(
    fault: str, was_enabled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"imported_{was_enabled}_{bool(fault)}"
    code = f"import gc\ngc.seen = gc.isenabled()\n{fault}\n"
    (tmp_path / f"{name}.py").write_text(code, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(gc, "seen", None, raising=False)
    (gc.enable if was_enabled else gc.disable)()
    try:
        with pytest.raises(ZeroDivisionError) if fault else nullcontext():
            extras.require(name, extra="data")
        assert (gc.seen, gc.isenabled()) == (False, was_enabled)  # type: ignore[attr-defined]
    finally:
        gc.enable()


def test_what_a_library_made_is_of_the_oldest_generation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "imported_old.py").write_text("made = [[]]\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    made = extras.require("imported_old", extra="data").made
    assert any(one is made for one in gc.get_objects(generation=2))
    assert not gc.get_freeze_count()
