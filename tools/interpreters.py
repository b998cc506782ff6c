"""Run the core tests on every supported Python here but the one of .venv.

The core is what needs NumPy and the small packages that mnistry depends on: data,
formats, files, metrics, values. Each Python gets an environment in build/, where
mnistry is installed as a user would have it. `make interpreters` runs it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from install import ENVIRONMENT, OLDEST_PYTHON, ROOT, pip, python_of

NEWEST_MINOR = 14  # of Python 3: what is tried, if it is there
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
TESTING = ["pytest", "hypothesis", "pytest-socket"]
CORE = {  # folder: names of test files that need no extra
    "": "arrays augment batches digits encodings frame imports predictions recipes"
    " statistics workers",
    "data/": "cache download load stamps writers",
    "files/": "csv folder",
    "formats/": "atomic gzip idx png tensors",
    "inference/": "net",
    "look/": "grid picture terminal",
    "metrics/": "calibration comparison counts labels ranking rejection sets",
}
BUT = "not every_public_name and not training_on_zeros"  # these ask for torch, too


def main() -> int:
    """Test on each; the exit status of the last that failed."""
    found = interpreters()
    ours = version_of(ENVIRONMENT / "bin" / "python")  # for which `make test` is
    found.pop(ours or version_of(Path(sys.executable)), None)  # .venv may come later
    status = 0
    for name, interpreter in found.items():
        print(f"core tests on Python {name} ({interpreter})", flush=True)
        status = tested(name, interpreter) or status
    tried = ", ".join(found) or "no other Python"
    print(f"core tests were run on: {tried}", flush=True)
    return status


def interpreters() -> "dict[str, Path]":
    """Find a Python of each supported version: on the path, or of pyenv."""
    found = {}
    for minor in range(OLDEST_PYTHON[1], NEWEST_MINOR + 1):
        name = f"3.{minor}"
        here = [*PYENV.glob(f"{name}.*/bin/python{name}")]
        here += [Path(of) for of in [shutil.which(f"python{name}")] if of]
        usable = [path for path in here if version_of(path) == name]
        if usable:
            found[name] = usable[0]
    return found


def version_of(interpreter: Path) -> str:
    """Ask an interpreter for its version; "" if it does not run, or is not there."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    command = [str(interpreter), "-c", ask]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()


def tested(name: str, interpreter: Path) -> int:
    """Install into an environment of its own, then run the tests; their status."""
    python = python_of(ROOT / "build" / f"python-{name}", interpreter)
    done = pip(python, "install", ".", *TESTING)  # a folder is installed anew each time
    if done.returncode:
        return done.returncode
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment["MNISTRY_TEST_ALL"] = "0"  # what needs more is skipped, and listed
    pytest = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", BUT]
    command = [*pytest, *core_tests()]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def core_tests() -> "list[str]":
    """Name the files of the core tests, from the root."""
    return [
        f"tests/{folder}test_{name}.py"
        for folder, names in CORE.items()
        for name in names.split()
    ]


if __name__ == "__main__":
    sys.exit(main())
