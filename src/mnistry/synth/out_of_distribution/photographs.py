"""Pictures without a pen: noise, empty paper, pieces of photographs."""

from typing import Any

import numpy as np

from mnistry.arrays import Pixels
from mnistry.frame import SIDE


def uniform_noise(generator: np.random.Generator) -> Pixels:
    """Any grey as likely as any other, for each pixel."""
    return generator.integers(0, 256, (SIDE, SIDE), dtype=np.uint8)


def gaussian_noise(generator: np.random.Generator) -> Pixels:
    """Noise around a grey."""
    mean, deviation = generator.uniform(0, 200), generator.uniform(30, 120)
    noise = generator.normal(mean, deviation, (SIDE, SIDE))
    return np.asarray(noise.clip(0, 255), np.uint8)


def specks(generator: np.random.Generator) -> Pixels:
    """Dots of ink, far apart or near."""
    share = generator.uniform(0.01, 0.3)
    inked = generator.random((SIDE, SIDE)) < share
    return np.asarray(inked * generator.integers(60, 256, (SIDE, SIDE)), np.uint8)


def blank(generator: np.random.Generator) -> Pixels:
    """Paper: white, or of one grey, and nearly smooth."""
    level = generator.choice([0.0, generator.uniform(0, 255)])
    paper = generator.normal(level, generator.uniform(0, 6), (SIDE, SIDE))
    return np.asarray(paper.clip(0, 255), np.uint8)


def texture(generator: np.random.Generator) -> Pixels:
    """Grey clouds and edges, as in a piece of a photograph."""
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.fftfreq(SIDE))
    frequency[0, 0] = 1
    waves = np.fft.fft2(generator.normal(0, 1, (SIDE, SIDE)))
    cloud = np.real(np.fft.ifft2(waves / frequency ** generator.uniform(0.7, 2)))
    cloud = (cloud - cloud.mean()) / max(float(cloud.std()), 1e-9)
    grey = generator.uniform(60, 200) + generator.uniform(20, 90) * cloud
    return np.asarray(grey.clip(0, 255), np.uint8)


def photograph(generator: np.random.Generator) -> Pixels:
    """Light that fades, things before one another, each with soft or hard edges."""
    down, across = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]

    def light() -> Any:
        level, *slope = generator.normal(0.5, 0.3), *generator.normal(0, 0.2, 2)
        return level + slope[0] * down + slope[1] * across

    seen = light()
    for _ in range(generator.integers(2, 9)):
        middle, size = generator.uniform(-1, 1, 2), generator.uniform(0.15, 1, 2)
        angle = generator.uniform(0, np.pi)
        y, x = down - middle[0], across - middle[1]
        along = (x * np.cos(angle) + y * np.sin(angle)) / size[0]
        away = (y * np.cos(angle) - x * np.sin(angle)) / size[1]
        edge = generator.choice([1, 2, 8])  # a lozenge, an ellipse, nearly a box
        distance = (np.abs(along) ** edge + np.abs(away) ** edge) ** (1 / edge)
        there = ((1 - distance) * generator.uniform(3, 30) + 0.5).clip(0, 1)
        seen = seen + there * (light() - seen)
    grain = generator.normal(0, generator.uniform(0, 0.06), seen.shape)
    rough = generator.uniform(0, 0.5) * (texture(generator) / 255 - 0.5)
    return np.asarray(((seen + rough + grain) * 255).clip(0, 255), np.uint8)
