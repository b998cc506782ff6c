"""Pictures of each kind, read and scored."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from kinds import KINDS, Kind
from measure import Row

import mnistry
from mnistry.synth.documents import scenes

# confidence from which a line that is wrong counts as surely wrong; of signs, of which
# none is surer than 0.94, that of a line whose digits are as sure
SURE, SURE_OF_SIGNS = 0.95, 0.89


class Reads(Protocol):
    """What reads pictures: `Reader`, `KeptReader`."""

    def read(self, scene: scenes.Scene, kind: Kind) -> dict[str, Any]:
        """Read a picture: seconds, and text and confidence of each line."""


def alphabet(split: str) -> scenes.Alphabet:
    """Take the first 10,000 digits of a split of MNIST to write with."""
    source = mnistry.load("mnist", split=split)[:10000]
    return scenes.Alphabet(np.asarray(source.images), np.asarray(source.labels))


def score(
    scene: scenes.Scene, answer: Mapping[str, Any], least: float = SURE
) -> dict[str, float]:
    """Count what was read of a picture: rightly, in vain, and surely wrong.

    Args:
        scene: With what is written.
        answer: What was read.
        least: Confidence from which a line is sure.
    """
    texts = [text for text, _ in answer["lines"]]
    wanted = [line.text for line in scene.lines]
    left, right = list(wanted), []
    for text in texts:
        if text in left:
            left.remove(text)
            right.append(text)
    rest = list(wanted)
    for text in left:
        rest.remove(text)
    there = {*wanted, *scene.others}
    wrong = [confidence for text, confidence in answer["lines"] if text not in there]
    return {
        "fields": len(wanted),
        "right": len(right),
        "whole": not left,
        "in_order": right == rest,
        "exact": [text for text in texts if text not in scene.others] == wanted,
        "false": len(wrong),
        "sure": sum(confidence >= least for _, confidence in answer["lines"]),
        "sure_wrong": sum(confidence >= least for confidence in wrong),
        "errors": "error" in answer,
        "seconds": answer["seconds"],
    }


def row(code: str, name: str, facts: Sequence[Mapping[str, float]]) -> Row:
    """Sum up the pictures of a kind."""
    sums = {key: sum(fact[key] for fact in facts) for key in facts[0]}
    share = sums["right"] / sums["fields"] if sums["fields"] else float("nan")
    seconds = [fact["seconds"] for fact in facts]
    return {
        "code": code,
        "kind": name,
        "pictures": len(facts),
        "fields": sums["fields"],
        "right": sums["right"],
        "right_percent": round(100 * share, 1),
        "pictures_all_right": sums["whole"],
        "pictures_in_order": sums["in_order"],
        "pictures_exact": sums["exact"],
        "false_lines_a_picture": round(sums["false"] / len(facts), 2),
        "sure_lines": sums["sure"],
        "sure_wrong_lines": sums["sure_wrong"],
        "errors": sums["errors"],
        "pictures_same_text": sums["same_text"],
        "median_ms": round(1e3 * float(np.median(seconds)), 1),
        "most_ms": round(1e3 * max(seconds), 1),
    }


def read_kind(
    readers: Mapping[str, Reads],
    letters: scenes.Alphabet,
    name: str,
    seeds: range,
) -> Iterator[Row]:
    """Read the pictures of a kind with each reader in turn; a row for each reader."""
    facts: dict[str, list[dict[str, float]]] = {code: [] for code in readers}
    least = SURE_OF_SIGNS if KINDS[name].field == "signed_text" else SURE
    for seed in seeds:
        scene = KINDS[name].make(letters, seed)
        answers = {code: of.read(scene, KINDS[name]) for code, of in readers.items()}
        texts = [[text for text, _ in of["lines"]] for of in answers.values()]
        same = {"same_text": all(text == texts[0] for text in texts)}
        for code, answer in answers.items():
            facts[code].append(score(scene, answer, least) | same)
    for code in readers:
        yield row(code, name, facts[code])
