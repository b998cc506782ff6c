"""How fast are many pictures read, and what do breakage and kills cost?

Run: python benchmarks/bulk.py [QUESTION …] [--pictures N] [--kills N]
     (questions: cores profile broken kills spark; all of them by default. 1,000
     pictures take ten minutes beside other work; broken wants --pictures 100000 on a
     machine with nothing to do. How time and memory grow is for million.py)

Pictures are PNGs of strings of five digits, `make_string` of drawn digits, 500 of them
repeated in tar shards of 5,000 in TMPDIR; for broken they are single digits. Seconds
are wall clock of `read_many`, from the call to the summary, the start of processes
included; `processor_seconds` are those of this process and of all that read, which
other work on the machine hardly changes.
"""

import argparse
import io
import os
import random
import resource
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from measure import Row, write
from million import PROGRESS_S, digits
from PIL import Image

import mnistry
from mnistry.bulk.process import PictureLimits
from mnistry.bulk.rows import read_batch
from mnistry.cores import usable_cores
from mnistry.scan.page.picture.load import load_pictures
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw

DISTINCT = 500
IN_A_TAR = 5_000
IN_TURN = 25  # pictures read in one way before another, for machines slow down
BROKEN_SHARE = 0.01
ROUNDS = 3
PACKAGES = ("mnistry", "numpy", "onnxruntime", "opencv-python-headless", "pyarrow")


def pictures() -> list[bytes]:
    """Draw the pictures that are repeated."""
    alphabet = Alphabet(*draw(2000))
    found = []
    for seed in range(DISTINCT):
        scene = make_string(alphabet, f"{seed * 7919 % 100_000:05}", seed=seed)
        file = io.BytesIO()
        Image.fromarray(scene.picture).save(file, "PNG")
        found.append(file.getvalue())
    return found


def make_tars(
    folder: Path, kinds: list[bytes], count: int, size: int = IN_A_TAR
) -> None:
    """Write tar shards of so many pictures, `size` in each."""
    for first in range(0, count, size):
        with tarfile.open(folder / f"{first:08}.tar", "w") as tar:
            for number in range(first, min(count, first + size)):
                data = kinds[number % len(kinds)]
                member = tarfile.TarInfo(f"{number:08}.png")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))


def broken_kinds(good: bytes) -> list[bytes]:
    """Return twenty ways in which a picture is broken."""
    cut = [good[: len(good) * part // 8] for part in range(8)]
    changed = []
    for place in (1, 5, 13, 17, 21, 25, 30, 60):
        data = bytearray(good)
        data[place] ^= 0xFF
        changed.append(bytes(data))
    return [*cut, *changed, b"Dear Sir", b"%PDF-1.7", bytes(1000), b"GIF89a"]


def processor_seconds() -> float:
    """Return the time of this process and of those that have ended."""
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    uses = [resource.getrusage(who) for who in both]
    return sum(use.ru_utime + use.ru_stime for use in uses)


def job(folder: Path, processes: int, **options: Any) -> Row:
    """Read a folder, and return what it took."""
    with TemporaryDirectory() as out:
        used, began = processor_seconds(), time.perf_counter()
        times: list[tuple[float, int]] = []

        shown = began

        def watch(progress: Any) -> None:
            nonlocal shown
            times.append((time.perf_counter(), progress.read_now))
            if times[-1][0] >= shown + PROGRESS_S:
                shown, read = times[-1]
                text = f"{folder.name}: {read:,} read, {read / (shown - began):,.0f}/s"
                print(text, file=sys.stderr, flush=True)

        summary = mnistry.read_many([folder], out, processes, watch=watch, **options)
        seconds = time.perf_counter() - began
        written = sum(path.stat().st_size for path in Path(out).glob("*.parquet"))
        table = rows(Path(out))
        names = pc.count_distinct(table["name"]).as_py()
        return {
            "pictures": summary.pages,
            "processes": processes,
            "seconds": round(seconds, 2),
            "per_second": round(summary.pages / seconds, 1),
            "processor_seconds": round(processor_seconds() - used, 2),
            "failed": summary.failed,
            "with_reason": summary.failed
            - table["error"].filter(pc.equal(table["status"], "error")).null_count,
            "names": names,
            "bytes_out": written,
            "last_tenth_to_first": round(last_to_first(times), 3),
            "peak_mb_here": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
            "peak_mb_process": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            >> 10,
        }


def last_to_first(times: list[tuple[float, int]]) -> float:
    """Compare the rate in the last tenth of the pictures with that in the first."""
    total = times[-1][1]

    def rate(begin: float, end: float) -> float:
        inside = [time_ for time_ in times if begin <= time_[1] / total <= end]
        (first, few), (last, many) = inside[0], inside[-1]
        return (many - few) / (last - first) if last > first else 0.0

    return rate(0.9, 1.0) / (rate(0.0, 0.1) or float("inf"))


def cores(folder: Path, kinds: list[bytes], count: int) -> Iterator[Row]:
    """Compare one process with as many as there are cores."""
    make_tars(folder, kinds, count)
    for _ in range(ROUNDS):
        for processes in (1, usable_cores()):
            yield job(folder, processes)


def profile(_: Path, kinds: list[bytes], count: int) -> Iterator[Row]:
    """Return where the time of one core goes."""
    import onnxruntime

    kinds = kinds[:count]
    nets = 0.0
    real = onnxruntime.InferenceSession.run

    def timed(*arguments: Any, **named: Any) -> Any:
        nonlocal nets
        began = time.process_time()
        try:
            return real(*arguments, **named)
        finally:
            nets += time.process_time() - began

    total = reading = decoding = 0.0
    for first in range(0, len(kinds), IN_TURN):
        some = kinds[first : first + IN_TURN]
        names = map(str, range(len(some)))
        batch = pa.record_batch({"name": names, "content": some})
        if not first:
            read_batch(batch)  # loads the nets
        reading += taken(partial(list, map(mnistry.read, some)))
        decoded = chain.from_iterable(map(load_pictures, some))
        decoding += taken(partial(list, decoded))
        onnxruntime.InferenceSession.run = timed
        total += taken(partial(read_batch, batch))
        onnxruntime.InferenceSession.run = real
    parts = {
        "nets": nets,
        "decoding": decoding,
        "image work and decoding of lines": reading - nets - decoding,
        "rows": total - reading,
        "all": total,
    }
    for what, seconds in parts.items():
        yield {"part": what, "ms_each": round(1000 * seconds / len(kinds), 3)}


def taken(work: Callable[[], object]) -> float:
    """Time a work in seconds of the processor."""
    began = time.process_time()
    work()
    return time.process_time() - began


def broken(folder: Path, _: list[bytes], count: int) -> Iterator[Row]:
    """Compare clean pictures with some of which one in a hundred is broken.

    Between the tars are two pictures that wait for ever, one that computes for long,
    and two that want a gigabyte.
    """
    kinds = digits(DISTINCT)
    clean, mixed = folder / "clean", folder / "mixed"
    for inside in (clean, mixed):
        inside.mkdir()
    size = min(IN_A_TAR, max(1, count // 12))  # so that between any two there is a tar
    make_tars(clean, kinds, count, size)
    ways = broken_kinds(kinds[0])
    step = round(1 / BROKEN_SHARE)
    some = [
        ways[number // step % len(ways)] if number % step == 0 else kinds[number % 500]
        for number in range(len(ways) * step)
    ]
    make_tars(mixed, some, count, size)
    places = [mixed / f"{count * part // 6:08}-bad" for part in range(1, 6)]
    hang(places[0].with_suffix(".parquet"))
    Image.new("L", (9900, 9900)).save(places[1].with_suffix(".png"))
    places[2].with_suffix(".pdf").write_bytes(laughs())
    Image.new("L", (9900, 9900)).save(places[3].with_suffix(".png"))
    hang(places[4].with_suffix(".parquet"))
    limits = PictureLimits(seconds=10, megabytes=300)
    rates: list[Any] = []
    for inside in (clean, mixed):
        row = job(inside, usable_cores(), limits=limits, single=True)
        rates.append(row["per_second"])
        to_clean = round(rates[-1] / rates[0], 3)
        yield {"what": inside.name} | row | {"rate_to_clean": to_clean}


def hang(table: Path) -> None:
    """Write a table of one path, of a file whose reader waits for ever: a terminal."""
    _, screen = os.openpty()
    pq.write_table(pa.table({"path": [os.ttyname(screen)]}), table)


def laughs(levels: int = 12, times: int = 10) -> bytes:
    """Return a PDF whose forms draw each other ten times each, which takes for ever."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]"
    last = 4 + levels
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R"
        b"/Resources<</XObject<</F 5 0 R>>>>>>",
        b"<</Length 5>>stream\n/F Do\nendstream",
    ]
    for number in range(5, last + 1):
        draws = b"/F Do " * times if number < last else b"1 1 7 7 re f"
        inner = b"/Resources<</XObject<</F %d 0 R>>>>" % (number + 1)
        head = form + inner * (number < last) + b"/Length %d" % len(draws)
        bodies.append(b"<<%s>>stream\n%s\nendstream" % (head, draws))
    file = b"%PDF-1.4\n"
    for number, body in enumerate(bodies, 1):
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    return file + b"trailer<</Root 1 0 R>>"


def kills(folder: Path, kinds: list[bytes], count: int) -> Iterator[Row]:
    """Kill a job at random moments, run it again, compare with one that was not."""
    inside, out, whole = folder / "in", folder / "out", folder / "whole"
    inside.mkdir()
    make_tars(inside, kinds, count)
    script = "import mnistry, sys; mnistry.read_many([sys.argv[1]], sys.argv[2])"
    rng = random.Random(0)  # noqa: S311 - moments, no secret
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", script, inside, whole], check=True)
    alone = time.perf_counter() - began
    for _ in range(KILLS):
        started = subprocess.Popen([sys.executable, "-c", script, inside, out])
        time.sleep(rng.uniform(0.0, alone / 2))
        started.send_signal(signal.SIGKILL)
        started.wait()
    subprocess.run([sys.executable, "-c", script, inside, out], check=True)
    same = rows(whole) == rows(out)
    yield {"kills": KILLS, "pictures": count, "same_rows": same}


def rows(folder: Path) -> Any:
    """Return what was read, without the time that it took."""
    tables = [pq.read_table(path) for path in sorted(folder.glob("*.parquet"))]
    table = pa.concat_tables(tables).replace_schema_metadata()
    return table.drop_columns(["seconds"])


def spark(folder: Path, kinds: list[bytes], count: int) -> Iterator[Row]:
    """Compare Spark on this machine with the pool, on a table of bytes."""
    from pyspark.sql import SparkSession

    from mnistry.bulk.spark import read_pictures

    os.environ["PYSPARK_PYTHON"] = sys.executable
    path = folder / "in.parquet"
    names = [f"{number}.png" for number in range(count)]
    content = [kinds[number % len(kinds)] for number in range(count)]
    pq.write_table(pa.table({"name": names, "content": content}), path)
    pool = job(path, usable_cores())
    same = ("pictures", "processes", "seconds", "per_second", "failed")
    yield {"what": "processes"} | {name: pool[name] for name in same}
    builder = SparkSession.builder.master(f"local[{usable_cores()}]")
    session = builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    frame = session.read.parquet(str(path)).repartition(4 * usable_cores())
    read_pictures(frame.limit(20)).toArrow()  # starts the Python workers
    began = time.perf_counter()
    table = read_pictures(frame).toArrow()
    seconds = time.perf_counter() - began
    session.stop()
    failed = pc.sum(pc.equal(table["status"], "error")).as_py()
    yield {
        "what": "Spark, started before",
        "pictures": count,
        "processes": usable_cores(),
        "seconds": round(seconds, 2),
        "per_second": round(count / seconds, 1),
        "failed": failed,
    }


KILLS = 10
QUESTIONS = {work.__name__: work for work in (cores, profile, broken, kills, spark)}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", nargs="*", choices=[*QUESTIONS, []], default=[])
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=KILLS)
    args = parser.parse_args()
    # compiled modules are kept, as where mnistry is installed: half of a worker's start
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    KILLS = args.kills
    made = pictures()
    for question in args.questions or QUESTIONS:
        with TemporaryDirectory() as scratch:
            work = QUESTIONS[question]
            found = list(work(Path(scratch), made, args.pictures))
        write(f"bulk-{question}", found, packages=PACKAGES)
