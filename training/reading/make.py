"""Make the nets for reading from nothing: compose, train, export, calibrate.

What is there is not made again, and training goes on from its checkpoint, so that this
may be stopped at any time and started again with the same command. Two processes of
one thread each run at a time; a run makes the same files as another on a machine with
the same instructions and the same versions.

Run: python -m training.reading.make OUT --hands swiss.npz
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from training.reading import line_net
from training.reading.loop import log

WORKERS = 2
EACH = 10  # shards that one command composes


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is composed and trained.

    Attributes:
        strings: Shards of 2,000 strings.
        drawn: The same in drawn hands, half of them on plain paper.
        plain: The same, most of them on plain paper.
        scenes: Shards of 2,000 strips that `mnistry.read` looked at in whole pictures.
        alone: Shards of 2,000 strips with one digit each.
        nothing: Shards of 2,000 strips without a digit.
        single: Shards of 4,000 images of single digits.
        line_steps: Of 48 strips.
        digit_steps: Of 96 images.
        upright_steps: Of 96 digits, each both ways up.
        count: Pictures that confidence is fitted on, of each kind.
    """

    strings: int = 250
    drawn: int = 60
    plain: int = 120
    scenes: int = 40
    alone: int = 10
    nothing: int = 3
    single: int = 30
    line_steps: int = 60_000
    digit_steps: int = 60_000
    upright_steps: int = 5_000
    count: int = 300


@dataclass(frozen=True, slots=True)
class Step:
    """One command: a module of this folder and its arguments."""

    module: str
    arguments: tuple[str, ...]


def composing(out: Path, amounts: Amounts) -> list[Step]:
    """Return the commands that compose, in any order."""
    glyphs = str(out / "glyphs.npz")

    def shards(
        module: str, folder: str, first: int, count: int, *more: str
    ) -> list[Step]:
        source = () if module == "compose_nothing" else (glyphs,)
        return [
            Step(
                module,
                (
                    *source,
                    str(out / folder),
                    str(at),
                    str(min(EACH, first + count - at)),
                    *more,
                ),
            )
            for at in range(first, first + count, EACH)
        ]

    return [
        *shards("compose", "held/all", 99_000, 2, "--held-out"),
        *shards("compose", "held/swiss", 99_100, 1, "--held-out", "--swiss"),
        *shards("compose", "held/drawn", 99_200, 1, "--drawn"),
        *shards("compose_single", "single-held/all", 99_300, 1, "--held-out"),
        *shards(
            "compose_single", "single-held/swiss", 99_301, 1, "--held-out", "--swiss"
        ),
        *shards("compose_single", "single", 0, amounts.single),
        *shards("compose_nothing", "strips", 50_000, amounts.nothing),
        *shards("compose_single", "strips", 60_000, amounts.alone, "--strips"),
        *shards("compose_scenes", "held/scenes", 99_500, 1, "--held-out"),
        *shards("compose_scenes", "strips", 20_000, amounts.scenes),
        *shards("compose", "strips", 0, amounts.strings),
        *shards("compose", "strips", 30_000, amounts.plain, "--plain", "0.8"),
        *shards(
            "compose",
            "strips",
            40_000,
            amounts.drawn,
            "--drawn-hands",
            "--plain",
            "0.5",
        ),
    ]


def training(out: Path, amounts: Amounts) -> list[Step]:
    """Return the commands that train, at the same time."""
    line_steps, digit_steps = str(amounts.line_steps), str(amounts.digit_steps)
    return [
        Step(
            "train_lines",
            (
                str(out / "strips"),
                str(out / "held"),
                str(out / "lines"),
                "--steps",
                line_steps,
                "--channels",
                *map(str, line_net.WIDE),
                "--attention",
                "3",
            ),
        ),
        Step(
            "train_digit",
            (
                str(out / "glyphs.npz"),
                str(out / "single"),
                str(out / "single-held"),
                str(out / "digit"),
                "--steps",
                digit_steps,
            ),
        ),
        Step(
            "train_upright",
            (str(out / "upright"), "--steps", str(amounts.upright_steps)),
        ),
    ]


def exporting(out: Path, folder: str, *calibration: str) -> list[Step]:
    """Return the commands that write the nets as they are packaged."""
    return [
        Step(
            "export",
            (
                kind,
                str(out / kind),
                str(out / folder / f"reading-{kind}.safetensors"),
                *calibration,
            ),
        )
        for kind in ("lines", "digit", "upright")
    ]


def calibrating(out: Path, amounts: Amounts) -> list[Step]:
    """Return the commands that fit confidence, with the new nets."""
    count = "--count", str(amounts.count)
    nets = "--nets", str(out / "uncalibrated")
    glyphs, gathered = str(out / "glyphs.npz"), str(out / "gathered.npz")
    single, lines = str(out / "single.json"), str(out / "lines.json")
    return [
        Step("calibrate_single", (glyphs, gathered, *count, *nets, "--out", single)),
        Step("calibrate_lines", (glyphs, *nets, "--out", lines)),
    ]


def stages(out: Path, hands: Path, amounts: Amounts) -> list[list[Step]]:
    """Return all commands; those of one stage may run side by side."""
    glyphs = str(out / "glyphs.npz")
    json_files = str(out / "single.json"), str(out / "lines.json")
    return [
        [Step("glyphs", (glyphs, "--hands", str(hands)))],
        composing(out, amounts),
        training(out, amounts),
        exporting(out, "uncalibrated"),
        calibrating(out, amounts),
        exporting(out, "models", "--calibration", *json_files),
    ]


def run(step: Step) -> None:
    """Run a command on one thread, its output in a file of its own."""
    command = [sys.executable, "-m", f"training.reading.{step.module}", *step.arguments]
    log(" ".join(command[2:]))
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    subprocess.run(command, check=True, env=environment)


def run_all(
    steps: list[list[Step]],
    runner: Callable[[Step], None] = run,
    workers: int = WORKERS,
) -> None:
    """Run stage after stage, so many commands of one side by side."""
    for stage in steps:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(runner, stage))


def main() -> None:
    """Make the nets."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, help="folder for all that is made")
    parser.add_argument("--hands", type=Path, required=True, help="swiss.npz")
    parser.add_argument(
        "--workers", type=int, default=WORKERS, help="processes at once"
    )
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    run_all(stages(args.out, args.hands, Amounts()), run, args.workers)


if __name__ == "__main__":
    main()
