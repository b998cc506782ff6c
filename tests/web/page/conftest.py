"""The page in a real browser, from disk; whatever it asks of the network is a fault."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mnistry.web.page.render import render


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("page") / "digits.html"
    path.write_text(render(), "utf-8")
    return path.as_uri()


class Opened:
    """Opens the page, and sees that nothing is asked of the network or goes wrong."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser, self.address = browser, address
        self.requests: set[str] = set()
        self.faults: list[str] = []

    def __call__(self, **options: Any) -> Any:
        options = {"locale": "en-US", **options}
        page = self.browser.new_context(**options).new_page()
        page.on("request", lambda request: self.requests.add(request.url))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self.faults.append(message.text))
        page.goto(self.address)
        return page


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Opened]:
    opening = Opened(browser, address)
    yield opening
    for context in browser.contexts:
        context.close()
    asked = {url for url in opening.requests if not url.startswith(("data:", "blob:"))}
    others = {url for url in asked if not url.startswith(f"{address}v1/read?")}
    assert others <= {address}  # what is served asks its own server, and nobody else
    assert opening.faults == []
