"""The tools that run before anything is installed."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import ROOT, leave_out

TOOLS = Path(__file__).parent.parent / "tools"
INSTALL = TOOLS / "install.py"
PROJECT = tomllib.loads((TOOLS.parent / "pyproject.toml").read_text("utf-8"))["project"]


AT_THE_ROOT = {
    *(".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "CITATION.cff"),
    *("CONTRIBUTING.md", "DESIGN.md", "LICENSE", "Makefile", "README.md"),
    *("README.zh.md", "SECURITY.md", "constraints.txt", "pyproject.toml"),
}


def test_nothing_else_lies_at_the_root() -> None:
    """A command tried there leaves its output, and `git add` takes it along."""
    if not (ROOT / ".git").exists():
        leave_out("a checkout of git", "git clone")
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert {name for name in listed.split("\0") if name and "/" not in name} == (
        AT_THE_ROOT
    )


@pytest.fixture
def install(tmp_path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", INSTALL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ENVIRONMENT = tmp_path / ".venv"  # type: ignore[attr-defined]
    return module


def test_an_older_python_is_named_with_what_to_type(
    install: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    monkeypatch.setattr(sys, "argv", ["install.py", "demo"])
    assert install.main() == 1
    error = capsys.readouterr().err
    assert error.startswith("error: mnistry needs Python 3.11 or newer; this is 3.")
    assert "make demo PYTHON=" in error


def test_torch_with_cuda_is_not_fetched_unasked(
    install: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["install.py", "demo"])
    monkeypatch.delenv("ALLOW_CUDA", raising=False)
    monkeypatch.setattr(install, "python_of", lambda _: Path("python"))
    monkeypatch.setattr(install, "torch_index", lambda _: None)
    assert install.main() == 1
    assert "ALLOW_CUDA=1 make demo" in capsys.readouterr().err


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(TOOLS)
    return importlib.import_module("release")


def test_a_release_tries_every_extra_that_a_user_may_install(release: Any) -> None:
    for_us = {"dev", "docs", "fuzz", "training"}
    together = {"all", "demo"}
    extras = PROJECT["optional-dependencies"].keys() - for_us - together
    assert release.SMOKE.keys() == extras | {""}


def test_a_release_needs_its_section_in_the_changelog(
    release: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not release.check_changelog()
    monkeypatch.setattr(release, "version", lambda: "99.0.0")
    assert release.check_changelog() == ["CHANGELOG.md has no dated section for 99.0.0"]


def test_links_of_the_metadata_are_addresses(release: Any, tmp_path: Path) -> None:
    wheel = tmp_path / "mnistry.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        facts = "Version: 9\nProject-URL: Home, example\n"
        archive.writestr("mnistry.dist-info/METADATA", facts)
    other, link = release.check_metadata(wheel)
    assert other.startswith("the wheel says version 9, not ")
    assert link == "the metadata's link 'Home, example' is no https address"


@pytest.fixture
def interpreters(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(TOOLS)
    return importlib.import_module("interpreters")


def test_a_python_that_is_here_is_found_and_another_is_not(
    interpreters: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = f"3.{sys.version_info[1]}"
    folder = tmp_path / f"{name}.0" / "bin"
    folder.mkdir(parents=True)
    (folder / f"python{name}").symlink_to(sys.executable)
    shim = tmp_path / "3.12.0" / "bin" / "python3.12"  # says that it is another one
    if name != "3.12":
        shim.parent.mkdir(parents=True)
        shim.symlink_to(sys.executable)
    monkeypatch.setattr(interpreters, "PYENV", tmp_path)
    monkeypatch.setattr(interpreters.shutil, "which", lambda _: None)
    assert interpreters.interpreters() == {name: folder / f"python{name}"}
    assert interpreters.version_of(tmp_path / "none") == ""


def test_the_python_of_make_test_is_left_out_before_its_environment_is_made(
    interpreters: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """CI makes that environment beside these tests."""
    ours, tested = f"3.{sys.version_info[1]}", list[str]()
    found = {ours: Path(sys.executable), "3.99": Path("python3.99")}
    monkeypatch.setattr(interpreters, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(interpreters, "interpreters", found.copy)
    monkeypatch.setattr(interpreters, "tested", lambda name, _: tested.append(name))
    interpreters.main()
    assert tested == ["3.99"]


def test_the_core_tests_are_there(interpreters: Any) -> None:
    assert all((TOOLS.parent / path).exists() for path in interpreters.core_tests())


def test_ci_takes_every_step() -> None:
    """What make would run for CI, and for `make test`, in one process at a time."""
    if shutil.which("make") is None:
        leave_out("make", "apt install make")
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    asked = [line.split() for line in script.splitlines() if line.startswith("make ")]
    ours = {k: v for k, v in os.environ.items() if "MAKE" not in k and k != "MFLAGS"}

    def lines(command: list[str]) -> str:
        dry = [*command, "-n", "-j1"]
        done = subprocess.run(
            dry, cwd=ROOT, env=ours, capture_output=True, text=True, check=True
        )
        return done.stdout

    steps = "".join(map(lines, asked))
    for step in ("bin/tsc", "interpreters.py", "wheel.py --core"):
        assert step in steps
    checks = ("ruff check", "bin/mypy", "bin/lint-imports", "-m pytest")
    order = [lines(["make", "test"]).index(check) for check in checks]
    assert order == sorted(order)
    assert lines(["make", "test"]) in steps
