"""Counts in English: one page, two pages."""


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun.

    Args:
        count: The number.
        one: The singular.
        many: The plural, if it is not the singular and an s.

    Example:
        >>> counted(1, "page"), counted(2000, "page"), counted(0, "class", "classes")
        ('1 page', '2,000 pages', '0 classes')
    """
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
