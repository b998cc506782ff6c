"""How soon does the page answer, opened from the disk, and how many images a second?

Chromium opens the page with a fresh profile each time. The first answer is that of a
canvas with a digit, asked for by the first script that runs after the page's own; its
time counts from the start of navigation. Images a second: the forward pass in
JavaScript over drawn digits, on one core, warm.

    python benchmarks/page.py [--quick]
"""

import argparse
import csv
import shutil
import statistics
import tempfile
from base64 import b64encode
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from mnistry.synth.drawn import draw
from mnistry.web.page.render import render

OUT = Path(__file__).parent / "results" / "page.csv"
FIRST = """() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 200;
  const context = canvas.getContext("2d");
  context.fillRect(90, 40, 16, 120);
  const { text } = window.mnistry.readCanvas(canvas);
  if (text !== "1") throw new Error(`read as ${text}`);
  return performance.now();
}"""
PREDICT = """(base64) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const count = bytes.length / 784;
  const all = () => {
    for (let i = 0; i < count; i++)
      window.mnistry.predict(bytes.subarray(784 * i, 784 * (i + 1)));
  };
  all();
  const started = performance.now();
  all();
  return (1000 * count) / (performance.now() - started);
}"""


def first_answer_ms(browser: Any, address: str) -> float:
    """Open the page, and ask; give milliseconds since navigation began."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    taken = float(page.evaluate(FIRST))
    context.close()
    return taken


def main() -> None:
    """Measure, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of everything")
    args = parser.parse_args()
    loads, count = (3, 200) if args.quick else (15, 1000)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "digits.html"
        path.write_text(render(), "utf-8")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        times = [first_answer_ms(browser, path.as_uri()) for _ in range(loads)]
        page = browser.new_page()
        page.goto(path.as_uri())
        base64 = b64encode(draw(count, seed=7)[0].tobytes()).decode()
        speed = page.evaluate(PREDICT, base64)
        browser.close()
    median = statistics.median(times)
    rows = (
        ("first page load to first answer, file://, median", median, "ms", "<= 300"),
        ("… the slowest", max(times), "ms", ""),
        ("forward pass in JavaScript", speed, "images/s", ">= 300"),
    )
    OUT.parent.mkdir(exist_ok=True)
    with OUT.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["what", "value", "unit", "bar"])
        for what, value, unit, bar in rows:
            print(f"{what:<50} {value:8.1f} {unit:<9} {bar}")
            table.writerow([what, round(value, 1), unit, bar])


if __name__ == "__main__":
    main()
