"""What the scripts that compose have in common: which shards, in whose hands, where."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from training.reading import drawn_hands
from training.reading.glyphs import (
    DESCRIBED,
    MNIST,
    SWISS,
    Glyphs,
    load_drawn,
    load_glyphs,
)


def command(about: str, *, hands: bool = True) -> argparse.ArgumentParser:
    """Begin a command that composes shards.

    Args:
        about: The module's docstring, whose first line is the help.
        hands: Digits are written, so that it takes them.
    """
    parser = argparse.ArgumentParser(description=about.split("\n")[0])
    if hands:
        parser.add_argument("glyphs", type=Path, help="npz that glyphs.py wrote")
        parser.add_argument("--held-out", action="store_true", help="writers held out")
        parser.add_argument("--swiss", action="store_true", help="only the Swiss hands")
    parser.add_argument("out", type=Path, help="folder of the shards")
    parser.add_argument("first", type=int, help="number of the first shard, its seed")
    parser.add_argument("count", type=int, help="number of shards")
    return parser


def add_drawn_hands(parser: argparse.ArgumentParser) -> None:
    """Let drawn digits be written with, those to learn from or those held out."""
    parser.add_argument(
        "--drawn", action="store_true", help="the drawn digits held out"
    )
    parser.add_argument(
        "--drawn-hands", action="store_true", help="the drawn digits to learn from"
    )


def hands_of(args: argparse.Namespace) -> Glyphs:
    """Load the digits that a command is to write with."""
    if getattr(args, "drawn", False):
        return load_drawn()
    if getattr(args, "drawn_hands", False):
        return drawn_hands.load_to_learn()
    sources = (SWISS,) if args.swiss else (MNIST, DESCRIBED, SWISS)
    return load_glyphs(args.glyphs, held_out=args.held_out, sources=sources)


def missing(args: argparse.Namespace) -> Iterator[tuple[int, Path]]:
    """Yield number and path of each shard that is asked for and not there yet."""
    args.out.mkdir(parents=True, exist_ok=True)
    for number in range(args.first, args.first + args.count):
        path = args.out / f"{number:05d}.npz"
        if not path.exists():
            yield number, path
