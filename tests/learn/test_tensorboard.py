import signal
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mnistry.digits import Digits
from mnistry.learn.run import Step
from mnistry.learn.tensorboard import tensorboard
from mnistry.learn.train import resume, train


def events(path: Path) -> Iterator[Any]:
    """Read an event file: records of a length, its check, an Event, its check."""
    proto = pytest.importorskip("tensorboardX.proto.event_pb2")
    data = path.read_bytes()
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        yield proto.Event.FromString(data[12 : 12 + length])
        data = data[16 + length :]


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for path in sorted(folder.glob("events.out.tfevents.*")):
        for event in events(path):
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def test_the_events_are_what_the_run_recorded(bars: Digits, tmp_path: Path) -> None:
    steps: list[Step] = []
    with tensorboard(tmp_path) as write:

        def both(step: Step) -> None:
            steps.append(step)
            write(step)

        model = train(bars, "linear", epochs=3, batch_size=100, watch=both)
    found = scalars(tmp_path)
    for name in ("loss", "accuracy", "learning_rate"):
        assert [step for step, _ in found[name]] == list(range(1, 19))
        assert [of for _, of in found[name]] == pytest.approx(
            [dict(step)[name] for step in steps]
        )
    history = model.facts["history"]
    for name in ("validation_loss", "validation_accuracy"):
        assert [step for step, _ in found[name]] == [6, 12, 18]
        assert [of for _, of in found[name]] == pytest.approx(
            [row[name] for row in history]
        )


def test_where_nothing_is_held_out_nothing_is_recorded_of_it(
    bars: Digits, tmp_path: Path
) -> None:
    with tensorboard(tmp_path) as watch:
        train(bars, "linear", epochs=1, validation=0, watch=watch)
    assert scalars(tmp_path).keys() == {"loss", "accuracy", "learning_rate"}


def test_a_run_that_goes_on_adds_a_file(bars: Digits, tmp_path: Path) -> None:
    with tensorboard(tmp_path) as write:

        def stop(step: Step) -> None:
            write(step)
            if step["step"] == 4:
                signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            train(bars, "linear", epochs=2, folder=tmp_path, watch=stop)
    with tensorboard(tmp_path) as write:
        resume(tmp_path, bars, watch=write)
    assert len(list(tmp_path.glob("events.*"))) == 2
    assert [step for step, _ in scalars(tmp_path)["loss"]] == list(range(1, 11))
