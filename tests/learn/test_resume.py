"""Stop a run at any step; what it becomes afterwards is what it would have become."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from mnistry.digits import Digits
from mnistry.errors import CacheError, CheckpointError, TrainingError, UsageError
from mnistry.formats.tensors import read_weights, write_weights
from mnistry.learn.checkpoint import CHECKPOINT, HISTORY
from mnistry.learn.curves import CURVES
from mnistry.learn.model import Model, load_trained_model
from mnistry.learn.run import Step
from mnistry.learn.train import resume, train
from mnistry.recipes import RECIPES, Recipe

# everything by chance that there is: order, bending, dropout; everything that is
# remembered: moments of both kinds, the average, the best so far
RECIPE = Recipe(
    epochs=3,
    batch_size=45,
    warmup=0.3,
    decay=True,
    rotation_degrees=5,
    elastic_pixels=0.5,
    stroke=0.3,
    averaging=0.8,
    label_smoothing=0.1,
    patience=2,
    precision="bfloat16",
    channels_last=True,
)
STEPS = 18  # 270 images, 6 batches, 3 epochs


def same(one: Model, other: Model) -> bool:
    mine, theirs = one.weights, other.weights
    return all(np.array_equal(mine[name], theirs[name]) for name in mine)


def without_seconds(model: Model) -> list[dict[str, object]]:
    rows = model.facts["history"]
    return [{name: row[name] for name in row if name != "seconds"} for row in rows]


def stopped_by(number: signal.Signals, digits: Digits, at: int, folder: Path) -> str:
    def stop(step: Step) -> None:
        if step["step"] == at:
            signal.raise_signal(number)

    with pytest.raises(KeyboardInterrupt) as caught:
        train(digits, "tutorial", recipe=RECIPE, folder=folder, watch=stop)
    return str(caught.value)


@pytest.fixture(scope="module")
def few(bars: Digits) -> Digits:
    return bars[:300]


@pytest.fixture(scope="module")
def whole(few: Digits) -> Model:
    return train(few, "tutorial", recipe=RECIPE)


@pytest.fixture(scope="module")
def whole_and_spoilt(few: Digits) -> tuple[Model, Recipe]:
    # such large steps soon make nothing better: patience ends long before the epochs
    spoilt = RECIPE.changed(epochs=30, learning_rate=0.5, warmup=0, decay=False)
    return train(few, "tutorial", recipe=spoilt), spoilt


@given(at=st.integers(1, STEPS))
@settings(max_examples=5)
def test_a_run_stopped_at_any_step_goes_on_to_the_same_weights(
    few: Digits, whole: Model, tmp_path_factory: pytest.TempPathFactory, at: int
) -> None:
    folder = tmp_path_factory.mktemp("run")
    message = stopped_by(signal.SIGINT, few, at, folder)
    assert message.startswith(
        f"SIGINT: stopped after step {at}; all of it is stored in"
    )
    assert message.endswith(f"mnistry train --resume --out {folder}")
    torch.manual_seed(at)  # whatever was drawn in between
    carried = resume(folder, few)
    assert same(carried, whole)
    assert without_seconds(carried) == without_seconds(whole)


@pytest.mark.parametrize("at", [6, 7, STEPS])
def test_it_may_be_stopped_again_and_again(
    few: Digits, whole: Model, tmp_path: Path, at: int
) -> None:
    stopped_by(signal.SIGTERM, few, 2, tmp_path)

    def stop(step: Step) -> None:
        if step["step"] == at:
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt, match=f"SIGTERM: stopped after step {at}"):
        resume(tmp_path, few, watch=stop)
    assert same(resume(tmp_path, few), whole)


KILLED = """
import sys
from pathlib import Path
import numpy as np
import torch
from mnistry.digits import Digits
from mnistry.recipes import Recipe
from mnistry.learn.train import train

torch.set_num_threads(1)
stored = np.load(sys.argv[1])
digits = Digits(stored["images"], stored["labels"])
recipe = Recipe(**eval(sys.argv[3]))

def tell(step):
    print(step["step"], flush=True)
    sys.stdin.readline()

train(digits, "tutorial", recipe=recipe, folder=sys.argv[2], watch=tell)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_killed_at_a_random_step_loses_at_most_an_epoch(
    few: Digits, whole: Model, tmp_path: Path, number: signal.Signals
) -> None:
    at = int(np.random.default_rng().integers(7, STEPS))
    np.savez(tmp_path / "bars.npz", images=few.images, labels=few.labels)
    recipe = {name: getattr(RECIPE, name) for name in RECIPE.__dataclass_fields__}
    run = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, tmp_path / "bars.npz", run, repr(recipe)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) == at:
            process.send_signal(number)
            break
        process.stdin.write("\n")
        process.stdin.flush()
    _, complaint = process.communicate("\n" * STEPS)
    assert process.returncode != 0
    kept = read_weights(run / CHECKPOINT)[1]["progress"]["step"]
    if number == signal.SIGTERM:
        assert kept == at
        assert f"SIGTERM: stopped after step {at}" in complaint
    else:
        assert kept == (at - 1) // 6 * 6
    assert same(resume(run, few), whole)


def test_a_second_ctrl_c_stops_at_once(bars: Digits, tmp_path: Path) -> None:
    def stop_twice(_: Step) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as caught:
        train(bars, "linear", folder=tmp_path, watch=stop_twice)
    assert "stored" not in str(caught.value)
    assert not any(tmp_path.iterdir())


def test_ctrl_c_is_what_it_was_before(few: Digits, tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    train(few, "linear", epochs=1, folder=tmp_path)
    stopped_by(signal.SIGINT, few, 1, tmp_path)
    after = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert after == before


def test_a_finished_run_leaves_model_and_history(bars: Digits, tmp_path: Path) -> None:
    model = train(bars, "linear", epochs=3, folder=tmp_path / "run")
    names = sorted(path.name for path in (tmp_path / "run").iterdir())
    assert names == [CHECKPOINT, CURVES, HISTORY, "model.safetensors"]
    assert same(load_trained_model(tmp_path / "run" / "model.safetensors"), model)
    assert same(resume(tmp_path / "run", bars), model)
    lines = (tmp_path / "run" / HISTORY).read_text().splitlines()
    assert len(lines) == 4


def test_a_finished_run_may_go_on_for_more_epochs(bars: Digits, tmp_path: Path) -> None:
    short = train(bars, "linear", epochs=2, folder=tmp_path)
    longer = resume(tmp_path, bars, epochs=4)
    assert longer.facts["recipe"]["epochs"] == 4
    assert without_seconds(longer)[:2] == without_seconds(short)
    assert same(longer, train(bars, "linear", epochs=4))


@pytest.mark.parametrize("after_the_best", [-2, 3, 9])
def test_the_best_epoch_is_remembered_over_a_stop(
    few: Digits,
    whole_and_spoilt: tuple[Model, Recipe],
    tmp_path: Path,
    after_the_best: int,
) -> None:
    whole, spoilt = whole_and_spoilt
    best, count = whole.facts["epoch"], len(whole.facts["history"])
    assert count == best + 2 < 30

    def stop(step: Step) -> None:
        if step["step"] == 6 * best + after_the_best:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(few, "tutorial", recipe=spoilt, folder=tmp_path, watch=stop)
    assert same(resume(tmp_path, few), whole)
    assert same(resume(tmp_path, few), whole)  # it had given up, and still has
    assert len(resume(tmp_path, few, patience=4).facts["history"]) > count


def test_averaging_may_begin_and_end_on_the_way(few: Digits, tmp_path: Path) -> None:
    train(few, "linear", epochs=1, folder=tmp_path)
    averaged = resume(tmp_path, few, epochs=2, averaging=0.9)
    plain = resume(tmp_path, few, epochs=2, averaging=0)
    assert not same(averaged, plain)
    assert same(plain, train(few, "linear", epochs=2))


def test_a_net_of_ones_own_goes_on_in_a_fresh_one(bars: Digits, tmp_path: Path) -> None:
    def fresh() -> nn.Module:
        torch.manual_seed(0)
        return nn.Sequential(nn.Flatten(), nn.Dropout(0.2), nn.Linear(784, 10))

    recipe = RECIPES["linear"].changed(epochs=2)
    whole = train(bars, fresh(), recipe=recipe)

    def stop(step: Step) -> None:
        if step["step"] == 3:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(bars, fresh(), recipe=recipe, folder=tmp_path, watch=stop)
    assert same(resume(tmp_path, bars, net=fresh()), whole)


def test_no_number_as_loss_stops_with_step_and_last_good_checkpoint(
    bars: Digits, tmp_path: Path
) -> None:
    train(bars, "mlp", epochs=1, folder=tmp_path)  # 3 steps of 256
    good = (tmp_path / CHECKPOINT).read_bytes()
    wanted = rf"at step \d+; .*last good checkpoint, of step 3, is {tmp_path}"
    with pytest.raises(TrainingError, match=wanted):
        resume(tmp_path, bars, epochs=3, learning_rate=1000, optimizer="sgd")
    assert (tmp_path / CHECKPOINT).read_bytes() == good


def test_other_digits_cannot_carry_on_a_run(
    bars: Digits, other_bars: Digits, tmp_path: Path
) -> None:
    train(bars, "linear", epochs=1, folder=tmp_path)
    with pytest.raises(CheckpointError, match="learned from other digits"):
        resume(tmp_path, other_bars)


def test_where_no_run_was_none_can_go_on(bars: Digits, tmp_path: Path) -> None:
    with pytest.raises(
        CheckpointError, match=r"has no run to continue.*checkpoint\.safetensors"
    ):
        resume(tmp_path, bars)


def test_a_model_is_no_checkpoint(bars: Digits, tmp_path: Path) -> None:
    train(bars, "linear", epochs=1).save(tmp_path / CHECKPOINT)
    with pytest.raises(CheckpointError, match="is a finished model; expected a check"):
        resume(tmp_path, bars)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"recipe": {"epochs": 10**9}},
        {"recipe": {"fuel": 1}},
        {"recipe": None},
        {"progress": {"step": "x", "epoch_log": [], "seconds": 0}},
        {"progress": {"step": float("inf"), "epoch_log": [], "seconds": 0}},
        {"progress": {}},
    ],
)
def test_a_checkpoint_with_odd_facts_is_refused(
    bars: Digits, tmp_path: Path, spoilt: dict[str, object]
) -> None:
    train(bars, "linear", epochs=1, folder=tmp_path)
    arrays, facts = read_weights(tmp_path / CHECKPOINT)
    write_weights(tmp_path / CHECKPOINT, arrays, {**facts, **spoilt})
    with pytest.raises(CheckpointError, match="does not hold a run"):
        resume(tmp_path, bars)


def test_moments_of_another_net_are_refused(bars: Digits, tmp_path: Path) -> None:
    train(bars, "linear", epochs=1, folder=tmp_path)
    arrays, facts = read_weights(tmp_path / CHECKPOINT)
    arrays["moments.mean of 7.weight"] = np.zeros(3, np.float32)
    write_weights(tmp_path / CHECKPOINT, arrays, facts)
    with pytest.raises(CheckpointError, match=r"does not hold.*7\.weight"):
        resume(tmp_path, bars)


@pytest.mark.parametrize("at", [4, 6])
def test_steps_of_another_size_cannot_carry_on_a_run(
    few: Digits, tmp_path: Path, at: int
) -> None:
    stopped_by(signal.SIGINT, few, at, tmp_path)
    with pytest.raises(UsageError, match="batch_size is 270; expected 45, by which"):
        resume(tmp_path, few, batch_size=270)


def test_a_folder_that_cannot_be_written_is_an_error(
    bars: Digits, tmp_path: Path
) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(CacheError, match="cannot be written"):
        train(bars, "linear", epochs=1, folder=tmp_path / "run")
    assert (tmp_path / "run").read_text() == "a file"


def test_a_run_whose_images_would_be_parted_otherwise_is_not_gone_on_with(
    bars: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(bars, "linear", epochs=1, folder=tmp_path)
    writers = replace(bars, columns={"writer": np.arange(len(bars)) // 20})
    monkeypatch.setattr("mnistry.learn.train.with_writers", lambda _: writers)
    with pytest.raises(
        CheckpointError, match="held out .* at random.*; now .* by writer"
    ):
        resume(tmp_path, bars, epochs=2)
