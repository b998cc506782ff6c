"""The service on a socket: uvicorn, with a limit on how long a head may take."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from mnistry.errors import UsageError
from mnistry.web.service.app import Settings, create_app
from mnistry.web.service.limits import Limits

LOOPBACK = ("127.0.0.1", "::1", "localhost")
CONNECTIONS_WAITING = 2048  # that the system keeps until they are accepted


def run(
    settings: Settings, *, host: str, port: int, announce: Callable[[str], None]
) -> None:
    """Serve until SIGTERM or Ctrl-C; what is under way then is finished.

    Args:
        settings: Of the service.
        host: The address to listen at; 127.0.0.1 is this machine alone.
        port: 0 lets the system choose.
        announce: Called with the address once requests are answered.

    Raises:
        UsageError: There is no such address, or something else listens there.
    """
    config = configure(create_app(settings), settings.limits)
    listening = listen(host, port)
    server = Server(config, lambda: announce(address_of(listening)))
    with listening:
        server.run(sockets=[listening])


def configure(app: Starlette, limits: Limits) -> uvicorn.Config:
    """Give uvicorn's settings for a service."""
    return uvicorn.Config(
        app,
        http=_timed(limits.header_seconds),
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=True,
        backlog=CONNECTIONS_WAITING,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=int(limits.shutdown_seconds),
        h11_max_incomplete_event_size=64 << 10,
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

    Raises:
        UsageError: There is no such address, or something else listens there.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        message = (
            f"cannot listen at {host}, port {port}: {error}; expected an address of"
            " this machine and a free port. Choose another --port, or 0 for any."
        )
        raise UsageError(message) from error
    return listening


def address_of(listening: socket.socket) -> str:
    """Write where a socket listens as the beginning of a URL."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _timed(header_seconds: float) -> type[asyncio.Protocol]:
    """Make uvicorn's protocol close connections that send no head of a request."""

    class TimedProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)

            def close_if_silent() -> None:
                if self.cycle is None and not transport.is_closing():
                    transport.close()

            self.loop.call_later(header_seconds, close_if_silent)

    return TimedProtocol
