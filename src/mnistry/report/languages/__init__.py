"""What the report says, in every language: a file of texts by key for each.

`en.toml` has all keys; any other language is one more file with the same keys, and
tables of single words (`stress_word`, `fact_word`, `group_word`), for which English
takes the names as they are. TOML is read by the standard library, so that nothing is
compiled and no package is needed: gettext wants compiled catalogues, Babel 10 MB.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

FIRST = "en"  # shown where none is chosen, and where scripts are not run


@cache
def languages() -> tuple[str, ...]:
    """Name the languages there are, as HTML's `lang` does, English first.

    Example:
        >>> languages()
        ('en', 'zh')
    """
    found = {
        file.name.removesuffix(".toml")
        for file in files(__name__).iterdir()
        if file.name.endswith(".toml")
    }
    return FIRST, *sorted(found - {FIRST})


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return the texts of a language, by key.

    Args:
        language: One of `languages()`.

    Example:
        >>> texts("en")["mistakes.title"]
        'What it got wrong'
    """
    tables = tomllib.loads(
        (files(__name__) / f"{language}.toml").read_text(encoding="utf-8")
    )
    return MappingProxyType(
        {
            f"{table}.{key}": text
            for table, rows in tables.items()
            for key, text in rows.items()
        }
    )
