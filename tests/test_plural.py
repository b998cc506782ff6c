"""One page, two pages: in what is printed, one of anything is no plural."""

import numpy as np
import pytest

import mnistry
from mnistry.bulk.summary import Summary
from mnistry.predictions import Predictions
from mnistry.report.evaluation import mistakes_shown
from mnistry.scan.page.pdf import page_numbers


def test_one_of_anything_is_no_plural() -> None:
    digits = mnistry.load("drawn", split="test")
    assert "1 image of 28x28, 10 classes>" in repr(digits[:1])
    assert "2 images of 28x28" in repr(digits[:2])
    one = Predictions(np.zeros((1, 2), np.float32))
    assert repr(one).startswith("<Predictions: 1 image, 2 classes")
    assert mistakes_shown(1) == "the 1 mistake"
    told = str(Summary("out", 1, 1, 1, 1, 0, {}, (0,) * 10, 1.0)).splitlines()[0]
    assert told.startswith("1 page in out: 1 line read (1 of them unsure), 1 page ")
    with pytest.raises(ValueError, match="a.pdf has 1 page, and page 3 was asked for"):
        page_numbers(1, 3, "a.pdf")
