import io

import pytest

from mnistry.digits import Digits
from mnistry.learn.train import train


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_with_loss_and_accuracy_is_drawn_on_a_terminal(
    bars: Digits, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    train(bars, "linear", epochs=2)
    drawn = terminal.getvalue()
    assert "epoch 2/2" in drawn
    assert "loss 0." in drawn
    assert "accuracy" in drawn
    assert capsys.readouterr().out == ""


def test_nothing_is_drawn_into_a_file_or_when_not_wanted(
    bars: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, terminal = io.StringIO(), Terminal()
    monkeypatch.setattr("sys.stderr", file)
    train(bars, "linear", epochs=1)
    monkeypatch.setattr("sys.stderr", terminal)
    train(bars, "linear", epochs=1, watch=False)
    assert file.getvalue() == terminal.getvalue() == ""


def test_a_bar_can_be_asked_for_where_there_is_no_terminal(
    bars: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = io.StringIO()
    monkeypatch.setattr("sys.stderr", file)
    train(bars, "linear", epochs=1, watch=True)
    assert "epoch 1/1" in file.getvalue()
