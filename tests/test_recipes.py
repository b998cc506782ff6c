from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistry.errors import UsageError
from mnistry.recipes import Recipe


@given(
    steps=st.integers(1, 300),
    warmup=st.floats(0, 1),
    decay=st.booleans(),
    data=st.data(),
)
def test_the_learning_rate_is_above_zero_and_never_above_its_largest(
    steps: int, warmup: float, decay: bool, data: st.DataObject
) -> None:
    recipe = Recipe(learning_rate=0.5, warmup=warmup, decay=decay)
    step = data.draw(st.integers(0, steps - 1))
    assert 0 < recipe.learning_rate_at(step, steps) <= 0.5


def test_the_learning_rate_rises_to_the_top_and_falls_to_nearly_nothing() -> None:
    recipe = Recipe(learning_rate=1.0, warmup=0.25, decay=True)
    rates = [recipe.learning_rate_at(step, 100) for step in range(100)]
    top = rates.index(max(rates))
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert max(rates) == 1.0
    assert rates[-1] < 0.02


def test_without_rise_and_fall_the_learning_rate_stays() -> None:
    recipe = Recipe(learning_rate=0.01)
    assert {recipe.learning_rate_at(step, 50) for step in range(50)} == {0.01}


def test_a_changed_recipe_is_another_value() -> None:
    recipe = Recipe(epochs=3)
    assert recipe.changed(epochs=4) == Recipe(epochs=4)
    assert recipe.epochs == 3


def test_a_number_that_no_recipe_has_gets_the_nearest_name() -> None:
    with pytest.raises(UsageError, match=r"no 'epoch'; .*you mean 'epochs'"):
        Recipe().changed(epoch=3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", 1.5),
        ("batch_size", -1),
        ("learning_rate", -0.1),
        ("learning_rate", float("nan")),
        ("momentum", 1.0),
        ("validation", 1.0),
        ("warmup", 2),
        ("averaging", 1.0),
        ("label_smoothing", 1.0),
        ("patience", -1),
        ("patience", 2.5),
        ("epochs", "3"),
    ],
)
def test_a_number_that_cannot_be_is_named_with_its_range(name: str, value: Any) -> None:
    with pytest.raises(UsageError, match=f"{name} is .*; expected a (whole )?number"):
        Recipe(**{name: value})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("optimizer", "adam, sgd or rmsprop"),
        ("precision", "fastest, float32 or bfloat16"),
        ("device", "fastest, cpu, cuda or mps"),
    ],
)
def test_an_unknown_word_is_named_with_those_there_are(
    name: str, expected: str
) -> None:
    with pytest.raises(UsageError, match=f"{name} is 'adams'; expected {expected}"):
        Recipe(**{name: "adams"})  # type: ignore[arg-type]
