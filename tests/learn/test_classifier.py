"""`DigitClassifier` among scikit-learn's own tools, and under its own checks."""

from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler
from sklearn.utils import estimator_checks
from sklearn.utils.validation import validate_data
from torch import nn

from mnistry.digits import Digits
from mnistry.errors import MissingExtraError, ShapeError, UsageError
from mnistry.learn import classifier
from mnistry.learn.classifier import DigitClassifier
from mnistry.learn.train import train
from mnistry.recipes import RECIPES, Recipe

NUMBERS: dict[str, Any] = {"epochs": 3, "learning_rate": 0.01}


@pytest.fixture(scope="module")
def fitted(bars: Digits) -> DigitClassifier:
    return DigitClassifier("linear", **NUMBERS).fit(bars.images, bars.labels)


def names(digits: Digits) -> NDArray[Any]:
    words = "zero one two three four five six seven eight nine".split()  # noqa: SIM905
    return np.array(words)[digits.labels]


def test_it_learns_what_train_learns(fitted: DigitClassifier, bars: Digits) -> None:
    model = train(bars, "linear", validation=0, **NUMBERS)
    np.testing.assert_array_equal(
        fitted.predict_proba(bars.images), model.predict(bars.images).probabilities
    )
    assert fitted.model_.facts["recipe"] == model.facts["recipe"]


def test_it_reads_digits_it_has_not_seen(
    fitted: DigitClassifier, other_bars: Digits
) -> None:
    assert fitted.score(other_bars.images, other_bars.labels) > 0.9  # chance has 0.1
    assert fitted.n_features_in_ == 784


def test_digits_bring_their_labels_with_them(
    fitted: DigitClassifier, bars: Digits
) -> None:
    again = clone(fitted).fit(bars)
    expected = fitted.predict_proba(bars.images)
    np.testing.assert_array_equal(again.predict_proba(bars), expected)
    with pytest.raises(ValueError, match="requires y to be passed"):
        clone(fitted).fit(bars.images)


def test_a_net_of_ones_own_learns_from_images_of_any_size(bars: Digits) -> None:
    half = bars.images[:, ::2, ::2]
    own = nn.Sequential(nn.Flatten(), nn.Linear(14 * 14, 10))
    flat, tall = clone(DigitClassifier(own, **NUMBERS)), DigitClassifier(own, **NUMBERS)
    flat.fit(half.reshape(-1, 196), bars.labels)
    assert (flat.size_, flat.n_features_in_) == ((14, 14), 196)
    np.testing.assert_array_equal(
        tall.fit(half[:, None], bars.labels).predict_proba(half),
        flat.predict_proba(half.reshape(-1, 196)),
    )
    with pytest.raises(ShapeError, match=r"expected \(n, 196\), \(n, 14, 14\)"):
        tall.predict(half.reshape(-1, 7, 28))
    with pytest.raises(ShapeError, match=r"shape \(9, 28, 28, 3\); expected"):
        tall.fit(np.zeros((9, 28, 28, 3)), bars.labels[:9])


@pytest.mark.parametrize("shape", [(-1, 784), (-1, 28, 28), (-1, 1, 28, 28)])
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64])
def test_every_shape_and_type_is_the_same_image(
    fitted: DigitClassifier, other_bars: Digits, shape: tuple[int, ...], dtype: type
) -> None:
    images: NDArray[Any] = other_bars.images.reshape(shape).astype(dtype)
    expected = fitted.predict_proba(other_bars.images)
    np.testing.assert_array_equal(fitted.predict_proba(images), expected)


def test_lists_and_data_frames_are_images_too(
    fitted: DigitClassifier, bars: Digits
) -> None:
    expected = fitted.predict(bars.images[:5])
    flat = bars.images.reshape(-1, 784)
    np.testing.assert_array_equal(fitted.predict(flat[:5].tolist()), expected)
    frame = pd.DataFrame(flat, columns=[f"pixel{number}" for number in range(784)])
    named = DigitClassifier("linear", **NUMBERS).fit(frame, bars.labels)
    np.testing.assert_array_equal(named.predict(frame[:5]), expected)
    assert list(named.feature_names_in_) == list(frame.columns)


def test_pixels_from_0_to_1_teach_the_same_as_from_0_to_255(
    fitted: DigitClassifier, bars: Digits
) -> None:
    again = clone(fitted).fit(bars.images / 255, bars.labels)
    assert (fitted.largest_, again.largest_) == (255, 1)
    np.testing.assert_array_equal(
        again.predict_proba(bars.images / 255), fitted.predict_proba(bars.images)
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (lambda images: images / 255, "run from 0.0 to 1.0; expected 0 to 255"),
        (lambda images: images + 1.0, r"run from 1.0 to 2\d\d.0; expected 0 to 255"),
        (lambda images: images - 100.0, "Negative values in data: .* from -100"),
        (lambda images: images[:, :27], r"shape \(9, 27, 28\); expected \(n, 784\)"),
        (lambda images: images.reshape(9, -1)[:, :9], "9 features, but .* expect"),
    ],
)
def test_other_pixels_than_it_learned_from_are_refused(
    fitted: DigitClassifier,
    bars: Digits,
    changed: Callable[[NDArray[Any]], NDArray[Any]],
    message: str,
) -> None:
    images = bars.images[:9].copy()
    images[0, 0, 0] = 255
    with pytest.raises(ValueError, match=message):
        fitted.predict(changed(images))


def test_images_of_another_size_are_refused(bars: Digits) -> None:
    with pytest.raises(ShapeError, match=r"n_features = 400; expected \(n, 784\)"):
        DigitClassifier().fit(bars.images[:, :20, :20].reshape(-1, 400), bars.labels)


def test_a_blank_image_is_one_of_255_though_its_largest_pixel_is_0(
    fitted: DigitClassifier,
) -> None:
    assert len(fitted.predict(np.zeros((1, 784)))) == 1


def test_labels_come_back_as_they_were_given(bars: Digits) -> None:
    words = names(bars)
    reader = DigitClassifier("linear", **NUMBERS).fit(bars.images, words)
    assert list(reader.classes_) == sorted(set(words))
    assert reader.score(bars.images, words) > 0.9
    likely = reader.predict_proba(bars.images)
    assert likely.shape == (len(bars), 10)
    np.testing.assert_array_equal(
        reader.classes_[likely.argmax(axis=1)], reader.predict(bars.images)
    )


def test_two_classes_get_two_columns_though_nets_have_ten(bars: Digits) -> None:
    some = bars[bars.labels < 2]
    reader = DigitClassifier("linear", epochs=1).fit(some.images, some.labels + 3)
    likely = reader.predict_proba(some.images)
    assert likely.shape == (len(some), 2)
    np.testing.assert_allclose(likely.sum(axis=1), 1, atol=1e-6)
    assert set(reader.predict(some.images)) <= {3, 4}


def test_one_class_is_nothing_to_learn(bars: Digits) -> None:
    with pytest.raises(UsageError, match=r"labels have 1 class\(es\); expected 2"):
        DigitClassifier().fit(bars.images, np.zeros(len(bars)))


def test_nothing_is_predicted_before_learning(bars: Digits) -> None:
    for ask in ("predict", "predict_proba"):
        with pytest.raises(NotFittedError):
            getattr(DigitClassifier(), ask)(bars.images)


def test_a_recipe_is_taken_as_it_is(bars: Digits) -> None:
    recipe = RECIPES["linear"].changed(validation=0.5, epochs=9)
    reader = DigitClassifier("linear", recipe=recipe, epochs=1)
    facts = reader.fit(bars.images, bars.labels).model_.facts
    assert (facts["recipe"]["validation"], facts["recipe"]["epochs"]) == (0.5, 1)


def test_a_net_of_ones_own_learns_and_is_cloned(bars: Digits) -> None:
    linear = nn.Linear(784, 10)
    own, before = nn.Sequential(nn.Flatten(), linear), linear.weight.clone()
    reader = clone(DigitClassifier(own, seed=3, **NUMBERS))
    assert reader.fit(bars.images, bars.labels).score(bars.images, bars.labels) > 0.9
    assert linear.weight.equal(before)
    assert repr(DigitClassifier(seed=3)) == "DigitClassifier(seed=3)"


def test_it_works_in_pipelines_cross_validation_and_grids(bars: Digits) -> None:
    flat, labels = bars.images.reshape(-1, 784), names(bars)
    reader = DigitClassifier("linear", **NUMBERS)
    assert cross_val_score(reader, bars.images, labels, cv=2).min() > 0.8
    steps = make_pipeline(MinMaxScaler(clip=True), reader).fit(flat, labels)
    assert steps.score(flat, labels) > 0.8
    blank = FunctionTransformer(np.zeros_like)
    assert make_pipeline(blank, reader).fit(flat, labels).score(flat, labels) < 0.3
    grid = GridSearchCV(reader, {"learning_rate": [1e-9, 0.01]}, cv=2)
    assert grid.fit(flat, labels).best_params_ == {"learning_rate": 0.01}


def test_threads_of_joblib_learn_what_each_fold_learns_alone(bars: Digits) -> None:
    some = bars[:200]
    reader = DigitClassifier("tutorial", epochs=1)  # which drops out at random
    folds = KFold(2)

    def weights(of: DigitClassifier) -> bytes:
        return b"".join(array.tobytes() for array in of.model_.weights.values())

    alone = [
        weights(clone(reader).fit(some.images[rows], some.labels[rows]))
        for rows, _ in folds.split(some.images)
    ]
    with joblib.parallel_config("threading", n_jobs=2):
        found = cross_validate(
            reader, some.images, some.labels, cv=folds, return_estimator=True
        )
    assert [weights(of) for of in found["estimator"]] == alone


def test_without_scikit_learn_the_way_out_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import importlib
    import sys

    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.delitem(sys.modules, "mnistry.learn.classifier")
    with pytest.raises(MissingExtraError, match=r"install .*\[sklearn\]'"):
        importlib.import_module("mnistry.learn.classifier")


def widened(reader: DigitClassifier, images: Any, **settings: Any) -> Any:
    """Make images of the few columns that the checks bring: repeated, and darkened."""
    found = validate_data(reader, images, **settings)
    few, *labels = found if isinstance(found, tuple) else (found,)
    wide = few[:, np.arange(784) % few.shape[1]]
    if wide.max() > 1:
        wide = (wide * 40).clip(None, 255).astype(wide.dtype)
    return (wide, *labels) if labels else wide


STEADY = Recipe(epochs=10, batch_size=50, learning_rate=0.01, validation=0)


# checks that bring tables of 2 to 10 columns, which are no images
ARE_TABLES = """
    check_fit_score_takes_y check_estimators_overwrite_params
    check_dont_overwrite_parameters check_estimators_fit_returns_self
    check_readonly_memmap_input check_n_features_in_after_fitting
    check_estimators_dtypes check_dtype_object check_pipeline_consistency
    check_estimators_nan_inf check_estimators_pickle
    check_f_contiguous_array_estimator check_classifier_data_not_an_array
    check_classifiers_classes check_classifiers_train check_supervised_y_2d
    check_methods_sample_order_invariance check_methods_subset_invariance
    check_dict_unchanged check_fit_idempotent check_fit_check_is_fitted
    check_n_features_in check_fit2d_predict1d
"""


@pytest.mark.filterwarnings("ignore")
def test_checks_that_bring_no_images_are_these_and_no_more() -> None:
    reason = "a table of 2 to 10 columns is no image, and taken for none"
    found = estimator_checks.check_estimator(
        DigitClassifier("linear", recipe=STEADY),
        expected_failed_checks=dict.fromkeys(ARE_TABLES.split(), reason),
        on_fail="raise",
        on_skip=None,
    )
    failed = {row["check_name"] for row in found if row["status"] == "xfail"}
    assert failed == set(ARE_TABLES.split())
    refused = {str(row["exception"]) for row in found if row["status"] == "xfail"}
    assert all("images have shape" in message for message in refused), refused


@pytest.mark.filterwarnings("ignore")  # the checks warn of what they skip
@estimator_checks.parametrize_with_checks(  # type: ignore[untyped-decorator]
    [DigitClassifier("linear", recipe=STEADY)]
)
def test_scikit_learns_own_checks_find_nothing(
    estimator: DigitClassifier,
    check: Callable[[DigitClassifier], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(classifier, "validate_data", widened)
    check(estimator)
