"""Install mnistry with one of its extras into .venv, once for each state of the pins.

Standard library only, for it runs before anything is installed; and no syntax that an
older Python does not read, for it says which one is needed. torch's default Linux wheel
brings 2.7 GB of CUDA, so the CPU wheel is taken wherever it can be had.
"""

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import urllib.error
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
CONSTRAINTS = ROOT / "constraints.txt"
OLDEST_PYTHON = (3, 11)  # requires-python in pyproject.toml
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"  # PyTorch's own, see pytorch.org
GIGABYTES = 1.3  # of .venv with the extra demo, as du counts; dev has a little more
CUDA_GIGABYTES = 2.7  # torch 2.13.0 and its 19 CUDA wheels for Linux x86-64, together


def main() -> int:
    """Install, or say in a line why not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extra", help="demo or dev")
    parser.add_argument("--allow-cuda", action="store_true")
    args = parser.parse_args()
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return _complain(
            f"mnistry needs Python {oldest} or newer; this is"
            f" {platform.python_version()} ({sys.executable}). With another one:"
            f" make {args.extra} PYTHON=python3.12"
        )
    stamp = ENVIRONMENT / f".installed-{args.extra}"
    state = _state(args.extra)
    if stamp.exists() and stamp.read_text() == state:
        return 0
    python = python_of(ENVIRONMENT)
    index = torch_index(python)
    if index is None and not (args.allow_cuda or os.environ.get("ALLOW_CUDA")):
        return _complain(
            f"only torch with CUDA can be had here, which fetches {CUDA_GIGABYTES} GB."
            f" If you want that: ALLOW_CUDA=1 make {args.extra}"
        )
    print(
        f"installing mnistry[{args.extra}] into .venv: about {GIGABYTES} GB,"
        " which takes some minutes",
        file=sys.stderr,
    )
    done = pip(python, "install", "-e", f".[{args.extra}]", *(index or []))
    if done.returncode == 0:
        stamp.write_text(state)
    return done.returncode


def python_of(environment: Path, maker: "Path | None" = None) -> Path:
    """Return the interpreter of a virtual environment, which is made if it is missing.

    Args:
        environment: Its folder.
        maker: The Python that makes it; by default this one.
    """
    python = environment / "bin" / "python"
    if python.exists():
        return python
    print(f"making {environment.name}", file=sys.stderr)
    if maker is None:
        venv.create(environment, with_pip=True)
    else:
        subprocess.run([str(maker), "-m", "venv", str(environment)], check=True)
    return python


def pip(
    python: Path, *arguments: str, quiet: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run pip under the constraints; only its errors are shown."""
    command = [str(python), "-m", "pip", arguments[0], "-qq", "-c", str(CONSTRAINTS)]
    environment = {
        **os.environ,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",  # the environment is ours
    }
    return subprocess.run(
        [*command, *arguments[1:]],
        cwd=ROOT,
        env=environment,
        text=True,
        check=False,
        stdout=None if quiet else subprocess.PIPE,
    )


def torch_index(python: Path) -> "list[str] | None":
    """Return what pip needs so that torch comes without CUDA.

    Returns:
        Arguments for pip, perhaps none; None if only the CUDA build can be had.
    """
    if platform.system() != "Linux" or _resolved_torch(python).endswith("+cpu"):
        return []
    try:
        with urllib.request.urlopen(CPU_WHEELS, timeout=5):
            return ["--extra-index-url", CPU_WHEELS]
    except (urllib.error.URLError, OSError):
        return None


def _complain(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 1


def _state(extra: str) -> str:
    digest = hashlib.sha256(extra.encode())
    for path in (ROOT / "pyproject.toml", CONSTRAINTS):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _resolved_torch(python: Path) -> str:
    """Ask pip, without fetching anything big, which torch it would install."""
    options = ("--dry-run", "--no-deps", "--ignore-installed", "--report", "-")
    done = pip(python, "install", *options, "torch", quiet=False)
    if done.returncode:
        return ""
    report = json.loads(done.stdout)
    return "".join(row["metadata"]["version"] for row in report["install"])


if __name__ == "__main__":
    sys.exit(main())
