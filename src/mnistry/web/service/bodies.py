"""Bodies of requests: received within limits of size and time, and parsed."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from python_multipart.exceptions import MultipartParseError
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from mnistry.web.service.limits import Limits
from mnistry.web.service.problems import ProblemError

FIELD = "files"
BLOCK_BYTES = 1 << 16


class Inbox:
    """Receives bodies, and limits their total size in memory.

    Args:
        limits: Limits of requests.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.held_bytes = 0

    @asynccontextmanager
    async def received(self, request: Request) -> AsyncIterator[bytes]:
        """Receive the whole body of a request; it counts until the block ends.

        Raises:
            ProblemError: 413 if it is too large, 408 if it takes too long, 429 if other
                requests hold too many bytes.
        """
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self.limits.body_bytes:
            raise _too_large(self.limits)
        size, parts = 0, []
        try:
            try:
                async with asyncio.timeout(self.limits.body_seconds):
                    async for part in request.stream():
                        size += len(part)
                        self.held_bytes += len(part)
                        self._expect_room(size)
                        parts.append(part)
            except TimeoutError:
                raise _too_slow(self.limits, size) from None
            body = b"".join(parts)
            parts.clear()
            yield body
        finally:
            self.held_bytes -= size

    def _expect_room(self, size: int) -> None:
        if size > self.limits.body_bytes:
            raise _too_large(self.limits)
        if self.held_bytes > self.limits.held_bytes:
            detail = (
                f"{self.held_bytes:,} bytes of requests are under way; expected at most"
                f" {self.limits.held_bytes:,}. Try again in a second."
            )
            raise ProblemError(429, detail, 1)


def _too_large(limits: Limits) -> ProblemError:
    detail = (
        f"the body is too large; expected at most {limits.body_bytes:,} bytes."
        " Send the files one by one, or smaller."
    )
    return ProblemError(413, detail)


def _too_slow(limits: Limits, size: int) -> ProblemError:
    detail = (
        f"the body did not arrive within {limits.body_seconds:g} s; only {size:,} bytes"
        " came. Send it faster, or send less."
    )
    return ProblemError(408, detail)


Files = list[tuple[str, bytes]]
Fields = list[tuple[str, str]]


async def take_apart(
    request: Request, body: bytes, limits: Limits
) -> tuple[Files, Fields]:
    """Parse a body: the files of multipart's field `files`, or the body itself.

    Returns:
        Files with their names, and the values of other fields.

    Raises:
        ProblemError: 400 if it is not a valid multipart body, or has a file in another
            field; 413 if there are too many files; 422 if there is none.
    """
    if not request.headers.get("content-type", "").startswith("multipart/"):
        if not body:
            raise ProblemError(422, f"there is no file; {_EXPECTED}.")
        return [("body", body)], []

    async def stream() -> AsyncGenerator[bytes, None]:
        for start in range(0, len(body), BLOCK_BYTES):
            yield body[start : start + BLOCK_BYTES]
            await asyncio.sleep(0)  # others shall not wait for a large body

    parser = MultiPartParser(
        request.headers,
        stream(),
        max_files=limits.files,
        max_fields=16,
    )
    parser.spool_max_size = limits.body_bytes  # nothing that was sent goes to a disk
    try:
        form = await parser.parse()
    except (MultiPartException, MultipartParseError, KeyError, ValueError) as error:
        reason = getattr(error, "message", "") or str(error) or type(error).__name__
        status = 413 if "Too many files" in reason else 400
        detail = f"the multipart body cannot be read: {reason}; {_EXPECTED}."
        raise ProblemError(status, detail) from error
    try:
        files, fields = await _sorted(form)
    finally:
        await form.close()
    if not files:
        raise ProblemError(422, f"there is no file; {_EXPECTED}.")
    return files, fields


async def _sorted(form: FormData) -> tuple[Files, Fields]:
    files: Files = []
    fields: Fields = []
    for name, one in form.multi_items():
        if isinstance(one, str):
            fields.append((name, one))
        elif name == FIELD:
            files.append((one.filename or "file", await one.read()))
        else:
            detail = f"there is a file in the field {name!r}; {_EXPECTED}."
            raise ProblemError(400, detail)
    return files, fields


_EXPECTED = (
    "expected multipart/form-data with one or more files in the field 'files', or one"
    " picture as the body"
)
