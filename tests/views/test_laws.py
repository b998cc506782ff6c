"""One law for all views: there and back gives the same digits."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from mnistry.digits import Digits
from mnistry.errors import MissingExtraError, UsageError
from mnistry.views.arrow import from_arrow
from mnistry.views.polars import from_polars


@dataclass(frozen=True)
class View:
    """What a view keeps beside images and labels."""

    columns: bool = True
    facts: tuple[str, ...] = ("name", "split_name", "source", "classes")
    shape_of_none: bool = True  # the image size of empty digits


VIEWS = {
    "pandas": View(),
    "arrow": View(),
    "polars": View(facts=()),
    "torch": View(),
    "keras": View(columns=False, facts=()),
    "huggingface": View(shape_of_none=False),
}
COLUMN_KINDS = st.sampled_from(["<i8", "<u2", "u1", "<f4", "<f8", "?", "<U3"])
TEXT = st.text("abc7é", max_size=3)
NAMES = st.sampled_from(["writer", "series", "who", "what is it?", "é"])


def there_and_back(name: str, digits: Digits) -> Digits:
    view = importlib.import_module(f"mnistry.views.{name}")
    to: Callable[[Digits], Any] = getattr(view, f"to_{name}")
    back: Callable[[Any], Digits] = getattr(view, f"from_{name}")
    return back(to(digits))


@st.composite
def any_digits(draw: st.DrawFn) -> Digits:
    count = draw(st.integers(0, 6))
    shape = draw(st.sampled_from([(28, 28), (16, 16), (1, 1), (5, 7)]))
    images = draw(st_numpy.arrays(np.uint8, (count, *shape), fill=st.integers(0, 255)))
    labels = draw(st_numpy.arrays(np.uint8, count))
    columns = {
        name: draw(_column(kind, count))
        for name, kind in draw(st.dictionaries(NAMES, COLUMN_KINDS)).items()
    }
    classes = tuple(draw(st.lists(TEXT, max_size=3, unique=True)))
    return Digits(images, labels, "toy", "test", "drawn", classes, columns)


def _column(kind: str, count: int) -> st.SearchStrategy[Any]:
    if "U" in kind:
        texts = st.lists(TEXT, min_size=count, max_size=count)
        return texts.map(lambda values: np.array(values, kind))
    elements = st.integers(0, 1) if kind == "?" else st.integers(0, 200)
    return st_numpy.arrays(np.dtype(kind), count, elements=elements)


@pytest.mark.parametrize("name", VIEWS)
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(digits=any_digits())
def test_there_and_back_gives_the_same_digits(name: str, digits: Digits) -> None:
    view = VIEWS[name]
    if not view.columns:
        digits = replace(digits, columns={})
    if not len(digits) and not view.shape_of_none:
        digits = replace(digits, images=np.zeros((0, 28, 28), np.uint8))
    back = there_and_back(name, digits)
    assert back == digits
    assert {n: of.dtype.kind for n, of in back.columns.items()} == {
        n: of.dtype.kind for n, of in digits.columns.items()
    }


@pytest.mark.parametrize("name", VIEWS)
def test_what_is_beside_is_kept_where_the_library_has_a_place(name: str) -> None:
    images = np.zeros((3, 28, 28), np.uint8)
    digits = Digits(
        images, np.array([2, 0, 1], np.uint8), "toy", "train", "here", ("a", "b", "c")
    )
    back = there_and_back(name, digits)
    wanted = {fact: getattr(digits, fact) for fact in VIEWS[name].facts}
    assert {fact: getattr(back, fact) for fact in VIEWS[name].facts} == wanted


@pytest.mark.parametrize("name", VIEWS)
def test_digits_that_were_sliced_come_back_too(name: str, some: Digits) -> None:
    digits = some if VIEWS[name].columns else replace(some, columns={})
    assert there_and_back(name, digits[::-2]) == digits[::-2]


@pytest.mark.parametrize("name", ["pandas", "arrow", "polars", "huggingface"])
@pytest.mark.parametrize("column", ["label", "image", "7", "pixel7"])
def test_a_column_called_as_the_table_calls_its_own_is_refused(
    name: str, column: str, some: Digits
) -> None:
    digits = replace(some, columns={column: np.arange(len(some))})
    with pytest.raises(UsageError, match=f"column '{column}' has a name that"):
        there_and_back(name, digits)


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [
        ("pandas", "pandas", "data"),
        ("arrow", "pyarrow", "data"),
        ("polars", "polars", "data"),
        ("torch", "torch", "train"),
        ("huggingface", "datasets", "huggingface"),
        ("spark", "pyspark", "spark"),
    ],
)
def test_a_missing_package_is_named_with_its_install_line(
    name: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch, some: Digits
) -> None:
    monkeypatch.delitem(sys.modules, f"mnistry.views.{name}", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    wanted = rf"{package} is not installed.*install .*\[{extra}\]'"
    arguments = ["no session"] if name == "spark" else []
    with pytest.raises(MissingExtraError, match=wanted):
        getattr(some, f"to_{name}")(*arguments)


@pytest.mark.parametrize("name", ["pandas", "arrow", "polars", "huggingface", "spark"])
def test_what_is_of_another_library_is_named(name: str, some: Digits) -> None:
    back = getattr(importlib.import_module(f"mnistry.views.{name}"), f"from_{name}")
    others = [None, [1, 2], some, some.labels, pa.array([1])]
    if name != "arrow":  # which takes whatever speaks Arrow's protocol
        others.append(some.to_arrow())
        others.append(some.to_pandas() if name == "polars" else some.to_polars())
    for other in others:
        with pytest.raises(UsageError, match=r"^a .* was given; expected .*[.]$"):
            back(other)


def test_whatever_speaks_the_protocol_of_arrow_is_a_table(some: Digits) -> None:
    table = some.to_arrow()
    for of in (table.to_batches()[0], table.to_reader(), some.to_polars()):
        assert from_arrow(of) == some
    assert from_polars(some.to_polars().lazy()) == some


@pytest.fixture
def some() -> Digits:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (9, 28, 28), np.uint8)
    return Digits(
        images,
        np.arange(9, dtype=np.uint8),
        "toy",
        columns={"writer": np.arange(9) * 100},
    )
