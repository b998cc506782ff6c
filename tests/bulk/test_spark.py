"""The same rows from Spark: on this machine, and on a cluster that loses a worker."""

import importlib.util
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mnistry.bulk.process import PictureLimits
from mnistry.bulk.rows import read_batch
from mnistry.bulk.schema import COLUMNS
from mnistry.bulk.sources import find, to_batch
from mnistry.errors import UsageError
from tests.bulk.conftest import Hanging, Write
from tests.conftest import leave_out

pytest.importorskip("pyspark")

if TYPE_CHECKING:
    import pyspark.sql

Make = Callable[[str], bytes]
ROOT = Path(__file__).parent.parent.parent
WAIT_S = 240  # a machine that is busy with other things starts a JVM in half a minute


@pytest.fixture
def scans(
    request: pytest.FixtureRequest, write: Write, tmp_path: Path, pdf: bytes
) -> Path:
    for number in range(10, 40 if "cluster" in request.fixturenames else 14):
        write(f"scans/{number % 3}/{number}.png", str(number))
    (tmp_path / "scans" / "a.pdf").write_bytes(pdf)
    (tmp_path / "scans" / "b.png").write_bytes(b"Dear")  # Spark skips empty files
    return tmp_path / "scans"


def alone(folder: Path) -> list[dict[str, Any]]:
    """Give the rows that one process gives."""
    table = read_batch(to_batch(find([folder]), pa.schema([])))
    return comparable(pa.Table.from_batches([table]))


def comparable(table: Any) -> list[dict[str, Any]]:
    rows = table.select([n for n in COLUMNS.names if n != "seconds"]).to_pylist()
    for row in rows:
        row["name"] = "/" + row["name"].removeprefix("file:").lstrip("/")
    return sorted(rows, key=lambda row: (row["name"], row["page"], row["line"]))


def test_binary_files_bytes_and_paths_give_the_same_rows(
    spark: "pyspark.sql.SparkSession", scans: Path
) -> None:
    from mnistry.bulk.spark import read_pictures

    files = spark.read.format("binaryFile").option("recursiveFileLookup", "true")
    frame = files.load(str(scans))
    expected = alone(scans)
    read = read_pictures(frame)
    assert read.columns == COLUMNS.names
    assert comparable(read.toArrow()) == expected
    assert comparable(read_pictures(frame.select("path")).toArrow()) == expected
    named = frame.selectExpr("path as name", "content", "length(content) as size")
    table = read_pictures(named).toArrow()
    assert comparable(table) == expected
    assert table.column_names[-1] == "size"


def test_what_hangs_is_a_row_if_there_are_limits(
    spark: "pyspark.sql.SparkSession", hanging: Hanging, write: Write
) -> None:
    from mnistry.bulk.spark import read_pictures

    paths = [(hanging.path, 1), (str(write("12.png", "12")), 2)]
    frame = spark.createDataFrame(paths, ["path", "who"]).coalesce(1)
    table = read_pictures(frame, limits=PictureLimits(seconds=3)).toArrow()
    assert table.column("status").to_pylist() == ["error", "read"]
    assert table.column("error")[0].as_py() == "the picture took more than 3 seconds."
    assert table.column("who").to_pylist() == [1, 2]


def test_settings_and_columns_are_checked_before_anything_is_read(
    spark: "pyspark.sql.SparkSession",
) -> None:
    from mnistry.bulk.spark import read_pictures

    frame = spark.createDataFrame([("a.png", "b")], ["path", "text"])
    with pytest.raises(UsageError, match="text have names"):
        read_pictures(frame)
    with pytest.raises(UsageError):
        read_pictures(frame.select("path"), pattern="(")


class Cluster:
    """A standalone master and its workers on this machine."""

    def __init__(self, folder: Path) -> None:
        spec = importlib.util.find_spec("pyspark")
        assert spec is not None
        self.home = Path(str(spec.origin)).parent
        self.folder = folder
        self.environment = {
            **os.environ,
            "SPARK_HOME": str(self.home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": os.pathsep.join(filter(None, [*sys.path, str(ROOT)])),
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        self.master = self._start("master.Master", "--port", "0")
        self.url = self._said(self.master, "Starting Spark master at ")
        for _ in range(2):
            options = ("--cores", "1", "--memory", "1g", self.url)
            self._said(
                self._start("worker.Worker", *options),
                "Successfully registered",
            )

    def _start(self, name: str, *options: str) -> Path:
        log = self.folder / f"{len(self.processes)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [
                    str(self.home / "bin" / "spark-class"),
                    f"org.apache.spark.deploy.{name}",
                    *("--host", "127.0.0.1", "--webui-port", "0", *options),
                ],
                cwd=self.folder,
                env=self.environment | {"SPARK_WORKER_DIR": str(self.folder)},
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self.processes.append(process)
        return log

    def _said(self, log: Path, words: str) -> str:
        """Wait for words in a log; give what follows them on their line."""

        def log_line() -> str:
            lines = log.read_text("utf-8", "replace").splitlines()
            found = [
                line.partition(words)[2] or words for line in lines if words in line
            ]
            return found[0] if found else ""

        return str(wait(log_line))

    def submit(self, *arguments: str) -> subprocess.Popen[bytes]:
        settings = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.sql.files.maxPartitionBytes": "12m",  # a file counts 4 MB: 3 a task
        }
        given = [
            part for item in settings.items() for part in ("--conf", "=".join(item))
        ]
        command = [
            str(self.home / "bin" / "spark-submit"),
            "--master",
            self.url,
            *given,
        ]
        with (self.folder / "driver.log").open("wb") as log:
            process = subprocess.Popen(
                [*command, *arguments], env=self.environment, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def log(self) -> str:
        return (self.folder / "driver.log").read_text("utf-8", "replace")[-3000:]

    def kill_a_worker(self) -> None:
        os.killpg(self.processes[1].pid, signal.SIGKILL)

    def stop(self) -> None:
        for process in reversed(self.processes):
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                process.kill()
            process.wait()


def wait(until: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if found := until():
            return found
        time.sleep(0.1)
    raise TimeoutError


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        leave_out("Java", "apt install openjdk-17-jre-headless")
    folder = tmp_path / "cluster"
    folder.mkdir()
    running = Cluster(folder)
    yield running
    running.stop()


def test_a_cluster_that_loses_a_worker_gives_each_row_once(
    cluster: Cluster, scans: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    example = str(ROOT / "docs" / "read_on_spark.py")
    driver = cluster.submit(example, scans.as_uri(), out.as_uri())
    wait(lambda: list(out.rglob("part-*.parquet")) or driver.poll() is not None)
    assert driver.poll() is None, cluster.log()
    cluster.kill_a_worker()
    assert driver.wait(WAIT_S) == 0, cluster.log()
    data = io.BytesIO()
    pq.write_table(pq.read_table(out), data)
    assert comparable(pq.read_table(data)) == alone(scans)
