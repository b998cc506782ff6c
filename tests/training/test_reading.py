"""The scripts that train the nets for reading, each in small."""

import importlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import save_file

from mnistry.box import Box
from mnistry.digits import Digits
from mnistry.inference.net import Net, load_net, to_net
from mnistry.inference.net import run as run_net
from mnistry.scan.pattern import parse_pattern
from mnistry.scan.recognize import isolate, models
from mnistry.synth.documents.boxes import make_boxed
from mnistry.synth.documents.scenes import Alphabet, make_string
from mnistry.synth.documents.thinning import thin
from mnistry.synth.drawn import draw
from training.reading import (
    allographs,
    boxed_digits,
    calibrate_lines,
    calibrate_single,
    candidates,
    compose,
    compose_nothing,
    compose_scenes,
    compose_single,
    drawn_hands,
    export,
    flourishes,
    glyphs,
    habits,
    headers,
    interpolate,
    line_batches,
    line_net,
    loop,
    make,
    shards,
    single_digits,
    strip_shards,
    swiss,
    train_digit,
    train_lines,
    train_upright,
)
from training.reading.digit_net import NARROW, SMALL, WIDE, DigitNet, unfold
from training.reading.strip_of import to_strip
from training.reading.strip_shards import Strip

SCRIPTS = (
    "glyphs",
    "compose",
    "compose_single",
    "compose_nothing",
    "compose_scenes",
    "train_lines",
    "train_digit",
    "train_upright",
    "export",
    "measure_lines",
    "measure_pictures",
    "calibrate_single",
    "calibrate_lines",
    "make",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All digits in small: 300 drawn ones as MNIST's, 40 of them as if scanned."""
    out = tmp_path_factory.mktemp("training")
    images, labels = draw(300, seed=3)
    scans = [255 - image.repeat(3, 0).repeat(3, 1) for image in images[:40]]
    np.savez(
        out / "swiss.npz",
        pixels=np.concatenate([scan.ravel() for scan in scans]),
        shapes=np.array([scan.shape for scan in scans], np.int32),
        labels=labels[:40].astype(np.uint8),
        writer=np.repeat(np.array([1, 2], np.uint8), 20),
    )
    writers = np.arange(300) // 15
    train = Digits(images, labels)
    glyphs.prepare(out / "glyphs.npz", train, writers, out / "swiss.npz", (2, 1))
    return out


@pytest.fixture(scope="module")
def some(folder: Path) -> glyphs.Glyphs:
    return glyphs.load_glyphs(folder / "glyphs.npz", held_out=False)


@pytest.fixture(scope="module")
def strips(folder: Path, some: glyphs.Glyphs) -> Path:
    """A folder with a shard of twelve strips, one of them without a digit."""
    rng = np.random.default_rng(0)
    rows: list[Strip] = []
    while len(rows) < 10:
        strip = to_strip(*compose.compose(some, rng, more=bool(len(rows) % 2)), rng)
        if strip is not None:
            rows.append(strip)
    rows.append(compose_single.one_strip(some, rng))
    page = compose_nothing.strips_of(compose_nothing.page(rng))
    empty, nowhere = next(page, rows[0].pixels), compose_nothing.NOWHERE
    rows.append(Strip(empty, compose_nothing.NO_DIGITS, nowhere, nowhere))
    (folder / "strips").mkdir()
    strip_shards.save_shard(rows, folder / "strips" / "00000.npz")
    return folder / "strips"


def test_thinning_leaves_a_line_of_one_pixel() -> None:
    bar = np.zeros((1, 12, 12), bool)
    bar[0, 1:11, 4:8] = True
    assert thin(bar).sum(axis=2).max() == 1


def test_writers_held_out_are_in_no_training_string(folder: Path) -> None:
    for source in (glyphs.MNIST, glyphs.DESCRIBED, glyphs.SWISS):
        path, only = folder / "glyphs.npz", (source,)
        train, held = (
            np.concatenate(
                glyphs.load_glyphs(path, held_out=held, sources=only).by_writer
            )
            for held in (False, True)
        )
        assert len(train) > 0
        assert len(held) > 0
        assert not set(train) & set(held)


def test_swiss_writers_are_held_out_by_number() -> None:
    held = swiss.is_held_out(np.array([1, 2, 8, 15, 16]))
    assert held.tolist() == [True, False, True, True, False]


def test_a_scan_without_ink_is_left_out() -> None:
    assert swiss.ink_of(np.full((40, 40), 250, np.uint8)).shape == (1, 1)


def test_every_allograph_is_drawn() -> None:
    assert {digit for digit, _ in allographs.ALLOGRAPHS} == set(range(10))
    images, labels, lines = allographs.many_writers(1, seed=0)
    assert len(images) == len(labels) == len(lines) == 10 * allographs.EACH
    assert images.max() == 255


def test_drawn_digits_to_learn_from_are_not_those_held_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    every = Digits(*draw(300, seed=4))
    for module in glyphs, drawn_hands:
        monkeypatch.setattr(module, "DRAWN_DIGITS", 100)
        monkeypatch.setattr(module, "DRAWN_EACH", 50)
    monkeypatch.setattr("mnistry.load", lambda *_, **__: every)
    to_learn, held = drawn_hands.load_to_learn(writers=2), glyphs.load_drawn()
    assert np.array_equal(held.images, every.images[:100])
    assert np.array_equal(to_learn.images[:200], every.images[100:])
    assert len(to_learn.by_writer) == 4 + 2
    assert sorted(np.concatenate(to_learn.by_writer)) == [*range(200 + 160)]
    assert to_learn.shares.sum() == pytest.approx(1)


def test_a_drawn_writer_writes_each_digit_in_one_way() -> None:
    images, labels, lines = drawn_hands.one_writer(np.random.default_rng(1))
    assert len(images) == len(labels) == len(lines) == 10 * drawn_hands.EACH
    own = images.astype(float).reshape(10, drawn_hands.EACH, -1)
    apart = ((own[:, :, None] - own[:, None]) ** 2).sum(-1).mean(0)
    others = ((own - np.roll(own, 1, axis=0)) ** 2).sum(-1).mean()
    assert apart.max() < others


def test_beside_a_plain_string_nothing_is_drawn_or_printed(
    some: glyphs.Glyphs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ArithmeticError

    for name in "draw_marks", "print_form", "background":
        monkeypatch.setattr(compose, name, refuse)
    for seed in range(6):
        rng = np.random.default_rng(seed)
        assert len(compose.compose(some, rng, 3, plain=True).labels) == 3
    with pytest.raises(ArithmeticError):
        compose.compose(some, np.random.default_rng(0), 3)


def test_strips_come_back_as_they_were_saved(strips: Path) -> None:
    rows = strip_shards.read_shard(strips / "00000.npz")
    assert len(rows) == 12
    assert all(row.pixels.shape[0] == line_batches.ROWS for row in rows)
    assert len(rows[-1].digits) == 0
    assert len(rows[-2].digits) == len(rows[-2].centres) == 1


def test_batches_depend_on_their_number_alone(strips: Path) -> None:
    stream = line_batches.stream(strips, 6, seed=0)
    several = [next(stream) for _ in range(4)]
    again = next(line_batches.stream(strips, 6, seed=0, start=3))
    assert torch.equal(several[3].images, again.images)
    assert torch.equal(several[3].frames, again.frames)


def plan_of(strips: Path, until: int = 4) -> loop.Plan[line_batches.Batch]:
    return loop.Plan(
        steps=4,
        peak=1e-3,
        batches=lambda start: line_batches.stream(strips, 6, 0, start=start),
        loss_of=train_lines.loss_of,
        validate=lambda net: train_lines.validate(net, strips),
        every=2,
        until=until,
    )


def small_lines() -> line_net.LineNet:
    torch.manual_seed(0)
    return line_net.LineNet((4, 4, 8, 8, 8), extra=1, context=1)


@pytest.fixture
def packaged(strips: Path, tmp_path: Path) -> tuple[torch.nn.Module, Path]:
    """A small net for lines, trained a little, and its file."""
    net = loop.train(small_lines(), plan_of(strips), tmp_path / "lines")
    export.write("lines", tmp_path / "lines", tmp_path / "out.safetensors")
    return net, tmp_path / "out.safetensors"


def test_a_run_that_was_stopped_goes_on_to_the_same_weights(
    strips: Path, tmp_path: Path
) -> None:
    straight = loop.train(small_lines(), plan_of(strips), tmp_path / "one")
    loop.train(small_lines(), plan_of(strips, until=2), tmp_path / "two")
    resumed = loop.train(small_lines(), plan_of(strips), tmp_path / "two")
    for name, weight in straight.state_dict().items():
        assert torch.equal(weight, resumed.state_dict()[name]), name


def test_a_packaged_net_computes_what_it_was_trained_to(
    packaged: tuple[torch.nn.Module, Path],
) -> None:
    net, path = packaged
    images = torch.rand(1, 1, 32, 48)
    with torch.no_grad():
        expected = net.eval()(images)[0].numpy()
    given = run_net(load_net(path), images.permute(0, 2, 3, 1).numpy())[0, 0]
    np.testing.assert_allclose(given.reshape(-1, 11), expected, atol=0.02)


def test_a_deeper_net_begins_as_the_packaged_one(
    packaged: tuple[torch.nn.Module, Path],
) -> None:
    _, path = packaged
    deeper = line_net.LineNet((4, 4, 8, 8, 8), extra=2, context=3)
    images = torch.rand(3, 1, 32, 48)
    assert len(line_net.unfold(deeper, path, images)) == 3
    with torch.no_grad():
        logits = deeper.eval()(images).numpy()
    given = run_net(load_net(path), images.permute(0, 2, 3, 1).numpy())[:, 0]
    np.testing.assert_allclose(logits, given.reshape(3, -1, 11), atol=0.02)


def test_a_wider_net_begins_as_the_packaged_one(
    packaged: tuple[torch.nn.Module, Path],
) -> None:
    wider = line_net.LineNet((6, 6, 10, 12, 9), extra=1, context=1)
    images = torch.rand(3, 1, 32, 48)
    assert not line_net.unfold(wider, packaged[1], images)
    with torch.no_grad():
        logits = wider.eval()(images).numpy()
    given = run_net(load_net(packaged[1]), images.permute(0, 2, 3, 1).numpy())[:, 0]
    np.testing.assert_allclose(logits, given.reshape(3, -1, 11), atol=0.02)


def test_a_net_lies_on_the_line_between_itself_and_where_it_began(
    packaged: tuple[torch.nn.Module, Path],
) -> None:
    before = load_net(packaged[1])
    wider = line_net.LineNet((6, 6, 10, 12, 9), extra=1, context=1)
    images = torch.rand(3, 1, 32, 48)
    line_net.unfold(wider, packaged[1], images)
    _, weights = export.export(wider.eval())
    new = Net(before.layers, {k: v.astype(np.float32) for k, v in weights.items()})
    began = interpolate.interpolate(new, before, 0.0)
    given = images.permute(0, 2, 3, 1).numpy()
    floats = {name: array.astype(np.float32) for name, array in began.items()}
    np.testing.assert_allclose(
        run_net(Net(new.layers, floats), given), run_net(before, given), atol=0.02
    )
    itself = interpolate.interpolate(new, before, 1.0)
    assert all(np.array_equal(itself[name], weights[name]) for name in weights)


@pytest.fixture
def attentive(
    packaged: tuple[torch.nn.Module, Path],
) -> tuple[line_net.LineNet, Path]:
    """A net whose frames see all others, begun from one where they do not."""
    net = line_net.LineNet((4, 4, 8, 8, 8), extra=1, context=1, attention=1)
    line_net.unfold(net, packaged[1], torch.rand(3, 1, 32, 48))
    return net.eval(), packaged[1]


def test_attention_adds_nothing_at_first(
    attentive: tuple[line_net.LineNet, Path],
) -> None:
    net, path = attentive
    images = torch.rand(3, 1, 32, 48)
    given = run_net(load_net(path), images.permute(0, 2, 3, 1).numpy())[:, 0]
    with torch.no_grad():
        logits = net(images).numpy()
    np.testing.assert_allclose(logits, given.reshape(3, -1, 11), atol=0.02)


def test_attention_is_exported_and_is_part_of_the_straight_line(
    attentive: tuple[line_net.LineNet, Path],
) -> None:
    net, path = attentive
    for part in net.body:
        if isinstance(part, line_net.Attention):
            torch.nn.init.normal_(part.outer.weight)
    images = torch.rand(3, 1, 32, 48)
    pixels = images.permute(0, 2, 3, 1).numpy()
    new, before = to_net(*export.export(net)), load_net(path)
    with torch.no_grad():
        logits = net(images).numpy()
    given = run_net(new, pixels)[:, 0].reshape(3, -1, 11)
    np.testing.assert_allclose(given, logits, atol=0.02)
    assert np.abs(given - run_net(before, pixels)[:, 0].reshape(3, -1, 11)).max() > 0.1
    began = to_net(new.layers, interpolate.interpolate(new, before, 0.0))
    np.testing.assert_allclose(
        run_net(began, pixels), run_net(before, pixels), atol=0.02
    )


def test_a_wider_net_begins_with_the_attention_of_the_packaged_one(
    attentive: tuple[line_net.LineNet, Path], tmp_path: Path
) -> None:
    net, _ = attentive
    for part in net.body:
        if isinstance(part, line_net.Attention):
            torch.nn.init.normal_(part.outer.weight)
    layers, weights = export.export(net)
    path = tmp_path / "attentive.safetensors"
    save_file(weights, path, metadata={"layers": json.dumps(layers)})
    wider = line_net.LineNet((4, 4, 8, 8, 10), extra=1, context=1, attention=1)
    images = torch.rand(3, 1, 32, 48)
    line_net.unfold(wider, path, images)
    with torch.no_grad():
        logits = wider.eval()(images).numpy()
    given = run_net(load_net(path), images.permute(0, 2, 3, 1).numpy())[:, 0]
    np.testing.assert_allclose(logits, given.reshape(3, -1, 11), atol=0.05)
    with pytest.raises(ValueError, match="no place"):
        line_net.unfold(small_lines(), path, images)


def test_a_net_with_fewer_convolutions_cannot_begin_as_the_packaged_one(
    packaged: tuple[torch.nn.Module, Path],
) -> None:
    smaller = line_net.LineNet((4, 4, 8, 8, 8), extra=1, context=0)
    with pytest.raises(ValueError, match="no place"):
        line_net.unfold(smaller, packaged[1], torch.rand(3, 1, 32, 48))


def test_single_digits_train_and_export(
    folder: Path, some: glyphs.Glyphs, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    found = [compose_single.find(compose_single.KINDS, some, rng) for _ in range(12)]
    single = tmp_path / "held" / "all"
    single.mkdir(parents=True)
    np.savez(
        single / "00000.npz",
        images=np.stack([one.guess.image for one in found]),
        labels=np.array([one.label for one in found], np.uint8),
    )
    checkpoint, out = tmp_path / "digit", tmp_path / "packaged.safetensors"
    drawn = Digits(*draw(20, seed=1))
    sources = train_digit.pools(
        folder / "glyphs.npz", single, drawn, train_digit.non_digits(0.001)
    )
    held = train_digit.held_out(folder / "glyphs.npz", single.parent)
    plan = loop.Plan(
        steps=3,
        peak=1e-3,
        batches=lambda start: train_digit.stream(sources, 0, start),
        loss_of=train_digit.loss_of,
        validate=lambda average: train_digit.validate(average, held),
    )
    net = loop.train(DigitNet(), plan, checkpoint)
    export.write("digit", checkpoint, out)
    images = torch.rand(2, 1, 28, 28)
    with torch.no_grad():
        expected = net.eval()(images).numpy()
    given = run_net(load_net(out), images.permute(0, 2, 3, 1).numpy())
    np.testing.assert_allclose(given.reshape(2, 11), expected, atol=0.02)
    with safe_open(out, "np") as file:
        assert json.loads(file.metadata()["layers"])[0] == ["unshuffle", 2]
    for channels in (NARROW, WIDE):
        again = DigitNet(channels).eval()
        unfold(again, out, torch.rand(9, 1, 28, 28))
        with torch.no_grad():
            begun = again(images).numpy()
        np.testing.assert_allclose(begun, expected, atol=0.02)
        new = to_net(*export.export(again))
        began = interpolate.interpolate(new, load_net(out), 0.0)
        floats = {name: array.astype(np.float32) for name, array in began.items()}
        seen = images.permute(0, 2, 3, 1).numpy()
        outputs = run_net(Net(new.layers, floats), seen).reshape(2, 11)
        np.testing.assert_allclose(outputs, expected, atol=0.02)


def test_the_net_that_tells_which_way_is_up_trains_and_exports(tmp_path: Path) -> None:
    images, _ = draw(40, seed=1)
    both = train_upright.both_ways(images)
    sources = dict.fromkeys(train_upright.BATCH, both)
    plan = loop.Plan(
        steps=3,
        peak=1e-3,
        batches=lambda start: train_upright.stream(sources, 0, start),
        loss_of=train_upright.loss_of,
        validate=lambda average: train_upright.validate(average, {"drawn": both}),
    )
    net = loop.train(DigitNet(SMALL, classes=1), plan, tmp_path / "upright")
    export.write("upright", tmp_path / "upright", tmp_path / "out.safetensors")
    seen = torch.from_numpy(images[:2]).float()[:, None] / 255
    with torch.no_grad():
        expected = net.eval()(seen).numpy()
    packaged = load_net(tmp_path / "out.safetensors")
    given = run_net(packaged, seen.permute(0, 2, 3, 1).numpy())
    np.testing.assert_allclose(given.reshape(2, 1), expected, atol=0.02)


def test_a_two_is_begun_within_its_head_and_a_nine_ends_to_the_left() -> None:
    field = np.full((60, 60), flourishes.OUTSIDE, np.float32)
    top_left, stem = (20.0, 14.0), ((30.0, 12.0), (30.0, 48.0))
    bare = flourishes.segment(field, *stem, 2.0)
    two = flourishes.segment(bare, top_left, stem[0], 2.0)
    sides = 18, 10, 32, 50
    rng = np.random.default_rng(1)
    hooked, ended = (
        [add(one, sides, 2.0, rng) > 0 for _ in range(40)]
        for add, one in ((flourishes.hook, two), (flourishes.foot, bare))
    )
    added = np.mean(hooked, axis=0) - (two > 0)
    assert added[14:30].sum() > 2 * added[30:].sum() > 0  # one in five has a tail
    assert not (ended[0] & ~(bare > 0))[:, 33:].any()
    assert any((one & ~(bare > 0))[:, :27].any() for one in ended)


def test_a_string_whose_digit_was_cut_off_is_not_whole() -> None:
    inside = np.array([[2.0, 3, 12, 20], [12, 3, 24, 20]])
    picture = np.zeros((22, 24, 3), np.uint8)
    whole = compose.Composed(picture, np.array([1, 2]), inside)
    assert compose.is_whole(whole)
    for shift in ([-6.0, 0], [4, 0], [0, -8], [0, 8]):
        moved = whole._replace(boxes=inside + np.tile(shift, 2))
        assert not compose.is_whole(moved), shift


def test_strips_of_a_scene_have_the_digits_that_are_in_them() -> None:
    rng = np.random.default_rng(5)
    scene = make_boxed(Alphabet(*draw(200)), "4071", seed=2, layout="separate")
    found = compose_scenes.strips_of(scene, rng)
    assert found
    for strip in found:
        assert strip.digits.tolist() == [4, 0, 7, 1]
        assert (np.diff(strip.centres) > 0).all()
        for middle, wide in zip(strip.centres, strip.widths, strict=True):
            part = strip.pixels[:, round(middle - wide / 2) : round(middle + wide / 2)]
            assert part.max() > 100


def test_nothing_is_taught_of_a_strip_that_cuts_a_digit_or_has_half_of_a_line() -> None:
    whole, cut, half, far = (
        (20.0, 16.0, 14.0, 22.0),
        (4.0, 16.0, 14.0, 22.0),
        (20.0, 32.0, 14.0, 22.0),
        (20.0, 50.0, 14.0, 22.0),
    )
    for others, expected in (([], [0]), ([far], [0]), ([cut], None), ([half], None)):
        rows = compose_scenes.digits_in(np.array([whole, *others]), 60)
        assert (rows if rows is None else rows.tolist()) == expected


def test_a_writer_of_scenes_writes_all_ten(some: glyphs.Glyphs) -> None:
    alphabet = compose_scenes.one_alphabet(some, np.random.default_rng(0))
    assert set(alphabet.labels.tolist()) == set(range(10))


@pytest.mark.parametrize("kind", list(compose_scenes.KINDS))
def test_each_kind_of_scene_gives_strips(kind: str) -> None:
    rng, alphabet = np.random.default_rng(3), Alphabet(*draw(200))
    _, make_scene = compose_scenes.KINDS[kind]
    found = [
        strip
        for seed in range(4)
        for strip in compose_scenes.strips_of(make_scene(alphabet, rng, seed), rng)
    ]
    assert all(len(strip.digits) == len(strip.centres) > 0 for strip in found)
    assert found


@pytest.mark.parametrize("kind", list(compose_single.KINDS))
def test_each_kind_of_single_digit_is_composed(
    some: glyphs.Glyphs, kind: compose_single.Maker
) -> None:
    composed = None
    rng = np.random.default_rng(1)
    while composed is None:
        composed = kind(some, rng)
    assert composed.picture.ndim == 3
    is_digit = kind is not single_digits.non_digit
    assert (composed.label < single_digits.NON_DIGIT) == is_digit


def test_ink_beside_a_digit_is_not_taught_as_the_digit() -> None:
    where, size = (0.5, 0.1, 0.9, 0.9), (100, 100)
    assert compose_single.covers(Box(50, 10, 90, 90), where, size)
    assert compose_single.covers(Box(0, 0, 100, 100), where, size)
    assert compose_single.covers(Box(0, 0, 10, 100), None, size)
    assert not compose_single.covers(Box(0, 0, 10, 100), where, size)
    assert not compose_single.covers(Box(50, 10, 90, 50), where, size)


def test_single_digits_are_of_all_ten_alike(some: glyphs.Glyphs) -> None:
    """Strings begin and end in ones: of digits taken from them many are ones."""
    rng = np.random.default_rng(2)
    labels = [single_digits.alone(some, rng).label for _ in range(120)]
    assert np.bincount(labels, minlength=10).max() < 0.25 * len(labels)


def test_a_tiny_picture_is_composed_as_it_is_read() -> None:
    """What is brought in from few pixels has no uneven light, in both alike."""
    ramp = np.linspace(255, 120, 28).astype(np.uint8)
    tiny = np.repeat(np.repeat(ramp[:, None], 28, 1)[:, :, None], 3, 2)
    tiny[8:20, 13:15] = 20

    def only(_: glyphs.Glyphs, rng: np.random.Generator) -> single_digits.Labelled:
        return single_digits.Labelled(tiny, 1)

    found = compose_single.find({only: 1.0}, None, np.random.default_rng(0))  # type: ignore[arg-type]
    work = isolate.work_size(tiny)
    np.testing.assert_array_equal(found.dark, isolate.darkness(work, len(tiny)))


def test_a_six_with_a_tiny_ring_keeps_its_stem_and_its_ring() -> None:
    yes, x = np.mgrid[:56, :56]
    ring = np.abs(np.hypot(yes - 38, x - 28) - 10) < 0.8
    stem = (np.abs(x - 18.5) < 1) & (yes > 6) & (yes < 38)
    small = habits.shrink_ring(ring | stem, 0.5)
    assert small is not None
    before, after = habits.hole_of(ring | stem), habits.hole_of(small)
    assert before is not None
    assert after is not None
    assert 0 < after.sum() < 0.45 * before.sum()
    assert small[8:24, 17:21].any(axis=1).all()
    assert not small[:, :15].any()
    assert habits.shrink_ring(stem, 0.5) is None


def test_what_is_too_faint_to_read_is_not_composed() -> None:
    rng = np.random.default_rng(0)
    ideal = np.zeros((28, 28))
    ideal[6:22, 13:15] = 1
    paper, noise = np.full((28, 28), 0.9), rng.normal(0, 0.04, (28, 28))
    assert boxed_digits.is_legible(ideal, paper - 0.4 * ideal + noise, 0.9)
    assert not boxed_digits.is_legible(ideal, paper - 0.05 * ideal + noise, 0.9)
    torn = ideal * (np.arange(28) % 4 == 0)[:, None]
    assert not boxed_digits.is_legible(ideal, paper - 0.4 * torn + noise, 0.9)


def test_a_ring_that_is_filled_or_blurred_away_is_not_composed() -> None:
    y, x = np.mgrid[: boxed_digits.BOX, : boxed_digits.BOX]
    radius = np.hypot(y - 56, x - 56)
    ring = ((radius > 8) & (radius < 16)).astype(np.float32)
    for side, is_seen in ((28, True), (10, False)):
        small = cv2.resize(ring, (side, side), interpolation=cv2.INTER_AREA)
        grey = 0.9 - 0.5 * small
        assert boxed_digits.is_ring_seen(ring, grey, 0.9) == is_seen
    stroke = (np.abs(x - 56) < 3).astype(np.float32)
    small = cv2.resize(stroke, (28, 28), interpolation=cv2.INTER_AREA)
    assert boxed_digits.is_ring_seen(stroke, 0.9 - 0.5 * small, 0.9)


def test_shards_that_are_there_are_not_composed_again(tmp_path: Path) -> None:
    asked = shards.command("Compose.", hands=False).parse_args(
        [str(tmp_path), "7", "3"]
    )
    (tmp_path / "00008.npz").touch()
    left = [(number, path.name) for number, path in shards.missing(asked)]
    assert left == [(7, "00007.npz"), (9, "00009.npz")]


def test_making_runs_every_script_in_order(tmp_path: Path) -> None:
    ran: list[str] = []
    steps = make.stages(tmp_path, tmp_path / "swiss.npz", make.Amounts())
    make.run_all(steps, lambda step: ran.append(step.module), workers=1)
    assert ran[0] == "glyphs"
    assert ran.index("train_lines") > ran.index("compose")
    assert ran.index("export") > ran.index("train_digit")
    assert ran[-3:] == ["export"] * 3
    assert set(ran) <= set(SCRIPTS)


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_have_help(
    script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = importlib.import_module(f"training.reading.{script}")
    monkeypatch.setattr("sys.argv", [script, "--help"])
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage:")


def test_weights_that_doubt_too_little_are_flattened() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 400)
    logs = rng.normal(-6, 1, (400, 3, 11))
    logs[:, :, 10] = -8
    given = np.where(rng.random(400) < 0.9, labels, (labels + 1) % 10)
    logs[np.arange(400)[:, None], np.arange(3), given[:, None]] = -0.01
    sources = np.array(["one", "two"])[rng.integers(0, 2, 400)]
    weights = calibrate_single.fit(logs, labels)
    right = calibrate_single.join(logs, weights).argmax(axis=1) == labels
    factor = calibrate_single.sharpen(logs, right, [sources], weights)
    sure = calibrate_single.confidences(logs, factor * weights) >= 0.95
    assert (sure & ~right).sum() <= 0.01 * sure.sum()


def test_facts_of_lines_are_gathered_and_fitted(some: glyphs.Glyphs) -> None:
    rows = calibrate_lines.gather(some, 9, 0, "here")
    assert len(rows) >= 7  # in some pictures nothing is found
    assert {row.is_code for row in rows} == {False, True}
    random = np.random.default_rng(0)
    many = [
        calibrate_lines.Row(
            random.normal(0, 1, len(rows[0].facts)), number % 5 > 0, False, "here"
        )
        for number in range(50)
    ]
    assert calibrate_lines.fit("free", many)["temperature"] > 0


def test_a_line_of_counted_boxes_is_fitted_as_one_that_must_match(
    some: glyphs.Glyphs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read freely, and its confidence has the constants of patterns."""
    alphabet = Alphabet(*draw(300, seed=1))
    pictures = [
        make_boxed(alphabet, "3708", seed=1, layout="shared").picture,
        make_string(alphabet, "3708", seed=1).picture,  # in no boxes
    ]
    tasks = [calibrate_lines.Task(of, ("3708",), None) for of in pictures]
    monkeypatch.setattr(calibrate_lines, "tasks", lambda *_: iter(tasks))
    rows = calibrate_lines.gather(some, 2, 0, "here")
    assert [row.is_code for row in rows] == [True, False]
    assert [len(row.facts) for row in rows] == [4, 3]


def test_a_mismatch_does_not_match_and_unbound_sources_do_not_bound() -> None:
    rng = np.random.default_rng(1)
    for pattern, write in calibrate_lines.PATTERNS:
        accepts = parse_pattern(pattern).accepts
        assert accepts(int(char) for char in write(rng) if char.isdigit())
        assert not accepts(map(int, calibrate_lines.mismatch(pattern, rng)))
    fact = rng.normal(0, 3, 1200)
    right = rng.random(1200) < 1 / (1 + np.exp(-fact))
    right[600:] &= rng.random(600) > 1 / 3  # what is written is not what was meant
    rows = [
        calibrate_lines.Row(np.array([fact[at]]), bool(right[at]), True, source)
        for at, source in enumerate(["people"] * 600 + ["drawn"] * 600)
    ]
    bound, unbound = (
        calibrate_lines.fit("codes", rows, without)["temperature"]
        for without in ("", "drawn")
    )
    assert unbound < bound


def test_few_of_the_sure_are_wrong_at_the_fitted_temperature() -> None:
    rng = np.random.default_rng(0)
    score = rng.uniform(-1, 8, 2000)
    sources = np.array(["one", "two"])[rng.integers(0, 2, 2000)]
    right = rng.random(2000) < 1 / (1 + np.exp(-score))
    for sharp in (1.0, 3.0):
        divisor = calibrate_lines.temperature(score * sharp, right, sources)
        sure = score * sharp / divisor >= np.log(0.95 / 0.05)
        assert (sure & ~right).sum() <= calibrate_lines.MOST_WRONG * sure.sum()
        assert sure.mean() > 0.3


def test_a_calibration_changes_the_header(tmp_path: Path) -> None:
    ensemble = {"lines": 1.0, "packaged": 0.1, "digit": 0.5}
    path = tmp_path / "single.json"
    path.write_text(json.dumps({"digit": {"ensemble": ensemble}}))
    assert headers.header_of("digit", (path,))["ensemble"] == ensemble
    assert headers.header_of("lines", (path,)) == headers.header_of("lines")


def test_nets_of_a_folder_take_the_place_of_the_packaged_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = models._path
    monkeypatch.setattr(models, "_path", packaged)
    candidates.use_nets(None)
    assert models._path is packaged
    (tmp_path / "reading-lines.safetensors").touch()
    candidates.use_nets(tmp_path)
    assert models._path("reading-lines").parent == tmp_path
    assert models._path("digits") == packaged("digits")
