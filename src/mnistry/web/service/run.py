"""The service on a socket: uvicorn, with limits on the head of a request."""

import asyncio
import errno
import socket
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mnistry.errors import UsageError
from mnistry.web.service.app import Settings, create_app
from mnistry.web.service.limits import Limits

LOOPBACK = ("127.0.0.1", "::1", "localhost")
ELSEWHERE = {  # what is written for every address, and one that is nobody's (RFC 5737,
    "0.0.0.0": (socket.AF_INET, "192.0.2.1", "127.0.0.1"),  # noqa: S104
    "::": (socket.AF_INET6, "2001:db8::1", "::1"),  # RFC 3849), and this machine
}
CONNECTIONS_WAITING = 2048  # that the system keeps until they are accepted


def run(
    settings: Settings, listening: socket.socket, announce: Callable[[str], None]
) -> None:
    """Serve until SIGTERM or Ctrl-C; what is under way then is finished.

    Args:
        settings: Of the service.
        listening: From `listen`.
        announce: Called with the address once requests are answered.
    """
    config = configure(create_app(settings), settings.limits)
    server = Server(config, lambda: announce(address_of(listening)))
    with listening:
        server.run(sockets=[listening])


def configure(app: Starlette, limits: Limits) -> uvicorn.Config:
    """Return uvicorn's settings for a service."""
    return uvicorn.Config(
        app,
        http=_bounded(limits),
        loop="uvloop" if find_spec("uvloop") else "asyncio",  # none for Windows
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=True,
        backlog=CONNECTIONS_WAITING,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=int(limits.shutdown_seconds),
    )


class Server(uvicorn.Server):
    """Tells when it is ready."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell so."""
        await super().startup(sockets)
        if self.started:
            self._announce()


def listen(host: str, port: int) -> socket.socket:
    """Open the socket.

    Args:
        host: The address to listen at; 127.0.0.1 is this machine alone.
        port: 0 lets the system choose.

    Raises:
        UsageError: There is no such address, or something else listens there.
    """
    listening = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        if listening is not None:
            listening.close()
        is_elsewhere = error.errno == errno.EADDRNOTAVAIL
        of_host = is_elsewhere or isinstance(error, socket.gaierror)
        advice = "--host, such as 127.0.0.1" if of_host else "--port, or 0 for any"
        message = (
            f"cannot listen at {host or repr(host)}, port {port}:"
            f" {error.strerror or error}; expected an address of this machine and a"
            f" free port. Choose another {advice}."
        )
        raise UsageError(message) from error
    return listening


def address_of(listening: socket.socket) -> str:
    """Write where a socket listens as the beginning of a URL that others can open."""
    host, port = listening.getsockname()[:2]
    host = reachable(host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def reachable(host: str) -> str:
    """Return the address by which other machines reach one that listens at all of its.

    It is the one that the system would send from; nothing is sent to find it.

    Args:
        host: Any address; only 0.0.0.0 and :: stand for all.

    Returns:
        The same, or in their place that of this machine in its network; without a
        network 127.0.0.1 or ::1.

    Example:
        >>> reachable("127.0.0.1")
        '127.0.0.1'
    """
    if host not in ELSEWHERE:
        return host
    family, other, here = ELSEWHERE[host]
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((other, 9))
            return str(asking.getsockname()[0])
    except OSError:  # no network
        return here


def _bounded(limits: Limits) -> type[asyncio.Protocol]:
    """Make uvicorn's protocol close connections whose head is late or too large."""

    class BoundedProtocol(HttpToolsProtocol):
        head_bytes = 0
        timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._expect_head()

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._expect_head()

        def on_headers_complete(self) -> None:
            super().on_headers_complete()
            self._forget_head()

        def data_received(self, data: bytes) -> None:
            self.head_bytes += len(data)
            super().data_received(data)
            if self.timer is not None and self.head_bytes > limits.header_bytes:
                self.transport.close()

        def connection_lost(self, exc: Exception | None) -> None:
            self._forget_head()
            super().connection_lost(exc)

        def _expect_head(self) -> None:
            self._forget_head()
            self.head_bytes = 0
            wait = self.loop.call_later
            self.timer = wait(limits.header_seconds, self.transport.abort)

        def _forget_head(self) -> None:
            if self.timer is not None:
                self.timer.cancel()
                self.timer = None

    return BoundedProtocol
