"""How many requests a second does the service answer, and what does overload do?

Starts `mnistry serve` on loopback and asks it from this process: bounded in count and
time. What a number covers: from the first byte sent to the last one received, over
connections that stay open; the load generator shares the cores with the service.

    python benchmarks/serve.py [--strings FOLDER] [--quick]

Then it sends hostile bodies, and kills workers, while good clients ask. The table goes
to benchmarks/results/serve.csv.
"""

import argparse
import asyncio
import csv
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from mnistry.synth.drawn import draw

RESULTS = Path(__file__).parent / "results"
WHOLE = 10, 60, 10_000, 50  # seconds of load and overload, hostile bodies, kills
QUICK = 2, 6, 500, 5
Answer = tuple[int, float]  # status, seconds


@contextmanager
def served(*options: str) -> Iterator[tuple[str, int, int]]:
    """Run the service; give its host, port and process."""
    command = [sys.executable, "-m", "mnistry", "serve", "--port", "0", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        address = urlsplit(process.stdout.readline().strip())
        try:
            yield str(address.hostname), int(address.port or 0), process.pid
        finally:
            process.terminate()
            process.wait(60)


def request(path: str, body: bytes, kind: str, method: str = "POST") -> bytes:
    """Write a request as bytes, once for all times it is sent."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes
) -> Answer:
    """Send one request and read its answer."""
    started = time.perf_counter()
    writer.write(data)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    await reader.readexactly(length)
    return int(head[9:12]), time.perf_counter() - started


async def client(
    host: str, port: int, requests: list[bytes], until: float, answers: list[Answer]
) -> None:
    """Ask one request after another until the time is over."""
    reader, writer = await asyncio.open_connection(host, port)
    number = 0
    while time.perf_counter() < until:
        answers.append(await ask(reader, writer, requests[number % len(requests)]))
        number += 1
        if answers[-1][0] == 429:
            await asyncio.sleep(0.05)
    writer.close()


async def watch_health(host: str, port: int, until: float) -> list[float]:
    """Ask for health ten times a second; give the seconds of each answer."""
    reader, writer = await asyncio.open_connection(host, port)
    taken = []
    while time.perf_counter() < until:
        data = request("/v2/health/live", b"", "text/plain", "GET")
        taken.append((await ask(reader, writer, data))[1])
        await asyncio.sleep(0.1)
    writer.close()
    return taken


async def load(
    host: str, port: int, requests: list[bytes], connections: int, seconds: float
) -> tuple[list[Answer], list[float]]:
    """Ask over so many connections, with health asked for beside them."""
    answers: list[Answer] = []
    until = time.perf_counter() + seconds
    health = asyncio.create_task(watch_health(host, port, until))
    clients = (client(host, port, requests, until, answers) for _ in range(connections))
    await asyncio.gather(*clients)
    return answers, await health


def resident_bytes(pid: int) -> int:
    """Add up the memory of a process and all that it started."""
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            waiting += [int(child) for child in children.read_text().split()]
        pages = int(Path(f"/proc/{one}/statm").read_text("utf-8").split()[1])
        total += pages * os.sysconf("SC_PAGE_SIZE")
    return total


@dataclass
class Row:
    """A line of the table: what was measured, and its bar, such as "<= 50"."""

    what: str
    value: float
    unit: str = ""
    bar: str = ""

    @property
    def verdict(self) -> str:
        """Whether it is as it should be; empty where there is no bar."""
        if not self.bar:
            return ""
        sign, _, number = self.bar.rpartition(" ")
        least, most = float(number), float(number)
        is_met = self.value >= least if sign == ">=" else self.value <= most
        return "met" if is_met else "MISSED"

    def show(self) -> "Row":
        """Print it as soon as it is known."""
        value = f"{self.value:10.1f} {self.unit:<8}"
        print(f"{self.what:<58} {value} {self.bar:<9} {self.verdict}", flush=True)
        return self


def rate(answers: list[Answer], seconds: float) -> float:
    """Count good answers a second."""
    return sum(status == 200 for status, _ in answers) / seconds


def p99_ms(health: list[float]) -> float:
    """Return the 99th percentile of seconds in milliseconds."""
    return 1000 * statistics.quantiles(health, n=100)[98]


def overload_rows(posts: list[bytes], seconds: float) -> Iterator[Row]:
    """Ask four times as much as the queue holds."""
    with served("--queue", "16") as (host, port, pid):
        asyncio.run(load(host, port, posts, 8, 2))
        before = resident_bytes(pid)
        answers, health = asyncio.run(load(host, port, posts, 4 * 18, seconds))
        counts = dict(Counter(status for status, _ in answers))
        after = resident_bytes(pid)
    others = sum(status not in (200, 429) for status, _ in answers)
    yield Row(f"overload {counts}: neither 200 nor 429", others, "answers", "<= 0")
    p99 = p99_ms(health)
    yield Row("overload: health p99", p99, "ms", "<= 50")
    growth = (after - before) / (1 << 20)
    yield Row("overload: memory grows by", growth, "MB", "<= 32")


def hostile_body(number: int) -> bytes:
    """Make one of the bodies that nobody should send."""
    rng = np.random.default_rng(number)
    noise = rng.bytes(int(rng.integers(1, 5000)))
    bomb = b"\x89PNG\r\n\x1a\n" + bytes.fromhex("0000000d494844520000ffff0000ffff08")
    kinds = (
        request("/v1/read", noise, "application/octet-stream"),
        request("/v1/read", bomb + noise, "image/png"),
        request("/v1/read", b"%PDF-1.7 " + noise, "application/pdf"),
        request("/v1/read", b"--x\r\n" + noise, "multipart/form-data; boundary=x"),
        request("/v1/predict", b"[" * 2000 + noise, "application/json"),
        request("/v1/predict", b'{"images": [[1, 2], [3]]}', "text/plain"),
        request("/v2/models/digits/infer", noise, "application/json"),
        request("/v1/read", noise, "x")[:-1],  # cut: the last byte never comes
        b"POST /v1/read HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000000\r\n"
        b"\r\n" + noise,
        request("/v1/predict", b"{}", "application/json") * 20,  # pipelined
        b"GET / HTTP/1.1\r\nA: " + b"a" * 90_000,
        noise,
    )
    return kinds[number % len(kinds)]


async def attack(host: str, port: int, body: bytes) -> list[int]:
    """Send a hostile body; give the statuses that came back within two seconds."""
    data = b""
    writer = None
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(body)
            while part := await reader.read(1 << 16):
                data += part
                if data.count(b"HTTP/1.1 ") >= body.count(b" HTTP/1.1\r\n"):
                    break
    except (OSError, TimeoutError):
        pass
    finally:
        if writer is not None:
            writer.close()
    return [int(part[:3]) for part in data.split(b"HTTP/1.1 ")[1:]]


async def under_attack(
    host: str, port: int, posts: list[bytes], count: int
) -> tuple[Counter[int], list[Answer]]:
    """Send hostile bodies, 16 at a time, while two good clients ask."""
    numbers, statuses = iter(range(count)), Counter[int]()
    good: list[Answer] = []
    is_over = False

    async def attacker() -> None:
        for number in numbers:
            statuses.update(await attack(host, port, hostile_body(number)))

    async def good_client() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        number = 0
        while not is_over:
            good.append(await ask(reader, writer, posts[number % len(posts)]))
            number += 1
            await asyncio.sleep(0.05)
        writer.close()

    clients = [asyncio.create_task(good_client()) for _ in range(2)]
    await asyncio.gather(*(attacker() for _ in range(16)))
    is_over = True
    await asyncio.gather(*clients)
    return statuses, good


def hostile_rows(posts: list[bytes], count: int) -> Iterator[Row]:
    """Serve good requests among hostile ones."""
    with served() as (host, port, pid):
        asyncio.run(load(host, port, posts, 2, 1))
        before = resident_bytes(pid)
        statuses, good = asyncio.run(under_attack(host, port, posts, count))
        workers = len(worker_pids(pid))
        after = resident_bytes(pid)
    failed = sum(often for status, often in statuses.items() if status == 500)
    what = f"{count:,} hostile bodies {dict(sorted(statuses.items()))}: 500"
    yield Row(what, failed, "answers", "<= 0")
    refused = sum(status != 200 for status, _ in good)
    yield Row(f"{len(good):,} good ones beside: not answered", refused, "", "<= 0")
    yield Row("workers afterwards", workers, "", ">= 1")
    growth = (after - before) / (1 << 20)
    yield Row("hostile: memory grows by", growth, "MB", "<= 64")


def worker_pids(pid: int) -> list[int]:
    """Find the workers: what the fork server of a service has started."""
    return [
        int(child) for server in children_of(pid) for child in children_of(int(server))
    ]


def children_of(pid: int) -> list[str]:
    """Return the processes that a process has started."""
    files = Path(f"/proc/{pid}/task").glob("*/children")
    return [child for file in files for child in file.read_text().split()]


def kill_rows(posts: list[bytes], count: int) -> Iterator[Row]:
    """Kill workers at random moments while four clients read."""
    rng = np.random.default_rng(0)
    with served() as (host, port, pid):
        seconds = asyncio.run(_killing(host, port, pid, posts, (count, rng)))
        answers, down = seconds
    lost = sum(status not in (200, 503) for status, _ in answers)
    what = f"{count} kills, {len(answers):,} answers: neither 200 nor 503"
    yield Row(what, lost, "answers", "<= 0")
    worst = max(down)
    yield Row("ready with all workers after a kill, at worst", worst, "s", "<= 1")


async def _killing(
    host: str, port: int, pid: int, posts: list[bytes], chance: tuple[int, Any]
) -> tuple[list[Answer], list[float]]:
    count, rng = chance
    answers: list[Answer] = []
    until = [float("inf")]

    async def reading() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        number = 0
        while time.perf_counter() < until[0]:
            answers.append(await ask(reader, writer, posts[number % len(posts)]))
            number += 1
        writer.close()

    clients = [asyncio.create_task(reading()) for _ in range(4)]
    await asyncio.sleep(2)
    usual, down = len(worker_pids(pid)), []
    for _ in range(count):
        await asyncio.sleep(float(rng.uniform(0, 0.3)))
        victim = int(rng.choice(worker_pids(pid)))
        os.kill(victim, signal.SIGKILL)
        started = time.perf_counter()
        while not await is_whole(host, port, pid, (usual, victim)):
            await asyncio.sleep(0.01)
            if time.perf_counter() - started > 30:
                break
        down.append(time.perf_counter() - started)
    until[0] = 0.0
    await asyncio.gather(*clients)
    return answers, down


async def is_whole(host: str, port: int, pid: int, before: tuple[int, int]) -> bool:
    """Return whether the service is ready, a new worker in the place of the killed."""
    usual, victim = before
    pids = worker_pids(pid)
    if victim in pids or len(pids) < usual:
        return False
    reader, writer = await asyncio.open_connection(host, port)
    data = request("/v2/health/ready", b"", "text/plain", "GET")
    status, _ = await ask(reader, writer, data)
    writer.close()
    return status == 200


def strings(folder: Path | None) -> list[bytes]:
    """Return pictures of strings: real ones of a folder, or generated ones."""
    if folder:
        return [path.read_bytes() for path in sorted(folder.rglob("*.png"))[:200]]
    import cv2

    from mnistry.synth.documents.scenes import Alphabet, make_string

    alphabet = Alphabet(*draw(500))
    rng = np.random.default_rng(0)
    texts = ["".join(map(str, rng.integers(0, 10, 5))) for _ in range(64)]
    scenes = [make_string(alphabet, text, seed=n) for n, text in enumerate(texts)]
    return [
        cv2.imencode(".png", scene.picture[:, :, ::-1])[1].tobytes() for scene in scenes
    ]


def _read_all(pictures: list[bytes]) -> int:
    import mnistry

    for picture in pictures:
        mnistry.read(picture)
    return len(pictures)


def without_server(pictures: list[bytes], seconds: float) -> float:
    """Read on all cores without a server: pictures a second."""
    from concurrent.futures import ProcessPoolExecutor

    import cv2

    from mnistry.cores import usable_cores

    cores = usable_cores()
    with ProcessPoolExecutor(
        cores, initializer=cv2.setNumThreads, initargs=(1,)
    ) as all_:
        list(all_.map(_read_all, [pictures[:8]] * cores))  # warm
        started, done = time.perf_counter(), 0
        while time.perf_counter() - started < seconds:
            done += sum(all_.map(_read_all, [pictures] * cores))
        return done / (time.perf_counter() - started)


def speed_rows(
    pictures: list[bytes], posts: list[bytes], seconds: float
) -> Iterator[Row]:
    """Measure predictions and readings, beside reading without a server."""
    digits = draw(64)[0]
    bodies = [json.dumps({"images": image[None].tolist()}).encode() for image in digits]
    one = [request("/v1/predict", body, "application/json") for body in bodies]
    alone = without_server(pictures, seconds)
    with served("--queue", "64") as (host, port, _):
        asyncio.run(load(host, port, one, 32, 2))  # warm
        answers, _ = asyncio.run(load(host, port, one, 32, seconds))
        speed = rate(answers, seconds)
        yield Row("/v1/predict, 32 connections", speed, "/s", ">= 1500")
        asyncio.run(load(host, port, posts, 8, 2))
        answers, _ = asyncio.run(load(host, port, posts, 8, seconds))
        speed = rate(answers, seconds)
    yield Row("mnistry.read on all cores, no server", alone, "/s")
    yield Row("/v1/read, 8 connections", speed, "/s")
    share = 100 * speed / alone
    yield Row("/v1/read of what mnistry.read does", share, "%", ">= 85")


def main() -> None:
    """Measure, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strings", type=Path, help="folder of PNG files to read")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--out", type=Path, default=RESULTS / "serve.csv")
    args = parser.parse_args()
    seconds, overload, hostile, kills = QUICK if args.quick else WHOLE
    pictures = strings(args.strings)
    posts = [request("/v1/read", one, "application/octet-stream") for one in pictures]
    rows = [
        row.show()
        for measured in (
            speed_rows(pictures, posts, seconds),
            overload_rows(posts, overload),
            hostile_rows(posts, hostile),
            kill_rows(posts, kills),
        )
        for row in measured
    ]
    args.out.parent.mkdir(parents=True, exist_ok=True)
    with args.out.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["what", "value", "unit", "bar", "verdict"])
        table.writerows(
            [r.what, round(r.value, 2), r.unit, r.bar, r.verdict] for r in rows
        )


if __name__ == "__main__":
    main()
