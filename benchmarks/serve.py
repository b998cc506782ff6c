"""How many requests a second does the service answer, and what does overload do?

Starts `mnistry serve` on loopback and asks it from this process: bounded in count and
time. What a number covers: from the first byte sent to the last one received, over
connections that stay open; the load generator shares the cores with the service.

    python benchmarks/serve.py [--strings FOLDER] [--seconds 10]
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

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
        pages = int(Path(f"/proc/{one}/statm").read_text().split()[1])
        total += pages * os.sysconf("SC_PAGE_SIZE")
    return total


def show(what: str, answers: list[Answer], health: list[float], seconds: float) -> None:
    """Print a row."""
    good = [taken for status, taken in answers if status == 200]
    counts = dict(Counter(status for status, _ in answers))
    p99 = 1000 * statistics.quantiles(health, n=100)[98]
    p50 = 1000 * statistics.median(good) if good else float("nan")
    print(
        f"{what:<34} {len(good) / seconds:8.0f}/s  median {p50:7.1f} ms"
        f"  health p99 {p99:6.1f} ms  {counts}"
    )


def strings(folder: Path | None) -> list[bytes]:
    """Give pictures of strings: real ones of a folder, or generated ones."""
    if folder:
        return [path.read_bytes() for path in sorted(folder.rglob("*.png"))[:200]]
    import cv2

    from mnistry.synth.documents.scenes import Alphabet, make_string
    from mnistry.synth.drawn import draw

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

    from mnistry.bulk.cores import usable_cores

    cores = usable_cores()
    with ProcessPoolExecutor(
        cores, initializer=cv2.setNumThreads, initargs=(1,)
    ) as all_:
        list(all_.map(_read_all, [pictures[:8]] * cores))  # warm
        started, done = time.perf_counter(), 0
        while time.perf_counter() - started < seconds:
            done += sum(all_.map(_read_all, [pictures] * cores))
        return done / (time.perf_counter() - started)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strings", type=Path, help="folder of PNG files to read")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each load")
    parser.add_argument("--overload", type=float, default=60.0, help="seconds of it")
    chosen = parser.parse_args()
    image = json.dumps({"images": np.zeros((1, 28, 28), int).tolist()}).encode()
    one = [request("/v1/predict", image, "application/json")]
    pictures = strings(chosen.strings)
    alone = without_server(pictures, chosen.seconds)
    print(f"{'mnistry.read on all cores, no server':<34} {alone:8.0f}/s")
    posts = [request("/v1/read", one, "application/octet-stream") for one in pictures]
    with served("--queue", "64") as (host, port, pid):
        for what, data, connections in (
            ("/v1/predict, 32 connections", one, 32),
            ("/v1/read, strings, 8 connections", posts, 8),
        ):
            asyncio.run(load(host, port, data, connections, 2))  # warm
            found = asyncio.run(load(host, port, data, connections, chosen.seconds))
            show(what, *found, chosen.seconds)
    with served("--queue", "16") as (host, port, pid):
        asyncio.run(load(host, port, posts, 8, 2))
        before = resident_bytes(pid)
        found = asyncio.run(load(host, port, posts, 4 * 18, chosen.overload))
        show("/v1/read at four times the load", *found, chosen.overload)
        after = resident_bytes(pid)
        print(f"memory: {before >> 20} MB before, {after >> 20} MB after")


if __name__ == "__main__":
    main()
