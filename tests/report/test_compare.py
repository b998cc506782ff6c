"""Models on the same images: the difference, its interval, and the images."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.metrics import compare
from mnistry.report.compare import compare_models

DIGITS = Digits(
    np.random.default_rng(0).integers(0, 256, (40, 28, 28), np.uint8),
    (np.arange(40) % 10).astype(np.uint8),
    name="<toy>",
    split_name="test",
)


def labels(wrong: list[int]) -> Any:
    read = DIGITS.labels.copy()
    read[wrong] = (read[wrong] + 1) % 10
    return read


def test_pairs_are_those_of_the_metrics_and_images_those_that_differ() -> None:
    models = {"a": labels([1, 2, 3]), "b": labels([3, 4]), "c": labels([3])}
    found = compare_models(models, DIGITS)
    names = [(pair.first, pair.second) for pair in found.pairs]
    assert names == [("a", "b"), ("a", "c"), ("b", "c")]
    for pair in found.pairs:
        first, second = models[pair.first], models[pair.second]
        wanted = compare(DIGITS.labels, first, second)
        assert pair.p_value == wanted.p_value
        assert pair.only_first_right == wanted.only_first
        assert pair.only_second_right == wanted.only_second
        right = (first == DIGITS.labels).mean() - (second == DIGITS.labels).mean()
        assert pair.difference == pytest.approx(right)
        assert pair.interval[0] < pair.difference < pair.interval[1]
        assert pair.p_value_holm >= pair.p_value
        if pair.p_value_holm > pair.p_value:
            assert "(Holm's for all pairs " in str(pair)
    assert found.disagreements.tolist() == [1, 2, 4]
    facts = found.to_dict()
    assert facts["difference"] == pytest.approx(-1 / 40)
    assert (facts["only_a_right"], facts["only_b_right"]) == (1, 2)
    assert [row["index"] for row in found.rows()] == [1, 2, 4]
    assert found.rows()[0] == {"index": 1, "written": 1, "a": 2, "b": 1, "c": 1}
    assert "a - b: -2.50 points" in repr(found)


def test_images_that_all_read_wrongly_come_last() -> None:
    other = labels([5, 6])
    other[5] = 0
    found = compare_models({"a": labels([5]), "b": other}, DIGITS)
    assert found.disagreements.tolist() == [6, 5]


def test_the_page_shows_the_images_and_escapes_names(tmp_path: Path) -> None:
    models = {"<b>a</b>": np.eye(10)[labels([1, 2])], "b": labels([3])}
    found = compare_models(models, DIGITS)
    found.save(tmp_path / "both.html")
    page = (tmp_path / "both.html").read_text("utf-8")
    assert page.count('class="ink"') == 3
    assert "<b>a</b>" not in page
    assert "&lt;b&gt;a&lt;/b&gt;" in page
    assert "100" in page  # how sure a model was that gives probabilities
    with pytest.raises(UsageError, match="is not named as an HTML page"):
        found.save(tmp_path / "both.pdf")


def test_one_model_is_not_compared() -> None:
    with pytest.raises(UsageError, match="there are 1 models; expected two or more"):
        compare_models({"a": labels([])}, DIGITS)
