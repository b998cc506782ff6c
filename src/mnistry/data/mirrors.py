"""Which mirrors may be asked: https, and http without TLS for this machine alone."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from mnistry.data.catalog.rows import Dataset
from mnistry.errors import UsageError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_safe(url: str) -> bool:
    """Return whether an address may be used as a mirror.

    Raises:
        ValueError: It is no address at all.

    Example:
        >>> is_safe("https://example.org/mnist/"), is_safe("http://example.org/")
        (True, False)
    """
    parts = urlsplit(url)
    is_here = parts.scheme == "http" and parts.hostname in LOOPBACK
    return bool(parts.hostname) and (parts.scheme == "https" or is_here)


def expect_mirrors(mirrors: Iterable[str], dataset: Dataset) -> None:
    """Refuse what is no mirror at once, not when a file is missing one day.

    Args:
        mirrors: As they were given.
        dataset: Whose own mirrors are named.

    Raises:
        UsageError: One may not be asked, or is no address.
    """
    for mirror in mirrors:
        try:
            if is_safe(mirror):
                continue
        except ValueError:
            pass
        own = ", ".join(dataset.mirrors) or "none"
        message = (
            f"the mirror {mirror!r} is not an https address; expected that of a folder"
            f" with the files. {dataset.name} has these, which are asked anyway: {own}"
        )
        raise UsageError(message)
