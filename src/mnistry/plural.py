"""How many there are, in English: one page, two pages."""


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a number with what it counts.

    Args:
        count: How many.
        one: What one of them is called.
        many: What several are called, where an s is not enough.

    Example:
        >>> counted(1, "page"), counted(2000, "page"), counted(0, "class", "classes")
        ('1 page', '2,000 pages', '0 classes')
    """
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
