"""The tools that run before anything is installed."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

INSTALL = Path(__file__).parent.parent / "tools" / "install.py"


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
