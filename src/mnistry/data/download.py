"""One file from the first mirror that gives the right bytes.

Bytes go into a part file, which a later attempt resumes; nothing is accepted before its
size and SHA-256 are right. Only https is used, also after a redirect; http without TLS
is for this machine alone. Proxies come from the usual variables.
"""

import errno
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
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from mnistry.data.mirrors import is_safe
from mnistry.data.paths import looked_in
from mnistry.errors import FetchError
from mnistry.formats.atomic import open_part, part_path, part_size, publish
from mnistry.formats.progress import Progress
from mnistry.plural import counted

CHUNK_BYTES = 1 << 16
TIMEOUT_SECONDS = 20.0  # without a byte; a healthy mirror answers within a second
SLOWEST_BYTES_PER_SECOND = 1024  # slower than a 1990s modem is a stall
ROUNDS = 3  # through all mirrors, while one is worth retrying
WAIT_SECONDS = 1.0  # before the second round; twice that before the third
UNREACHED = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN}  # Wi-Fi is gone


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to be fetched; what is not published is None."""

    name: str
    size_bytes: int | None
    sha256: str | None
    dataset: str
    md5: str | None = None
    most_bytes: int = 1 << 30  # where no size is published; EMNIST's zip is half of it


class _WrongBytesError(Exception):
    """A mirror sent something other than the file."""


class _TransientError(Exception):
    """A mirror failed, perhaps only for now: it is tried again."""


class _RefusedError(Exception):
    """A mirror failed, and would fail again."""


def download(
    remote: RemoteFile,
    urls: Sequence[str],
    target: Path,
    *,
    progress: Progress | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> str:
    """Fetch a file from the first of several addresses that has the right bytes.

    Args:
        remote: The file.
        urls: Addresses, in the order to try them.
        target: Where to write it. Until it is complete, it is ".NAME.part" beside that,
            and an earlier attempt is resumed.
        progress: Called for each chunk.
        timeout_seconds: How long an address may send nothing.

    Returns:
        The address that had the right bytes.

    Raises:
        FetchError: None had it; the message lists what each answered.
        OSError: The file cannot be written.
    """
    part = part_path(target)
    tried: dict[str, str] = {}
    waiting = list(urls)
    for turn in range(ROUNDS):
        if turn:
            time.sleep(WAIT_SECONDS * turn)
        again = []
        for url in waiting:
            was_begun = part_size(part) > 0
            try:
                _from_one(remote, url, part, progress, timeout_seconds)
            except _TransientError as error:
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
                publish(part, target, durable=False)
                return url
        waiting = again
        if not waiting:
            break
    raise FetchError(_failures(remote, tried))


def _from_one(
    remote: RemoteFile,
    url: str,
    part: Path,
    progress: Progress | None,
    timeout_seconds: float,
) -> None:
    offset = part_size(part)
    if remote.size_bytes is None or offset >= remote.size_bytes:
        offset = 0
    with _request(url, offset, timeout_seconds) as answer:
        if offset and answer.status != http.HTTPStatus.PARTIAL_CONTENT:
            offset = 0  # this mirror cannot resume what another began
        expected_bytes = _expected_bytes(remote, answer, offset)
        with open_part(part) as file:
            file.truncate(offset)
            done = file.seek(offset)
            for chunk in _chunks(answer, timeout_seconds):
                done += len(chunk)
                if done > _most(remote):
                    message = f"sent more than the {_most(remote):,} bytes expected"
                    raise _WrongBytesError(message)
                file.write(chunk)
                if progress:
                    progress(remote.name, done, remote.size_bytes or done)
            if expected_bytes is not None and done < expected_bytes:
                message = f"stopped after {done:,} of {expected_bytes:,} bytes"
                raise _TransientError(message)
            _check_hashes(remote, file)


@contextmanager
def _network_errors() -> Iterator[None]:
    """Turn errors of the network into errors of a mirror.

    Only network code is inside the block: an OSError outside it comes from the disk.
    """
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        message = f"answered {error.code} {error.reason}"
        if error.code in {408, 429} or error.code >= 500:
            raise _TransientError(message) from error
        raise _RefusedError(message) from error
    except urllib.error.URLError as error:  # no connection
        reason = error.reason
        is_transient = isinstance(reason, TimeoutError | ConnectionError)
        if is_transient or (isinstance(reason, OSError) and reason.errno in UNREACHED):
            raise _TransientError(_words(reason)) from error
        raise _RefusedError(_words(reason)) from error
    except (OSError, http.client.HTTPException) as error:  # a connection that broke
        raise _TransientError(_words(error)) from error


def _request(url: str, offset: int, timeout_seconds: float) -> Any:
    headers = {"User-Agent": "mnistry", "Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    try:
        _check_scheme(url)
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - checked
        opener = urllib.request.build_opener(_SafeRedirects)
        with _network_errors():
            return opener.open(request, timeout=timeout_seconds)
    except ValueError as error:  # also from where a mirror redirects to
        message = f"is not a valid address ({error})"
        raise _RefusedError(message) from error


def _chunks(answer: Any, timeout_seconds: float) -> Iterator[bytes]:
    start, received = time.monotonic(), 0
    while True:
        with _network_errors():
            chunk = answer.read1(CHUNK_BYTES)
        if not chunk:
            return
        yield chunk
        received += len(chunk)
        seconds = time.monotonic() - start
        if seconds > timeout_seconds:
            if received < seconds * SLOWEST_BYTES_PER_SECOND:
                message = f"sent only {received:,} bytes in {seconds:.0f} seconds"
                raise _TransientError(message)
            start, received = time.monotonic(), 0


def _check_scheme(url: str) -> None:
    if not is_safe(url):
        message = f"is not an https address ({urlsplit(url).scheme or 'no scheme'})"
        raise _RefusedError(message)


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> Any:
        request = super().redirect_request(*args, **kwargs)
        if request is not None:
            _check_scheme(request.full_url)
        return request


def _expected_bytes(remote: RemoteFile, answer: Any, offset: int) -> int | None:
    """Return the file's length on this mirror, if its headers say it."""
    length = answer.headers.get("Content-Length", "")
    if not length.isdigit():
        return remote.size_bytes
    if remote.size_bytes not in {None, offset + int(length)}:
        kind = answer.headers.get_content_type()
        message = (
            f"offers {int(length):,} bytes of {kind},"
            f" expected {(remote.size_bytes or 0) - offset:,}"
        )
        raise _RefusedError(message)
    return offset + int(length)


def _check_hashes(remote: RemoteFile, file: BinaryIO) -> None:
    for title, kind, expected in (
        ("SHA-256", "sha256", remote.sha256),
        ("MD5", "md5", remote.md5),
    ):
        if expected is None:
            continue
        file.seek(0)
        digest = hashlib.file_digest(file, kind).hexdigest()  # type: ignore[arg-type]
        if digest != expected:
            message = f"{title} is {digest[:8]}…, expected {expected[:8]}…"
            raise _WrongBytesError(message)


def _most(remote: RemoteFile) -> int:
    return remote.most_bytes if remote.size_bytes is None else remote.size_bytes


def _words(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "gave no answer in time"
    if isinstance(error, OSError) and error.errno is not None:
        return error.strerror or os.strerror(error.errno)
    return str(error) or type(error).__name__


def _failures(remote: RemoteFile, tried: dict[str, str]) -> str:
    folders = f" MNISTRY_DATA: {looked_in()}." if looked_in() else ""
    return (
        f"{remote.name} of {remote.dataset} could not be had from"
        f" {counted(len(tried), 'mirror')}: {_answers(tried)}. Expected"
        f" {_expected(remote)}.{folders} Check the network, take the data set drawn,"
        " which needs no file, or give a folder that has it:"
        f" mnistry fetch {remote.dataset} --from DIR"
    )


def _answers(tried: dict[str, str]) -> str:
    """List the mirrors' answers; the same answer of several is listed once."""
    hosts: dict[str, list[str]] = {}
    for url, answer in tried.items():
        hosts.setdefault(answer, []).append(_host(url))
    shared = [
        f"{answer}: {', '.join(names)}"
        for answer, names in hosts.items()
        if len(names) > 1
    ]
    alone = [
        f"{url} {answer}" for url, answer in tried.items() if len(hosts[answer]) == 1
    ]
    return "; ".join([*shared, *alone])


def _host(url: str) -> str:
    """Return the host of an address, even if that is invalid."""
    return url.partition("://")[2].partition("/")[0] or url


def _expected(remote: RemoteFile) -> str:
    digest = f"SHA-256 {remote.sha256}" if remote.sha256 else f"MD5 {remote.md5}"
    if remote.size_bytes is None:
        return digest
    return f"{remote.size_bytes:,} bytes with {digest}"
