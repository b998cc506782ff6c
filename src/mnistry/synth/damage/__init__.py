"""Training corruptions: digits as cameras, pens and forms spoil them, at random.

Rule of the package: NumPy only, whole arrays, ink in and ink out, of the same shape;
one function for each kind. `stress` is a different generator on purpose, so that it can
test nets that learned from this one.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistry.arrays import Images, Ink
from mnistry.frame import area_shares
from mnistry.synth.damage.fields import (
    bells,
    blurred,
    clouds,
    grown,
    lot,
    moved,
    tents,
    turned,
)

if TYPE_CHECKING:
    from numpy.random import Generator  # NumPy loads it late, and so do we

TWICE = 0.25  # share of images with two corruptions

Harm = Callable[[Ink, "Generator"], Any]


def damage(images: Images, generator: "Generator") -> Images:
    """Corrupt each image in one or two ways, drawn at random from `KINDS`.

    Args:
        images: (n, rows, columns) uint8, 0 paper to 255 ink.
        generator: Decides everything.

    Returns:
        As many images of the same size, new memory.

    Example:
        >>> images = np.full((100, 28, 28), 255, np.uint8)
        >>> spoilt = damage(images, np.random.default_rng(0))
        >>> spoilt.shape, bool((spoilt != images).any())
        ((100, 28, 28), True)
    """
    ink = np.divide(images, 255, dtype=np.float32)
    for share in (1, TWICE):
        chosen = generator.integers(0, len(KINDS), len(ink))
        chosen[generator.random(len(ink)) >= share] = -1
        for number, harm in enumerate(KINDS.values()):
            rows = np.flatnonzero(chosen == number)
            if len(rows):
                ink[rows] = np.clip(harm(ink[rows], generator), 0, 1)
    return (ink * 255).round().astype(np.uint8)


def _haze(ink: Ink, generator: "Generator") -> Any:
    """Grey or cloudy paper, pale ink: poor light."""
    paper = lot(ink, generator, 0, 0.6)
    fog = clouds(ink, generator) * lot(ink, generator, 0, 0.6)
    return paper + fog + ink * lot(ink, generator, 0.25, 1)


def _fog(ink: Ink, generator: "Generator") -> Any:
    """More cloud than ink."""
    share = lot(ink, generator, 0.2, 0.5)
    return ink * share + clouds(ink, generator, finest=32) * (1 - share)


def _pale(ink: Ink, generator: "Generator") -> Any:
    return ink ** lot(ink, generator, 0.4, 2.5) * lot(ink, generator, 0.15, 1)


def _blur(ink: Ink, generator: "Generator") -> Any:
    deviations = generator.uniform(0.4, 2, (2, len(ink), 1, 1))  # pixels
    down, across = (
        bells(length, deviation)
        for length, deviation in zip(ink.shape[1:], deviations, strict=True)
    )
    return down @ ink @ across.transpose(0, 2, 1)


def _smear(ink: Ink, generator: "Generator") -> Any:
    """Moved while the picture was taken."""
    length, angle = lot(ink, generator, 2, 9), lot(ink, generator, 0, np.pi)
    steps = np.linspace(-0.5, 0.5, 9)
    seen = [
        moved(ink, step * length * np.sin(angle), step * length * np.cos(angle))
        for step in steps
    ]
    return np.mean(seen, axis=0)


def _jumble(ink: Ink, generator: "Generator") -> Any:
    """Pixels swapped with their neighbours, as behind frosted glass."""
    reach = lot(ink, generator, 0.5, 2.2)
    down, across = reach * generator.uniform(-1, 1, (2, *ink.shape))
    return blurred(moved(ink, down, across), generator)


def _grain(ink: Ink, generator: "Generator") -> Any:
    noise = generator.standard_normal(ink.shape, np.float32)
    return ink + noise * lot(ink, generator, 0.05, 0.5)


def _shots(ink: Ink, generator: "Generator") -> Any:
    """Shot noise: the fewer photons, the rougher."""
    grains = np.exp(lot(ink, generator, np.log(2), np.log(40)))
    paper = lot(ink, generator, 0, 0.2)
    return generator.poisson((ink + paper) * grains) / grains


def _specks(ink: Ink, generator: "Generator") -> Any:
    share = lot(ink, generator, 0.02, 0.4)
    white = generator.random(ink.shape) < lot(ink, generator, 0, 1)
    return np.where(generator.random(ink.shape) < share, white, ink)


def _lines(ink: Ink, generator: "Generator") -> Any:
    """Lines across: straight or zigzag, solid or dotted, of ink or of paper."""
    for chance in (1, 0.6, 0.4, 0.3):
        along, away = turned(ink, lot(ink, generator, 0, 2 * np.pi))
        period = np.exp(lot(ink, generator, np.log(1.5), np.log(20)))
        wave = np.abs((along / period + lot(ink, generator, 0, 1)) % 2 - 1) - 0.5
        wavy = generator.random((len(ink), 1, 1)) < 0.5
        away = away + wave * wavy * period * lot(ink, generator, 0.5, 2.5)
        distance = np.abs(away - lot(ink, generator, -9, 9))
        line = (0.5 + lot(ink, generator, 0.3, 1.6) - distance).clip(0, 1)
        gap = lot(ink, generator, 2, 6)
        dotted = generator.random((len(ink), 1, 1)) < 0.4
        line *= ~(dotted & (along % gap > gap * lot(ink, generator, 0.25, 0.7)))
        line *= generator.random((len(ink), 1, 1)) < chance
        colour = generator.random((len(ink), 1, 1)) < 0.85
        ink = np.asarray(ink + line * (colour - ink), np.float32)
    return ink


def _ruled(ink: Ink, generator: "Generator") -> Any:
    """Paper with lines, or with inverted bands."""
    quarter = generator.integers(0, 2, (len(ink), 1, 1)) * np.pi / 2
    along, _ = turned(ink, quarter)
    period = lot(ink, generator, 2.5, 12)
    on = (along + lot(ink, generator, 0, 12)) % period < period * lot(
        ink, generator, 0.15, 0.5
    )
    swaps = generator.random((len(ink), 1, 1)) < 0.4
    other = np.where(swaps, 1 - ink, np.maximum(ink, lot(ink, generator, 0.2, 1)))
    return np.where(on, other, ink)


def _negative(ink: Ink, generator: "Generator") -> Any:
    """Inversion: everywhere, on one side, on both, or in the middle."""
    angle = generator.integers(0, 4, (len(ink), 1, 1)) * np.pi / 2
    along, _ = turned(ink, angle + lot(ink, generator, -0.1, 0.1))
    kind = generator.integers(0, 4, (len(ink), 1, 1))
    edge = lot(ink, generator, 4, 11)
    one_side = along > edge * generator.choice([-1, 1], (len(ink), 1, 1))
    swapped = np.choose(
        kind, [np.ones(ink.shape, bool), one_side, np.abs(along) > edge, ink < 0]
    )
    swapped |= (kind == 3) & (np.abs(along) < edge - 3)
    return np.where(swapped, 1 - ink, ink)


def _blotches(ink: Ink, generator: "Generator") -> Any:
    """Drops and stains, dark or pale."""
    stains = clouds(ink, generator, finest=32)
    mean, deviation = stains.mean((1, 2)), stains.std((1, 2))
    level = mean + deviation * generator.uniform(0.6, 2, len(ink))
    sharp = np.exp(lot(ink, generator, np.log(4), np.log(60)))
    wet = ((stains - level[:, None, None]) * sharp).clip(0, 1)
    return ink + wet * (lot(ink, generator, -0.3, 1.3).clip(0, 1) - ink)


def _outline(ink: Ink, generator: "Generator") -> Any:
    """Only the edges of the ink: inside, outside or both."""
    soft = blurred(ink, generator)
    hard = (soft > lot(ink, generator, 0.2, 0.6)).astype(np.float32)
    drawn = np.where(generator.random((len(ink), 1, 1)) < 0.75, hard, soft)
    outer, inner = grown(drawn), 1 - grown(1 - drawn)
    side = generator.integers(0, 3, (len(ink), 1, 1))
    return np.choose(side, [outer - drawn, drawn - inner, outer - inner])


def _coarse(ink: Ink, generator: "Generator") -> Any:
    """Reduced to fewer pixels and enlarged again, blocky or smooth."""
    rows, columns = ink.shape[1:]
    sizes = generator.integers(8, 19, len(ink))
    smooth = generator.random((len(ink), 1, 1)) < 0.7
    fewer = {size: _fewer(rows, columns, size) for size in np.unique(sizes)}
    blocky = [np.stack([fewer[size][axis] for size in sizes]) for axis in (0, 1)]
    coarse = np.asarray(blocky[0] @ ink @ blocky[1], np.float32)
    return np.where(smooth, blurred(coarse, generator), coarse)


def _fewer(rows: int, columns: int, size: int) -> tuple[Ink, Ink]:
    down, across = (
        area_shares(size, length) @ area_shares(length, size)
        for length in (rows, columns)
    )
    return down, across.T


def _far(ink: Ink, generator: "Generator") -> Any:
    """Smaller, narrower or flatter, and not in the middle."""
    both = lot(ink, generator, 0.55, 1)
    zooms = both * np.exp(generator.uniform(-0.15, 0.15, (2, len(ink), 1, 1)))
    shifts = generator.uniform(-4, 4, (2, len(ink), 1, 1))  # pixels
    down, across = (
        tents(length, zoom, shift)
        for length, zoom, shift in zip(ink.shape[1:], zooms, shifts, strict=True)
    )
    return down @ ink @ across.transpose(0, 2, 1)


def _covered(ink: Ink, generator: "Generator") -> Any:
    """A piece is missing, or hidden under something grey."""
    centre, half = (
        generator.uniform(low, high, (2, len(ink), 1, 1))
        for low, high in ((-10, 10), (1, 5))
    )
    along, away = turned(ink, lot(ink, generator, 0, np.pi))
    hidden = (np.abs(along - centre[0]) < half[0]) & (
        np.abs(away - centre[1]) < half[1]
    )
    colour = (lot(ink, generator, -1, 1)).clip(0, 1)
    return np.where(hidden, colour, ink)


def _pen(ink: Ink, generator: "Generator") -> Any:
    """A thicker or a thinner pen, or a scan in black and white."""
    kind = generator.integers(0, 3, (len(ink), 1, 1))
    share = lot(ink, generator, 0.3, 1)
    thick = ink + share * (grown(grown(ink)) - ink)
    thin = ink - share * 0.8 * (ink - (1 - grown(1 - ink)))
    thin /= np.maximum(thin.max(axis=(1, 2), keepdims=True), 0.3)
    black = ink > lot(ink, generator, 0.2, 0.8)
    return np.choose(kind, [thick, thin, black])


def _beside(ink: Ink, generator: "Generator") -> Any:
    """Pieces of other digits come in from the sides."""
    angle = generator.choice([0, 0, 0, 1, 1, 1, 0.5, 1.5], (len(ink), 1, 1)) * np.pi
    away = lot(ink, generator, 15, 22)
    other = ink[generator.permutation(len(ink))]
    return np.maximum(ink, moved(other, away * np.sin(angle), away * np.cos(angle)))


KINDS: Mapping[str, Harm] = {
    "haze": _haze,
    "fog": _fog,
    "pale": _pale,
    "blur": _blur,
    "smear": _smear,
    "jumble": _jumble,
    "grain": _grain,
    "shots": _shots,
    "specks": _specks,
    "lines": _lines,
    "ruled": _ruled,
    "negative": _negative,
    "blotches": _blotches,
    "outline": _outline,
    "coarse": _coarse,
    "far": _far,
    "covered": _covered,
    "pen": _pen,
    "beside": _beside,
}
"""All kinds by name; each is as likely as any other."""
