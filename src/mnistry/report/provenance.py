"""How a report was made: what was tested, and the model's own facts.

Rule of this file: it names no folders, because reports are sent to others.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistry.data.catalog import DATASETS
from mnistry.digits import Digits
from mnistry.formats import idx
from mnistry.statistics import digits_sha256

if TYPE_CHECKING:
    from mnistry.report.evaluation import Evaluation

MOST_IN_LIST = 6  # shown side by side; a longer list is unreadable
FOLDERS = re.compile(r"^(?:[A-Za-z]:[\\/]|[\\/]|~[\\/])(?:.*[\\/])?", re.DOTALL)


def without_folders(value: Any) -> Any:
    """Shorten each absolute path to its last part, in plain values of any depth.

    Example:
        >>> without_folders({"source": "/home/me/letters, parted", "seed": 0})
        {'source': 'letters, parted', 'seed': 0}
        >>> without_folders("https://example.org/mnist/")
        'https://example.org/mnist/'
    """
    if isinstance(value, Mapping):
        return {name: without_folders(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_folders(item) for item in value]
    if isinstance(value, str):
        return FOLDERS.sub("", value.rstrip("\\/")) if FOLDERS.match(value) else value
    return value


def catalogue_files(digits: Digits) -> dict[str, str]:
    """Find the catalogue's files that contain exactly these images and labels.

    Returns:
        The SHA-256 of each plain IDX file, by name; empty for other digits.

    Example:
        >>> catalogue_files(Digits(np.zeros((1, 28, 28), np.uint8), [7], name="mnist"))
        {}
    """
    row = DATASETS.get(digits.name)
    split = row and row.splits.get(digits.split_name)
    if not split:
        return {}
    found = {
        file.raw_name: hashlib.sha256(idx.encode(array)).hexdigest()
        for file, array in (
            (split.images, digits.images),
            (split.labels, digits.labels),
        )
    }
    known = {file.raw_name: file.raw_sha256 for file in (split.images, split.labels)}
    return found if found == known else {}


def provenance_of(
    evaluation: "Evaluation", model_facts: Mapping[str, Any]
) -> tuple[dict[str, dict[str, Any]], list[tuple[str, str]]]:
    """Describe how an evaluation was made.

    Args:
        evaluation: The evaluation.
        model_facts: The facts of the model, as plain values.

    Returns:
        Groups of short facts, by name; and all other facts, by path, as JSON. The
        history is in neither.
    """
    groups: dict[str, dict[str, Any]] = {"tested on": _tested_on(evaluation)}
    groups["model"] = {}
    rest: list[tuple[str, str]] = []
    model_facts = {
        name: fact for name, fact in model_facts.items() if name != "history"
    }
    _sort_in(without_folders(model_facts), ["model"], groups, rest)
    return groups, rest


def _tested_on(evaluation: "Evaluation") -> dict[str, Any]:
    digits, seconds = evaluation.digits, evaluation.seconds
    files = catalogue_files(digits)
    return {
        "name": digits.name,
        "split": digits.split_name,
        "source": "" if files else without_folders(digits.source),
        "images": len(digits),
        **(files or {"sha256 of images and labels": digits_sha256(digits)}),
        "seconds": seconds if np.isfinite(seconds) else None,
        "made at": evaluation.made_at.replace("T", " ").replace("+00:00", " UTC"),
    }


def _sort_in(
    facts: Mapping[str, Any],
    names: list[str],
    groups: dict[str, dict[str, Any]],
    rest: list[tuple[str, str]],
) -> None:
    """Sort facts into groups of short ones, and the rest."""
    for name, fact in facts.items():
        if isinstance(fact, dict) and len(names) < 2:  # deeper is unreadable
            within = [*names, name] if names != ["model"] else [name]
            _sort_in(fact, within, groups, rest)
        elif _is_short(fact):
            shown = ", ".join(map(str, fact)) if isinstance(fact, list) else fact
            groups.setdefault(": ".join(names), {})[name] = shown
        else:
            rest.append((": ".join([*names, name]), json.dumps(fact)))


def _is_short(fact: Any) -> bool:
    few = isinstance(fact, list) and len(fact) <= MOST_IN_LIST
    return not any(isinstance(one, list | dict) for one in (fact if few else [fact]))
