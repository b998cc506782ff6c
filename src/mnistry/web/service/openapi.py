"""The service as an OpenAPI document; tests check answers against it."""

from typing import Any

from mnistry.models.packaged import SIDE
from mnistry.version import __version__
from mnistry.web.service.limits import Limits
from mnistry.web.service.problems import MEDIA_TYPE
from mnistry.web.service.reading import PAGES_TYPE

Schema = dict[str, Any]

NUMBER: Schema = {"type": "number", "minimum": 0, "maximum": 1}
INTEGER: Schema = {"type": "integer", "minimum": 0}
TEXT: Schema = {"type": "string"}
REASON: Schema = {
    "type": "string",
    "description": (
        "Why there are no digits: a code that stays (blank, only-lines, faint,"
        " too-dark, too-small, no-line, no-digits, no-match, non-digit, not-single), a"
        " colon, a sentence; empty if there are some. A page that was turned is read"
        " all the same: its lines say so (turned)."
    ),
}
TURNED: Schema = {
    "type": "integer",
    "enum": [0, 90, 180, 270],
    "description": "Degrees by which the page is turned clockwise.",
}


def document(limits: Limits) -> dict[str, Any]:
    """Return the document.

    Args:
        limits: Limits that the descriptions state.
    """
    problem = {MEDIA_TYPE: {"schema": _ref("Problem")}}
    problems = {
        str(status): {"description": text, "content": problem}
        for status, text in PROBLEMS.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mnistry",
            "version": __version__,
            "description": "Reads handwritten digits."
            f" A request has at most {limits.body_bytes:,} bytes and {limits.files:,}"
            f" files, a picture {limits.pixels:,} pixels, a file {limits.pages} pages.",
        },
        "paths": _paths(problems),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}, {}],
    }


PROBLEMS = {
    400: "The request is not what it should be",
    401: "A token is needed",
    408: "The body took too long",
    413: "The body is too large",
    422: "What was sent cannot be read",
    429: "Too many requests wait; Retry-After says when to try again",
    503: "The worker died, or the service is stopping",
    504: "The work took too long",
}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _object(**members: Schema) -> Schema:
    return {"type": "object", "properties": members, "required": sorted(members)}


PIXELS = _list_of(
    {
        **_list_of(_list_of({"type": "integer", "minimum": 0, "maximum": 255})),
        "minItems": SIDE,
        "maxItems": SIDE,
    }
)
BOX = {**_list_of({"type": "integer"}), "minItems": 4, "maxItems": 4}

SCHEMAS: dict[str, Schema] = {
    "Problem": {
        **_object(
            type=TEXT, title=TEXT, status={"type": "integer"}, detail=TEXT, error=TEXT
        ),
        "description": "RFC 9457",
    },
    "Alternative": _object(value=INTEGER, confidence=NUMBER),
    "Digit": _object(
        value=INTEGER,
        confidence=NUMBER,
        box=BOX,
        alternatives=_list_of(_ref("Alternative")),
        rejected={"type": "boolean"},
        line=INTEGER,
    ),
    "Sign": _object(value=TEXT, box=BOX),
    "Line": _object(
        text=TEXT,
        confidence=NUMBER | {"description": "Of the digits alone, not of the signs."},
        signed_text=TEXT,
        signed_confidence=NUMBER | {"description": "Of digits and signs together."},
        box=BOX,
        page=INTEGER,
        turned=TURNED,
        signs=_list_of(_ref("Sign")),
    ),
    "PageWithoutDigits": _object(page=INTEGER, reason=REASON),
    "Reading": _object(
        file=TEXT,
        text=TEXT,
        confidence=NUMBER,
        reason=REASON,
        digits=_list_of(_ref("Digit")),
        lines=_list_of(_ref("Line")),
        pages_without_digits=_list_of(_ref("PageWithoutDigits")),
    ),
    "PageReading": _object(
        file=TEXT,
        page=INTEGER,
        pages=INTEGER,
        text=TEXT,
        confidence=NUMBER,
        reason=REASON,
        digits=_list_of(_ref("Digit")),
        lines=_list_of(_ref("Line")),
    ),
    "Unread": _object(file=TEXT, error=TEXT, status={"type": "integer"}),
    "Readings": _object(results=_list_of({"anyOf": [_ref("Reading"), _ref("Unread")]})),
    "Images": _object(images=PIXELS),
    "Predictions": {
        "type": "object",
        "properties": {
            "labels": _list_of(INTEGER),
            "confidence": _list_of(NUMBER),
            "rejected": _list_of({"type": "boolean"}),
            "probabilities": _list_of(_list_of(NUMBER)),
        },
        "required": ["labels", "confidence", "rejected"],
    },
    "InferRequest": {
        "type": "object",
        "properties": {"id": TEXT, "inputs": _list_of({"type": "object"})},
        "required": ["inputs"],
    },
    "InferAnswer": _object(
        model_name=TEXT, model_version=TEXT, outputs=_list_of({"type": "object"})
    ),
}


BINARY: Schema = {"schema": {"type": "string", "format": "binary"}}
PLAIN: Schema = {"type": "object"}
NAME_IN_PATH: Schema = {
    "parameters": [{"name": "name", "in": "path", "required": True, "schema": TEXT}]
}


def _paths(problems: dict[str, Any]) -> dict[str, Any]:
    ready = _object(ready={"type": "boolean"})
    return {
        "/v1/read": _by_pages(_post("Read files", "Readings", problems, _reading())),
        "/v1/predict": _post("Predict images", "Predictions", problems, _images()),
        "/v2": _get("The server", PLAIN),
        "/v2/health/live": _get("Is it alive?", _object(live={"type": "boolean"})),
        "/v2/health/ready": _get("Can it answer?", ready, problems),
        "/v2/models/{name}": NAME_IN_PATH | _get("The model", PLAIN, problems),
        "/v2/models/{name}/ready": NAME_IN_PATH
        | _get("Can it predict?", ready, problems),
        "/v2/models/{name}/infer": NAME_IN_PATH
        | _post("Predict tensors", "InferAnswer", problems, _infer()),
    }


READ_SETTINGS: dict[str, tuple[str, Schema]] = {
    "pattern": ("What each line must match, such as [0-9]{6}", TEXT),
    "single": ("One digit is in each picture", {"type": "boolean"}),
    "allowed": ("Digits that may occur at all, such as 01", TEXT),
    "picture": ("A JPEG of each page, too", {"type": "boolean"}),
}
"""Settings of reading, in the query or as form fields."""


def _reading() -> dict[str, Any]:
    form = _object(files=_list_of({"type": "string", "format": "binary"}))
    form["properties"] |= {name: schema for name, (_, schema) in READ_SETTINGS.items()}
    return {
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": form},
                "application/octet-stream": BINARY,
            },
        },
        "parameters": [
            _query(name, description, schema)
            for name, (description, schema) in READ_SETTINGS.items()
        ],
    }


def _images() -> dict[str, Any]:
    content = {
        "application/json": {"schema": _ref("Images")},
        "application/octet-stream": BINARY,
    }
    return {"requestBody": {"required": True, "content": content}}


def _infer() -> dict[str, Any]:
    content = {"application/json": {"schema": _ref("InferRequest")}}
    return {"requestBody": {"required": True, "content": content}}


def _by_pages(path: dict[str, Any]) -> dict[str, Any]:
    """Add the media type with a line of JSON for each page."""
    line = {"anyOf": [_ref("PageReading"), _ref("Unread")]}
    path["post"]["responses"]["200"]["content"][PAGES_TYPE] = {"schema": line}
    return path


def _query(name: str, description: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _post(
    summary: str, answer: str, problems: dict[str, Any], request: dict[str, Any]
) -> dict[str, Any]:
    content = {"application/json": {"schema": _ref(answer)}}
    answers = {"200": {"description": "Done", "content": content}, **problems}
    return {"post": {"summary": summary, **request, "responses": answers}}


def _get(
    summary: str, schema: Schema, problems: dict[str, Any] | None = None
) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    answers = {"200": {"description": "Done", "content": content}, **(problems or {})}
    return {"get": {"summary": summary, "security": [{}], "responses": answers}}
