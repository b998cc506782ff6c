"""No option is silently ignored: one that would do nothing beside others is refused."""

from pathlib import Path

import pytest

from tests.cli.run import run

HERE = str(Path(__file__).parent)
MIRROR = ("--mirror", "https://example.org/")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (
            ("fetch", "--from", HERE, *MIRROR),
            "--mirror has no effect with --from, which asks no mirror. Leave one of",
        ),
        (
            ("fetch", "kmnist", "--clean"),
            "NAME has no effect with --clean, which cleans the whole cache. Leave it",
        ),
        (("seeds", "--format", "tex", "--json"), "--format has no effect with --json"),
        (("test", "--input", "0-1"), "--input has no effect on the packaged model"),
        (("mistakes", "--input", "0-1"), "--input has no effect on the packaged model"),
        (
            ("explain", __file__, "--input", "0-1"),
            "--input has no effect on the packaged model; it is for ONNX models. Leave",
        ),
        (
            ("explain", __file__, "--data", "kmnist"),
            "--data has no effect with PICTURE, unless with --model",
        ),
        (("show", "--random", "1", "--start", "2"), "--start has no effect with"),
    ],
)
def test_an_option_without_effect_is_refused(
    typed: tuple[str, ...], message: str
) -> None:
    done = run(*typed)
    assert done.code == 2
    assert done.out == ""
    assert message in done.err


@pytest.mark.parametrize(
    "others",
    [
        ("--epochs", "4"),
        ("--seed", "1"),
        ("--threads", "1"),
        ("--data", "emnist-letters"),
        ("--as-they-are",),
        ("--out", "run"),
        ("--tensorboard",),
        ("--resume",),
    ],
)
def test_a_summary_is_of_the_net_alone(others: tuple[str, ...]) -> None:
    """Of another data set the net would have other classes than are printed."""
    done = run("train", "--summary", *others)
    assert done.code == 2
    assert f"{others[0]} has no effect with --summary" in done.err
    assert run("train", "--summary", "--net", "linear", "--json", "--debug").code == 0


def test_open_is_refused_while_a_token_is_required(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MNISTRY_TOKEN", "of an earlier day")
    done = run("serve", "--open")
    assert done.code == 2
    assert "--open has no effect while MNISTRY_TOKEN is set. Unset that" in done.err
