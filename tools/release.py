"""Check what could be published; publish nothing.

Wheel and sdist are built twice and must be the same to the byte; twine reads their
metadata; the changelog has the version; then the wheel goes into a fresh environment
for each extra, and a line of code there uses what the extra brings.
"""

import argparse
import email
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from install import ROOT, pip, python_of, torch_index

DIST = ROOT / "dist"
LOAD = "import mnistry; test = mnistry.load('drawn', split='test')[:200]; "
SMOKE = {  # extra -> what must run where nothing else is installed
    "": LOAD
    + "assert mnistry.load_model().predict(test.images).labels.shape == (200,)",
    "fast": LOAD + "from isal import igzip",
    "plot": LOAD + "mnistry.plot(test[:9]).savefig('nine.png')",
    "train": LOAD + "mnistry.train(test, 'linear', epochs=1, watch=False).save('m.st')",
    "tensorboard": "from mnistry.learn import tensorboard; import tensorboardX",
    "data": LOAD + "test.to_pandas(); test.to_polars(); test.to_arrow()",
    "bulk": LOAD + "from PIL import Image; Image.fromarray(255 - test.images[0])"
    ".resize((80, 80)).save('digit.png'); mnistry.read_many(['digit.png'], 'out')",
    "spark": "import mnistry.bulk.spark, mnistry.views.spark",
    "huggingface": LOAD + "test.to_huggingface()",
    "mount": "import mnistry.mount.tree",
    "read": LOAD + "mnistry.read(255 - test.images[0], single=True).text",
    "serve": "import mnistry.web.service.app",
    "heic": "import pillow_heif",
    "export": LOAD + "mnistry.train(test, 'linear', epochs=1, watch=False)"
    ".to_onnx('m.onnx')",
    "sklearn": LOAD + "mnistry.DigitClassifier()",
}
ALSO = {"export": "train"}  # extras that are of use together only


def main() -> int:
    """Run all checks; 0 if each is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--extra", action="append", help="only these fresh installs")
    args = parser.parse_args()
    extras = list(SMOKE) if args.extra is None else args.extra
    with tempfile.TemporaryDirectory(prefix="mnistry-release-") as folder:
        wrong = [*check_changelog(), *check_build(Path(folder))]
        wrong += [] if wrong else check_installs(Path(folder), extras)
    for line in wrong:
        print(f"error: {line}", file=sys.stderr)
    print("not ready to be published" if wrong else "ready; nothing was published")
    return int(bool(wrong))


def version() -> str:
    """Read the version where it stands, and nowhere else."""
    text = (ROOT / "src" / "mnistry" / "version.py").read_text("utf-8")
    return re.findall(r'__version__ = "([^"]+)"', text)[0]


def check_changelog() -> list[str]:
    """Find the version with a date in the changelog."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    dated = re.search(rf"^## \[{re.escape(version())}\] - \d{{4}}-", changelog, re.M)
    return [] if dated else [f"CHANGELOG.md has no dated section for {version()}"]


def check_build(folder: Path) -> list[str]:
    """Build twice with the time of the last commit; compare, and check the metadata."""
    python = python_of(folder / "build")
    if pip(python, "install", "hatchling", "twine").returncode:
        return ["hatchling and twine cannot be installed"]
    command = ["git", "log", "-1", "--format=%ct"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": done.stdout.strip()}
    for old in DIST.glob("mnistry-*"):
        old.unlink()
    for place in (DIST, folder / "again"):
        command = [str(python), "-m", "hatchling", "build", "-d", str(place)]
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
            return ["hatchling cannot build it"]
    files = sorted(DIST.glob("mnistry-*"))
    wrong = [
        f"{file.name} differs when it is built again"
        for file in files
        if sha256(file) != sha256(folder / "again" / file.name)
    ]
    for file in files:
        print(f"{sha256(file)}  {file.name}, {file.stat().st_size:,} bytes")
    command = [str(python), "-m", "twine", "check", "--strict", *map(str, files)]
    if subprocess.run(command, check=False).returncode:
        wrong.append("twine is not content with the metadata")
    return [*wrong, *check_metadata(next(DIST.glob("*.whl")))]


def check_metadata(wheel: Path) -> list[str]:
    """Check that the metadata has the version, and links that are addresses."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith("/METADATA"))
        facts = email.message_from_bytes(archive.read(name))
    wrong = []
    if facts["Version"] != version():
        wrong.append(f"the wheel says version {facts['Version']}, not {version()}")
    for link in facts.get_all("Project-URL") or ():
        if not re.fullmatch(r"[\w ]+, https://\S+\.\S+", link):
            wrong.append(f"the metadata's link {link!r} is no https address")
    if not facts.get_all("Project-URL"):
        print("note: no Project-URL, for there is no public address yet")
    return wrong


def check_installs(folder: Path, extras: Sequence[str]) -> list[str]:
    """Install the wheel afresh with each extra, and run its line; the demo at last."""
    (wheel,) = DIST.glob("*.whl")
    wrong = []
    for extra in extras:
        names = ",".join(name for name in (extra, ALSO.get(extra)) if name)
        title = f"mnistry[{names}]" if names else "mnistry"
        python = python_of(folder / f"with-{extra or 'nothing'}")
        index = torch_index(python) or []
        print(f"{title} …", flush=True)
        if pip(python, "install", f"{title} @ {wheel.as_uri()}", *index).returncode:
            wrong.append(f"{title} cannot be installed")
        elif run_in(python, folder, ["-c", SMOKE[extra]]):
            wrong.append(f"{title} does not run: {SMOKE[extra]}")
    if extras == list(SMOKE):
        python = python_of(folder / "demo")
        pip(python, "install", f"mnistry[demo] @ {wheel.as_uri()}")
        if run_in(python, folder, ["-m", "mnistry", "demo", "--data", "drawn"]):
            wrong.append("the demo does not run from the wheel")
    return wrong


def run_in(python: Path, folder: Path, arguments: Sequence[str]) -> int:
    """Run Python in a fresh environment, without the checkout; give its status."""
    environment = {name: v for name, v in os.environ.items() if name != "PYTHONPATH"}
    environment["MNISTRY_OFFLINE"] = "1"
    command = [str(python), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, check=False)
    return done.returncode


def sha256(file: Path) -> str:
    """Hash a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
