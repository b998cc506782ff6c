"""Optional packages; the error for a missing one names its extra."""

import gc
import importlib
import json
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from mnistry.errors import MissingExtraError


def require(module: str, *, extra: str) -> Any:
    """Import an optional package, or raise an error that names its extra.

    Args:
        module: The module to import, such as "pandas" or "matplotlib.figure".
        extra: The extra of mnistry that installs it, such as "data".

    Returns:
        The module.

    Raises:
        MissingExtraError: The package is not installed.

    Example:
        >>> require("zlib", extra="data").crc32(b"mnist")
        1745202030
        >>> require("no_such_package", extra="data")
        Traceback (most recent call last):
        mnistry.errors.MissingExtraError: no_such_package is not installed…
    """
    try:
        if module in sys.modules:
            return importlib.import_module(module)
        with _no_search_for_cycles():
            return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise  # the package is there; something inside it is broken
        message = (
            f"{package} is not installed; this needs it. Run: {install_command(extra)}"
        )
        raise MissingExtraError(message, name=package) from None


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Pause garbage collection while a library is imported: its objects will stay.

    Afterwards they count as old; otherwise the next collections would visit all.
    Measured: torch is imported in 0.99 s instead of 1.12, and 0.1 s of collections that
    follow are saved.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # what somebody froze is to stay so
            gc.freeze()
            gc.unfreeze()  # which makes all of it of the oldest generation
        if was_enabled:
            gc.enable()


def install_command(extra: str) -> str:
    """Return the line for a shell that installs an extra, from where mnistry came.

    From a checkout it names its folder, from a wheel that file, else the package's
    name; pip is that of the running environment, also where it is not activated.

    Args:
        extra: The name of an extra, such as "read".

    Example:
        >>> install_command("read")  # doctest: +SKIP
        "pip install -e '.[read]'"
    """
    root = Path(__file__).resolve().parents[2]
    if (root / "pyproject.toml").is_file():  # src/mnistry/extras.py of a checkout
        return f"{_pip()} install -e {_quoted(f'{_relative(root)}[{extra}]')}"
    return f"{_pip()} install {_quoted(_requirement(extra, _installed_from()))}"


def _requirement(extra: str, url: str) -> str:
    """Return what pip should install: an existing folder or file, or a name."""
    from urllib.request import url2pathname  # brings HTTP and TLS: 40 ms of each start

    parts = urlparse(url)
    path = Path(url2pathname(parts.path))
    if parts.scheme == "file" and path.is_dir():
        return f"{_relative(path)}[{extra}]"
    if parts.scheme == "https" or (parts.scheme == "file" and path.is_file()):
        return f"mnistry[{extra}] @ {url}"
    return f"mnistry[{extra}]"


def _installed_from() -> str:
    """Return the address that pip wrote down (PEP 610); "" for an index."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        written = distribution("mnistry").read_text("direct_url.json")
    except PackageNotFoundError:
        return ""
    return str(json.loads(written)["url"]) if written else ""


def _pip() -> str:
    """Return `pip`, with its folder where the shell would find another one."""
    in_environment = sys.prefix != sys.base_prefix
    if not in_environment or os.environ.get("VIRTUAL_ENV") == sys.prefix:
        return "pip"
    folder = "Scripts" if os.name == "nt" else "bin"
    return shlex.quote(_relative(Path(sys.prefix) / folder / "pip"))


def _relative(path: Path) -> str:
    """Return a path from the working folder if it is inside it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _quoted(requirement: str) -> str:
    return f"'{requirement}'" if "'" not in requirement else shlex.quote(requirement)
