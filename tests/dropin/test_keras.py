"""`keras.datasets` of ours: what Keras' users do with it."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistry.dropin.keras import fashion_mnist, mnist
from mnistry.errors import FetchError, FormatError
from mnistry.formats.npz import KEYS
from tests.dropin.conftest import Tiny


def test_load_data_gives_both_splits_as_uint8(tiny: Tiny) -> None:
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    for array, expected in (
        (x_train, tiny.train.images),
        (y_train, tiny.train.labels),
        (x_test, tiny.test.images),
        (y_test, tiny.test.labels),
    ):
        assert type(array) is np.ndarray
        assert array.dtype == np.uint8
        np.testing.assert_array_equal(array, expected)


def test_the_arrays_are_ones_own_to_write_into(tiny: Tiny) -> None:
    (x_train, y_train), _ = mnist.load_data()
    x_train[:] = 1
    y_train += 1
    (again, labels), _ = mnist.load_data()
    np.testing.assert_array_equal(again, tiny.train.images)
    np.testing.assert_array_equal(labels, tiny.train.labels)


def _arrays(tiny: Tiny) -> dict[str, np.ndarray]:
    test, train = tiny.test, tiny.train  # the other way round, to tell them apart
    arrays = (test.images, test.labels, train.images, train.labels)
    return dict(zip(KEYS.values(), arrays, strict=True))


def _save(path: Path, named: dict[str, np.ndarray]) -> None:
    save: Any = np.savez_compressed  # whose stubs take the names for its options
    save(path, **named)


@pytest.mark.parametrize("as_text", [True, False])
def test_a_file_that_exists_is_read(tiny: Tiny, tmp_path: Path, as_text: bool) -> None:
    path = tmp_path / "swapped.npz"
    _save(path, _arrays(tiny))
    (x_train, y_train), (x_test, _) = mnist.load_data(str(path) if as_text else path)
    np.testing.assert_array_equal(x_train, tiny.test.images)
    np.testing.assert_array_equal(y_train, tiny.test.labels)
    np.testing.assert_array_equal(x_test, tiny.train.images)
    x_train[:] = 0


def test_a_plain_name_is_the_cache_without_a_word(tiny: Tiny) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (x_train, _), _ = mnist.load_data(path="my-mnist.npz")
    np.testing.assert_array_equal(x_train, tiny.train.images)


def test_a_path_where_nothing_is_is_the_cache_and_a_warning(
    tiny: Tiny, tmp_path: Path
) -> None:
    path = tmp_path / "D:" / "mnist.npz"
    with pytest.warns(UserWarning, match="there is no file .*mnist.npz: mnist comes"):
        (x_train, _), _ = mnist.load_data(path)
    np.testing.assert_array_equal(x_train, tiny.train.images)
    assert not path.parent.exists()


def test_an_npz_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    np.savez(path, weights=np.zeros(3))
    with pytest.raises(FormatError, match=r"weights\.npz has the arrays weights; exp"):
        mnist.load_data(path)


def test_an_npz_of_one_split_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    path = tmp_path / "half.npz"
    _save(path, {"x_train": tiny.train.images, "y_train": tiny.train.labels})
    with pytest.raises(
        FormatError, match="is not Keras' npz: it has the splits train;"
    ):
        mnist.load_data(path)


def test_an_npz_whose_arrays_do_not_belong_together_is_refused(
    tiny: Tiny, tmp_path: Path
) -> None:
    arrays = _arrays(tiny)
    arrays["y_train"] = arrays["y_train"][:-1]
    _save(tmp_path / "cut.npz", arrays)
    with pytest.raises(FormatError, match=r"labels have shape \(19,\); expected \(20,"):
        mnist.load_data(tmp_path / "cut.npz")


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "pickled.npz"
    _save(path, dict.fromkeys(KEYS.values(), np.array([{}], dtype=object)))
    with pytest.raises(FormatError, match=r"pickled\.npz .*x_test of object \(1,\)"):
        mnist.load_data(path)


def test_a_file_that_is_no_npz_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.npz"
    path.write_text("<html>")
    with pytest.raises(FormatError, match="page.npz .*File is not a zip file"):
        mnist.load_data(path)


def test_without_the_data_the_error_says_where_it_was_expected() -> None:
    with pytest.raises(FetchError, match="MNISTRY_OFFLINE forbids the network"):
        fashion_mnist.load_data()


def test_every_import_line_of_keras_finds_the_same() -> None:
    from mnistry.dropin import keras
    from mnistry.dropin.keras.datasets import fashion_mnist, mnist
    from mnistry.dropin.keras.mnist import load_data

    assert keras.datasets.mnist.load_data == load_data == mnist.load_data
    assert fashion_mnist.load_data != load_data
