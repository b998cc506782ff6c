"""Bodies of requests: read within limits of size and time, and taken apart."""

import asyncio
from collections.abc import AsyncGenerator

from python_multipart.exceptions import MultipartParseError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from mnistry.web.service.limits import Limits
from mnistry.web.service.problems import ProblemError

FIELD = "files"
BLOCK_BYTES = 1 << 16


async def read_body(request: Request, limits: Limits) -> bytes:
    """Read the whole body of a request.

    Raises:
        ProblemError: 413 if it is larger than it may be, 408 if it takes too long.
    """
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > limits.body_bytes:
        raise _too_large(limits)
    parts, size = [], 0
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for part in request.stream():
                size += len(part)
                if size > limits.body_bytes:
                    raise _too_large(limits)
                parts.append(part)
    except TimeoutError:
        detail = (
            f"the body did not arrive within {limits.body_seconds:g} s; {size:,} bytes"
            " came. Send it faster, or less."
        )
        raise ProblemError(408, detail) from None
    return b"".join(parts)


def _too_large(limits: Limits) -> ProblemError:
    detail = (
        f"the body is too large; expected at most {limits.body_bytes:,} bytes."
        " Send the files one by one, or smaller."
    )
    return ProblemError(413, detail)


async def uploaded_files(
    request: Request, body: bytes, limits: Limits
) -> list[tuple[str, bytes]]:
    """Take the files out of a body: of multipart's field `files`, or the body itself.

    Raises:
        ProblemError: 400 if it is no multipart body; 413 if there are too many files;
            422 if there is none.
    """
    if not request.headers.get("content-type", "").startswith("multipart/"):
        if not body:
            raise ProblemError(422, f"there is no file; {_EXPECTED}.")
        return [("body", body)]

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
    files = [
        (one.filename or "file", await one.read())
        for name, one in form.multi_items()
        if name == FIELD and isinstance(one, UploadFile)
    ]
    await form.close()
    if not files:
        raise ProblemError(422, f"there is no file; {_EXPECTED}.")
    return files


_EXPECTED = (
    "expected multipart/form-data with one or more files in the field 'files', or one"
    " picture as the body"
)
