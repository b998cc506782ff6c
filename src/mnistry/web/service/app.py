"""The routes of the service: who may ask, how large, and what is answered."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mnistry.web.service import openapi, protocol
from mnistry.web.service.bodies import read_body, uploaded_files
from mnistry.web.service.guard import Guard
from mnistry.web.service.limits import Limits
from mnistry.web.service.metrics import Metrics
from mnistry.web.service.pool import Pool
from mnistry.web.service.problems import MEDIA_TYPE, ProblemError

Endpoint = Callable[[Request], Awaitable[Response]]

JSON_TYPE = "application/json"
FLAGS = {"": False, "0": False, "false": False, "1": True, "true": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the service runs.

    Attributes:
        workers: Processes that read and predict.
        limits: Of requests.
        token: That requests must bear; empty: none is asked for.
        hosts: Names by which the service may be called, without port; empty: any.
        origins: Pages of other addresses that may ask, such as "https://example.org".
        model_path: Of the model that predicts; None: the packaged one.
        page: What `/` serves, as HTML; empty: nothing.
    """

    workers: int
    limits: Limits = field(default_factory=Limits)
    token: str = ""
    hosts: tuple[str, ...] = ()
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

    routes = _Routes(settings, pool)
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
        with self.pool.admitted():
            body = await read_body(request, self.settings.limits)
            if _is_picture(request, body):
                return await self._predict_picture(body)
            return _answer(await self.pool.answer([b"predict", body]))

    async def _predict_picture(self, body: bytes) -> Response:
        settings = json.dumps({"file": "the picture", "single": True}).encode()
        found = json.loads(await self.pool.answer([b"read", settings, body]))
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
        _expect_model(request)
        with self.pool.admitted():
            body = await read_body(request, self.settings.limits)
            asked = protocol.to_images(body, self.settings.limits.images)
            images = json.dumps({"images": asked.images}).encode()
            found = json.loads(await self.pool.answer([b"predict", images]))
        if "error" in found:
            raise ProblemError(found["status"], found["error"])
        return JSONResponse(protocol.to_answer(asked, found))

    async def read(self, request: Request) -> Response:
        settings = _reading_settings(request)
        with self.pool.admitted():
            limits = self.settings.limits
            body = await read_body(request, limits)
            files = await uploaded_files(request, body, limits)
            turns = asyncio.Semaphore(self.pool.workers)  # others want workers, too
            results = await asyncio.gather(
                *(self._read_one(name, data, settings, turns) for name, data in files)
            )
        for result in results:
            if result.get("status") == HTTPStatus.BAD_REQUEST:
                raise ProblemError(HTTPStatus.BAD_REQUEST, result["error"])
        return JSONResponse({"results": results})

    async def _read_one(
        self, name: str, data: bytes, settings: dict[str, Any], turns: asyncio.Semaphore
    ) -> dict[str, Any]:
        asked = json.dumps({"file": name} | settings).encode()
        async with turns:
            try:
                found: dict[str, Any] = json.loads(
                    await self.pool.answer([b"read", asked, data])
                )
            except ProblemError as problem:
                return {"file": name, "error": problem.detail, "status": problem.status}
        if "error" not in found:
            del found["status"]
        return found


def _expect_model(request: Request) -> None:
    name = request.path_params["name"]
    if name != protocol.NAME:
        raise ProblemError(404, f"there is no model {name!r}; there is 'digits'.")


def _is_picture(request: Request, body: bytes) -> bool:
    """Tell whether a body is a picture file: by its type, or for want of a brace."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    return media_type != JSON_TYPE and body.lstrip()[:1] != b"{"


def _reading_settings(request: Request) -> dict[str, Any]:
    """Take pattern, single and allowed from the query, as `mnistry read` has them."""
    asked = request.query_params
    unknown = sorted(set(asked) - {"pattern", "single", "allowed"})
    if unknown:
        raise ProblemError(
            400,
            f"there is no query {unknown[0]!r}; there are pattern, single, allowed.",
        )
    flag = asked.get("single", "").lower()
    if flag not in FLAGS:
        raise ProblemError(400, f"single is {flag!r}; expected true or false.")
    settings: dict[str, Any] = {"single": FLAGS[flag]}
    settings |= {name: asked[name] for name in ("pattern", "allowed") if name in asked}
    return settings


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
    detail = f"{request.method} {request.url.path}: {error.detail}. See /openapi.json."
    response = _problem(request, ProblemError(error.status_code, detail))
    response.headers.update(error.headers or {})
    return response


def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=499)  # nobody is there to get it; for the log
