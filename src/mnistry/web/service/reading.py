"""Reading of files, page by page, so that all workers can share one file."""

import asyncio
import json
import math
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import Any

from starlette.requests import Request

from mnistry.web.service.pool import Pool
from mnistry.web.service.problems import ProblemError

PAGES_TYPE = "application/x-ndjson"
FLAGS = {"": False, "0": False, "false": False, "1": True, "true": True}
TEXTS = ("pattern", "allowed")
SWITCHES = ("single", "picture")

Page = dict[str, Any]


def wants_pages(request: Request) -> bool:
    """Return whether the request accepts one line for each page."""
    return PAGES_TYPE in request.headers.get("accept", "")


def reading_settings(
    request: Request, fields: Iterable[tuple[str, str]] = ()
) -> dict[str, Any]:
    """Return the settings of a request: those of `mnistry read`, and `picture`.

    Args:
        request: A request, whose query may have settings.
        fields: The fields of its form, which may have others.

    Raises:
        ProblemError: 400 if a setting is unknown, duplicate or invalid.
    """
    values: dict[str, str] = {}
    for name, value in (*request.query_params.multi_items(), *fields):
        if name not in {*TEXTS, *SWITCHES}:
            detail = (
                f"there is no setting {name!r}; there are pattern, allowed, single,"
                " picture."
            )
            raise ProblemError(400, detail)
        if name in values:
            detail = f"{name} is there twice; expected it once, in query or form."
            raise ProblemError(400, detail)
        values[name] = value
    settings: dict[str, Any] = {name: values[name] for name in TEXTS if name in values}
    for name in SWITCHES:
        flag = values.get(name, "").lower()
        if flag not in FLAGS:
            raise ProblemError(400, f"{name} is {flag!r}; expected true or false.")
        settings[name] = FLAGS[flag]
    if settings["picture"] and not wants_pages(request):
        detail = f"a picture comes with each page. Ask with 'Accept: {PAGES_TYPE}'."
        raise ProblemError(400, detail)
    return settings


class FileReader:
    """Reads the files of one request: as many pages at a time as there are workers.

    Args:
        pool: The workers.
        settings: Settings of reading, from `reading_settings`.
    """

    def __init__(self, pool: Pool, settings: dict[str, Any]) -> None:
        self._pool, self._settings = pool, settings
        self._turns = asyncio.Semaphore(pool.workers)  # leave workers for others

    async def pages(self, name: str, data: bytes) -> AsyncIterator[Page]:
        """Read a file page by page.

        Args:
            name: Of the file.
            data: Its bytes.

        Yields:
            The result of each page, in order, and the number of pages; `error` and
            `status` for pages that could not be read.
        """
        first = await self._page(name, data, 1)
        yield first
        numbers = range(2, first.get("pages", 1) + 1)
        rest = [asyncio.create_task(self._page(name, data, n)) for n in numbers]
        try:
            for task in rest:
                yield await task
        finally:
            for task in rest:
                task.cancel()  # the client has gone: workers need not continue
            await asyncio.gather(*rest, return_exceptions=True)

    async def file(self, name: str, data: bytes) -> dict[str, Any]:
        """Read a whole file; an error on a page is one of the file.

        Args:
            name: Of the file.
            data: Its bytes.
        """
        pages = []
        async for page in self.pages(name, data):
            if "error" in page:
                return page
            pages.append(page)
        return _joined(name, pages)

    async def _page(self, name: str, data: bytes, page: int) -> Page:
        settings = json.dumps({"file": name, "page": page} | self._settings).encode()
        async with self._turns:
            try:
                found: Page = json.loads(
                    await self._pool.answer([b"read", settings, data])
                )
            except ProblemError as problem:
                return {"file": name, "error": problem.detail, "status": problem.status}
        if "error" not in found:
            del found["status"]
        return found


def _joined(name: str, pages: list[Page]) -> dict[str, Any]:
    """Join pages in the form of `Reading.to_dict`."""
    if len(pages) == 1:
        return {key: pages[0][key] for key in pages[0] if key not in {"page", "pages"}}
    lines: list[dict[str, Any]] = []
    digits: list[dict[str, Any]] = []
    for page in pages:
        digits += [one | {"line": one["line"] + len(lines)} for one in page["digits"]]
        lines += page["lines"]
    empty = [one for page in pages for one in page["pages_without_digits"]]
    reasons = Counter(one["reason"] for one in empty)
    confidence = math.prod(line["confidence"] for line in lines) if lines else 0.0
    return {
        "file": name,
        "text": "\n".join(line["text"] for line in lines),
        "confidence": round(confidence, 4),
        "reason": "" if len(empty) < len(pages) else reasons.most_common(1)[0][0],
        "digits": digits,
        "lines": lines,
        "pages_without_digits": empty,
    }
