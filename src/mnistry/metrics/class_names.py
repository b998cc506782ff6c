"""What labels mean: the classes of digits and those that a model learned, by name.

Folders of names become numbers in the order of the names: where one folder lacks a
class, the numbers of those after it are others.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mnistry.digits import Digits
from mnistry.errors import UsageError

DIGITS = tuple("0123456789")
MOST_NAMED = 12  # classes in a message


def class_names(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the classes that a model learned; nothing if it knows none.

    Args:
        facts: Of the model; the packaged one, which has its layers there, knows digits.

    Example:
        >>> class_names({"class_names": ["one", "two"]}), class_names({})
        (('one', 'two'), ())
    """
    named = facts.get("class_names") or (DIGITS if "layers" in facts else ())
    return tuple(str(name) for name in named)


def matched(digits: Digits, names: tuple[str, ...]) -> Digits:
    """Give digits the numbers by which a model knows their classes.

    Args:
        digits: Labels without names are taken for the numbers that they are.
        names: Of the model's classes, in its order; nothing changes without any.

    Raises:
        UsageError: A class that occurs in the digits is none of the model's.

    Example:
        >>> images = np.zeros((2, 28, 28), np.uint8)
        >>> later = Digits(images, [0, 1], classes=("two", "zero"))
        >>> matched(later, ("one", "two", "zero")).labels
        array([1, 2], dtype=uint8)
    """
    if not names or digits.classes == names:
        return digits
    numbers = tuple(str(label) for label in range(256))
    if not digits.classes and (
        names == numbers[: len(names)] or set(names) - {*numbers}
    ):
        return digits  # the same numbers; or words, and numbers that may be theirs
    places = np.zeros(256, np.uint8)
    for label in np.unique(digits.labels).tolist():
        given = digits.classes[label] if digits.classes else str(label)
        if given not in names:
            known = ", ".join(names[:MOST_NAMED])
            message = (
                f"{digits.name} has the class {given!r}, which the model did not learn;"
                f" it knows {known}. Name the classes alike, or train it on them."
            )
            raise UsageError(message)
        places[label] = names.index(given)
    return replace(digits, labels=places[digits.labels], classes=names)
