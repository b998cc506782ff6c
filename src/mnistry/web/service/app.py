"""The routes of the service: access, size, answers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from mnistry.web.service import openapi, protocol
from mnistry.web.service.bodies import Inbox, take_apart
from mnistry.web.service.guard import Guard
from mnistry.web.service.limits import Limits
from mnistry.web.service.metrics import Metrics
from mnistry.web.service.pool import Pool
from mnistry.web.service.problems import MEDIA_TYPE, ProblemError
from mnistry.web.service.reading import (
    PAGES_TYPE,
    FileReader,
    reading_settings,
    wants_pages,
)

JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of the service.

    Attributes:
        workers: Number of processes that read and predict.
        limits: Limits of requests.
        token: The token that requests must have; empty: none.
        hosts: Names under which the service may be called, without port; empty: any.
        names: Names of a proxy in front of it, as browsers write them.
        origins: Origins of other pages that may call it, such as "https://example.org".
        model_path: Path of the model that predicts; None: the packaged one.
        page: The HTML that `/` serves; empty: none.
    """

    workers: int
    limits: Limits = field(default_factory=Limits)
    token: str = ""
    hosts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    model_path: str | None = None
    page: bytes = b""


def create_app(settings: Settings) -> Starlette:
    """Make the service as an ASGI application; workers start with its lifespan."""
    pool = Pool(settings.workers, settings.limits, model_path=settings.model_path)
    metrics = Metrics(pool)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await pool.start()
        yield
        await pool.close()

    routes = _Routes(settings, pool, Inbox(settings.limits))
    app = Starlette(
        routes=_table(routes, metrics),
        exception_handlers={
            ProblemError: _problem,
            HTTPException: _http_problem,
            ClientDisconnect: _gone,
        },
        lifespan=lifespan,
    )
    app.state.pool = pool
    app.add_middleware(
        Guard,
        token=settings.token,
        hosts=settings.hosts,
        names=settings.names,
        origins=settings.origins,
        metrics=metrics,
    )
    return app


def _table(routes: "_Routes", metrics: Metrics) -> list[Route]:
    return [
        Route("/", routes.page, methods=["GET"]),
        Route("/v1/read", routes.read, methods=["POST"]),
        Route("/v1/predict", routes.predict, methods=["POST"]),
        Route("/v2", routes.server, methods=["GET"]),
        Route("/v2/health/live", routes.live, methods=["GET"]),
        Route("/v2/health/ready", routes.ready, methods=["GET"]),
        Route("/v2/models/{name}", routes.model, methods=["GET"]),
        Route("/v2/models/{name}/ready", routes.model_ready, methods=["GET"]),
        Route("/v2/models/{name}/infer", routes.infer, methods=["POST"]),
        Route("/openapi.json", routes.openapi, methods=["GET"]),
        Route("/metrics", metrics.answer, methods=["GET"]),
    ]


@dataclass(frozen=True, slots=True)
class _Routes:
    settings: Settings
    pool: Pool
    inbox: Inbox

    async def page(self, _request: Request) -> Response:
        if not self.settings.page:
            raise ProblemError(404, "there is no page here. See /openapi.json.")
        return Response(self.settings.page, media_type="text/html; charset=utf-8")

    async def live(self, _request: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(self, _request: Request) -> Response:
        if not self.pool.is_ready:
            raise ProblemError(503, "no worker is ready. Ask again in a second.", 1)
        return JSONResponse({"ready": True})

    async def server(self, _request: Request) -> Response:
        return JSONResponse(protocol.SERVER)

    async def model(self, request: Request) -> Response:
        _expect_model(request)
        return JSONResponse(protocol.MODEL)

    async def model_ready(self, request: Request) -> Response:
        _expect_model(request)
        return await self.ready(request)

    async def openapi(self, _request: Request) -> Response:
        return JSONResponse(openapi.document(self.settings.limits))

    async def predict(self, request: Request) -> Response:
        _expect_no_query(request)
        async with self._received(request) as body:
            if _is_picture(request, body):
                return await self._predict_picture(body)
            return _answer(await self.pool.answer([b"predict", body]))

    async def _predict_picture(self, body: bytes) -> Response:
        reader = FileReader(self.pool, {"single": True, "picture": False})
        found = await reader.file("the picture", body)
        if "error" in found:
            raise ProblemError(found["status"], found["error"])
        digits = found["digits"]
        return JSONResponse(
            {
                "labels": [digit["value"] for digit in digits],
                "confidence": [digit["confidence"] for digit in digits],
                "rejected": [digit["rejected"] for digit in digits],
            }
        )

    async def infer(self, request: Request) -> Response:
        _expect_no_query(request)
        _expect_model(request)
        async with self._received(request) as body:
            inference = protocol.to_request(body, self.settings.limits.images)
            images = json.dumps({"images": inference.images}).encode()
            found = json.loads(await self.pool.answer([b"predict", images]))
        if "error" in found:
            raise ProblemError(found["status"], found["error"])
        return JSONResponse(protocol.to_answer(inference, found))

    async def read(self, request: Request) -> Response:
        reading_settings(request)  # what the query says, before the body comes
        if wants_pages(request):
            return await self._read_by_pages(request)
        async with self._received(request) as body:
            files, fields = await take_apart(request, body, self.settings.limits)
            reader = FileReader(self.pool, reading_settings(request, fields))
            results = await asyncio.gather(*(reader.file(*file) for file in files))
        for result in results:
            if result.get("status") == HTTPStatus.BAD_REQUEST:
                raise ProblemError(HTTPStatus.BAD_REQUEST, result["error"])
        return JSONResponse({"results": results})

    async def _read_by_pages(self, request: Request) -> Response:
        admission = AsyncExitStack()  # kept until the last page is sent
        body = await admission.enter_async_context(self._received(request))
        try:
            files, fields = await take_apart(request, body, self.settings.limits)
            reader = FileReader(self.pool, reading_settings(request, fields))
        except ProblemError:
            await admission.aclose()
            raise

        async def lines() -> AsyncIterator[bytes]:
            async with admission:
                for name, data in files:
                    async for page in reader.pages(name, data):
                        yield json.dumps(page, ensure_ascii=False).encode() + b"\n"

        return StreamingResponse(lines(), media_type=PAGES_TYPE)

    @asynccontextmanager
    async def _received(self, request: Request) -> AsyncIterator[bytes]:
        """Receive a body, then enter the queue: slow clients occupy no place."""
        self.pool.expect_room()
        async with self.inbox.received(request) as body:
            with self.pool.admitted():
                yield body


def _expect_model(request: Request) -> None:
    name = request.path_params["name"]
    if name != protocol.NAME:
        raise ProblemError(404, f"there is no model {name!r}; there is 'digits'.")


def _expect_no_query(request: Request) -> None:
    if names := list(request.query_params):
        detail = (
            f"there is no query {names[0]!r} here. Leave it out; see /openapi.json."
        )
        raise ProblemError(400, detail)


def _is_picture(request: Request, body: bytes) -> bool:
    """Return whether a body is a picture: by its type, or as it is not JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    return media_type != JSON_TYPE and body.lstrip()[:1] != b"{"


def _answer(found: bytes) -> Response:
    """Pass on what a worker wrote, or its error as a problem."""
    if not found.startswith(b'{"status": 200, '):
        problem = json.loads(found)
        raise ProblemError(problem["status"], problem["error"])
    return Response(
        b"{" + found.removeprefix(b'{"status": 200, '), media_type=JSON_TYPE
    )


def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for it
    return JSONResponse(
        error.to_dict(), error.status, error.headers(), media_type=MEDIA_TYPE
    )


def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    allowed = (error.headers or {}).get("Allow")  # if only the method is wrong
    reason = f"{error.detail}; expected {allowed}" if allowed else error.detail
    detail = f"{request.method} {request.url.path}: {reason}. See /openapi.json."
    response = _problem(request, ProblemError(error.status_code, detail))
    response.headers.update(error.headers or {})
    return response


def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=499)  # the client has gone; for the log
