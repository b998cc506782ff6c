import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import cv2
import httpx
import numpy as np
import pytest

from tests.cli.run import run

ANY = "0.0.0.0"  # noqa: S104 - of this test, for a moment
SCAN = bytes(cv2.imencode(".png", np.full((1200, 900), 255, np.uint8))[1])


@contextmanager
def serving(*options: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    command = [sys.executable, "-m", "mnistry", "serve", "--port", "0", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.terminate()  # or its end would be awaited for ever


def test_serve_prints_its_address_and_finishes_what_is_under_way() -> None:
    with serving("--workers", "1") as (address, process):
        assert httpx.get(f"{address}/v2/health/ready").json() == {"ready": True}
        with ThreadPoolExecutor() as beside:
            post = beside.submit(httpx.post, f"{address}/v1/read", content=SCAN)
            while (
                " 1.0"
                not in [
                    line[-4:]
                    for line in httpx.get(f"{address}/metrics").text.splitlines()
                    if line.startswith("mnistry_requests_in_flight")
                ]
                and not post.done()
            ):
                pass
            process.send_signal(signal.SIGTERM)
            assert post.result().json()["results"][0]["text"] == ""
        assert process.wait(60) == -signal.SIGTERM
        assert process.stderr is not None
        logged = process.stderr.read()
    assert '"path": "/v1/read", "status": 200' in logged


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--name", "https://digits.example.com"),
        ("--name", ""),
        ("--origin", "digits.example.com"),
        ("--origin", "https://digits.example.com/"),
    ],
)
def test_a_name_or_an_origin_that_no_browser_sends_is_wrong_usage(
    option: str, value: str
) -> None:
    done = run("serve", option, value)
    assert done.code == 2
    assert "expected one such as" in done.err


def test_beyond_this_machine_a_token_is_made() -> None:
    with serving("--workers", "1", "--host", ANY) as (address, process):
        assert process.stderr is not None
        line = process.stderr.readline()
        token = re.fullmatch(r"token: (\S{40,})\n", line)
        assert token
        assert ANY not in address  # nobody else can open that
        address = f"http://127.0.0.1:{address.rpartition(':')[2]}"
        assert httpx.get(f"{address}/v2").status_code == 401
        headers = {"Authorization": f"Bearer {token[1]}"}
        assert httpx.get(f"{address}/v2", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--queue", "0"], 2, "0 is not in the range x>=1"),
        (["--host", "nowhere.invalid"], 1, "cannot listen at nowhere.invalid"),
        (["--host", "256.1.1.1"], 1, "cannot listen at 256.1.1.1, port 8000"),
    ],
)
def test_what_cannot_be_served_is_reported_before_anything_starts(
    options: list[str], code: int, words: str
) -> None:
    done = run("serve", "--workers", "1", *options)
    assert done.code == code
    assert words in done.err
    assert "token" not in done.err
