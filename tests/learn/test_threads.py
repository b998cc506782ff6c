"""Several threads learn only where they are quicker than one."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mnistry.digits import Digits
from mnistry.learn.device import choose_threads, using_threads
from mnistry.learn.nets import build
from mnistry.learn.run import Run, Step
from mnistry.learn.train import resume, train
from mnistry.recipes import Recipe

CPU = Recipe(device="cpu", batch_size=60)


@pytest.fixture
def _two_threads() -> Iterator[None]:
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


def slow_on(threads: int) -> Any:
    """Stand in for a trial: ten times as long on so many threads."""

    def seconds(_net: object, _images: object, _recipe: object, count: int) -> float:
        return 1.0 if count == threads else 0.1

    return seconds


@pytest.mark.usefixtures("_two_threads")
@pytest.mark.parametrize(("slow", "taken"), [(2, 1), (1, 2), (0, 2)])
def test_threads_that_wait_for_each_other_are_not_taken(
    bars: Digits, monkeypatch: pytest.MonkeyPatch, slow: int, taken: int
) -> None:
    monkeypatch.setattr("mnistry.learn.device._seconds", slow_on(slow))
    assert choose_threads(build("linear"), bars, CPU) == taken
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("_two_threads")
def test_the_trial_leaves_the_net_as_it_is_and_takes_no_time_to_speak_of(
    bars: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnistry.learn.device.LONGEST_SECONDS", 0.0)
    net = build("fast")
    before = {name: of.clone() for name, of in net.state_dict().items()}
    assert choose_threads(net, bars, CPU) in (1, 2)
    after = net.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert all(weights.grad is None for weights in net.parameters())


def test_with_one_thread_or_elsewhere_than_on_the_cpu_nothing_is_tried(
    bars: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnistry.learn.device._seconds", None)  # must not be called
    assert choose_threads(build("linear"), bars, CPU) == 1
    torch.set_num_threads(2)
    try:
        elsewhere = CPU.changed(device="cuda")
        assert choose_threads(build("linear"), bars, elsewhere) == 2
    finally:
        torch.set_num_threads(1)


@pytest.mark.usefixtures("_two_threads")
def test_a_run_goes_on_with_as_many_threads_as_it_began(
    bars: Digits, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("mnistry.learn.device._seconds", slow_on(2))
    seen = []

    def stop(step: Step) -> None:
        seen.append(torch.get_num_threads())
        if step["step"] == 3:
            signal.raise_signal(signal.SIGINT)

    whole = train(bars, "fast", epochs=1, batch_size=60)
    assert whole.facts["computed_with"]["threads"] == 1
    with pytest.raises(KeyboardInterrupt):
        train(bars, "fast", epochs=1, batch_size=60, folder=tmp_path, watch=stop)
    monkeypatch.setattr("mnistry.learn.device._seconds", slow_on(1))
    carried = resume(tmp_path, bars)
    assert set(seen) == {1}
    assert torch.get_num_threads() == 2
    mine, theirs = whole.weights, carried.weights
    assert all(np.array_equal(mine[name], theirs[name]) for name in mine)


@pytest.mark.parametrize("told", [None, {}, {"threads": "two"}, {"threads": 0}])
def test_a_run_that_does_not_tell_takes_what_there_is(told: object) -> None:
    run = Run(net=build("linear"), recipe=CPU, facts={"computed_with": told})
    assert run.threads == torch.get_num_threads()


def test_no_more_threads_are_taken_than_torch_may_use() -> None:
    with using_threads(64):
        assert torch.get_num_threads() == 1
