"""The images that a page shows, each once on one sheet of pictures."""

from typing import TYPE_CHECKING, Any

import numpy as np

from mnistry.arrays import Images
from mnistry.formats.sheets import data_uri, encode_png, sheet
from mnistry.report.mistakes import PredictionRow, least_confident_rows, prediction_rows
from mnistry.report.occlusion import coloured
from mnistry.synth.stress import disturb

if TYPE_CHECKING:
    from mnistry.report.evaluation import Evaluation

MOST_IN_CELL = 36  # images shown for a cell: 100 cells stay below 1 MB
MOST_RIGHT = 18  # correct readings for each digit: the least confident ones
MOST_MISTAKES = 60  # listed one by one; the others are shown by their cells
LEAST_SURE = 24  # correct readings
SHEET_COLUMNS = 40


def choose_sprites(evaluation: "Evaluation") -> dict[str, Any]:
    """Choose the images of a page.

    Returns:
        "cells": (written, read) to rows of readings; "mistakes" and "least_sure": rows;
        "sheet": a picture that holds them all; "places": index to (column, row) on it;
        "columns" and "rows" of the sheet; "maps": where the model looked, in the same
        way, for "looked": rows.
    """
    mistakes = evaluation.mistakes
    least_sure = evaluation.least_sure(most=LEAST_SURE)
    cells: dict[tuple[int, int], list[PredictionRow]] = {}
    for row in [*mistakes, *_right(evaluation)]:
        cells.setdefault((row["written"], row["read"]), []).append(row)
    cells = {cell: rows[:MOST_IN_CELL] for cell, rows in cells.items()}
    listed = mistakes[:MOST_MISTAKES]
    all_rows = [*listed, *least_sure, *(row for rows in cells.values() for row in rows)]
    indices = sorted({row["index"] for row in all_rows})
    looked = [row for row in mistakes if row["index"] in evaluation.maps]
    images = evaluation.digits.images
    return {
        "cells": cells,
        "mistakes": listed,
        "least_sure": least_sure,
        "readings": {row["index"]: row for row in all_rows},
        "places": {
            index: divmod(n, SHEET_COLUMNS)[::-1] for n, index in enumerate(indices)
        },
        "sheet": picture(images[indices]),
        "columns": SHEET_COLUMNS,
        "looked": looked,
        "maps": _maps(evaluation, [row["index"] for row in looked]),
    }


def _right(evaluation: "Evaluation") -> list[PredictionRow]:
    """Return the least confident correct readings of each label."""
    written, predictions = evaluation.digits.labels, evaluation.predictions
    rows = least_confident_rows(written, predictions, count=len(written))
    few = [rows[written[rows] == label][:MOST_RIGHT] for label in np.unique(written)]
    return prediction_rows(np.concatenate(few), written, predictions)


def picture(images: Images) -> str:
    """Put images side by side without gaps, as a data URI."""
    if not len(images):
        return data_uri(encode_png(np.full((1, 1), 255, np.uint8)))
    return data_uri(encode_png(sheet(images, SHEET_COLUMNS, gap=0)))


def _maps(evaluation: "Evaluation", indices: list[int]) -> str:
    """Put the maps of some images side by side, painted over them."""
    if not indices:
        return ""
    maps = np.stack([evaluation.maps[index] for index in indices])
    tiles = coloured(evaluation.digits.images[indices], maps)
    return data_uri(encode_png(np.concatenate(list(tiles), axis=1)))


def stress_examples(evaluation: "Evaluation") -> str:
    """Draw what each kind of stress does to one image: a row for each, 0 to 5."""
    digits = evaluation.digits
    right = np.flatnonzero(evaluation.right)
    image = digits.images[right[:1] if len(right) else [0]]
    rows = [
        np.concatenate(
            [image, *(disturb(image, curve["kind"], n) for n in range(1, 6))]
        )
        for curve in evaluation.stress
    ]
    return data_uri(encode_png(sheet(np.concatenate(rows), 6, gap=0))) if rows else ""
