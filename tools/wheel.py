"""Build wheel and sdist into dist/, install the wheel afresh, run the demo from it.

The wheel goes into a virtual environment of its own in a temporary folder, where
nothing of the checkout is in reach: a file that the wheel lacks is missed here.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from install import ROOT, pip, python_of, torch_index

DIST = ROOT / "dist"


def main() -> int:
    """Build, install, run; the exit status of the first step that fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--core", action="store_true", help="without the extra `demo`")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mnistry-wheel-") as folder:
        return _build(Path(folder)) or _run(Path(folder), core=args.core)


def _build(folder: Path) -> int:
    python = python_of(folder / "build")
    status = pip(python, "install", "hatchling").returncode
    for old in DIST.glob("mnistry-*"):
        old.unlink()
    command = [str(python), "-m", "hatchling", "build", "-d", str(DIST)]
    return status or subprocess.run(command, cwd=ROOT, check=False).returncode


def _run(folder: Path, *, core: bool) -> int:
    (wheel,) = DIST.glob("mnistry-*.whl")
    python = python_of(folder / "fresh")
    extra = "" if core else "[demo]"
    index = [] if core else torch_index(python) or []
    status = pip(python, "install", f"mnistry{extra} @ {wheel.as_uri()}", *index)
    if status.returncode:
        return status.returncode
    mnistry = str(python.with_name("mnistry"))
    steps = [["info", "drawn"], ["test", "--data", "drawn"]]
    environment = {name: v for name, v in os.environ.items() if name != "PYTHONPATH"}
    for step in steps if core else [*steps, ["demo", "--data", "drawn"]]:
        print(f"$ mnistry {' '.join(step)}", flush=True)
        done = subprocess.run(
            [mnistry, *step], cwd=folder, env=environment, check=False
        )
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
