"""One file from the first mirror that gives the right bytes.

Bytes go into a part file, which a later try goes on with; nothing is believed before
its size and SHA-256 are right. Only https is spoken, also after a redirect; plain http
is for this machine alone. Proxies come from the usual variables.
"""

import hashlib
import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mnistry.data.progress import Progress
from mnistry.errors import FetchError

CHUNK_BYTES = 1 << 16
TIMEOUT_SECONDS = 20.0  # without a byte; a healthy mirror answers within one
SLOWEST_BYTES_PER_SECOND = 1024  # slower than a 1990s modem is a stall
ROUNDS = 3  # through all mirrors, while there is one worth asking again
WAIT_SECONDS = 1.0  # before the second round; twice that before the third
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fetched, and how it is known to be right, as far as is known."""

    name: str
    size_bytes: int | None
    sha256: str | None
    dataset: str
    md5: str | None = None
    most_bytes: int = 1 << 30  # where no size is known; EMNIST's zip is half of it


class _WrongBytesError(Exception):
    """A mirror gave something else than the file."""


class _PassingError(Exception):
    """A mirror failed in a way that may be over soon."""


class _RefusedError(Exception):
    """A mirror gave nothing, and would give nothing if it were asked again."""


def download(
    wanted: Wanted,
    urls: Sequence[str],
    part: Path,
    *,
    progress: Progress | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> str:
    """Fetch a file into a part file from the first of several addresses that has it.

    Args:
        wanted: The file.
        urls: Addresses in the order they are tried.
        part: Where to; what is there from an earlier try is gone on with.
        progress: Told about each chunk.
        timeout_seconds: How long an address may give nothing.

    Returns:
        The address that gave the right bytes; `part` holds them.

    Raises:
        FetchError: None had it; the message lists what each said.
        OSError: The part file cannot be written.
    """
    tried: dict[str, str] = {}
    waiting = list(urls)
    for turn in range(ROUNDS):
        if turn:
            time.sleep(WAIT_SECONDS * turn)
        again = []
        for url in waiting:
            was_begun = part.exists()
            try:
                _from_one(wanted, url, part, progress, timeout_seconds)
            except _PassingError as error:
                tried[url] = str(error)
                again.append(url)
            except _RefusedError as error:
                tried[url] = str(error)  # what is in the part file is still good
            except _WrongBytesError as error:
                tried[url] = str(error)
                part.unlink(missing_ok=True)
                if was_begun:
                    again.append(url)  # what was wrong may be what another had sent
            else:
                return url
        waiting = again
        if not waiting:
            break
    raise FetchError(_all_that_was_tried(wanted, tried))


def _from_one(
    wanted: Wanted,
    url: str,
    part: Path,
    progress: Progress | None,
    timeout_seconds: float,
) -> None:
    have = part.stat().st_size if part.exists() else 0
    if wanted.size_bytes is None or have >= wanted.size_bytes:
        have = 0
    with _answer(url, have, timeout_seconds) as answer:
        if have and answer.status != http.HTTPStatus.PARTIAL_CONTENT:
            have = 0  # this mirror cannot go on where another stopped
        promised = _promise(wanted, answer, have)
        with part.open("ab" if have else "wb") as file:
            file.truncate(have)
            done = have
            for chunk in _chunks(answer, timeout_seconds):
                done += len(chunk)
                if done > _most(wanted):
                    message = f"sent more than the {_most(wanted):,} bytes expected"
                    raise _WrongBytesError(message)
                file.write(chunk)
                if progress:
                    progress(wanted.name, done, wanted.size_bytes or done)
    if promised is not None and done < promised:
        message = f"stopped after {done:,} of {promised:,} bytes"
        raise _PassingError(message)
    _check_hashes(wanted, part)


@contextmanager
def _answer(url: str, have: int, timeout_seconds: float) -> Iterator[Any]:
    try:
        with _ask(url, have, timeout_seconds) as answer:
            yield answer
    except urllib.error.HTTPError as error:
        error.close()
        message = f"answered {error.code} {error.reason}"
        if error.code in {408, 429} or error.code >= 500:
            raise _PassingError(message) from error
        raise _RefusedError(message) from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError | ConnectionError):
            raise _PassingError(_words(error.reason)) from error
        raise _RefusedError(_words(error.reason)) from error
    except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
        raise _PassingError(_words(error)) from error


def _ask(url: str, have: int, timeout_seconds: float) -> Any:
    headers = {"User-Agent": "mnistry", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        _check_scheme(url)
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - checked
        opener = urllib.request.build_opener(_SafeRedirects)
        return opener.open(request, timeout=timeout_seconds)
    except ValueError as error:  # also from where a mirror sends us on to
        message = f"is not an address that can be asked ({error})"
        raise _RefusedError(message) from error


def _chunks(answer: Any, timeout_seconds: float) -> Iterator[bytes]:
    start, received = time.monotonic(), 0
    while chunk := answer.read1(CHUNK_BYTES):
        yield chunk
        received += len(chunk)
        seconds = time.monotonic() - start
        if seconds > timeout_seconds:
            if received < seconds * SLOWEST_BYTES_PER_SECOND:
                message = f"gave only {received:,} bytes in {seconds:.0f} seconds"
                raise _PassingError(message)
            start, received = time.monotonic(), 0


def _check_scheme(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in LOOPBACK
    ):
        return
    message = f"is not an https address ({parts.scheme or 'no scheme'})"
    raise _RefusedError(message)


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> Any:
        request = super().redirect_request(*args, **kwargs)
        if request is not None:
            _check_scheme(request.full_url)
        return request


def _promise(wanted: Wanted, answer: Any, have: int) -> int | None:
    """Tell how long the file will be as this mirror has it, if it says so."""
    length = answer.headers.get("Content-Length", "")
    if not length.isdigit():
        return wanted.size_bytes
    if wanted.size_bytes not in {None, have + int(length)}:
        kind = answer.headers.get_content_type()
        message = (
            f"offers {int(length):,} bytes of {kind},"
            f" expected {(wanted.size_bytes or 0) - have:,}"
        )
        raise _RefusedError(message)
    return have + int(length)


def _check_hashes(wanted: Wanted, part: Path) -> None:
    for title, kind, known in (
        ("SHA-256", "sha256", wanted.sha256),
        ("MD5", "md5", wanted.md5),
    ):
        if known is None:
            continue
        with part.open("rb") as file:
            digest = hashlib.file_digest(file, kind).hexdigest()
        if digest != known:
            message = f"{title} is {digest[:8]}…, expected {known[:8]}…"
            raise _WrongBytesError(message)


def _most(wanted: Wanted) -> int:
    return wanted.most_bytes if wanted.size_bytes is None else wanted.size_bytes


def _words(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "gave no answer in time"
    if isinstance(error, OSError) and error.errno is not None:
        return error.strerror or os.strerror(error.errno)
    return str(error) or type(error).__name__


def _all_that_was_tried(wanted: Wanted, tried: dict[str, str]) -> str:
    answers = "; ".join(f"{url} {said}" for url, said in tried.items())
    return (
        f"{wanted.name} of {wanted.dataset} could not be had from any of {len(tried)}"
        f" mirrors: {answers}. Expected {_known(wanted)}. Check the network, or give a"
        f" folder that has it: mnistry fetch {wanted.dataset} --from DIR"
    )


def _known(wanted: Wanted) -> str:
    size = "some" if wanted.size_bytes is None else f"{wanted.size_bytes:,}"
    digest = f"SHA-256 {wanted.sha256}" if wanted.sha256 else f"MD5 {wanted.md5}"
    return f"{size} bytes with {digest}"
