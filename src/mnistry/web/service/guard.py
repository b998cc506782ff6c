"""Before any route: access, and what browsers may do; after it: log and metrics."""

import hmac
import json
import sys
import time
from contextlib import suppress
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnistry.web.service.metrics import Metrics
from mnistry.web.service.problems import MEDIA_TYPE, ProblemError

OPEN_PATHS = frozenset({"/", "/v2/health/live", "/v2/health/ready"})
"""Paths that need no token: the page, and health checks."""

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';"
        " img-src 'self' data: blob:; connect-src 'self'; media-src 'self' blob:;"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
"""The page is one file with its script and style; nothing else is ever loaded."""


class Guard:
    """Checks each request, and writes one line of JSON for it to stderr."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str,
        hosts: tuple[str, ...],
        names: tuple[str, ...],
        origins: tuple[str, ...],
        metrics: Metrics,
    ) -> None:
        self.app, self.metrics = app, metrics
        self.token, self.origins = token.encode(), origins
        self.hosts, self.names = hosts, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                answer = MutableHeaders(scope=message)
                answer.update(SAFE_HEADERS)
                if origin in self.origins:
                    answer["Access-Control-Allow-Origin"] = origin
                    answer["Vary"] = "Origin"
            await send(message)

        try:
            if refused := self._refused(scope, headers):
                await refused(scope, receive, send_guarded)
            else:
                await self.app(scope, receive, send_guarded)
        finally:
            seconds = time.perf_counter() - started
            route = scope.get("route")
            path = getattr(route, "path", "") or "other"
            self.metrics.count(path, scope["method"], status, seconds)
            _log(scope, status, seconds)

    def _refused(self, scope: Scope, headers: Headers) -> Response | None:
        called = headers.get("host", "").lower()
        host = _without_port(called)
        origin = headers.get("origin", "")
        if self.hosts and not {host, called} & {*self.hosts, *self.names}:
            detail = (
                f"the service is not called {host!r}. Use its address, or start it"
                " with --name and that name."
            )
            return _problem(421, detail)
        if origin and origin not in self.origins:
            if origin.partition("://")[2].lower() not in (called, *self.names):
                detail = (
                    f"pages of {origin} may not ask. If it is the service behind a"
                    " proxy, start it with --name and its name; if it is another"
                    " page, with --origin and its address."
                )
                return _problem(403, detail)
        elif scope["method"] == "OPTIONS" and origin:
            return Response(status_code=204, headers=PREFLIGHT)
        if self.token and scope["path"] not in OPEN_PATHS:
            given = headers.get("authorization", "").removeprefix("Bearer ").encode()
            if not hmac.compare_digest(given, self.token):
                detail = "a token is needed. Send it as 'Authorization: Bearer TOKEN'."
                response = _problem(401, detail)
                response.headers["WWW-Authenticate"] = "Bearer"
                return response
        return None


PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}


def _problem(status: int, detail: str) -> Response:
    body = ProblemError(status, detail).to_dict()
    return JSONResponse(body, status, media_type=MEDIA_TYPE)


def _without_port(host: str) -> str:
    """Remove the port from a Host header.

    Example:
        >>> _without_port("[::1]:8000"), _without_port("localhost")
        ('[::1]', 'localhost')
    """
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


def _log(scope: Scope, status: int, seconds: float) -> None:
    """Log a request, never its content; health checks only if they fail."""
    if scope["path"].startswith("/v2/health/") and status == HTTPStatus.OK:
        return
    row = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "milliseconds": round(1000 * seconds, 1),
    }
    with suppress(OSError, ValueError, AttributeError):  # stderr may be closed
        sys.stderr.write(json.dumps(row) + "\n")
