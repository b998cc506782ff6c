"""The service, really running on loopback, with real worker processes."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import httpx
import numpy as np
import pytest

from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.drawn import draw
from mnistry.web.service import run as running
from mnistry.web.service.app import Settings, create_app
from mnistry.web.service.pool import Pool

TLS = ssl.create_default_context()  # loaded once: each client would, though none asks


@dataclass
class Service:
    """A running service, and its pool to look into."""

    address: str
    pool: Pool

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(
            base_url=self.address, headers=headers, timeout=60, verify=TLS
        )


@contextmanager
def service(settings: Settings) -> Iterator[Service]:
    """Run a service in a thread until the block ends."""
    app = create_app(settings)
    ready = threading.Event()
    listening = running.listen("127.0.0.1", 0)
    server = running.Server(running.configure(app, settings.limits), ready.set)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listening]))
    )
    with listening:
        thread.start()
        assert ready.wait(60)
        try:
            yield Service(running.address_of(listening), app.state.pool)
        finally:
            server.should_exit = True
            thread.join(60)


@pytest.fixture(scope="session")
def served() -> Iterator[Service]:
    with service(Settings(workers=1, hosts=("127.0.0.1",))) as running_one:
        yield running_one


@pytest.fixture(scope="session")
def picture() -> Callable[[str], bytes]:
    alphabet = Alphabet(*draw(300))

    def make(text: str) -> bytes:
        scene = make_string(alphabet, text, seed=3)
        return bytes(cv2.imencode(".png", np.ascontiguousarray(scene.picture))[1])

    return make
