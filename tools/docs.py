"""Build the site into build/site/: English at its top, Chinese in zh/; then check it.

Every page with cells runs once, in the English build; the Chinese one takes its outputs
from the cache of that run. Ends with 1 if a page fails, a link leads nowhere, a page
would ask something of the network, or a string has no translation. Links to elsewhere
are checked by --links alone, for that needs a network.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

try:
    import nbformat
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po
    from jupyter_cache import get_cache
    from myst_nb.core.read import (
        is_myst_markdown_notebook,
        read_myst_markdown_notebook,
    )
except ModuleNotFoundError as error:
    sys.exit(f"{error.name} is not installed. `make docs` installs it, and runs this.")

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
LOCALE = DOCS / "locale"
CATALOGUES = LOCALE / "zh_CN" / "LC_MESSAGES"
SITE = ROOT / "build" / "site"
WORK = ROOT / "build" / "docs"
ANSWERS = ("working", "redirected", "broken", "timeout")  # of linkcheck, to an address
STARTUP = """\
def system(command, shell=get_ipython()):
    import subprocess

    done = subprocess.run(
        shell.var_expand(command, depth=1),
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(done.stdout, end="")
    if done.returncode:
        raise OSError(f"{command} ended with {done.returncode}")


get_ipython().system = system
"""  # of the kernels: a command that fails ends the build, and none draws progress bars


KERNELS = """\
c = get_config()
c.IPKernelApp.log_level = 40  # each warns that it speaks TCP, which is on loopback here
"""


def main() -> int:
    """Build, check, and print what there is; 0 if all of it is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", help="English only, and this page alone is executed")
    parser.add_argument("--catalogues", action="store_true", help="update locale/")
    parser.add_argument("--links", action="store_true", help="check those to elsewhere")
    args = parser.parse_args()
    if args.links:
        return check_links()
    if args.catalogues:
        return update_catalogues()
    if args.page:
        return build_page(args.page)
    return build()


def build() -> int:
    """Build and check the whole site."""
    started = time.monotonic()
    count = len(notebook_sources())
    print(f"running the cells of {count} pages: about ten minutes", file=sys.stderr)
    for old in (SITE, WORK):
        shutil.rmtree(old, ignore_errors=True)
    failed = sphinx("html", SITE, "-j", "2") or sphinx("html", SITE / "zh", "-t", "zh")
    if failed:
        return failed
    for executed in (SITE, SITE.parent):  # as MyST-NB ran them; ours have no outputs
        shutil.rmtree(executed / "jupyter_execute", ignore_errors=True)
    notebooks = write_notebooks()
    wrong = [*broken_links(SITE), *untranslated(strings())]
    for line in wrong:
        print(line, file=sys.stderr)
    pages = sorted(SITE.rglob("*.html"))
    seconds = execution_seconds()
    for name, (cells, took) in seconds.items():
        print(f"{name}: {cells} cells, {took:.0f} s")
    total = sum(cells for cells, _ in seconds.values())
    print(
        f"{len(pages)} pages in two languages, {total} cells executed,"
        f" {notebooks} notebooks, {len(wrong)} broken links or untranslated strings,"
        f" {time.monotonic() - started:.0f} s: {SITE / 'index.html'}"
    )
    return int(bool(wrong))


def build_page(page: str) -> int:
    """Build the site in both languages, with the cells of one page executed."""
    others = ",".join(
        str(path.relative_to(DOCS)) for path in notebook_sources() if path.stem != page
    )
    os.environ["DOCS_NOT_RUN"] = others
    return sphinx("html", SITE) or sphinx("html", SITE / "zh", "-t", "zh")


def sphinx(builder: str, out: Path, *options: str) -> int:
    """Run Sphinx with warnings as errors; give its exit status."""
    kernels = WORK / "ipython"
    profile = kernels / "profile_default"
    startup = profile / "startup" / "commands.py"
    startup.parent.mkdir(parents=True, exist_ok=True)
    startup.write_text(STARTUP, "utf-8")
    (profile / "ipython_kernel_config.py").write_text(KERNELS, "utf-8")
    trees = WORK / f"trees-{out.name}"
    cache = f"nb_execution_cache_path={WORK / 'cells'}"
    command = [sys.executable, "-m", "sphinx", "-b", builder, "-d", str(trees)]
    command += ["-W", "--keep-going", "-q", "-D", cache, *options, str(DOCS), str(out)]
    environment = os.environ | {"IPYTHONDIR": str(kernels)}
    return subprocess.run(command, check=False, cwd=ROOT, env=environment).returncode


def check_links() -> int:
    """Check each address elsewhere that a page or a docstring names."""
    out = WORK / "links"
    shutil.rmtree(out, ignore_errors=True)
    sphinx("linkcheck", out, "-D", "nb_execution_mode=off", "-D", "nitpicky=0")
    report = out / "output.json"
    if not report.is_file():
        return 1
    count, wrong = count_links(report.read_text("utf-8"))
    print(f"{count} links to elsewhere checked, {wrong} of them wrong")
    return int(bool(wrong) or not count)


def count_links(report: str) -> tuple[int, int]:
    """Count the addresses that were checked, and those that gave no page.

    Args:
        report: output.json of Sphinx' linkcheck, a link a line.
    """
    links = [json.loads(line) for line in report.splitlines()]
    status = {one["uri"]: one["status"] for one in links}
    answers = [word for word in status.values() if word in ANSWERS]
    return len(answers), answers.count("broken") + answers.count("timeout")


def strings() -> Path:
    """Write the strings of all pages as templates, without running a cell."""
    out = WORK / "strings"
    options = ("nb_execution_mode=off", "gettext_location=1", "nitpicky=0")
    if sphinx("gettext", out, *(word for one in options for word in ("-D", one))):
        sys.exit("error: the strings of the pages cannot be taken out, see above")
    for template in out.rglob("*.pot"):
        messages = catalogue_of(template)
        for message in list(messages):
            is_of_page = any(place.endswith(".md") for place, _ in message.locations)
            message.locations = []
            if message.id and not is_of_page:  # of a docstring
                messages.delete(message.id)
        with template.open("wb") as file:
            write_po(file, messages, width=0)
    return out


def update_catalogues() -> int:
    """Bring locale/ up to date: new strings come in, without a translation."""
    templates = strings()
    command = ["sphinx-intl", "update", "-p", str(templates), "-d", str(LOCALE)]
    status = subprocess.run([*command, "-l", "zh_CN", "-w", "0"], check=False)
    for catalogue in CATALOGUES.rglob("*.po"):
        page = catalogue.relative_to(CATALOGUES).with_suffix(".pot")
        if page.stem != "sphinx" and not (templates / page).is_file():
            catalogue.unlink()
    return status.returncode


def untranslated(templates: Path) -> Iterator[str]:
    """Name each string of a page that has no Chinese translation."""
    for template in sorted(templates.rglob("*.pot")):
        page = template.relative_to(templates).with_suffix("")
        translated = translations(CATALOGUES / page.with_suffix(".po"))
        for message in catalogue_of(template):
            if message.id and message.id not in translated:
                yield f"docs/{page}.md: no translation: {message.id[:80]!r}"


class Links(HTMLParser):
    """What a page links to, what it would load, and the anchors it has."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.followed: set[str] = set()
        self.loaded: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the addresses and the id of a tag."""
        given = dict(attrs)
        self.anchors |= {given.get("id") or "", given.get("name") or ""}
        if tag == "a":
            self.followed.add(given.get("href") or "")
        elif tag == "link" and given.get("rel") in {"stylesheet", "icon", "preload"}:
            self.loaded.add(given.get("href") or "")
        self.loaded.add(given.get("src") or "")


def broken_links(site: Path) -> Iterator[str]:
    """Name links that lead nowhere, and whatever a page would load from elsewhere."""
    pages = {page.resolve(): Links(page) for page in site.rglob("*.html")}
    for page, links in pages.items():
        name = page.relative_to(site.resolve())
        for address in sorted(links.loaded):
            if urlsplit(address).netloc:
                yield f"{name}: asks {address} of the network"
        for address in sorted(links.followed | links.loaded):
            parts = urlsplit(address)
            if parts.netloc or parts.scheme:
                if parts.scheme not in {"https", "http", "data", "mailto"}:
                    yield f"{name}: {address} is no address"
                continue
            target = (page.parent / unquote(parts.path)).resolve()
            target = target if parts.path else page
            anchors = pages[target].anchors if target in pages else set()
            if not target.is_file() or (
                parts.fragment and unquote(parts.fragment) not in anchors
            ):
                yield f"{name}: {address} leads nowhere"


def notebook_sources() -> list[Path]:
    """List the pages that have cells."""
    pages = ((page, page.read_text("utf-8")) for page in sorted(DOCS.rglob("*.md")))
    return [page for page, text in pages if is_myst_markdown_notebook(text)]


def write_notebooks() -> int:
    """Write each page with cells as a notebook beside its pages; give their number."""
    written = 0
    for source in notebook_sources():
        place = source.relative_to(DOCS).with_suffix("")
        for folder, catalogue in (
            (SITE, None),
            (SITE / "zh", CATALOGUES / f"{place}.po"),
        ):
            text = source.read_text("utf-8")
            notebook = read_myst_markdown_notebook(text)
            translation = translations(catalogue) if catalogue else {}
            for cell in notebook.cells:
                if cell.cell_type == "markdown":
                    cell.source = plain(translate(cell.source, translation))
            nbformat.write(notebook, (folder / place).with_suffix(".ipynb"))
            written += 1
    return written


def catalogue_of(path: Path) -> Catalog:
    """Read a catalogue or a template of one."""
    with path.open("rb") as file:
        return read_po(file)


def translations(catalogue: Path) -> dict[str, str]:
    """Read what a catalogue translates; nothing that was only guessed."""
    if not catalogue.is_file():
        return {}
    messages = catalogue_of(catalogue)
    done = (m for m in messages if m.id and m.string and not m.fuzzy)
    return {str(m.id): str(m.string) for m in done}


def translate(text: str, translation: dict[str, str]) -> str:
    """Put translations in the place of paragraphs, headings, items and table cells."""
    blocks = re.split(r"(\n\s*\n|\n(?=\s*(?:[-*]|\d+\.|:::|\||#) ?))", text)
    return "".join(_translated(block, translation) for block in blocks)


def _translated(block: str, translation: dict[str, str]) -> str:
    if block.startswith("|"):
        cells = block.split("|")
        return "|".join(
            f" {translation[cell.strip()]} " if cell.strip() in translation else cell
            for cell in cells
        )
    mark = re.match(r"\s*(?:#+ |[-*] |\d+\. |:::+\{[\w-]+\} ?)?", block)
    start = mark.end() if mark else 0
    words = " ".join(line.strip() for line in block[start:].splitlines())
    return block[:start] + translation[words] if words in translation else block


def plain(text: str) -> str:
    """Take the fences of directives away, which a notebook does not know."""
    text = re.sub(r"^:::+\{[\w-]+\} ?(.*)$", r"**\1**", text, flags=re.M)
    text = re.sub(r"^:::+\s*$|^\*\*\*\*$|^:\w[\w-]*:.*$", "", text, flags=re.M)
    text = re.sub(r"^\([\w-]+\)=$", "", text, flags=re.M)
    text = re.sub(r"\{[\w:]+\}`([^`<]+?)(?: <[^>]*>)?`", r"`\1`", text)
    return text.replace(".md)", ".html)").replace(".md#", ".html#")


def execution_seconds() -> dict[str, tuple[int, float]]:
    """Return for each page how many cells ran, and for how long."""
    pages = {}
    for record in get_cache(WORK / "cells").list_cache_records():
        source = Path(record.uri)
        seconds = float((record.data or {}).get("execution_seconds", 0))
        cells = source.read_text("utf-8").count("{code-cell}")
        pages[source.relative_to(DOCS).as_posix()] = (cells, seconds)
    return dict(sorted(pages.items()))


if __name__ == "__main__":
    sys.exit(main())
