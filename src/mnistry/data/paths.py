"""Where files lie on this machine: the cache, and the folders of MNISTRY_DATA."""

import os
from pathlib import Path

from mnistry.errors import CacheError, UsageError


def home() -> Path:
    """Return the folder of the cache: MNISTRY_HOME, or the user's cache folder.

    Raises:
        CacheError: MNISTRY_HOME is not set, and the user has no home folder.
    """
    try:
        if folder := os.environ.get("MNISTRY_HOME"):
            path = Path(folder)
            return path.expanduser() if folder.startswith("~") else path
        from platformdirs import user_cache_path

        return user_cache_path("mnistry")
    except RuntimeError as error:
        message = (
            "there is no folder for the cache: this user has no home folder (HOME is"
            " not set); expected one. Set MNISTRY_HOME to a folder."
        )
        raise CacheError(message) from error


def data_folders() -> list[Path]:
    """Return the folders that MNISTRY_DATA names, in their order; some may be missing.

    Raises:
        UsageError: It names a file.
    """
    named = os.environ.get("MNISTRY_DATA", "")
    folders = [
        Path(os.path.expanduser(folder))  # noqa: PTH111 - without a home, "~" stays
        for folder in named.split(os.pathsep)
        if folder
    ]
    for folder in folders:
        if folder.is_file():
            message = (
                f"MNISTRY_DATA names a file, {folder}; expected folders. Set it to the"
                f" folder that holds the files: {folder.parent}"
            )
            raise UsageError(message)
    return folders


def looked_in() -> str:
    """Say for each folder of MNISTRY_DATA why it did not help; "" if there is none."""
    return ", ".join(
        f"{folder} {'has none' if folder.is_dir() else 'is not there'}"
        for folder in data_folders()
    )


def is_offline() -> bool:
    """Return whether MNISTRY_OFFLINE forbids the network."""
    return os.environ.get("MNISTRY_OFFLINE", "").lower() not in {"", "0", "false", "no"}
