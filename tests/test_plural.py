"""One page, two pages: in what is printed, one of anything is no plural."""

import numpy as np
import pytest

import mnistry
from mnistry.bulk.summary import Summary
from mnistry.predictions import Predictions
from mnistry.report.evaluation import mistakes_shown
from mnistry.scan.page.picture.pdf import page_numbers


def test_one_of_anything_is_no_plural() -> None:
    sevens = mnistry.Digits(np.zeros((2, 28, 28), np.uint8), np.array([7, 7]))
    assert "1 image of 28x28, 1 class>" in repr(sevens[:1])
    assert "2 images of 28x28, 1 class>" in repr(sevens)
    one = Predictions(np.zeros((1, 2), np.float32))
    assert repr(one).startswith("<Predictions: 1 image, 2 classes")
    assert mistakes_shown(1) == "the 1 mistake"
    line = str(Summary("out", 1, 1, 1, 1, 0, {}, (0,) * 10, 1.0)).splitlines()[0]
    assert line.startswith("1 page in out: 1 line read (1 of them unsure), 1 page ")
    with pytest.raises(ValueError, match="a.pdf has 1 page, and page 3 was asked for"):
        page_numbers(1, 3, "a.pdf")
