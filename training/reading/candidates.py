"""Nets that are not packaged yet, read with as if they were."""

from pathlib import Path

from mnistry.scan.recognize import models


def use_nets(folder: Path | None) -> None:
    """Let reading run the nets of a folder in place of the packaged ones.

    Before anything is read: nets are loaded once.

    Args:
        folder: Of safetensors files, named as the packaged ones; those that it lacks
            are the packaged ones. None: all are.
    """
    if folder is None:
        return
    packaged = models._path

    def path_of(stem: str) -> Path:
        path = folder / f"{stem}.safetensors"
        return path if path.exists() else packaged(stem)

    models._path = path_of
