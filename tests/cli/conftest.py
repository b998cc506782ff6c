import pytest

from mnistry import Digits
from mnistry.synth.drawn import draw


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the commands a few drawn digits under the name of MNIST."""
    few = {
        split: Digits(*draw(count, split=split), "few", split)
        for split, count in (("train", 600), ("test", 200))
    }

    def load_few(_name: str, *, split: str, **_: object) -> Digits:
        return few[split]

    for room in ("explain", "mistakes", "models", "training"):
        monkeypatch.setattr(f"mnistry.cli.{room}.load", load_few)
