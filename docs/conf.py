"""Settings of the site: `make docs` builds it in English, then Chinese (tag `zh`)."""

import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

from sphinx import search
from sphinx.application import Sphinx

import mnistry

HERE = Path(__file__).parent
CHINESE = "zh" in tags  # type: ignore[name-defined] # noqa: F821 - Sphinx puts it here

project = "mnistry"
version = release = mnistry.__version__
language = "zh_CN" if CHINESE else "en"
exclude_patterns = ["locale", "_*"]
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
]
nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r"(?!mnistry\b).*")]  # no inventories from elsewhere
default_role = "code"  # docstrings name things in single backticks
templates_path = ["_templates"]
suppress_warnings = ["myst-nb.lexer"]  # cells that did not run name no language

# Translations: one catalogue for each page.
locale_dirs = ["locale"]
gettext_compact = False
gettext_location = False

# Lessons run when they are built; an error in a cell ends the build.
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "substitution"]
myst_heading_anchors = 3
nb_execution_mode = "cache"  # tools/docs.py empties it: both languages share one run
nb_execution_timeout = 600  # of a cell that hangs; pages take two minutes at most
nb_execution_excludepatterns = [  # tools/docs.py --page
    page for page in os.environ.get("DOCS_NOT_RUN", "").split(",") if page
]
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
nb_code_prompt_show = "显示答案" if CHINESE else "Show the answer"
nb_code_prompt_hide = "收起答案" if CHINESE else "Hide the answer"

# Reference.
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
napoleon_use_ivar = True
napoleon_custom_sections = ["Source", "Law"]
copybutton_prompt_text = r">>> |\.\.\. |\$ |!(?=mnistry )"  # a terminal wants no "!"
copybutton_prompt_is_regexp = True

# Links to elsewhere: `make links`.
linkcheck_timeout = 20
linkcheck_retries = 2
linkcheck_ignore = [r"https?://(127\.0\.0\.1|localhost|HOST|example\.)"]
linkcheck_anchors = False  # pages that write themselves in a browser have none

html_theme = "furo"
html_title = f"mnistry {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_last_updated_fmt = None
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}


class ChineseSearch(search.SearchLanguage):
    """Search in Chinese by pairs of characters, in words of Latin letters as usual.

    Sphinx' own asks for jieba, whose dictionary is 5 MB and whose last release is of
    2020. A pair of characters is nearly a word, and the browser splits a query alike.
    """

    lang = "zh"
    language_name = "Chinese"
    js_splitter_code = """
var splitQuery = (query) =>
  Array.from(query.matchAll(/[\\u4e00-\\u9fff]+|[a-zA-Z0-9_.]+/g)).flatMap(([run]) =>
    run.charCodeAt(0) < 0x4e00 || run.length === 1 ? [run]
      : Array.from({length: run.length - 1}, (_, at) => run.slice(at, at + 2)));
"""

    def split(self, input: str) -> list[str]:
        """Give pairs of Chinese characters, and words of Latin letters."""
        words = []
        for run in re.findall(r"[\u4e00-\u9fff]+|[a-zA-Z0-9_.]+", input):
            is_word = run[0] < "\u4e00" or len(run) == 1
            pairs = (run[at : at + 2] for at in range(len(run) - 1))
            words += [run] if is_word else pairs
        return words

    def word_filter(self, word: str) -> bool:
        """Index whatever was split."""
        return bool(word)


search.languages["zh"] = ChineseSearch


def _page_links(_app: Any, page: str, _template: str, context: Any, _tree: Any) -> None:
    """Give a page the link to itself in the other language, and to its notebook."""
    to_top = "../" * page.count("/")
    is_code = page.startswith("_modules/")
    address = "index.html" if is_code else f"{page}.html"
    if is_code:  # links back lead nowhere for a name that is documented under another
        context["body"] = re.sub(
            r'<a class="viewcode-back".*?</a>', "", context["body"]
        )
    context["other_name"] = "English" if CHINESE else "中文"
    context["notebook_name"] = (
        "下载为笔记本 (.ipynb)" if CHINESE else "download as a notebook (.ipynb)"
    )
    context["other_language"] = (
        f"../{to_top}{address}" if CHINESE else f"{to_top}zh/{address}"
    )
    source = HERE / f"{page}.md"
    if source.is_file() and "kernelspec:" in source.read_text("utf-8")[:300]:
        context["notebook"] = PurePosixPath(page).name + ".ipynb"


def setup(app: Sphinx) -> None:
    """Connect what Sphinx has no setting for."""
    app.connect("html-page-context", _page_links)
