"""Azure's FileDataset over the files of a data set, gzipped as mirrors hold them."""

import os
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

from mnistry.data import cache
from mnistry.data.cached_file import CachedFile
from mnistry.data.catalog.rows import Dataset, File
from mnistry.errors import FetchError, UsageError
from mnistry.formats.atomic import atomic_path
from mnistry.mount import Mount, PathLike


@dataclass(frozen=True, slots=True, repr=False)
class FileDataset:
    """Some files of a data set, to be copied or mounted.

    Attributes:
        dataset: The data set's row.
        files: Which of its files.
    """

    dataset: Dataset
    files: tuple[File, ...]

    def __repr__(self) -> str:
        size = sum(file.size_bytes or 0 for file in self.files)
        names = ", ".join(self.to_path())
        return f"<FileDataset {self.dataset.name}: {names}; {size:,} bytes>"

    def to_path(self) -> list[str]:
        """Name the files, each after a "/"."""
        return [f"/{file.name}" for file in self.files]

    def download(
        self,
        target_path: PathLike | None = None,
        overwrite: bool = False,  # noqa: FBT001, FBT002 - as Azure has it
        ignore_not_found: bool = False,  # noqa: FBT001, FBT002
    ) -> list[str]:
        """Copy the files into a folder; each appears complete or not at all.

        Args:
            target_path: The folder, made if need be; None makes one that stays.
            overwrite: Replace files that are there.
            ignore_not_found: Warn about a file that is nowhere, and go on.

        Returns:
            The absolute paths of the files.

        Raises:
            UsageError: A file is there and `overwrite` is False; nothing was copied.
            FetchError: A file is not on this machine and no mirror could give it.
        """
        chosen = target_path or tempfile.mkdtemp(prefix="mnistry-")
        folder = Path(os.path.abspath(chosen))  # noqa: PTH100 - links stay as named
        there = [file.name for file in self.files if (folder / file.name).exists()]
        if there and not overwrite:
            message = (
                f"{folder} has {', '.join(there)} already; expected a folder without."
                " Choose another, or call download(..., overwrite=True)."
            )
            raise UsageError(message)
        paths = []
        for file in self.files:
            try:
                source = cache.packed(CachedFile(self.dataset, file)).path
            except FetchError as error:
                if not ignore_not_found:
                    raise
                warnings.warn(f"left out: {error}", stacklevel=2)
                continue
            with atomic_path(folder / file.name) as part:
                shutil.copyfile(source, part)
            paths.append(str(folder / file.name))
        return paths

    def mount(
        self,
        mount_point: PathLike | None = None,
        **_options: object,
    ) -> Mount:
        """Prepare to mount the files, until `stop` or the end of a `with` block.

        Args:
            mount_point: An empty folder; None makes one, and removes it in the end.
            **_options: What Azure takes besides has no effect: nothing is cached.

        Raises:
            FetchError: A file is not on this machine and no mirror could give it.
        """
        packed = {
            file.name: cache.packed(CachedFile(self.dataset, file)).path
            for file in self.files
        }
        return Mount(mount_point, files=packed)
