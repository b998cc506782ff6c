"""Optional packages: each belongs to an extra, and a missing one says how to get it."""

import importlib
from typing import Any

from mnistry.errors import MissingExtraError


def require(module: str, *, extra: str) -> Any:
    """Import an optional package, or say which extra brings it.

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
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise  # the package is there; something inside it is broken
        message = (
            f"{package} is not installed; this needs it."
            f" Run: pip install 'mnistry[{extra}]'"
        )
        raise MissingExtraError(message, name=package) from None
