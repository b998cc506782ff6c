"""Digits in a real Spark, in local mode."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mnistry.digits import Digits
from mnistry.errors import MissingExtraError, UnknownNameError
from mnistry.formats import png
from mnistry.views.spark import LAYOUTS, from_spark, start_session, to_spark

if TYPE_CHECKING:
    import pyspark.sql


@pytest.fixture
def some() -> Digits:
    rng = np.random.default_rng(0)
    columns = {
        "writer": np.arange(50, dtype=np.uint16),
        "who": np.array(["a", "bc"] * 25),
    }
    images = rng.integers(0, 256, (50, 28, 28), np.uint8)
    classes = tuple("0123456789")
    return Digits(
        images,
        np.arange(50, dtype=np.uint8) % 10,
        "toy",
        "train",
        "here",
        classes,
        columns,
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_there_and_back_gives_the_same_digits(
    layout: str, some: Digits, spark: "pyspark.sql.SparkSession"
) -> None:
    back = from_spark(to_spark(some, spark, layout=layout))
    assert back == some
    for fact in ("name", "split_name", "source", "classes"):
        assert getattr(back, fact) == getattr(some, fact)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(0, 28, 28), (0, 16, 16), (2, 16, 16), (2, 5, 7)])
def test_other_shapes_and_none_come_back(
    layout: str, shape: tuple[int, ...], spark: "pyspark.sql.SparkSession"
) -> None:
    digits = Digits(np.full(shape, 200, np.uint8), np.full(shape[0], 7))
    assert from_spark(to_spark(digits, spark, layout=layout)) == digits


def test_the_columns_are_the_layouts(
    some: Digits, spark: "pyspark.sql.SparkSession"
) -> None:
    image = to_spark(some, spark)
    assert image.dtypes == [
        ("image", "binary"),
        ("writer", "int"),
        ("who", "string"),
        ("label", "int"),
    ]
    pixels = to_spark(Digits(some.images, some.labels), spark, layout="pixels")
    assert pixels.columns == [*map(str, range(784)), "label"]
    assert pixels.dtypes[0] == ("0", "smallint")
    assert pixels.first()[:784] == tuple(some.images[0].ravel().tolist())


def test_pictures_that_spark_read_itself_are_decoded(
    some: Digits, spark: "pyspark.sql.SparkSession"
) -> None:
    rows = [(png.encode(image), int(label)) for image, label in some]
    frame = spark.createDataFrame(rows, "image binary, label int")
    assert from_spark(frame) == Digits(some.images, some.labels)


def test_an_unknown_layout_is_refused(
    some: Digits, spark: "pyspark.sql.SparkSession"
) -> None:
    with pytest.raises(UnknownNameError, match="no layout 'tensor'"):
        to_spark(some, spark, layout="tensor")


def test_the_running_session_is_given(spark: "pyspark.sql.SparkSession") -> None:
    assert start_session() is spark


def test_without_java_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from pyspark.sql import SparkSession

    monkeypatch.setattr(SparkSession, "getActiveSession", classmethod(lambda _: None))
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(MissingExtraError, match="apt install openjdk-17"):
        start_session()
