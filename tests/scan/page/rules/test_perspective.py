import cv2
import numpy as np
import pytest

from mnistry.scan.page.picture.transform import Homography
from mnistry.scan.page.prepare import prepare
from mnistry.scan.page.rules.perspective import find_vanishing, rectify
from mnistry.scan.page.rules.rule_lines import find_rule_lines

SHAPE = 700, 900


def seen_by(tilt: float, way: float, turn: float) -> Homography:
    """Give the transform of a camera tilted by so many degrees, in that direction."""
    rows, columns = SHAPE
    tilted = np.radians(tilt) * np.array([np.cos(way), np.sin(way), 0])
    turned = np.array([0, 0, np.radians(turn)])
    rotation = cv2.Rodrigues(tilted)[0] @ cv2.Rodrigues(turned)[0]
    focal = 1.2 * columns
    camera = np.diag([focal, focal, 1.0])
    camera[:2, 2] = columns / 2, rows / 2
    plane = np.column_stack([rotation[:, 0], rotation[:, 1], [0, 0, focal]])
    middle = np.array([[1, 0, -columns / 2], [0, 1, -rows / 2], [0, 0, 1]])
    transform: Homography = camera @ plane @ middle
    return transform


def squares(transform: np.ndarray) -> np.ndarray:
    rows, columns = SHAPE
    at = np.arange(-columns, 2 * columns, 40.0)
    ends = np.array([np.full_like(at, -columns), np.full_like(at, 2 * columns)])
    upright = np.dstack([np.broadcast_to(at, ends.shape), ends])
    sides = np.concatenate([upright, upright[:, :, ::-1]], axis=1)
    picture = np.full((rows, columns), 250, np.uint8)
    for start, end in zip(*cv2.perspectiveTransform(sides, transform), strict=True):
        first, last = (16 * np.array([start, end])).round().astype(int).tolist()
        cv2.line(picture, first, last, 120, 2, cv2.LINE_AA, 4)
    return picture


@pytest.mark.parametrize("tilt", [8, 16, 24])
@pytest.mark.parametrize("way", [0.0, 0.8, 1.6, 2.9])
def test_squares_that_converge_are_looked_at_straight(tilt: float, way: float) -> None:
    transform = seen_by(tilt, way, turn=4.0)
    picture = squares(transform)
    level = find_rule_lines(picture)
    upright = find_rule_lines(picture, upright=True)
    assert level is not None
    assert upright is not None
    straight = rectify(picture, level, upright)
    assert straight is not None
    # what was parallel is so again, and what was at right angles
    whole = np.linalg.inv(transform) @ straight[1]
    at = np.array([[[300.0, 200], [600, 200], [600, 600], [300, 600]]])
    corners = cv2.perspectiveTransform(at, whole)[0]
    sides = np.roll(corners, -1, axis=0) - corners
    angles = np.degrees(np.arctan2(sides[:, 1], sides[:, 0]))
    assert np.abs((angles - [0, 90, 180, -90] + 180) % 360 - 180).max() < 0.7


@pytest.mark.parametrize("turn", [-10.0, 0, 7])
def test_squares_seen_from_above_do_not_converge(turn: float) -> None:
    picture = squares(seen_by(0, 0, turn))
    level = find_rule_lines(picture)
    upright = find_rule_lines(picture, upright=True)
    assert level is not None
    assert upright is not None
    assert rectify(picture, level, upright) is None


def test_rules_that_meet_in_no_point_tell_nothing() -> None:
    picture = np.full(SHAPE, 250, np.uint8)
    for number, row in enumerate(range(60, 660, 30)):
        rise = round(900 * np.tan(np.radians((-6, 0, 6)[number % 3])))
        cv2.line(picture, (0, row), (899, row + rise), 40, 2, cv2.LINE_AA)
    found = find_rule_lines(picture)
    assert found is not None
    assert find_vanishing(found) is None


@pytest.mark.parametrize("tilt", [12, 18, 24])
def test_squares_that_converge_are_taken_out(tilt: float) -> None:
    picture = squares(seen_by(tilt, way=0.8, turn=4.0))
    for column in (420, 480):
        cv2.ellipse(picture, (column, 350), (20, 35), 0, 0, 360, 20, 7)
    (page, *_) = prepare(picture)
    rules = float((picture < 180).sum())
    assert page.mask.sum() < 0.1 * rules
