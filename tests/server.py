"""A web server on this machine that gives files, well or badly.

The first part of the path says how: http://127.0.0.1:PORT/<manner>/<file>.
"""

import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

PAGE = b"<!DOCTYPE html><title>Sign in</title>"


class Server:
    """Files to give, and a record of what was asked."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []  # path, Range header
        self.hold = threading.Event()  # set: the stalled may go on
        self.tries: Counter[str] = Counter()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def url(self, manner: str) -> str:
        """Give the address of the folder of files given in one manner."""
        return f"http://127.0.0.1:{self._server.server_port}/{manner}/"

    def __enter__(self) -> Self:
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *arguments: object) -> None:
                pass

            def do_GET(self) -> None:
                _, manner, name = self.path.split("/", 2)
                server.tries[self.path] += 1
                server.asked.append((self.path, self.headers.get("Range", "")))
                data = server.files.get(name)
                if data is None or manner == "missing":
                    self.send_error(404)
                    return
                MANNERS[manner](self, server, data)

        return Handler


def _range(handler: BaseHTTPRequestHandler) -> int:
    header = handler.headers.get("Range", "")
    return int(header.removeprefix("bytes=").rstrip("-")) if header else 0


def _send(
    handler: BaseHTTPRequestHandler, body: bytes, promised: int, status: int = 200
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(promised))
    handler.end_headers()
    handler.wfile.write(body)
    handler.wfile.flush()


def _good(handler: BaseHTTPRequestHandler, _server: Server, data: bytes) -> None:
    start = _range(handler)
    _send(handler, data[start:], len(data) - start, 206 if start else 200)


def _whole(handler: BaseHTTPRequestHandler, _server: Server, data: bytes) -> None:
    _send(handler, data, len(data))


def _page(handler: BaseHTTPRequestHandler, _server: Server, _data: bytes) -> None:
    _send(handler, PAGE, len(PAGE))


def _padded_page(handler: BaseHTTPRequestHandler, _server: Server, data: bytes) -> None:
    _send(handler, PAGE.ljust(len(data)), len(data))


def _flipped(handler: BaseHTTPRequestHandler, _server: Server, data: bytes) -> None:
    middle = len(data) // 2
    changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    _send(handler, changed, len(changed))


def _broken(handler: BaseHTTPRequestHandler, _server: Server, data: bytes) -> None:
    start = _range(handler)
    rest = data[start:]
    status = 206 if start else 200
    _send(handler, rest[: max(1, len(rest) // 2)], len(rest), status)
    handler.connection.close()


def _stalled(handler: BaseHTTPRequestHandler, server: Server, data: bytes) -> None:
    _send(handler, data[: len(data) // 3], len(data))
    server.hold.wait(30)


def _dripping(handler: BaseHTTPRequestHandler, server: Server, data: bytes) -> None:
    _send(handler, b"", len(data))
    for byte in data:
        if server.hold.is_set():
            return
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.02)


def _busy_once(handler: BaseHTTPRequestHandler, server: Server, data: bytes) -> None:
    if server.tries[handler.path] == 1:
        handler.send_error(503)
        return
    _good(handler, server, data)


def _endless(handler: BaseHTTPRequestHandler, _server: Server, data: bytes) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(data + b"more")


def _moved_to_http(
    handler: BaseHTTPRequestHandler, _server: Server, _data: bytes
) -> None:
    handler.send_response(302)
    handler.send_header("Location", "http://mirror.example/file")
    handler.end_headers()


MANNERS = {
    "good": _good,
    "whole": _whole,
    "page": _page,
    "padded-page": _padded_page,
    "flipped": _flipped,
    "broken": _broken,
    "stalled": _stalled,
    "dripping": _dripping,
    "busy-once": _busy_once,
    "endless": _endless,
    "moved-to-http": _moved_to_http,
}
