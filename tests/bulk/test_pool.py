"""Processes that read: what hangs, eats memory or dies is an error row, no more."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from PIL import Image

from mnistry.bulk import pool, process, worker
from mnistry.bulk.pool import read_all, run
from mnistry.bulk.process import (
    Failure,
    PictureLimits,
    ReadingProcess,
    StoppedError,
    Task,
    ending,
)
from mnistry.bulk.rows import read_batch
from mnistry.bulk.shards import NUMBER
from mnistry.bulk.sources import Picture, find, to_batch
from mnistry.errors import UsageError
from tests.bulk.conftest import Hanging, Write

Make = Callable[[str], bytes]
NUMBERS = pa.schema([(NUMBER, pa.int64())])
ROWS = Task("rows", columns=NUMBERS)
TIMED = Task("rows", limits=PictureLimits(seconds=2.0), columns=NUMBERS)


def numbered(pictures: list[Picture]) -> list[Picture]:
    return [
        picture._replace(columns={NUMBER: number})
        for number, picture in enumerate(pictures)
    ]


def in_order(batches: Iterator[Any]) -> Any:
    table = pa.Table.from_batches(list(batches))
    return table.sort_by(NUMBER).drop_columns(["seconds"])


@pytest.fixture
def strings(write: Write) -> list[Picture]:
    return numbered(list(find(write(f"{n}.png", str(n)) for n in range(10, 34))))


@pytest.fixture
def asked() -> Iterator[ReadingProcess]:
    one = ReadingProcess(TIMED)
    yield one
    one.close()


def test_several_processes_give_what_one_function_gives(strings: list[Picture]) -> None:
    alone = read_batch(to_batch(strings, NUMBERS)).drop_columns(["seconds"])
    assert in_order(run(strings, ROWS, 2)) == pa.Table.from_batches([alone])


def test_settings_reach_the_processes_and_wrong_ones_are_raised(
    strings: list[Picture],
) -> None:
    task = Task("rows", {"single": True}, columns=NUMBERS)
    table = in_order(run(strings[:2], task, 1))
    assert [len(digits) for digits in table.column("digits").to_pylist()] == [1, 1]
    with pytest.raises(UsageError):
        list(run(strings, Task("rows", {"pattern": "("}, columns=NUMBERS), 1))


def test_what_hangs_is_a_row_and_its_neighbours_are_read(
    asked: ReadingProcess, strings: list[Picture], hanging: Hanging
) -> None:
    strings[3] = strings[3]._replace(path=hanging.path)
    table = pa.Table.from_batches(read_all(asked, strings[:6], TIMED))
    assert table.column(NUMBER).to_pylist() == list(range(6))
    reasons = table.column("error").to_pylist()
    assert reasons.pop(3) == "the picture took more than 2 seconds."
    assert reasons == [None] * 5


def test_what_eats_memory_is_a_row_and_its_neighbours_are_read(
    strings: list[Picture], tmp_path: Path
) -> None:
    path = tmp_path / "large.png"
    Image.new("L", (9000, 9000)).save(path, compress_level=1)
    strings[1] = strings[1]._replace(path=str(path))
    task = Task("rows", limits=PictureLimits(megabytes=150), columns=NUMBERS)
    reasons = in_order(run(strings[:3], task, 1)).column("error").to_pylist()
    assert reasons == [
        None,
        "the picture needs more memory than one picture may take.",
        None,
    ]


def test_a_killed_process_is_started_again_and_nothing_is_lost(
    asked: ReadingProcess, strings: list[Picture]
) -> None:
    assert not isinstance(asked.ask(strings[:1]), Failure)
    assert asked._process is not None
    os.kill(asked._process.pid, signal.SIGSTOP)
    killer = threading.Timer(0.3, os.kill, (asked._process.pid, signal.SIGKILL))
    killer.start()
    table = pa.Table.from_batches(read_all(asked, strings[:4], TIMED))
    assert table.column(NUMBER).to_pylist() == [0, 1, 2, 3]
    assert table.column("status").to_pylist() == ["read"] * 4


def test_a_picture_that_ends_its_process_twice_is_a_row(
    asked: ReadingProcess, strings: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ReadingProcess.ask

    def ask(self: ReadingProcess, pictures: list[Picture]) -> Any:
        for number, picture in enumerate(pictures):
            if picture.columns[NUMBER] == 2:
                reason = ending(-signal.SIGSEGV)
                return Failure(number, reason, is_final=False)
        return real(self, pictures)

    monkeypatch.setattr(ReadingProcess, "ask", ask)
    table = pa.Table.from_batches(read_all(asked, strings[:4], TIMED))
    assert table.column(NUMBER).to_pylist() == [0, 1, 2, 3]
    assert table.column("error")[2].as_py() == (
        "the process that read the picture was ended by SIGSEGV."
    )
    assert "exit status 3" in ending(3)


def test_a_process_that_cannot_be_started_is_an_error(
    strings: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process.sys, "executable", "/bin/false")  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="cannot be started"):
        list(run(strings, ROWS, 2))


def test_an_error_while_finding_pictures_is_raised(strings: list[Picture]) -> None:
    def broken() -> Iterator[Picture]:
        yield strings[0]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(run(broken(), ROWS, 2))


def children() -> set[str]:
    """Give the processes that this one has started, other tests' among them."""
    lists = Path("/proc/self/task").glob("*/children")
    return {child for one in lists for child in one.read_text().split()}


def test_stopping_early_leaves_no_process(strings: list[Picture]) -> None:
    def endless() -> Iterator[Picture]:
        while True:
            yield from strings

    before = children()
    answers = run(endless(), ROWS, 2)
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    assert children() <= before
    one = ReadingProcess(ROWS)
    one.stop()
    with pytest.raises(StoppedError):
        one.ask(strings)


def test_lines_of_json_are_those_of_the_command(
    strings: list[Picture], tmp_path: Path, pdf: bytes
) -> None:
    import mnistry

    (tmp_path / "a.pdf").write_bytes(pdf)
    pictures = numbered(
        [
            strings[0],
            Picture("b", content=pdf),
            Picture("gone.png", path=str(tmp_path / "gone.png")),
            Picture("c.tar", problem="the archive is broken."),
        ]
    )
    (answer,) = run(pictures[:1], Task("json", columns=NUMBERS), 1)
    name = strings[0].name
    wanted = {"file": name} | mnistry.read(name).to_dict()
    assert [json.loads(line) for line in answer.column("json").to_pylist()] == [wanted]
    batch = to_batch(pictures, NUMBERS)
    answer = worker.TASKS["json"](batch, lambda _: None, {})
    assert answer.column(NUMBER).to_pylist() == [0, 1, 2, 3]
    _, in_pdf, gone, problem = map(json.loads, answer.column("json").to_pylist())
    assert len(in_pdf["lines"]) == 2
    assert "is not there" in gone["error"]
    assert problem == {"file": "c.tar", "error": "the archive is broken."}
    with pytest.raises(UsageError):
        worker.TASKS["json"](batch, lambda _: None, {"pattern": "("})


def test_pages_are_counted_in_a_process(pdf: bytes, tmp_path: Path) -> None:
    pictures = [Picture("a", content=pdf), Picture("b", path=str(tmp_path / "gone"))]
    one = ReadingProcess(Task("pages"))
    answer = one.ask(pictures)
    one.close()
    assert answer.column("pages").to_pylist() == [3, 0]


def test_messages_arrive_complete_or_not_at_all() -> None:
    reader, writer = os.pipe()
    sent = [b"", b"x", bytes(3_000_000)]

    def send() -> None:
        for data in sent:
            worker.send(writer, data)

    thread = threading.Thread(target=send)
    thread.start()
    assert [worker.receive(reader) for _ in sent] == sent
    thread.join()
    os.write(writer, (5).to_bytes(8, "little") + b"123")
    os.close(writer)
    with pytest.raises(EOFError):
        worker.receive(reader)
    assert worker.receive(reader) == b""
    os.close(reader)


def test_a_process_ends_itself_when_nobody_does(hanging: Hanging) -> None:
    """As when the program that started it was killed: it hangs, and then it is gone."""
    one = ReadingProcess(Task("rows", limits=PictureLimits(seconds=0.5)))
    started = one._start()
    assert started.stdin is not None
    data = worker.to_bytes(to_batch([Picture("a", hanging.path)], ()))
    worker.send(started.stdin.fileno(), data)
    assert started.wait(timeout=30) == -signal.SIGALRM
    one.close()


def test_a_message_is_bounded_by_bytes() -> None:
    large = (Picture(str(n), content=bytes(9 << 20)) for n in range(5))
    feed = pool._Feed(large, 1)
    assert [len(feed.take(64)) for _ in range(4)] == [2, 2, 1, 0]


def test_who_comes_back_from_waiting_leaves_if_another_one_is_there() -> None:
    feed = pool._Feed([Picture("a"), Picture("b")], 1)
    feed.join()
    mine = feed.take(2)
    feed.join(-1)  # it waits, and another one
    feed.join()  # takes its place
    feed.give_back(mine[1:])
    assert not feed.come_back()
    assert [picture.name for picture in feed.take(2)] == ["b"]
    feed.give_back(mine[:1])
    assert not feed.take(0)  # the other one finds nothing more, and leaves
    assert feed.come_back()
    assert feed.take(2) == mine[:1]


@pytest.mark.skipif(process.core_use(os.getpid())[0] < 0, reason="Linux tells that")
@pytest.mark.parametrize("place", [0, 9])
def test_what_hangs_does_not_keep_a_core(
    strings: list[Picture], hanging: Hanging, place: int
) -> None:
    """One process may read; all after a picture that hangs are read meanwhile."""
    strings[place] = strings[place]._replace(path=hanging.path)
    before = children()
    order: list[int] = []
    for answer in run(strings, ROWS, 1):
        order += answer.column(NUMBER).to_pylist()
        if not set(range(place + 1, len(strings))) - set(order):
            hanging.answer()
    assert sorted(order) == list(range(len(strings)))
    assert order[-1] == place
    assert children() <= before


def test_the_limit_of_memory_is_one_of_the_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(worker, "STATUS", tmp_path / "none")
    worker._limit_memory(1)  # would end this process
    assert time.monotonic() > 0
