"""The page in people's hands: mouse, finger, keys, pictures, languages, paper."""

import shutil
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mnistry
from mnistry.formats.sheets import encode_png
from mnistry.synth.drawn import trace
from mnistry.web.page.render import render, words
from tests.conftest import leave_out
from tests.opened import Opened

AXE = Path("tools/page/node_modules/axe-core/axe.min.js")
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
}


def draw(page: Any, text: str) -> None:
    """Draw digits side by side with the mouse."""
    box = page.locator("#paper").bounding_box()
    cell = box["width"] / len(text)
    size = min(0.75 * cell, 0.6 * box["height"])
    digits = np.array([int(letter) for letter in text])
    for place, written in enumerate(trace(digits, seed=3)):
        left = box["x"] + place * cell + (cell - size) / 2
        top = box["y"] + 0.2 * box["height"]
        for stroke in written.strokes:
            points = [
                (float(left + x * size), float(top + y * size)) for x, y in stroke
            ]
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in [*points[1::12], points[-1]]:
                page.mouse.move(*point)
            page.mouse.up()


def shows(page: Any, text: str) -> None:
    page.wait_for_function(
        "text => document.getElementById('text').innerText === text", arg=text
    )


def test_digits_are_read_while_they_are_drawn(opened: Opened) -> None:
    page = opened()
    shows(page, "–")
    draw(page, "7")
    shows(page, "7")
    assert page.inner_text("#bars tr.first th") == "7"
    assert "likely" in page.inner_text("#sentence")
    page.click("#clear")
    shows(page, "–")
    draw(page, "70851")
    shows(page, "70851")
    page.click("#row button >> nth=2")
    assert page.inner_text("#bars tr.first th") == "8"


def test_strokes_are_taken_back_and_erased(opened: Opened) -> None:
    page = opened()
    draw(page, "1")
    shows(page, "1")
    page.click("#clear")
    shows(page, "–")
    page.click("#undo")
    shows(page, "1")
    page.click("#eraser")
    page.fill("#pen", "60")
    draw(page, "1")
    shows(page, "–")


def test_a_scribble_is_no_digit(opened: Opened) -> None:
    page = opened()
    box = page.locator("#paper").bounding_box()
    generator = np.random.default_rng(0)
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    for x, y in generator.uniform(80, 300, (30, 2)):
        page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.up()
    shows(page, "?")
    assert page.inner_text("#sentence").startswith("Probably no digit.")
    announced = "() => document.getElementById('announced').innerText !== ''"
    page.wait_for_function(announced)


def test_a_finger_draws_and_the_page_does_not_scroll(opened: Opened) -> None:
    page = opened(**PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    box = page.locator("#paper").bounding_box()
    touch = page.context.new_cdp_session(page)
    middle = box["x"] + box["width"] / 2
    kinds = ["touchStart", *["touchMove"] * 20, "touchEnd"]
    for step, kind in enumerate(kinds):
        point = {"x": middle, "y": box["y"] + 40 + 8 * step}
        points = [] if kind == "touchEnd" else [point]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    shows(page, "1")
    assert page.evaluate("scrollY") == 0
    assert page.locator(".camera").is_visible()


def test_a_digit_is_drawn_with_keys_alone(opened: Opened) -> None:
    page = opened()
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.id") != "paper":
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(20):
        page.keyboard.press("ArrowDown")
    assert page.locator("#nib.down").is_visible()
    page.keyboard.press("Space")
    shows(page, "1")
    page.keyboard.press("Control+z")
    shows(page, "–")


def png_of(text: str) -> bytes:
    """Draw digits on shaded paper, as a photograph has it."""
    import cv2

    images = [image for image, _ in map(one_of, text)]
    strip = np.pad(np.hstack(images), 8).repeat(6, 0).repeat(6, 1)
    soft = cv2.GaussianBlur(strip, (0, 0), 3) / 255
    shade = np.linspace(150, 250, strip.shape[1])
    picture = np.rint(shade * (1 - 0.7 * soft)).astype(np.uint8)
    return bytes(cv2.imencode(".png", picture)[1])


def one_of(letter: str) -> tuple[Any, int]:
    digits = mnistry.load("drawn", split="test")
    place = int(np.flatnonzero(digits.labels == int(letter))[0])
    return digits.images[place], int(letter)


def test_a_photograph_is_chosen_dropped_and_pasted(opened: Opened) -> None:
    page = opened()
    photograph = {"name": "a.png", "mimeType": "image/png", "buffer": png_of("3150")}
    page.set_input_files("#choose", photograph)
    shows(page, "3150")
    give = """([base64, kind]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], "a.png", { type: "image/png" }));
      const event = kind === "drop"
        ? new DragEvent("drop", { dataTransfer: transfer, bubbles: true })
        : new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true });
      document.body.dispatchEvent(event);
    }"""
    for kind, text in (("drop", "89"), ("paste", "67")):
        page.evaluate(give, [b64encode(png_of(text)).decode(), kind])
        shows(page, text)
    page.set_input_files("#choose", {**photograph, "buffer": b"no picture"})
    page.wait_for_selector("#fault:not(:empty)")
    shows(page, "67")


def test_a_picture_of_more_than_a_row_is_named_as_one(opened: Opened) -> None:
    import cv2

    page = opened()
    sheet = np.full((600, 1000), 255, np.uint8)
    for row in range(8):
        for column in range(20):  # 160 strokes, as of a page of print
            sheet[40 + 66 * row :, 30 + 48 * column :][:40, :6] = 0
    picture = {"name": "a.png", "mimeType": "image/png", "buffer": encode_png(sheet)}
    page.set_input_files("#choose", picture)
    condition = (
        "document.getElementById('sentence').innerText.startsWith('160 pieces of ink')"
    )
    page.wait_for_function(condition)
    shows(page, "–")
    page.click("#language")
    assert "共有 160 块墨迹" in page.inner_text("#sentence")
    page.set_input_files("#choose", {**picture, "buffer": png_of("3150")})
    shows(page, "3150")
    page.click("#language")
    word = np.full((150, 900), 255, np.uint8)
    cv2.putText(word, "7 # # #", (20, 110), cv2.FONT_HERSHEY_SIMPLEX, 3, 0, 12)
    page.set_input_files("#choose", {**picture, "buffer": encode_png(word)})
    shows(page, "7???")
    sentence = page.inner_text("#sentence")
    assert sentence.startswith("Most of this is no digit (3 pieces).")
    assert "use the page of mnistry serve" in sentence


def test_drawings_are_collected_as_a_data_set(opened: Opened, tmp_path: Path) -> None:
    page = opened()
    draw(page, "58")
    shows(page, "58")
    page.fill("#label", "5")
    page.click("#collect-form button")
    assert ": 2 here" in page.inner_text("#collect-fault")
    page.fill("#label", "58")
    page.click("#collect-form button")
    for _ in range(2):  # the same again, and the last taken away
        page.fill("#label", "58")
        page.click("#collect-form button")
    page.click("#drop-last")
    with page.expect_download() as download:
        page.click("#download")
    path = tmp_path / "drawings.csv"
    download.value.save_as(path)
    parts = mnistry.load(path)
    labels = np.concatenate([part.labels for part in parts])
    images = np.concatenate([part.images for part in parts])
    assert sorted(labels) == [5, 5, 5, 8, 8]
    assert (mnistry.load_model().predict(images).labels == labels).all()


def test_how_an_answer_comes_about_is_shown(opened: Opened) -> None:
    page = opened()
    assert not page.locator("#steps").is_visible()
    draw(page, "2")
    page.wait_for_selector("#occlusion figure")
    assert page.locator("#steps figure").count() == 3
    assert page.locator("#layers figure").count() == 4
    assert page.locator("#why-figures figure").count() == 2
    assert "read as 2" in page.inner_text("#why-figures")


def test_what_would_change_the_answer_does_change_it(opened: Opened) -> None:
    page = opened()
    draw(page, "7")
    page.wait_for_selector("#occlusion figure")
    page.click("#change-find")
    page.wait_for_selector("#change figure >> nth=1")
    for caption in page.locator("#change figcaption").all_inner_texts():
        assert "is read as" in caption
        assert "read as 7" not in caption
    page.click("#undo")  # another drawing has another answer
    draw(page, "1")
    page.wait_for_selector("#change figure", state="detached")


def test_the_quiz_counts(opened: Opened) -> None:
    page = opened()
    for place in range(1, 4):
        page.click("#quiz-choices button >> nth=4")
        assert page.inner_text("#quiz-score").startswith(f"{place} of 20")
        assert page.locator("#quiz-choices .true").count() == 1
        page.click("#quiz-next")


def test_it_speaks_the_readers_language_and_remembers_another(opened: Opened) -> None:
    page = opened(locale="zh-CN")
    draw(page, "7")
    shows(page, "7")
    assert page.title() == words("zh")["title"]
    assert "可能性" in page.inner_text("#sentence")
    page.click("#language")
    assert page.title() == words("en")["title"]
    assert "likely" in page.inner_text("#sentence")
    page.wait_for_selector("text=Layer 1:")
    switch = page.inner_text("#language")
    text = page.inner_text("body").replace(switch, "")
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in text)
    page.reload()
    assert page.evaluate("document.documentElement.lang") == "en"


def test_in_the_dark_it_is_dark_and_ink_light(opened: Opened) -> None:
    page = opened(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(20, 20, 22)"
    draw(page, "3")
    shows(page, "3")
    page.click("#theme")
    assert page.evaluate(ground) == "rgb(251, 250, 247)"
    shows(page, "3")


def test_printed_it_has_the_drawing_and_no_buttons(opened: Opened) -> None:
    page = opened(color_scheme="dark")
    draw(page, "6")
    page.wait_for_selector("#steps figure")
    page.emulate_media(media="print")
    assert not page.locator("#undo").is_visible()
    assert page.locator("#steps").is_visible()
    assert page.pdf(format="A4").count(b"/Type /Page\n") <= 4


def test_at_200_percent_nothing_is_cut(opened: Opened) -> None:
    page = opened(viewport={"width": 600, "height": 400})  # 1,200 pixels at 200 %
    draw(page, "70851")
    page.wait_for_selector("#steps figure")
    assert page.evaluate("document.documentElement.scrollWidth") <= 600


@pytest.mark.parametrize(
    "options",
    [{}, {"color_scheme": "dark"}, PHONE, {"locale": "zh-CN"}],
    ids=["light", "dark", "phone", "chinese"],
)
def test_axe_finds_nothing(opened: Opened, options: dict[str, Any]) -> None:
    if not AXE.exists():
        if shutil.which("npm") is None:
            pytest.skip("npm is missing, and axe-core with it")
        leave_out("axe-core", "make page")
    page = opened(**options)
    draw(page, "70851")
    page.wait_for_selector("#steps figure")
    page.click("#quiz-choices button >> nth=4")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run().then(({ violations }) => violations)")
    shown = [
        (violation["id"], [node["html"] for node in violation["nodes"]][:3])
        for violation in found
    ]
    assert shown == []


def test_a_script_that_got_in_would_not_run(browser: Any, tmp_path: Path) -> None:
    evil = '<img src=x onerror="window.ran = 1"><script>window.ran = 1</script>'
    path = tmp_path / "digits.html"
    path.write_text(render().replace("<main>", f"<main>{evil}"), "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    shows(page, "–")
    assert page.evaluate("window.ran") is None
