"""What tests share: a cache of their own, tiny digits, a misbehaving server."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings

from mnistry import Digits
from mnistry.data import load
from mnistry.data.catalog.mnist import MNIST
from tests import raised
from tests.once import drawn_once
from tests.server import Server

if TYPE_CHECKING:
    import pyspark.sql

REAL_DATA = os.environ.get("MNISTRY_DATA", "")
TEST_ALL = os.environ.get("MNISTRY_TEST_ALL") == "1"
ROOT = Path(__file__).parent.parent
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # half the work, in so short a life
settings.register_profile("any machine", deadline=None)  # however busy it is
settings.load_profile("any machine")
left_out: dict[str, str] = {}
not_reached: list[str] = []
left_behind: list[str] = []
there_before: set[str] = set()


def leave_out(what: str, way_out: str) -> None:
    """Skip a test for want of something; fail instead where nothing may be left out."""
    if TEST_ALL:
        pytest.fail(f"{what} is missing, and MNISTRY_TEST_ALL=1: {way_out}")
    left_out[what] = way_out
    pytest.skip(f"{what} is missing: {way_out}")


def at_the_root() -> set[str]:
    """Name the files and folders at the root; caches of tools begin with a dot."""
    return {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}


def pytest_configure(config: pytest.Config) -> None:
    raised.watch()
    is_one_of_several = hasattr(config, "workerinput")  # by pytest-xdist
    folder = Path(config.option.basetemp).parent if is_one_of_several else None
    pytest.MonkeyPatch().setattr(load, "_drawn", drawn_once(load._drawn, folder))
    os.environ.setdefault("JDK_JAVA_OPTIONS", JAVA)
    there_before.update(at_the_root())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with Spark come first: one process takes them, and starts it once."""
    items.sort(key=lambda item: "spark" not in getattr(item, "fixturenames", ()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Nothing was written to the root; a whole run has reached every `raise`."""
    sent: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if sent is not None:  # one of several processes: the first of them puts together
        sent.update(raised=sorted(raised.seen), left_out=left_out)
        return
    left_behind.extend(sorted(at_the_root() - there_before - {"__pycache__"}))
    is_whole = session.config.args_source.name != "ARGS" and not left_out
    is_whole &= not session.config.option.collectonly
    if is_whole and session.exitstatus == pytest.ExitCode.OK:
        not_reached.extend(raised.unseen())
    if not_reached or left_behind:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist, which other Pythons do without
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of tests has seen; one that crashed tells nothing."""
    sent = getattr(node, "workeroutput", {})
    raised.seen.update((path, line) for path, line in sent.get("raised", ()))
    left_out.update(sent.get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for place in not_reached:
        terminalreporter.write_line(f"no test reaches the error raised in {place}")
    for name in left_behind:
        terminalreporter.write_line(f"a test left {name} at the root of the repository")
    for what, way_out in left_out.items():
        terminalreporter.write_line(f"left out: tests that need {what} ({way_out})")


@pytest.fixture(scope="session")
def home_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for the whole run: the real files are inflated and hashed once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MNISTRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MNISTRY_OFFLINE", "1")
    monkeypatch.delenv("MNISTRY_DATA", raising=False)


@pytest.fixture
def real_mnist(monkeypatch: pytest.MonkeyPatch, home_of_this_run: Path) -> Path:
    """The folder with the real files, which `load` then finds."""
    folder = Path(REAL_DATA.split(os.pathsep)[0]).absolute() if REAL_DATA else None
    if folder is None or not all(
        (folder / file.name).is_file() for file in MNIST.files
    ):
        leave_out("the real MNIST files", "set MNISTRY_DATA to their folder")
    monkeypatch.setenv("MNISTRY_DATA", str(folder))
    monkeypatch.setenv("MNISTRY_HOME", str(home_of_this_run))
    return Path(str(folder))


@pytest.fixture
def toy() -> Digits:
    """Thirty images of noise with all ten labels."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (30, 28, 28), np.uint8)
    return Digits(
        images, np.arange(30, dtype=np.uint8) % 10, name="toy", split_name="train"
    )


@pytest.fixture(scope="session")
def spark() -> "Iterator[pyspark.sql.SparkSession]":
    """One Spark session for all tests: it takes ten seconds to start."""
    pytest.importorskip("pyspark")
    from mnistry.views.spark import start_session

    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        leave_out("Java", "apt install openjdk-17-jre-headless")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = start_session()
    yield session
    session.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all tests; a second Playwright in a process is refused."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        leave_out("playwright", "pip install playwright")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        leave_out("a browser", "apt-get install chromium")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        launched = playwright.chromium.launch(executable_path=program, args=arguments)
        yield launched
        launched.close()


@pytest.fixture
def server() -> Iterator[Server]:
    """A web server on this machine that misbehaves as a test asks for."""
    with Server() as running:
        yield running
