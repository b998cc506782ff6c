"""What `views.py` compares: for each conversion ours, and the library's own way.

Each case is given digits, prepares what the conversion starts from, and yields the two
works by name; what it starts from is in memory, or in a file of a folder in memory
(/dev/shm), so that no disk is measured.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from mnistry import Digits, files
from mnistry.views import arrow

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - meant: no disk shall be measured
Work = Callable[[], object]
NAMES = [str(number) for number in range(784)]


@contextmanager
def to_pandas(digits: Digits) -> Iterator[Mapping[str, Work]]:
    import pandas as pd

    from mnistry.views import pandas

    def own() -> object:
        """Copy the pixels into a frame of one block, and put the labels beside."""
        rows = digits.images.reshape(-1, 784).copy()
        frame = pd.DataFrame(rows, columns=NAMES, copy=False)
        frame["label"] = digits.labels
        return frame

    yield {"mnistry": lambda: pandas.to_pandas(digits), "own": own}


@contextmanager
def from_pandas(digits: Digits) -> Iterator[Mapping[str, Work]]:
    from mnistry.views import pandas

    frame = pandas.to_pandas(digits)

    def own() -> object:
        pixels = frame.drop(columns="label").to_numpy()
        return pixels.reshape(-1, 28, 28), frame["label"].to_numpy()

    yield {"mnistry": lambda: pandas.from_pandas(frame), "own": own}


def own_table(digits: Digits) -> Any:
    import pyarrow as pa

    tensors = pa.FixedShapeTensorArray.from_numpy_ndarray(digits.images)
    return pa.table({"image": tensors, "label": digits.labels})


def own_images(table: Any) -> object:
    images = table["image"].combine_chunks().to_numpy_ndarray()
    return images, table["label"].to_numpy()


def own_pixel_table(digits: Digits) -> Any:
    import pyarrow as pa

    columns = np.ascontiguousarray(digits.images.reshape(-1, 784).T)
    return pa.table([*columns, digits.labels], [*NAMES, "label"])


def own_images_of_pixels(table: Any) -> object:
    columns = np.empty((784, len(table)), np.uint8)
    for number, name in enumerate(NAMES):
        columns[number] = table[name].to_numpy()
    return np.ascontiguousarray(columns.T), table["label"].to_numpy()


@contextmanager
def to_arrow(digits: Digits) -> Iterator[Mapping[str, Work]]:
    yield {
        "mnistry": lambda: arrow.to_arrow(digits),
        "own": lambda: own_table(digits),
    }


@contextmanager
def from_arrow(digits: Digits) -> Iterator[Mapping[str, Work]]:
    table = arrow.to_arrow(digits)
    yield {
        "mnistry": lambda: arrow.from_arrow(table),
        "own": lambda: own_images(table),
    }


@contextmanager
def to_arrow_pixels(digits: Digits) -> Iterator[Mapping[str, Work]]:
    yield {
        "mnistry": lambda: arrow.to_arrow(digits, layout="pixels"),
        "own": lambda: own_pixel_table(digits),
    }


@contextmanager
def from_arrow_pixels(digits: Digits) -> Iterator[Mapping[str, Work]]:
    table = arrow.to_arrow(digits, layout="pixels")
    yield {
        "mnistry": lambda: arrow.from_arrow(table),
        "own": lambda: own_images_of_pixels(table),
    }


@contextmanager
def to_parquet(digits: Digits, kind: str = "") -> Iterator[Mapping[str, Work]]:
    import pyarrow.parquet as pq

    own = own_pixel_table if kind else own_table
    with TemporaryDirectory(dir=IN_MEMORY) as folder:
        yield {
            "mnistry": lambda: files.export(digits, f"parquet{kind}", folder),
            "own": lambda: pq.write_table(own(digits), f"{folder}/own.parquet"),
        }


@contextmanager
def from_parquet(digits: Digits, kind: str = "") -> Iterator[Mapping[str, Work]]:
    import pyarrow.parquet as pq

    own = own_images_of_pixels if kind else own_images
    with TemporaryDirectory(dir=IN_MEMORY) as folder:
        (path,) = files.export(digits, f"parquet{kind}", folder)
        yield {
            "mnistry": lambda: files.load(path),
            "own": lambda: own(pq.read_table(path)),
        }


@contextmanager
def to_parquet_pixels(digits: Digits) -> Iterator[Mapping[str, Work]]:
    with to_parquet(digits, "-pixels") as works:
        yield works


@contextmanager
def from_parquet_pixels(digits: Digits) -> Iterator[Mapping[str, Work]]:
    with from_parquet(digits, "-pixels") as works:
        yield works


@contextmanager
def to_spark(digits: Digits, kind: str = "image") -> Iterator[Mapping[str, Work]]:
    import pyarrow as pa

    from mnistry.views import spark

    session = spark.start_session()

    def own() -> object:
        if kind == "image":
            rows = digits.images.reshape(-1, 784)
            images = pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(784), len(rows), [None, pa.py_buffer(rows)]
            ).cast(pa.binary())
            table = pa.table({"image": images, "label": digits.labels.astype(np.int32)})
        else:
            columns = digits.images.reshape(-1, 784).T.astype(np.int16, order="C")
            table = pa.table(
                [*columns, digits.labels.astype(np.int32)], [*NAMES, "label"]
            )
        return session.createDataFrame(table)

    yield {
        "mnistry": lambda: spark.to_spark(digits, session, layout=kind),
        "own": own,
    }


@contextmanager
def from_spark(digits: Digits, kind: str = "image") -> Iterator[Mapping[str, Work]]:
    from mnistry.views import spark

    session = spark.start_session()
    frame = spark.to_spark(digits, session, layout=kind)

    def own() -> object:
        table = frame.toArrow()
        if kind == "pixels":
            return own_images_of_pixels(table)
        images = np.empty((len(table), 28, 28), np.uint8)
        start = 0
        for chunk in table["image"].chunks:
            data = np.frombuffer(chunk.buffers()[2], np.uint8)
            images[start : start + len(chunk)] = data[: len(chunk) * 784].reshape(
                -1, 28, 28
            )
            start += len(chunk)
        return images, table["label"].to_numpy()

    yield {"mnistry": lambda: spark.from_spark(frame), "own": own}


@contextmanager
def to_spark_pixels(digits: Digits) -> Iterator[Mapping[str, Work]]:
    with to_spark(digits, "pixels") as works:
        yield works


@contextmanager
def from_spark_pixels(digits: Digits) -> Iterator[Mapping[str, Work]]:
    with from_spark(digits, "pixels") as works:
        yield works


CASES = {
    case.__name__: case
    for case in (
        to_pandas,
        from_pandas,
        to_arrow,
        from_arrow,
        to_arrow_pixels,
        from_arrow_pixels,
        to_parquet,
        from_parquet,
        to_parquet_pixels,
        from_parquet_pixels,
        to_spark,
        from_spark,
        to_spark_pixels,
        from_spark_pixels,
    )
}
