"""The page in a real browser: clicked, typed at, on a phone, in the dark, on paper."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistry.report.evaluation import Evaluation
from mnistry.report.page import render
from tests.opened import Opened, opening

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.fixture(scope="module")
def address(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("page") / "report.html"
    evaluation.save(path)
    return path.as_uri()


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Opened]:
    with opening(browser, address) as opened:
        yield opened
    asked = {url for url in opened.requests if not url.startswith("data:")}
    assert {url.partition("#")[0] for url in asked} == {address}


def wrong_cell(evaluation: Evaluation) -> tuple[int, int, int]:
    """Find a cell of mistakes that is not the one that is open at first."""
    counts = evaluation.confusion.copy()
    np.fill_diagonal(counts, 0)
    first = counts.argmax()
    counts.flat[first] = 0
    row, column = divmod(int(counts.argmax()), 10)
    return row, column, int(counts[row, column])


def visible(page: Any, selector: str) -> int:
    return sum(one.is_visible() for one in page.locator(selector).all())


def test_a_click_on_a_cell_opens_its_images(
    opened: Opened, evaluation: Evaluation
) -> None:
    page = opened()
    row, column, count = wrong_cell(evaluation)
    assert visible(page, ".pane") == 1  # the cell with most mistakes
    page.click(f'a[href="#cell-{row}-{column}"]')
    assert page.locator(f"#cell-{row}-{column}").is_visible()
    assert visible(page, ".pane") == 1
    assert visible(page, f"#cell-{row}-{column} .digit") == count
    heading = page.locator(f"#cell-{row}-{column} h3").inner_text()
    assert heading.startswith(f"{row}, read as {column}")
    assert page.url.endswith(f"#cell-{row}-{column}")
    page.click(f'a[href="#cell-{row}-{column}"]')
    assert visible(page, ".pane") == 0


def test_a_link_to_a_cell_opens_it(opened: Opened, evaluation: Evaluation) -> None:
    row, column, _ = wrong_cell(evaluation)
    page = opened(f"#cell-{row}-{column}")
    assert page.locator(f"#cell-{row}-{column}").is_visible()
    assert visible(page, ".pane") == 1


def test_cells_are_reached_and_opened_with_keys(opened: Opened) -> None:
    page = opened()
    page.focus('a[href="#cell-4-4"]')
    page.keyboard.press("ArrowDown")
    where = page.evaluate("document.activeElement.dataset.column")
    assert where == "4"
    assert page.evaluate("document.activeElement.dataset.row") != "4"
    page.focus('a[href="#cell-4-4"]')
    page.keyboard.press("Enter")
    assert page.locator("#cell-4-4").is_visible()
    page.keyboard.press("Escape")
    assert visible(page, ".pane") == 0


def test_an_image_opens_large_and_keys_go_on(opened: Opened) -> None:
    page = opened()
    page.locator(".cards .digit").first.click()
    dialog = page.locator("dialog")
    assert dialog.is_visible()
    assert dialog.locator(".map").is_visible()  # this one was mapped
    first = dialog.locator("h2").inner_text()
    assert "read as" in first
    page.keyboard.press("ArrowRight")
    second = dialog.locator("[data-say=place]").inner_text()
    assert second == "2"
    page.keyboard.press("ArrowLeft")
    assert dialog.locator("h2").inner_text() == first
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    focused = "document.activeElement === document.querySelector('.cards .digit')"
    assert page.evaluate(focused)


def test_an_image_read_rightly_says_so_and_has_no_map(opened: Opened) -> None:
    page = opened()
    page.click('a[href="#cell-4-4"]')
    page.locator("#cell-4-4 .digit").first.click()
    assert page.locator("dialog h2").inner_text() == "4, read correctly"
    assert not page.locator("dialog .map").is_visible()


def test_the_language_is_the_readers_and_can_be_changed(opened: Opened) -> None:
    page = opened(locale="zh-CN")
    assert page.evaluate("document.documentElement.lang") == "zh"
    assert page.locator("#h-confusion").inner_text() == "什么被读成了什么"
    label = page.locator('a[href="#cell-4-4"]').get_attribute("aria-label")
    assert "读作" in label
    page.click("#language")
    assert page.locator("#h-confusion").inner_text() == "What was read as what"
    label = page.locator('a[href="#cell-4-4"]').get_attribute("aria-label")
    assert "read as" in label
    page.reload()
    assert page.evaluate("document.documentElement.lang") == "en"  # it remembers


def test_no_word_is_left_in_the_other_language(opened: Opened) -> None:
    page = opened()
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in text_of(page))
    page.click("#language")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in text_of(page))
    assert "read as" not in text_of(page)


def text_of(page: Any) -> str:
    switch = page.locator("#language").inner_text()
    return str(page.locator("body").inner_text()).replace(switch, "")


def test_in_the_dark_paper_is_dark_and_the_button_makes_it_light(
    opened: Opened,
) -> None:
    page = opened(color_scheme="dark")
    assert brightness(page) < 60
    flipped = "getComputedStyle(document.querySelector('.digit')).filter"
    assert page.evaluate(flipped) == "invert(1)"
    page.click("#theme")
    assert brightness(page) > 200
    assert page.evaluate(flipped) == "invert(0)"


def brightness(page: Any) -> float:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return float(np.mean([int(part) for part in colour[4:-1].split(",")]))


def test_a_phone_shows_it_without_scrolling_sideways(opened: Opened) -> None:
    page = opened(**PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.tap('a[href="#cell-9-9"]')
    assert page.locator("#cell-9-9").is_visible()
    page.tap("#cell-9-9 .digit >> nth=0")
    assert page.locator("dialog").is_visible()
    box = page.locator("dialog").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_without_scripts_a_cell_still_opens(opened: Opened) -> None:
    page = opened(java_script_enabled=False)
    page.click('a[href="#cell-4-4"]')
    assert page.locator("#cell-4-4").is_visible()
    assert not page.locator("#language").is_visible()


def test_mistakes_are_put_in_order(opened: Opened, evaluation: Evaluation) -> None:
    page = opened()
    page.select_option("#order", "index 1")
    cards = page.locator(".cards li")
    order = [int(card.get_attribute("data-index")) for card in cards.all()]
    assert order == sorted(row["index"] for row in evaluation.mistakes)
    assert visible(page, ".cards li") == 24
    page.click("#all")
    assert visible(page, ".cards li") == evaluation.errors


def test_printed_it_has_no_buttons_and_is_a_few_pages(opened: Opened) -> None:
    page = opened(color_scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator("#language").is_visible()
    assert brightness(page) > 200
    pdf = page.pdf(format="A4", print_background=True)
    assert pdf.startswith(b"%PDF")
    assert 2 <= pdf.count(b"/Type /Page\n") <= 12


def test_printed_all_mistakes_are_there_and_nothing_says_click(
    opened: Opened, evaluation: Evaluation
) -> None:
    page = opened()
    assert visible(page, ".cards li") == 24 < evaluation.errors
    page.emulate_media(media="print")
    assert visible(page, ".cards li") == evaluation.errors
    assert "Choose a cell" not in page.locator("body").inner_text()


def test_longer_facts_are_opened_on_demand(opened: Opened) -> None:
    page = opened()
    fact = page.locator("details dd").first
    assert not fact.is_visible()
    page.focus("summary")
    page.keyboard.press("Enter")
    assert fact.is_visible()


def test_a_script_that_got_in_would_not_run(
    browser: Any, evaluation: Evaluation, tmp_path: Path
) -> None:
    evil = '<img src=x onerror="window.ran = 1"><script>window.ran = 1</script>'
    path = tmp_path / "report.html"
    path.write_text(render(evaluation).replace("<main>", f"<main>{evil}"))
    page = browser.new_page()
    page.goto(path.as_uri())
    assert page.evaluate("document.querySelector('main img') !== null")
    assert page.evaluate("document.documentElement.classList.contains('js')")
    assert page.evaluate("window.ran") is None
