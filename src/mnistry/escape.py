"""Escaping: text from files and requests, made harmless where it is shown.

Names, labels and messages may contain anything: sequences that move a terminal's
cursor, formulas that a spreadsheet runs, markup. Rule: one function for each kind of
output, called where text is written. Templates use Jinja's own escaping.
"""

import html
import os
import re
from typing import Any, TextIO

_CONTROLS = (*range(9), *range(11, 32), *range(127, 160))  # but tab and line feed
_DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029)
_SURROGATES = range(0xD800, 0xE000)  # bytes of file names that are no text
_PLAIN = {code: f"\\u{code:04x}" for code in (*_CONTROLS, *_DIRECTIONS, *_SURROGATES)}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d[\d.,' ]*%?")


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal; it may be closed, or None (pythonw).

    Example:
        >>> is_terminal(None)
        False
    """
    return stream is not None and not stream.closed and stream.isatty()


def for_terminal(text: str) -> str:
    r"""Write control characters and changes of direction visibly, as `\u001b`.

    Args:
        text: One line or several; line feeds and tabs stay. JSON stays JSON with the
            same meaning.

    Source:
        OWASP and CWE-150, "Improper neutralization of escape, meta, or control
        sequences"; Boucher and Anderson 2021, "Trojan source", for the directions.

    Example:
        >>> print(for_terminal("7\x1b[2J.png"))
        7\u001b[2J.png
    """
    return text.translate(_PLAIN)


def as_text(name: str) -> str:
    r"""Return the name of a file as text that every file and table can hold.

    Args:
        name: As the system gave it: bytes that are not text are surrogates, in some
            locales all bytes but ASCII.

    Returns:
        The name in UTF-8, whatever the locale is; other bytes as `\xff`.

    Source:
        PEP 383 for how the system's bytes become text.

    Example:
        >>> as_text("sieben.png"), as_text("\udcff.png")
        ('sieben.png', '\\xff.png')
    """
    try:
        return os.fsencode(name).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # it is not of the system, or the locale is narrow
        return name.encode("utf-8", "backslashreplace").decode()


def for_csv(cell: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would run as a formula.

    Args:
        cell: Of a table; numbers, and text that is a number, stay as they are.

    Source:
        https://owasp.org/www-community/attacks/CSV_Injection

    Example:
        >>> for_csv("=1+1"), for_csv("-1,234.50"), for_csv(-5)
        ("'=1+1", '-1,234.50', -5)
    """
    is_formula = isinstance(cell, str) and cell.startswith(_FORMULA)
    return f"'{cell}" if is_formula and not _NUMBER.fullmatch(cell) else cell


def for_html(text: object) -> str:
    """Write text so that HTML shows it, between tags and in attributes.

    Args:
        text: Anything; it is turned into text.

    Example:
        >>> for_html("<b>7</b>")
        '&lt;b&gt;7&lt;/b&gt;'
    """
    return html.escape(for_terminal(str(text)))
