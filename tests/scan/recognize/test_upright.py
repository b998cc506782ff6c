"""The net that tells which way up a digit is."""

import numpy as np

from mnistry.frame import stack_frames
from mnistry.scan.recognize.models import upright_log_odds
from mnistry.synth.drawn import draw


def test_most_digits_show_which_way_is_up() -> None:
    images, labels = draw(400, seed=77)
    upright = upright_log_odds(images)
    turned = upright_log_odds(stack_frames(images[:, ::-1, ::-1]))
    assert upright.shape == (400,)
    is_known = (upright > 0) & (turned < 0)
    assert is_known[np.isin(labels, [2, 3, 4, 5, 7])].mean() > 0.8
    assert (upright > turned).mean() > 0.75  # a 0 or an 8 may look the same


def test_no_digits_have_no_log_odds() -> None:
    assert upright_log_odds(np.zeros((0, 28, 28), np.uint8)).shape == (0,)
