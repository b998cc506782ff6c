"""Predictions in files: by row, by number, by name; what does not fit is refused."""

import csv
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistry import Digits, evaluate
from mnistry.errors import FormatError
from mnistry.formats import budget
from mnistry.predictions import Predictions
from mnistry.predictors.files import read_predictions
from mnistry.report.tables import save_tables

NAMES = np.array([f"{n:02}.png" for n in range(20)])
DIGITS = Digits(
    np.zeros((20, 28, 28), np.uint8),
    (np.arange(20) % 10).astype(np.uint8),
    "toy",
    "test",
    columns={"file": NAMES},
)
LOGITS = np.random.default_rng(0).normal(size=(20, 10)).astype(np.float32)
WANTED = Predictions(LOGITS)


def as_csv(path: Path, columns: Mapping[str, Any]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def as_npz(path: Path, columns: Mapping[str, Any]) -> None:
    np.savez_compressed(path, **columns)


def as_parquet(path: Path, columns: Mapping[str, Any]) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table({name: list(of) for name, of in columns.items()}), path)


WRITERS = {".csv": as_csv, ".npz": as_npz, ".parquet": as_parquet}
Write = Callable[[Mapping[str, Any]], Path]


@pytest.fixture(params=WRITERS)
def write(request: pytest.FixtureRequest, tmp_path: Path) -> Write:
    def written(columns: Mapping[str, Any]) -> Path:
        path = tmp_path / f"predictions{request.param}"
        WRITERS[request.param](path, columns)
        return path

    return written


@pytest.mark.parametrize("prefix", ["probability_", "p", "logit_", "", "class "])
def test_scores_by_column(write: Write, prefix: str) -> None:
    values = LOGITS if prefix == "logit_" else WANTED.probabilities
    found = read_predictions(
        write({f"{prefix}{n}": of for n, of in enumerate(values.T)}), DIGITS
    )
    np.testing.assert_allclose(found.probabilities, WANTED.probabilities, atol=1e-5)
    assert (found.labels == WANTED.labels).all()


@pytest.mark.parametrize("name", ["label", "Prediction", "y_pred", "whatever"])
def test_labels(write: Write, name: str) -> None:
    found = read_predictions(write({name: WANTED.labels}), DIGITS)
    assert found.only_labels
    assert (found.labels == WANTED.labels).all()


@pytest.mark.parametrize("start", [0, 1])
def test_rows_by_number(write: Write, start: int) -> None:
    order = np.random.default_rng(1).permutation(20)
    columns = {"ImageId": order + start, "Label": WANTED.labels[order]}
    assert (read_predictions(write(columns), DIGITS).labels == WANTED.labels).all()
    columns["ImageId"] = np.maximum(order, 1) + start
    with pytest.raises(FormatError, match="its rows are numbered from .* once"):
        read_predictions(write(columns), DIGITS)


def test_rows_by_name(write: Write) -> None:
    order = np.random.default_rng(2).permutation(20)
    columns = {"name": NAMES[order], "label": WANTED.labels[order]}
    assert (read_predictions(write(columns), DIGITS).labels == WANTED.labels).all()
    columns["name"] = np.char.add("x", columns["name"])
    with pytest.raises(FormatError, match="it names 20 images, but not"):
        read_predictions(write(columns), DIGITS)


def test_what_the_file_calls_true_must_be(write: Write) -> None:
    scores = {f"p{n}": of for n, of in enumerate(WANTED.probabilities.T)}
    columns = {"written": DIGITS.labels, **scores}
    assert (read_predictions(write(columns), DIGITS).labels == WANTED.labels).all()
    columns["written"] = np.roll(DIGITS.labels, 1)
    with pytest.raises(
        FormatError, match="differ in 20 rows, first in row 0: 9 instead"
    ):
        read_predictions(write(columns), DIGITS)


def test_a_label_beside_scores_may_be_the_true_one_and_is_not_taken(
    write: Write,
) -> None:
    scores = {f"p{n}": of for n, of in enumerate(WANTED.probabilities.T)}
    found = read_predictions(write({"label": DIGITS.labels, **scores}), DIGITS)
    assert (found.labels == WANTED.labels).all()


def test_a_prediction_that_the_scores_do_not_fit_counts_before_them(
    write: Write,
) -> None:
    scores = {f"p{n}": of for n, of in enumerate(WANTED.probabilities.T)}
    other = (WANTED.labels + 1) % 10
    found = read_predictions(write({"prediction": other, **scores}), DIGITS)
    assert found.only_labels
    assert (found.labels == other).all()


def test_one_array_of_two_axes(tmp_path: Path) -> None:
    path = tmp_path / "predictions.npz"
    np.savez(path, anything=LOGITS)
    np.testing.assert_allclose(read_predictions(path, DIGITS).logits, LOGITS)
    for array in LOGITS, WANTED.labels:
        np.save(tmp_path / "p.npy", array)
        found = read_predictions(tmp_path / "p.npy", DIGITS)
        assert (found.labels == WANTED.labels).all()
    as_parquet(tmp_path / "p.pq", {"probabilities": WANTED.probabilities})
    found = read_predictions(tmp_path / "p.pq", DIGITS)
    np.testing.assert_allclose(found.probabilities, WANTED.probabilities, atol=1e-6)


def test_classes_by_name(write: Write) -> None:
    names = ("one", "two", "three")
    digits = Digits(DIGITS.images[:2], DIGITS.labels[:2], "named", classes=names)
    columns: dict[str, Any] = {"Three": [0.8, 0.1], "one": [0.1, 0.2]}
    columns["two"] = [0.1, 0.7]
    assert read_predictions(write(columns), digits).labels.tolist() == [2, 1]
    found = read_predictions(write({"label": np.array(["two", "one"])}), digits)
    assert found.labels.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("7\n2\n", [7, 2]),
        ("0,7\n1,2\n", [7, 2]),
        ("0.1,0.7,0.2\n0.6,0.3,0.1\n", [1, 0]),
        ("id;label\n2;7\n1;2\n", [2, 7]),
        ("\ufeffImageId,Label\r\n1,7\r\n2,2\r\n", [7, 2]),
    ],
)
def test_text_without_names_or_commas(
    text: str, labels: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text, "utf-8")
    assert read_predictions(path, DIGITS[:2]).labels.tolist() == labels


def test_the_tables_of_a_report_are_predictions(tmp_path: Path) -> None:
    save_tables(evaluate(WANTED, DIGITS), tmp_path)
    found = read_predictions(tmp_path / "predictions.csv", DIGITS)
    np.testing.assert_allclose(found.probabilities, WANTED.probabilities, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "its lines have no fields"),
        ("label\n1\n", "it has 1 rows, and there are 2 images"),
        ("a,b\n1,2\n1,2\n", "its columns are a, b"),
        ("label\n1\n1,2\n", r"fields; expected all the same"),
        ("label\nnan\n1\n", "expected whole labels"),
        ("p0,p1\nnan,1\n0,1\n", "are NaN or infinite"),
        ("label\n300\n1\n", "301 classes|there is a label 300|255"),
    ],
)
def test_what_is_no_prediction_is_named(
    text: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(FormatError, match=message):
        read_predictions(path, DIGITS[:2])


def test_broken_files_are_named(tmp_path: Path) -> None:
    for name in ("p.npz", "p.npy", "p.parquet", "p.csv"):
        path = tmp_path / name
        path.write_bytes(b"\xff\xfe\x00broken" * 9)
        with pytest.raises(FormatError, match="cannot be read as predictions for toy"):
            read_predictions(path, DIGITS)
        with pytest.raises(FormatError, match="expected a file of up to"):
            read_predictions(tmp_path / f"no{name}", DIGITS)
    np.save(tmp_path / "objects.npy", np.array([{}, 2], object))
    with pytest.raises(FormatError, match="cannot be read as predictions for toy"):
        read_predictions(tmp_path / "objects.npy", DIGITS)
    np.savez(tmp_path / "uneven.npz", label=np.zeros(3), index=np.zeros(4))
    with pytest.raises(FormatError, match="its columns are of several lengths"):
        read_predictions(tmp_path / "uneven.npz", DIGITS)


def test_more_than_memory_should_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_parquet(tmp_path / "p.parquet", {"label": np.zeros(20)})
    size = (tmp_path / "p.parquet").stat().st_size
    with monkeypatch.context() as patched:
        patched.setattr("mnistry.predictors.files.MOST_COLUMNS", 0)
        with pytest.raises(FormatError, match="or too many columns"):
            read_predictions(tmp_path / "p.parquet", DIGITS)
    monkeypatch.setattr("mnistry.predictors.files.MOST_BYTES", size - 1)
    with pytest.raises(FormatError, match="expected a file of up to"):
        read_predictions(tmp_path / "p.parquet", DIGITS)


def test_little_files_of_predictions_take_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(budget, "DECODED_BYTES", 8 << 20)
    toy = Digits(np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.uint8))
    names = pa.array(["x" * (1 << 20)])
    column = pa.DictionaryArray.from_arrays(np.zeros(300, np.int32), names)
    table = pa.table({"label": np.zeros(300), "name": column})
    pq.write_table(table, tmp_path / "a.parquet", store_schema=False)
    np.savez_compressed(tmp_path / "a.npz", label=np.zeros(1 << 21))
    rows = ["label,name", "1," + "x" * 20_000, *["1,y"] * 500]
    (tmp_path / "a.csv").write_text("\n".join(rows), "utf-8")
    for name, reason in {
        "a.parquet": "would be unpacked to",
        "a.npz": "would be unpacked to",
        "a.csv": "it has 501 rows",
    }.items():
        tracemalloc.start()
        with pytest.raises(FormatError, match=reason):
            read_predictions(tmp_path / name, toy)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 8 << 20  # the texts of the CSV took 40 MB, side by side


def test_the_error_for_text_that_is_not_utf_8_says_how_to_save_it(
    tmp_path: Path,
) -> None:
    toy = Digits(np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.uint8))
    (tmp_path / "a.csv").write_bytes("prédiction,label\n0,1".encode("latin-1"))
    with pytest.raises(FormatError, match="its byte 2 is not UTF-8. Save it as UTF-8"):
        read_predictions(tmp_path / "a.csv", toy)


def test_one_long_label_takes_its_own_room_alone(tmp_path: Path) -> None:
    labels = np.arange(500) % 10
    toy = Digits(np.zeros((500, 28, 28), np.uint8), labels.astype(np.uint8))
    rows = ["label", "x" * 20_000, *map(str, labels[1:])]
    (tmp_path / "a.csv").write_text("\n".join(rows), "utf-8")
    tracemalloc.start()
    with pytest.raises(FormatError):
        read_predictions(tmp_path / "a.csv", toy)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20  # 40 MB, side by side
