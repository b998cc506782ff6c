"""The scripts of `benchmarks/`: what they compare is what they say they compare."""

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistry import Digits
from mnistry.bulk.pages import page_count
from mnistry.synth.drawn import draw
from tests.conftest import leave_out

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
Script = Callable[[str], Any]
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword"  # Keras on torch
)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """Imports a script by its name, as another script of the folder does."""
    if not BENCHMARKS.is_dir():
        leave_out("the folder benchmarks", "take a checkout of the repository")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    yield importlib.import_module
    for path in BENCHMARKS.glob("*.py"):  # such names as `load` are everybody's
        sys.modules.pop(path.stem, None)


@pytest.fixture
def results(script: Script, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(script("measure"), "RESULTS", tmp_path)
    return tmp_path


def parameters(net: Any) -> int:
    return sum(of.numel() for of in net.parameters())


def test_what_was_kept_is_read_again(script: Script, results: Path) -> None:
    measure = script("measure")
    rows: list[dict[str, object]] = [
        {"what": "a", "seconds": 0.5},
        {"what": "b", "seconds": ""},
    ]
    assert measure.read("question") == []
    path = measure.keep("question", rows, packages=["numpy", "no-such-package"])
    assert f"numpy {np.__version__}; no-such-package" in path.read_text()
    assert measure.read("question") == [
        {key: str(value) for key, value in row.items()} for row in rows
    ]


def test_rows_replace_those_of_the_same_name_and_no_others(
    script: Script, results: Path
) -> None:
    measure = script("measure")
    for rows in ([("a", 1), ("b", 2)], [("b", 3), ("b", 4)], [("c", 5)]):
        named = [{"kind": name, "right": right} for name, right in rows]
        measure.replace("question", named, by="kind", packages=[])
    kept = [(row["kind"], row["right"]) for row in measure.read("question")]
    assert results in measure.place("question").parents
    assert kept == [("a", "1"), ("b", "3"), ("b", "4"), ("c", "5")]


def test_each_size_keeps_to_its_number_of_parameters(script: Script) -> None:
    for size, of in script("small_nets").SIZES.items():
        count = parameters(of.build())
        assert count <= of.most == int(size.removesuffix("k")) * 1000
        assert f"{count:,} parameters" in of.build.__doc__


def test_a_size_is_trained_tested_and_kept_once(
    script: Script, results: Path, toy: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = script("sizes")
    smallest = next(iter(sizes.SIZES))
    short = sizes.SIZES[smallest]
    short = short._replace(recipe=short.recipe.changed(epochs=1))
    monkeypatch.setitem(sizes.SIZES, smallest, short)
    monkeypatch.setattr(sizes.mnistry, "load", lambda: (toy, toy))
    sizes.main([f"{smallest}:1"])
    sizes.main([f"{smallest}:2"])
    rows = script("measure").read("sizes")
    assert [row["seed"] for row in rows] == ["0", "1"]
    (table,) = sizes.summed(rows)
    right = [float(row["test_accuracy"]) for row in rows]
    assert table["test_accuracy"].startswith(f"{np.mean(right):.3%}")
    kept = {path: path.stat().st_mtime_ns for path in results.iterdir()}
    sizes.main([f"{smallest}:2"])
    assert {path: path.stat().st_mtime_ns for path in results.iterdir()} == kept


def test_the_record_counts_what_is_multiplied_and_who_reached_the_goal(
    script: Script,
) -> None:
    record = script("record")
    linear = 10 * 28 * 28
    assert record.multiply_adds(record.build("linear")) == 2 * linear
    conv = record.nn.Conv2d(1, 3, 5, stride=2)  # to 12x12 places
    net = record.nn.Sequential(conv, record.nn.Flatten(), record.nn.Linear(3 * 144, 2))
    assert record.multiply_adds(net) == 2 * 3 * 25 * 144 + 3 * 2 * 3 * 144
    row = {"test_accuracy": 0.98999, "training_s": 2.0}
    assert record.verdict(row).startswith("99% NOT reached: 98.999% after 2.0 s")
    assert record.verdict(row | {"test_accuracy": 0.99}).startswith("99% reached")


class Clock:
    """Tells the time that others say has passed."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


def learner(race: Any, test: Digits, shares: list[float], clock: Clock) -> Any:
    """Reads so large a share after each epoch; an epoch takes 2 seconds, reading 50."""
    left = iter(shares)

    def read(_: Any) -> Any:
        clock.passes(50)
        right = np.arange(len(test)) < round(next(left) * len(test))
        return np.where(right, test.labels, test.labels + 1)

    return race.Learner(lambda: clock.passes(2), read, parameters=0)


@pytest.mark.parametrize(("whole", "epochs"), [(False, 2), (True, 4)])
def test_the_clock_of_a_race_stands_while_a_net_is_evaluated(
    script: Script,
    toy: Digits,
    monkeypatch: pytest.MonkeyPatch,
    whole: bool,
    epochs: int,
) -> None:
    race, clock = script("race"), Clock()
    monkeypatch.setattr(race, "time", clock)
    runner = learner(race, toy, [0.9, 1.0, 0.8, 1.0], clock)
    looks = race.race(runner, toy, epochs=4, whole=whole)
    assert [look.seconds for look in looks] == [2.0, 4.0, 6.0, 8.0][:epochs]
    assert [look.accuracy for look in looks] == [0.9, 1.0, 0.8, 1.0][:epochs]
    assert race.seconds_to_goal(looks) == 4.0
    assert race.seconds_to_goal(looks[:1]) is None


def test_ours_run_between_the_tutorials(script: Script) -> None:
    tutorials = script("tutorials")
    turns = tutorials.plan(2, "")
    assert [what.startswith("mnistry") for what, _ in turns[:4]] == [1, 0, 1, 0]
    assert {what for what, _ in turns} >= set(tutorials.TUTORIALS)
    assert [pair for pair in turns if pair[0] == "mnistry fast"] == [
        ("mnistry fast", 0),
        ("mnistry fast", 1),
    ]


def test_a_tutorial_is_compared_with_the_median_of_ours(script: Script) -> None:
    rows = [
        {"what": "ours", "seconds": seconds, "seconds_to_99": seconds}
        for seconds in (4.0, 5.0, 9.0)
    ]
    rows.append({"what": "theirs", "seconds": 50.0, "seconds_to_99": ""})
    compared = script("tutorials").compared(rows, "ours")
    assert [row["times_fast"] for row in compared] == [0.8, 1.0, 1.8, 10.0]
    assert compared[-1]["times_fast_to_99"] == ""


def test_each_tutorial_is_the_one_published_and_learns(
    script: Script, toy: Digits
) -> None:
    for what, of in script("tutorials").TUTORIALS.items():
        make = getattr(script(of.room), of.name)
        runner = make(toy, of.seed)
        assert f"{runner.parameters:,} parameters, {of.epochs} epochs" in make.__doc__
        before = runner.read(toy.images)
        assert before.shape == (len(toy),), what
        for _ in range(12):
            runner.learn()
        assert (runner.read(toy.images) != before).any(), what


@pytest.mark.parametrize("case", ["pandas", "arrow", "arrow_pixels"])
def test_both_ways_to_a_table_and_back_do_the_same_work(
    script: Script, toy: Digits, case: str
) -> None:
    cases = script("view_cases").CASES
    with cases[f"to_{case}"](toy) as works:
        assert set(works) == {"mnistry", "own"}
        for work in works.values():
            work()
    with cases[f"from_{case}"](toy) as works:
        ours, (images, labels) = works["mnistry"](), works["own"]()
    np.testing.assert_array_equal(images.reshape(-1, 28, 28), ours.images)
    np.testing.assert_array_equal(labels, ours.labels)


def test_the_growth_of_a_process_is_that_of_what_comes_out(script: Script) -> None:
    size = 64 << 20  # beyond 32 MB no block is one that was freed before
    grown = script("views").growth(lambda: np.ones(size, np.uint8))
    assert size <= grown < 1.5 * size


@pytest.mark.parametrize("what", ["onnxruntime", "NumPy"])
def test_the_packaged_model_reads_as_it_is_timed(
    script: Script, toy: Digits, what: str
) -> None:
    prediction = script("prediction")
    way = prediction.WAYS[f"mnistry packaged, {what}"]()
    assert way.read(toy.images).shape == (len(toy),)
    assert len(prediction.timed(way.read, [toy.images] * 3)) == 3


def test_bulk_breaks_pictures_in_twenty_ways_and_counts_them(
    script: Script, tmp_path: Path
) -> None:
    bulk = script("bulk")
    good = bulk.pictures()[:3]
    ways = bulk.broken_kinds(good[0])
    assert len(set(ways)) == 20
    bulk.make_tars(tmp_path, [*good, *ways], 23)
    row = bulk.job(tmp_path, 1)
    assert row["pictures"] == 23
    assert row["failed"] == row["with_reason"] >= 17  # Pillow mends some of a byte
    assert row["names"] == 23
    assert page_count({"content": bulk.laughs(), "page": None}) == 1
    parts = {row["part"]: row["ms_each"] for row in bulk.profile(tmp_path, good, 3)}
    assert parts["all"] > parts["nets"] > 0


def test_a_million_is_measured_in_steps_also_when_it_was_stopped(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    million = script("million")
    monkeypatch.setattr(million, "IN_A_TAR", 10)
    row = million.measure(tmp_path, 25, 1)
    assert (row["pictures"], row["runs"], row["failed"]) == (25, 1, 0)
    assert row["mb_process_two_shards"] > 0
    again = million.measure(tmp_path, 25, 1)
    assert (again["runs"], again["bytes_out"]) == (2, row["bytes_out"])
    # a second for each ten, stopped after 50, then twice as fast; starting counts not
    moments = [(1, 0, 0), (1, 5, 50), (2, 3, 51), (2, 5.45, 100)]
    of = [million.Step(run, after, count, 1, 1) for run, after, count in moments]
    assert million.rate(of, 0.0, 0.5) == pytest.approx(10)
    assert million.rate(of, 0.5, 1.0) == pytest.approx(20)
    row = million.summed(of, 300, 0)
    assert (row["seconds"], row["bytes_each"]) == (10.4, 3.0)


def test_finding_counts_lines_read_rightly_in_vain_and_out_of_order(
    script: Script,
) -> None:
    scoring = script("scoring")
    lines = tuple(scoring.scenes.TrueLine(text, ()) for text in ("12", "3", "12"))
    scene = scoring.scenes.Scene(np.zeros((2, 2, 3), np.uint8), lines)
    answer = {"seconds": 0.5, "lines": [["3", 0.5], ["12", 1.0], ["7", 0.99]]}
    facts = scoring.score(scene, answer)
    assert (facts["fields"], facts["right"], facts["whole"]) == (3, 2, False)
    assert (facts["false"], facts["sure"], facts["sure_wrong"]) == (1, 2, 1)
    both = [facts | {"same_text": True}, facts | {"same_text": False}]
    row = scoring.row("this", "kind", both)
    assert row["pictures_same_text"] == 1
    assert row["right_percent"] == pytest.approx(66.7)
    assert row["pictures_in_order"] == 2  # the later "12" may be the one that was read


def test_finding_reads_the_same_picture_in_a_process(script: Script) -> None:
    readers = script("readers")
    blank = readers.scenes.Scene(np.full((40, 60, 3), 250, np.uint8), ())
    with readers.Reader(readers.ROOT / "src") as reader:
        answer = reader.read(blank, script("kinds").KINDS["print"])
    assert answer["lines"] == []
    assert answer["seconds"] > 0


OLD = """
from types import SimpleNamespace

def read(picture):
    if picture.min() == 7:
        raise ValueError("seven")
    text = str(int(picture.min()))
    return SimpleNamespace(lines=[SimpleNamespace(text=text, confidence=1.0)])
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Makes a repository whose first commit reads like `OLD`, the next not at all."""
    root = tmp_path / "repository"
    scan = root / "src" / "mnistry" / "scan"
    scan.mkdir(parents=True)
    (scan / "__init__.py").touch()
    (scan.parent / "__init__.py").touch()
    identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.com"]

    def git(*command: str) -> None:
        whole = ["git", "-C", str(root), *identity, *command]
        subprocess.run(whole, check=True, stdout=subprocess.DEVNULL)

    git("init", "-q", "-b", "main")
    for text in (OLD, "read = print"):
        (scan / "read.py").write_text(text, "utf-8")
        git("add", ".")
        git("commit", "-q", "-m", "As it was")
    return root


def test_an_earlier_commit_reads_and_is_not_asked_twice(
    script: Script, old: Path, tmp_path: Path
) -> None:
    readers = script("readers")
    kind = script("kinds").Kind(print, {"pattern": "[0-9]"}, "signed_text")  # not known
    five, six, seven = (
        readers.scenes.Scene(np.full((9, 9), grey, np.uint8), ()) for grey in (5, 6, 7)
    )
    path = tmp_path / "kept" / "kind.jsonl"
    with readers.checked_out([("before", "HEAD~1"), ("this", "HEAD")], old) as codes:
        assert codes[0].commit != codes[1].commit
        assert codes[0].tree != codes[1].tree
        source = codes[0].source
        with readers.KeptReader(source, path) as reader:
            assert reader.read(five, kind)["lines"] == [["5", 1.0]]
            assert reader.read(seven, kind)["error"] == "ValueError('seven')"
        with path.open("a") as file:
            file.write('["stopped while wr')
        with readers.KeptReader(source, path) as reader:
            assert reader.read(five, kind)["lines"] == [["5", 1.0]]
            assert reader.reader is None
            assert reader.read(six, kind)["lines"] == [["6", 1.0]]
    assert not source.exists()
    assert len(readers.KeptReader(source, path).known) == 3


def test_the_lines_of_a_note_tell_both_codes(script: Script) -> None:
    against = script("against")
    row = {"kind": "a", "pictures": 9, "fields": 10, "right": 10, "sure_lines": 8}
    row |= {"false_lines_a_picture": 0.5, "sure_wrong_lines": 0}
    line = against.for_a_note([row | {"right": 0, "sure_wrong_lines": 2}, row])
    assert line.startswith("| a | 9 | 10 | 0.0 (0.0–27.8) → 100.0 (72.2–100.0) |")
    assert line.endswith("| 2 of 8 → 0 of 8 |")
    assert line.count("|") == against.HEAD.count("|")


def test_only_this_code_is_timed_and_a_finished_kind_is_not_read_again(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    against = script("against")
    code = script("readers").Code("before", "1a2b3c", "4d5e6f", tmp_path)
    codes = [code, code._replace(name="this", commit="7a8b9c", tree="0d1e2f")]
    answer: dict[str, Any] = {"lines": [], "seconds": 0.5}
    read: list[object] = []

    def note(*values: object) -> dict[str, Any]:
        read.append(values)
        return answer

    monkeypatch.setattr(against.KeptReader, "read", note)
    monkeypatch.setattr(against, "git", lambda *_: b"")
    letters = script("scoring").scenes.Alphabet(*draw(40, seed=1))
    compared = against.Comparison(codes, letters, tmp_path)
    rows = compared.rows("stroke", range(3))
    assert [row["commit"] for row in rows] == ["1a2b3c", "7a8b9c"]
    assert [row["median_ms"] for row in rows] == ["", 500.0]
    assert compared.rows("stroke", range(3)) == rows
    assert len(read) == 6  # a kind that is finished is read no more,
    compared.rows("stroke", range(1, 4))
    assert len(read) == 12  # but one with other pictures is


def test_the_surest_come_first_and_what_is_measured_again_takes_its_own_place(
    script: Script, results: Path
) -> None:
    reading = script("reading")
    right = np.array([True] * 3 + [False] * 2)
    sure = np.array([0.9, 0.2, 0.99, 0.95, 0.1])
    for name in ("strings", "digits", "strings"):
        rows = reading.curve(name, right, sure)
        script("measure").replace("coverage", rows, by="what", packages=[])
    kept = script("measure").read("coverage")
    assert [row["what"] for row in kept] == ["digits"] * 5 + ["strings"] * 5
    by_count = {int(row["given"]): int(row["wrong"]) for row in kept}
    assert by_count == {1: 0, 2: 1, 3: 1, 4: 1, 5: 2}
    shares, wrong = script("coverage").points(kept, "strings")
    assert (shares[-1], wrong[-1]) == (100, 40)
