from itertools import pairwise

import numpy as np

from mnistry.box import Box
from mnistry.scan.page import lines
from mnistry.scan.pattern import any_digits, parse_pattern
from mnistry.scan.recognize import oversegment
from mnistry.scan.recognize.models import NON_DIGIT


def touching() -> np.ndarray:
    """Two rings that touch, and one that stands apart."""
    mask = np.zeros((60, 160), bool)
    rows, columns = np.mgrid[:60, :160]
    for middle in (30, 57, 110):
        far = np.hypot(rows - 30, (columns - middle) * 1.15)
        mask |= (far < 16) & (far > 12)
    return mask


def line_of(mask: np.ndarray) -> tuple[lines.Line, np.ndarray]:
    components, component_map = lines.find_components(mask)
    return lines.find_lines(components)[0], component_map


def test_atoms_share_out_the_ink_and_a_join_is_cut() -> None:
    line, component_map = line_of(touching())
    segments = oversegment.find_segments(line.components, component_map, 32)
    assert len(line.components) == 2
    edges = {segment.box.right for segment in segments}
    assert any(abs(edge - 43) <= 3 for edge in edges)  # between 30 and 57
    for one, two in pairwise(segments):
        assert one.box.left < two.box.left


def test_candidates_are_runs_of_atoms_no_wider_than_a_digit() -> None:
    line, component_map = line_of(touching())
    segments = oversegment.find_segments(line.components, component_map, 32)
    candidates = oversegment.find_candidates(segments, 32)
    assert {(n, n) for n in range(len(segments))} <= {
        (c.first, c.last) for c in candidates
    }
    assert all(
        c.first == c.last or c.box.width <= oversegment.MOST_WIDTH * 32
        for c in candidates
    )
    images = oversegment.frame_candidates(
        candidates, segments, component_map, component_map.astype(np.uint8) * 100
    )
    assert images.shape == (len(candidates), 28, 28)


def said(*likely: dict[int, float]) -> np.ndarray:
    weights = np.full((len(likely), 11), -9.0, np.float32)
    for row, facts in zip(weights, likely, strict=True):
        for symbol, share in facts.items():
            row[symbol] = np.log(share)
    return weights


def candidate(first: int, last: int) -> oversegment.Candidate:
    return oversegment.Candidate(first, last, Box(0, 0, 1, 1))


def test_cuts_are_weighed_against_each_other() -> None:
    candidates = [candidate(0, 0), candidate(0, 1), candidate(1, 1)]
    whole = said({1: 0.4}, {8: 0.9}, {1: 0.4})
    halves = said({1: 0.95}, {8: 0.5}, {3: 0.95})
    assert oversegment.best_cut(2, candidates, whole, any_digits()).digits == (8,)  # type: ignore[union-attr]
    assert oversegment.best_cut(2, candidates, halves, any_digits()).digits == (1, 3)  # type: ignore[union-attr]


def test_the_pattern_decides_how_many_digits_there_are() -> None:
    candidates = [candidate(0, 0), candidate(0, 1), candidate(1, 1)]
    weights = said({1: 0.4}, {8: 0.9}, {1: 0.4})
    path = oversegment.best_cut(2, candidates, weights, parse_pattern("[0-9]{2}"))
    assert path is not None
    assert path.digits == (1, 1)
    assert path.chosen == (0, 2)
    assert (
        oversegment.best_cut(2, candidates, weights, parse_pattern("[0-9]{3}")) is None
    )


def test_an_atom_that_is_junk_is_left_out() -> None:
    weights = said({7: 0.9}, {NON_DIGIT: 0.9})
    path = oversegment.best_cut(
        2, [candidate(0, 0), candidate(1, 1)], weights, any_digits()
    )
    assert path is not None
    assert path.digits == (7,)
