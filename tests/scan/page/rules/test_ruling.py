import cv2
import numpy as np
import pytest

from mnistry.scan.page.rules import ruling
from mnistry.scan.page.rules.ruling import fade_rules, find_rules


@pytest.mark.parametrize("shortest", [3, 8, 17, 40, 64, 90])
def test_rules_are_those_of_a_whole_opening(
    shortest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(shortest)
    masks = [random.random((40, 60)) < share for share in (0.05, 0.6, 0.9, 0.97, 1.0)]
    for mask, column in zip(masks, (0, 5, 20, 33, 59), strict=True):
        mask[20:22, column:] = mask[5, : 60 - column] = True  # some reach the border
    found = [find_rules(mask, shortest, tallest=30) for mask in masks]

    def opened(ink: np.ndarray, length: int, axis: int) -> np.ndarray:
        kernel = np.ones((length, 1) if axis == 0 else (1, length), np.uint8)
        return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel))

    monkeypatch.setattr(ruling, "_long", opened)
    for mask, rules in zip(masks, found, strict=True):
        assert np.array_equal(find_rules(mask, shortest, tallest=30), rules)
    assert any(rules.any() for rules in found)


def test_rules_fade_and_a_pale_digit_between_them_does_not() -> None:
    dark = np.zeros((90, 120), np.uint8)
    rules = np.zeros(dark.shape, bool)
    rules[15::30, :] = rules[16::30, :] = True
    dark[rules] = 90
    dark[2:43, 10:14] = 200  # a dark one through a rule
    dark[48:73, 60:63] = 80  # a pale one between rules
    faded = fade_rules(dark, dark > 40, rules & (dark == 90))
    assert faded is not None
    assert faded[rules & (dark == 90)].max() == 0
    assert faded[3:43, 11:13].min() > 150
    assert np.array_equal(faded[52:69, 60:63], dark[52:69, 60:63])


def test_what_hangs_on_a_rule_and_is_as_pale_fades_with_it() -> None:
    dark = np.zeros((90, 120), np.uint8)
    dark[10:13] = dark[70:73] = 90
    rules = dark > 0
    dark[13:70, 30:33] = 90  # the side of a box, no rule for itself
    dark[25:60, 50:54] = 200
    faded = fade_rules(dark, dark > 40, rules)
    assert faded is not None
    assert faded[13:70, 30:33].max() == 0
    assert faded[25:60, 50:54].min() > 150
