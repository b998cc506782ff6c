"""The page in a real browser, from disk; whatever it asks of the network is a fault."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mnistry.web.page.render import render
from tests.opened import Opened, opening


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("page") / "digits.html"
    path.write_text(render(), "utf-8")
    return path.as_uri()


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Opened]:
    with opening(browser, address) as opened:
        yield opened
    asked = {url for url in opened.requests if not url.startswith(("data:", "blob:"))}
    others = {url for url in asked if not url.startswith(f"{address}v1/read?")}
    assert others <= {address}  # what is served asks its own server, and nobody else
