"""The page: as it was looked at and found good, small, and whole by itself."""

import base64
import hashlib
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnistry.digits import Digits
from mnistry.predictions import Predictions
from mnistry.report.evaluation import Evaluation
from mnistry.report.page import render, render_summary, say
from mnistry.report.sprites import MOST_IN_CELL
from mnistry.report.tables import save_tables

GOLDEN = Path(__file__).parent / "golden" / "report.html"
PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")
VOID = {"meta", "link"}


def pixels(encoded: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))))


def scrubbed(page: str) -> str:
    """Put the hash of its pixels in place of each picture: encoders differ."""

    def name(match: re.Match[str]) -> str:
        digest = hashlib.sha256(pixels(match[1]).tobytes()).hexdigest()
        return f"picture:{digest[:16]}"

    return PICTURE.sub(name, page)


@pytest.fixture
def dated(evaluation: Evaluation) -> Evaluation:
    return replace(evaluation, seconds=0.25, made_at="2026-01-02T03:04:05+00:00")


def test_the_page_is_as_it_was_found_good(dated: Evaluation) -> None:
    actual = scrubbed(render(dated))
    if actual != GOLDEN.read_text("utf-8"):
        beside = GOLDEN.with_suffix(".actual.html")
        beside.write_text(actual, encoding="utf-8")
        pytest.fail(
            f"the page changed. Open a report and look at it; if it is good:"
            f" mv {beside} {GOLDEN}"
        )


class Tags(HTMLParser):
    """Sees that every tag that is opened is closed, and remembers ids and links."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            if name == "href" and str(value).startswith("#"):
                self.links.append(str(value)[1:])
            elif name in {"href", "src", "action"}:
                self.addresses.append(str(value))

    def handle_startendtag(
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None: ...

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_tags_are_closed_ids_are_unique_and_links_lead_somewhere(
    evaluation: Evaluation,
) -> None:
    tags = Tags()
    tags.feed(render(evaluation))
    assert tags.open == []
    assert len(tags.ids) == len(set(tags.ids))
    assert set(tags.links) <= set(tags.ids)
    assert len(tags.links) == np.count_nonzero(evaluation.confusion)
    assert tags.addresses == ["data:,"]


def test_nothing_comes_from_elsewhere(evaluation: Evaluation) -> None:
    page = render(evaluation)
    assert "http:" not in page
    assert "https:" not in page
    assert "@import" not in page
    assert all(
        address.startswith("data:image/png")
        for address in re.findall(r"url\(([^)]*)\)", page)
    )


def test_the_sheet_holds_each_image_at_its_place(evaluation: Evaluation) -> None:
    page = render(evaluation)
    match = PICTURE.search(page)
    assert match is not None
    sheet = pixels(match[1])
    found = set()
    for x, y, index in re.findall(
        r'style="--x:(\d+);--y:(\d+)" data-index="(\d+)" aria-label="\d', page
    ):
        top, left = 28 * int(y), 28 * int(x)
        drawn = sheet[top : top + 28, left : left + 28]
        assert np.array_equal(drawn, 255 - evaluation.digits.images[int(index)])
        found.add(int(index))
    assert {row["index"] for row in evaluation.mistakes} <= found


def test_ten_thousand_images_read_at_random_stay_below_two_megabytes() -> None:
    generator = np.random.default_rng(0)
    # as full of grey as handwriting is, which noise would not be
    images = np.zeros((10_000, 28, 28), np.uint8)
    for image in images:
        top, left = generator.integers(4, 9, 2)
        image[top : top + 14, left : left + 9] = generator.integers(
            0, 256, (14, 9), dtype=np.uint8
        )
    labels = generator.integers(0, 10, 10_000, dtype=np.uint8)
    logits = generator.normal(0, 1, (10_000, 10)).astype(np.float32)
    page = render(Evaluation(Digits(images, labels), Predictions(logits)))
    assert page.count('id="cell-') == 100
    assert page.count("data-index") > 90 * MOST_IN_CELL
    assert len(page.encode()) < 2_000_000


def test_names_that_look_like_markup_are_text(digits: Digits) -> None:
    classes = ("<b>nought</b>", *"123456789")
    named = Digits(digits.images, digits.labels, name="<i>", classes=classes)
    predictions = Predictions(np.eye(10, dtype=np.float32)[digits.labels])
    evil = {"net": "</script><script>alert(1)</script>"}
    page = render(Evaluation(named, predictions, evil))
    assert "<b>nought" not in page
    assert "<i>" not in page.replace("<i></i>", "").replace("<i class", "")
    assert "alert(1)</script>" not in page


def test_names_of_facts_in_a_models_file_are_no_markup(digits: Digits) -> None:
    predictions = Predictions(np.eye(10, dtype=np.float32)[digits.labels])
    evil = "<img src=x onerror=alert(1)>"
    facts = {evil: 1, "{0}": 2, "{": 3, evil + "s": {evil: {"{b}": 4, evil: [[evil]]}}}
    page = render(Evaluation(digits, predictions, facts))
    assert "<img" not in page
    assert page.count("&lt;img src=x") > 6
    assert '<dt><span lang="en">{0}</span>' in page


def test_facts_of_any_form_make_a_page(digits: Digits, tmp_path: Path) -> None:
    predictions = Predictions(np.eye(10, dtype=np.float32)[digits.labels])
    deep: object = 1
    for _ in range(900):
        deep = [deep]
    rows = [{"loss": 1.0, "epoch": 1e308}, {"loss": "x"}, {"loss": 2, "epoch": None}]
    for history in ("abc", [1, 2], {"a": 1}, 7, rows):
        facts = {"history": history, "deep": deep, "trust": "me", "net": "\ud800"}
        evaluation = Evaluation(digits, predictions, facts)
        evaluation.save(tmp_path / "report.html")
        evaluation.to_dict()
        save_tables(evaluation, tmp_path)
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 4


def test_all_languages_are_there_and_markup_in_values_is_not() -> None:
    assert say("confusion.right", a="<i>") == (
        '<span lang="en">&lt;i&gt;, read correctly</span>'
        '<span lang="zh">&lt;i&gt;，读对了</span>'
    )


def test_the_summary_has_mistakes_and_no_script(evaluation: Evaluation) -> None:
    html = render_summary(evaluation)
    assert html.count("<figure>") == min(20, evaluation.errors)
    assert "<script" not in html
    assert "http" not in html
