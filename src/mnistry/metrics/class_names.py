"""Class names: labels of digits matched to the classes of a model, by name.

Folders named after classes are numbered in the order of their names: if one class is
missing, all later numbers shift.
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
    """Return the names of a model's classes; empty if they are not known.

    Args:
        facts: The model's facts; if they list layers, it is the packaged model.

    Example:
        >>> class_names({"class_names": ["one", "two"]}), class_names({})
        (('one', 'two'), ())
    """
    named = facts.get("class_names") or (DIGITS if "layers" in facts else ())
    return tuple(str(name) for name in named)


def matched(digits: Digits, names: tuple[str, ...]) -> Digits:
    """Renumber the labels of digits as a model numbers its classes.

    Args:
        digits: If their classes have no names, labels count as digits.
        names: The names of the model's classes, in its order; if empty, nothing
            changes.

    Raises:
        UsageError: A class that occurs in the digits is not one of the model's.

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
