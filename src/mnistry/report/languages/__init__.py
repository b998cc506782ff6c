"""The texts of the report, by key: one file for each language.

`en.toml` has all keys; any other language is one more file with the same keys, and
tables of single words (`stress_word`, `fact_word`, `group_word`), for which English
uses the names themselves. The standard library reads TOML; gettext would need compiled
catalogues, and Babel takes 10 MB.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

FIRST = "en"  # shown if none is chosen, or if scripts are not run


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of all languages, as in HTML's `lang`, English first.

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
