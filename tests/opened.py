"""A page in a real browser: what it asks of the network, and what goes wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Opened:
    """Opens the page, and notes each request and fault."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser, self.address = browser, address
        self.requests: set[str] = set()
        self.faults: list[str] = []

    def __call__(self, hash: str = "", **options: Any) -> Any:
        options = {"locale": "en-US", **options}
        page = self.browser.new_context(**options).new_page()
        page.on("request", lambda request: self.requests.add(request.url))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self.faults.append(message.text))
        page.goto(self.address + hash)
        return page


@contextmanager
def opening(browser: Any, address: str) -> Iterator[Opened]:
    """Give what opens the page; in the end nothing has gone wrong."""
    opened = Opened(browser, address)
    yield opened
    for context in browser.contexts:
        context.close()
    assert opened.faults == []
