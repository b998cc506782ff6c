"""Azure's MNIST of ours: what the page on Azure Open Datasets does with it."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mnistry.dropin.azureml import MNIST
from mnistry.errors import FetchError, MissingExtraError, UnknownNameError, UsageError
from mnistry.formats import idx
from mnistry.mount import server
from tests.conftest import leave_out
from tests.dropin.conftest import Tiny

NAMES = [
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
]


def _expected(tiny: Tiny) -> pd.DataFrame:
    """Build the frame the slow way, one row after the other."""
    rows = [
        [*image.reshape(-1).tolist(), label]
        for digits in (tiny.train, tiny.test)
        for image, label in digits
    ]
    names = [*(str(number) for number in range(784)), "label"]
    return pd.DataFrame(rows, columns=names, dtype=np.uint8)


def test_the_frame_has_pixels_then_label_and_train_then_test(tiny: Tiny) -> None:
    frame = MNIST.get_tabular_dataset().to_pandas_dataframe()
    pd.testing.assert_frame_equal(frame, _expected(tiny))


def test_the_frame_is_one_block_to_write_into(tiny: Tiny) -> None:
    frame = MNIST.get_tabular_dataset().to_pandas_dataframe()
    assert frame.memory_usage(index=False).sum() == 70 * 785
    assert np.shares_memory(frame.to_numpy(), frame.iloc[:, 3].to_numpy())
    frame.loc[0, "label"] = 77
    assert tiny.train.labels[0] != 77


@pytest.mark.parametrize(
    ("name", "rows"), [("train", slice(50)), ("test", slice(50, 70))]
)
def test_a_filter_gives_one_split(tiny: Tiny, name: str, rows: slice) -> None:
    frame = MNIST.get_tabular_dataset(dataset_filter=name).to_pandas_dataframe()
    expected = _expected(tiny)[rows].reset_index(drop=True)
    pd.testing.assert_frame_equal(frame, expected)


def test_rows_and_columns_chosen_first_are_those_chosen_last(tiny: Tiny) -> None:
    table, frame = MNIST.get_tabular_dataset(), _expected(tiny)
    pairs = [
        (table.take(60), frame[:60]),
        (table.skip(45).take(10), frame[45:55]),
        (table.take(0), frame[:0]),
        (table.keep_columns("label"), frame[["label"]]),
        (table.keep_columns(["label", "3", "100"]), frame[["3", "100", "label"]]),
        (table.drop_columns("label"), frame.drop(columns="label")),
        (table.drop_columns(["0", "5"]).skip(3), frame.drop(columns=["0", "5"])[3:]),
    ]
    for chosen, expected in pairs:
        given = chosen.to_pandas_dataframe()
        pd.testing.assert_frame_equal(given, expected.reset_index(drop=True))
        assert repr(chosen) == (
            f"<TabularDataset mnist: {given.shape[0]} rows, {given.shape[1]} columns>"
        )


def test_a_random_split_has_every_row_once_and_is_decided_by_its_seed(
    tiny: Tiny,
) -> None:
    table = MNIST.get_tabular_dataset()
    first, second = table.random_split(0.8, seed=3)
    assert 0 < len(second.rows) < len(first.rows)
    together = sorted([*first.rows.tolist(), *second.rows.tolist()])
    assert together == list(range(70))
    np.testing.assert_array_equal(table.take_sample(0.8, seed=3).rows, first.rows)
    expected = _expected(tiny).loc[second.rows].reset_index(drop=True)
    pd.testing.assert_frame_equal(second.to_pandas_dataframe(), expected)


def test_wrong_arguments_say_what_was_expected(tiny: Tiny) -> None:
    table = MNIST.get_tabular_dataset()
    with pytest.raises(
        UnknownNameError, match="no dataset_filter 'training'; .*'train'"
    ):
        MNIST.get_tabular_dataset("training")
    with pytest.raises(
        UnknownNameError, match="no dataset_filter 'val'; there are: all"
    ):
        MNIST.get_file_dataset("val")
    with pytest.raises(UnknownNameError, match="no column 'labels'; .*mean 'label'"):
        table.keep_columns("labels")
    with pytest.raises(UsageError, match=r"the part to take is 1\.5; expected 0 to 1"):
        table.random_split(1.5)
    with pytest.raises(UsageError, match="count is -1; expected 0 or more"):
        table.take(-1)


def test_the_listings_arithmetic_works(tiny: Tiny) -> None:
    frame = MNIST.get_tabular_dataset(dataset_filter="train").to_pandas_dataframe()
    images = frame.drop("label", axis=1).astype(int).to_numpy() / 255.0
    labels = frame.filter(items=["label"]).astype(int).to_numpy()
    flat = tiny.train.images.reshape(-1, 784)
    np.testing.assert_allclose(images, flat / 255)
    np.testing.assert_array_equal(labels[:, 0], tiny.train.labels)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_spark_has_the_same_table(tiny: Tiny) -> None:
    try:
        from mnistry.views.spark import start_session

        running = start_session()
    except MissingExtraError as error:
        leave_out("Spark", str(error))
    try:
        frame = MNIST.get_tabular_dataset().to_spark_dataframe()
        assert frame.columns == [*map(str, range(784)), "label"]
        collected = frame.toPandas().astype(np.uint8)
        assert frame.sparkSession is running
    finally:
        running.stop()
    pd.testing.assert_frame_equal(collected, _expected(tiny))


def test_without_java_the_error_has_the_install_line(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyspark")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(
        MissingExtraError, match="Run: apt install openjdk-17-jre-headl"
    ):
        MNIST.get_tabular_dataset().to_spark_dataframe()


def test_files_are_named_after_a_slash() -> None:
    files = MNIST.get_file_dataset()
    assert files.to_path() == [f"/{name}" for name in NAMES]
    assert repr(files).startswith("<FileDataset mnist: /t10k-images-idx3-ubyte.gz, ")
    assert repr(files).endswith("; 11,594,722 bytes>")
    assert MNIST.get_file_dataset("test").to_path() == [
        f"/{name}" for name in NAMES[:2]
    ]


def test_download_gives_the_absolute_paths_of_the_files(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = MNIST.get_file_dataset().download("new/folder")
    assert paths == [str(tmp_path / "new" / "folder" / name) for name in NAMES]
    for path in paths:
        expected = (tiny.folder / Path(path).name).read_bytes()
        assert Path(path).read_bytes() == expected


def test_download_without_a_target_makes_a_folder(tiny: Tiny) -> None:
    paths = MNIST.get_file_dataset("test").download()
    folder = Path(paths[0]).parent
    assert sorted(path.name for path in folder.iterdir()) == NAMES[:2]
    for path in paths:
        Path(path).unlink()
    folder.rmdir()


def test_download_replaces_files_only_if_asked_to(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / NAMES[2]).write_bytes(b"mine")
    files = MNIST.get_file_dataset()
    with pytest.raises(
        UsageError, match="has train-images.*gz already.*overwrite=True"
    ):
        files.download(tmp_path)
    assert [path.name for path in tmp_path.glob("*.gz")] == [NAMES[2]]
    assert (tmp_path / NAMES[2]).read_bytes() == b"mine"
    files.download(tmp_path, overwrite=True)
    expected = (tiny.folder / NAMES[2]).read_bytes()
    assert (tmp_path / NAMES[2]).read_bytes() == expected


def test_where_only_raw_files_are_they_are_gzipped(tiny: Tiny, tmp_path: Path) -> None:
    for file in tiny.row.files:
        packed = tiny.folder / file.name
        raw = gzip.decompress(packed.read_bytes())
        (tiny.folder / file.raw_name).write_bytes(raw)
        packed.unlink()
    paths = MNIST.get_file_dataset().download(tmp_path / "out")
    np.testing.assert_array_equal(idx.read(paths[0]), tiny.test.images)
    np.testing.assert_array_equal(idx.read(paths[3]), tiny.train.labels)


def test_a_file_that_is_nowhere_is_an_error_or_a_warning(
    tiny: Tiny, tmp_path: Path
) -> None:
    (tiny.folder / NAMES[0]).unlink()
    files = MNIST.get_file_dataset("test")
    with pytest.raises(FetchError, match=NAMES[0]):
        files.download(tmp_path / "out")
    with pytest.warns(UserWarning, match=f"left out: {NAMES[0]}"):
        paths = files.download(tmp_path / "out", ignore_not_found=True)
    assert paths == [str(tmp_path / "out" / NAMES[1])]


def test_the_files_are_mounted(tiny: Tiny, tmp_path: Path) -> None:
    try:
        server.require_fuse()
    except MissingExtraError as error:
        leave_out("FUSE", str(error))
    place = tmp_path / "place"
    place.mkdir()
    files = MNIST.get_file_dataset()
    with files.mount(place) as context:
        assert context.mount_point == str(place)
        assert sorted(path.name for path in place.iterdir()) == NAMES
        for name in NAMES:
            assert (place / name).read_bytes() == (tiny.folder / name).read_bytes()
    assert list(place.iterdir()) == []
    context = files.mount()
    context.start()
    assert (context.path / NAMES[0]).is_file()
    context.stop()
    assert not context.path.exists()
