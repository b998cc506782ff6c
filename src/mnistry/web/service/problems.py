"""Errors as the service answers them: problem details for HTTP APIs.

Source: RFC 9457, https://www.rfc-editor.org/rfc/rfc9457
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"


@dataclass(eq=False)
class ProblemError(Exception):
    """A request that cannot be fulfilled.

    Attributes:
        status: The HTTP status.
        detail: What happened, what was expected, what to do.
        retry_after_seconds: When to retry; None: not at all.
    """

    status: int
    detail: str
    retry_after_seconds: int | None = None

    def __post_init__(self) -> None:
        super().__init__(self.detail)

    def to_dict(self) -> dict[str, Any]:
        """Return RFC 9457's members, and `error` for the Open Inference Protocol."""
        return {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "error": self.detail,
        }

    def headers(self) -> dict[str, str]:
        """Return its headers."""
        if self.retry_after_seconds is None:
            return {}
        return {"Retry-After": str(self.retry_after_seconds)}
