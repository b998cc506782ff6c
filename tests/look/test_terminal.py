"""Text that can be read back into pixels."""

import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from mnistry.digits import Digits
from mnistry.errors import UsageError
from mnistry.look.terminal import map_to_text, style_for, to_text


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def labels(*values: int) -> NDArray[np.uint8]:
    return np.array(values, np.uint8)


def images() -> st.SearchStrategy[NDArray[np.uint8]]:
    shape = st.tuples(st.just(1), st.integers(1, 9), st.integers(1, 9))
    return arrays(np.uint8, shape)


@given(images())
def test_blocks_say_of_each_pixel_whether_it_is_ink(pixels: NDArray[np.uint8]) -> None:
    lines = to_text(Digits(pixels, labels(3)), style="blocks").split("\n")[1:]
    image = pixels[0]
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            line = lines[row // 2].ljust(image.shape[1])
            above, below = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}[
                line[column]
            ]
            assert (above, below)[row % 2] == (image[row, column] >= 96)


@given(images())
def test_colour_says_each_pixel_exactly(pixels: NDArray[np.uint8]) -> None:
    lines = to_text(Digits(pixels, labels(3)), style="colour").split("\n")[1:]
    for pair, line in enumerate(lines):
        assert line.endswith("\x1b[0m")
        column, above, below = 0, -1, -1
        for code, mark in re.findall(r"\x1b\[([\d;]+)m|(▀)", line[: -len("\x1b[0m")]):
            if mark:
                assert above == 255 - pixels[0, 2 * pair, column]
                under = pixels[0, 2 * pair + 1 :, column][:1]
                assert below == 255 - (under[0] if len(under) else 0)
                column += 1
            else:
                numbers = [int(part) for part in code.split(";")]
                assert numbers[:2] == [38, 2]
                above, below = numbers[2], numbers[7]
        assert column == pixels.shape[2]


def test_plain_characters_are_darker_where_there_is_more_ink() -> None:
    ramp = np.repeat(np.linspace(0, 255, 10).astype(np.uint8)[None], 2, axis=0)
    text = to_text(Digits(ramp[None], labels(0)), style="ascii")
    assert text == "0\n .:-=+*#%@"


def test_as_many_stand_side_by_side_as_the_width_allows() -> None:
    digits = Digits(np.zeros((5, 28, 28), np.uint8), labels(0, 1, 2, 3, 4))
    heads = [line for line in to_text(digits, width_characters=88).split("\n") if line]
    assert [head.split() for head in heads] == [["0", "1", "2"], ["3", "4"]]
    assert max(map(len, heads)) <= 88
    narrow = to_text(digits, width_characters=5)
    assert [line for line in narrow.split("\n") if line] == list("01234")


def test_the_terminal_decides_what_is_not_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    digits = Digits(np.zeros((2, 28, 28), np.uint8), labels(0, 1))
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout", Terminal())
    text = to_text(digits)
    assert text == to_text(digits, width_characters=30, style="colour")
    assert text != to_text(digits, width_characters=60, style="colour")


def test_an_unknown_style_is_an_error() -> None:
    with pytest.raises(UsageError, match="style is 'braille'; expected 'colour'"):
        to_text(Digits(np.zeros((1, 2, 2), np.uint8), labels(0)), style="braille")  # type: ignore[arg-type]


def test_colour_is_used_where_the_terminal_says_it_has_it() -> None:
    deep = {"COLORTERM": "truecolor", "TERM": "xterm-256color"}
    assert style_for(Terminal(), deep) == "colour"
    assert style_for(Terminal(), {"COLORTERM": "24bit"}) == "colour"
    assert style_for(Terminal(), {"TERM": "xterm"}) == "blocks"
    assert style_for(Terminal(), {**deep, "NO_COLOR": "1"}) == "blocks"
    assert style_for(Terminal(), {**deep, "TERM": "dumb"}) == "blocks"


def test_a_file_gets_no_colour() -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    assert style_for(file, {"COLORTERM": "truecolor"}) == "blocks"


def test_a_stream_without_blocks_gets_plain_characters() -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    assert style_for(file, {}) == "ascii"


@given(images())
def test_a_map_stands_beside_its_image_in_every_style(
    pixels: NDArray[np.uint8],
) -> None:
    image = pixels[0]
    painted = np.repeat(image[..., None], 3, axis=2)
    heat = image.astype(np.float32) - 100
    for style in ("colour", "blocks", "ascii"):
        lines = map_to_text(image, heat, painted, style=style).split("\n")
        alone = to_text(Digits(pixels, labels(3)), style=style).split("\n")[1:]
        assert len(lines) == len(alone)
        for line, left in zip(lines, alone, strict=True):
            assert line.startswith(left.rstrip())


def test_marks_tell_ink_for_and_against() -> None:
    image = np.array([[255, 255, 255, 0], [255, 255, 255, 0]], np.uint8)
    heat = np.array([[9, -9, 1, 9], [9, -9, 1, 9]], np.float32)
    painted = np.full((2, 4, 3), (1, 2, 3), np.uint8)
    assert map_to_text(image, heat, painted, style="blocks") == "███   +-."
    coloured = map_to_text(image, heat, painted, style="colour")
    assert "\x1b[38;2;1;2;3;48;2;1;2;3m▀▀▀▀\x1b[0m" in coloured
    with pytest.raises(UsageError, match="style is 'loud'"):
        map_to_text(image, heat, painted, style="loud")  # type: ignore[arg-type]
