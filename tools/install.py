"""Install mnistry with one of its extras into .venv, once for each state of the pins.

Standard library only, for it runs before anything is installed. torch's default Linux
wheel brings 2.7 GB of CUDA, so the CPU wheel is taken wherever it can be had.
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
PYTHON = ENVIRONMENT / "bin" / "python"
CONSTRAINTS = ROOT / "constraints.txt"
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"  # PyTorch's own, see pytorch.org
CUDA_GIGABYTES = 2.7  # torch 2.13.0 and its 19 CUDA wheels for Linux x86-64, together


def main() -> int:
    """Install, or say in a line why not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extra", help="demo or dev")
    parser.add_argument("--allow-cuda", action="store_true")
    options = parser.parse_args()
    stamp = ENVIRONMENT / f".installed-{options.extra}"
    state = _state(options.extra)
    if stamp.exists() and stamp.read_text() == state:
        return 0
    if not PYTHON.exists():
        print("making .venv", file=sys.stderr)
        venv.create(ENVIRONMENT, with_pip=True)
    index = _torch_index()
    if index is None and not (options.allow_cuda or os.environ.get("ALLOW_CUDA")):
        print(
            "error: only torch with CUDA can be had here, which fetches"
            f" {CUDA_GIGABYTES} GB."
            f" If you want that: ALLOW_CUDA=1 make {options.extra}",
            file=sys.stderr,
        )
        return 1
    print(f"installing mnistry[{options.extra}] into .venv", file=sys.stderr)
    done = _pip("install", "-e", f".[{options.extra}]", *(index or []))
    if done.returncode == 0:
        stamp.write_text(state)
    return done.returncode


def _state(extra: str) -> str:
    digest = hashlib.sha256(extra.encode())
    for path in (ROOT / "pyproject.toml", CONSTRAINTS):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _pip(*arguments: str, quiet: bool = True) -> subprocess.CompletedProcess[str]:
    """Run pip under the constraints; its own version notice is no news to anyone."""
    command = [str(PYTHON), "-m", "pip", arguments[0], "-q", "-c", str(CONSTRAINTS)]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return subprocess.run(
        [*command, *arguments[1:]],
        cwd=ROOT,
        env=environment,
        text=True,
        check=False,
        stdout=None if quiet else subprocess.PIPE,
    )


def _torch_index() -> list[str] | None:
    """Tell what pip needs to be told so that torch comes without CUDA.

    Returns:
        Arguments for pip, perhaps none; None if only the CUDA build can be had.
    """
    if platform.system() != "Linux" or _resolved_torch().endswith("+cpu"):
        return []
    try:
        with urllib.request.urlopen(CPU_WHEELS, timeout=5):
            return ["--extra-index-url", CPU_WHEELS]
    except (urllib.error.URLError, OSError):
        return None


def _resolved_torch() -> str:
    """Ask pip, without fetching anything big, which torch it would install."""
    arguments = (
        "--dry-run",
        "--no-deps",
        "--ignore-installed",
        "--report",
        "-",
        "torch",
    )
    done = _pip("install", *arguments, quiet=False)
    if done.returncode:
        return ""
    report = json.loads(done.stdout)
    return "".join(row["metadata"]["version"] for row in report["install"])


if __name__ == "__main__":
    sys.exit(main())
