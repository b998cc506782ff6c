"""The page as `mnistry serve` gives it: files of many pages are read, boxes drawn."""

import csv
import io
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

import mnistry
from mnistry.formats.sheets import encode_png
from mnistry.synth.documents.forms import make_form
from mnistry.synth.documents.scenes import Alphabet
from mnistry.synth.drawn import draw
from mnistry.web.page.render import render, words
from mnistry.web.service.app import Settings
from tests.opened import Opened
from tests.web.conftest import Service, service
from tests.web.page.test_browser import AXE

Make = Callable[[str], bytes]


@pytest.fixture(scope="module")
def page_service() -> Iterator[Service]:
    page = render(served=True).encode()
    with service(Settings(workers=1, hosts=("127.0.0.1",), page=page)) as running:
        yield running


@pytest.fixture
def address(page_service: Service) -> str:
    return page_service.address + "/"


@pytest.fixture(scope="module")
def letter() -> bytes:
    """A PDF of two pages with forms that are filled in."""
    alphabet = Alphabet(*draw(300))
    pages = [
        Image.fromarray(make_form(alphabet, entries, seed=3).picture)
        for entries in (["20240117", "4711"], ["80331"])
    ]
    file = io.BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:], resolution=200)
    return file.getvalue()


def choose(page: Any, *files: tuple[str, bytes]) -> None:
    given = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        for name, data in files
    ]
    page.set_input_files("#files-choose", given)


def done(page: Any, count: int) -> None:
    ended = "n => document.querySelectorAll('.file .done, .file .failed').length === n"
    page.wait_for_function(ended, arg=count)


def test_pages_of_a_pdf_are_shown_with_boxes_and_lines(
    opened: Opened, letter: bytes
) -> None:
    page = opened()
    choose(page, ("=letter.pdf", letter), ("b.png", b"Dear"))
    done(page, 2)
    reading = mnistry.read(letter)
    assert page.locator(".sheet img").count() == 2
    assert page.locator(".sheet rect").count() == len(reading.digits)
    found = page.evaluate(
        "[...document.querySelectorAll('.lines th')].map((cell) => [...cell.childNodes]"
        ".map((node) => node.firstChild?.data ?? node.data).join(''))"
    )
    assert found == [line.text for line in reading.lines]
    unsure = [d for d in reading.digits if not d.rejected and d.confidence < 0.95]
    assert page.locator(".sheet rect.low").count() == len(unsure)
    assert page.locator(".lines mark").count() == len(unsure)
    assert page.inner_text(".file .failed").startswith("b.png is not in a format")
    with page.expect_download() as table:
        page.click("#files-csv")
    header, *rows = csv.reader(table.value.path().read_text("utf-8").splitlines())
    columns = mnistry.read(letter).to_csv().splitlines()[0].split(",")
    columns.remove("reason")  # which pages have
    assert header == ["file", *columns]
    assert [int(row[4]) for row in rows] == [digit.value for digit in reading.digits]
    assert {row[0] for row in rows} == {"'=letter.pdf"}
    with page.expect_download() as document:
        page.click("#files-json")
    saved = json.loads(document.value.path().read_text("utf-8"))
    lines = [line.to_dict() for line in reading.lines]
    assert [
        {key: line[key] for key in line if key != "digits"}
        for one in saved[0]["pages"]
        for line in one["lines"]
    ] == lines
    page.click("#files-clear")
    assert page.locator(".file").count() == 0


def test_a_sheet_chosen_as_one_digit_is_sent_below(opened: Opened) -> None:
    page = opened()
    sheet = np.full((400, 900), 255, np.uint8)
    sheet[20:380:24, 20:880:60] = 0
    sheet = 255 - cv2.dilate(255 - sheet, np.ones((9, 9), np.uint8))
    buffer = encode_png(sheet)
    picture = {"name": "a.png", "mimeType": "image/png", "buffer": buffer}
    page.set_input_files("#choose", picture)
    condition = (
        "document.getElementById('sentence').innerText.includes('pieces of ink')"
    )
    page.wait_for_function(condition)
    assert "Whole sheets are read below" in page.inner_text("#sentence")


def test_boxes_lie_on_the_digits(opened: Opened, picture: Make) -> None:
    page = opened()
    choose(page, ("a.png", picture("2468")))
    done(page, 1)
    shown = page.locator(".sheet img").bounding_box()
    size = Image.open(io.BytesIO(picture("2468"))).size[::-1]
    digits = mnistry.read(picture("2468")).digits
    assert page.locator(".sheet rect").count() == len(digits) == 4
    for place, digit in enumerate(digits):
        box = page.locator(".sheet rect").nth(place).bounding_box()
        left = shown["x"] + digit.box.left * shown["width"] / size[1]
        top = shown["y"] + digit.box.top * shown["height"] / size[0]
        assert abs(box["x"] - left) < 3
        assert abs(box["y"] - top) < 3


def test_settings_are_sent_and_errors_of_them_shown(
    opened: Opened, picture: Make
) -> None:
    page = opened(locale="zh-CN")
    page.fill("#files-pattern", "[0-9]{2}-[0-9]{2}")
    choose(page, ("a.png", picture("2468")))
    done(page, 1)
    assert page.locator(".lines th").first.text_content().startswith("24-68")
    page.fill("#files-pattern", "[0-9")
    choose(page, ("a.png", picture("2468")))
    page.wait_for_selector(".file .failed")
    assert "pattern" in page.inner_text(".file .failed")
    page.click("#language")
    assert words("en")["files_copy"] in page.inner_text("#files-tools")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_several_dropped_files_are_read(opened: Opened, picture: Make) -> None:
    page = opened()
    page.evaluate(
        """(bytes) => {
          const data = new DataTransfer(), type = "image/png";
          for (const name of ["a.png", "b.png"])
            data.items.add(new File([new Uint8Array(bytes)], name, { type }));
          const options = { dataTransfer: data, bubbles: true, cancelable: true };
          document.body.dispatchEvent(new DragEvent("drop", options));
        }""",
        list(picture("70")),
    )
    done(page, 2)
    assert page.inner_text("#text") == "–"


def test_a_token_is_asked_for(browser: Any, picture: Make) -> None:
    settings = Settings(
        workers=1,
        token="right",  # noqa: S106 - of this test
        page=render(served=True).encode(),
    )
    with service(settings) as guarded:
        page = browser.new_context(locale="en-US").new_page()
        page.goto(guarded.address)
        choose(page, ("a.png", picture("70")))
        for token in ("wrong", "right"):
            page.wait_for_selector("#files-token-form:not([hidden])")
            page.fill("#files-token", token)
            page.keyboard.press("Enter")
            if token == "wrong":  # noqa: S105
                page.wait_for_selector("#files-fault:not(:empty)")
        done(page, 1)
        page.context.close()


def test_a_server_that_is_busy_or_gone_loses_no_file(
    opened: Opened, picture: Make
) -> None:
    page = opened()
    asked = threading.Semaphore(0)

    def busy(route: Any) -> None:
        asked.release()
        route.fulfill(status=429, headers={"Retry-After": "0"}, body="{}")

    page.route("**/v1/read*", busy, times=1)
    choose(page, ("a.png", picture("70")))
    done(page, 1)
    assert asked.acquire(timeout=0)
    assert page.locator(".lines tr").count() == 1
    page.route("**/v1/read*", lambda route: route.abort())
    choose(page, ("b.png", picture("70")))
    done(page, 2)
    assert page.inner_text(".file .failed") == words("en")["files_lost"]
    assert all("Failed to load resource" in fault for fault in opened.faults)
    opened.faults.clear()  # the browser's words on what was refused on purpose


@pytest.mark.skipif(not AXE.exists(), reason="`make page` installs axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_files_are_read(
    opened: Opened, letter: bytes, scheme: str
) -> None:
    page = opened(color_scheme=scheme)
    choose(page, ("letter.pdf", letter), ("b.png", b"Dear"))
    done(page, 2)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run().then(({ violations }) => violations)")
    assert [(of["id"], of["nodes"][0]["html"]) for of in found] == []
