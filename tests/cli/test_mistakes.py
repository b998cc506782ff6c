import json
from pathlib import Path

import pytest

from tests.cli.run import run

pytestmark = pytest.mark.usefixtures("few")


def test_wrong_labels_are_found_without_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("mistakes").out.startswith("mistakes.png: ")
    mistakes = Path("mistakes.png").read_bytes()
    done = run("mistakes", "--labels", "--net", "linear")
    assert done.code == 0, done.err
    assert done.out.startswith("suspicious.png: ")
    assert "of 200 labels are suspicious" in done.out
    assert Path("suspicious.png").read_bytes().startswith(b"\x89PNG")
    assert Path("mistakes.png").read_bytes() == mistakes


def test_a_picture_of_mistakes_is_named_as_what_it_is(tmp_path: Path) -> None:
    done = run("mistakes", "--out", str(tmp_path / "mistakes.jpg"))
    assert done.code == 2
    assert "is not named as a PNG" in done.err


def test_whatever_can_be_tested_shows_its_mistakes(tmp_path: Path) -> None:
    model, theirs = str(tmp_path / "model.safetensors"), str(tmp_path / "model.onnx")
    train = "train", "--net", "linear", "--epochs", "1"
    assert run(*train, "--out", str(tmp_path)).code == 0
    assert run("convert", model, "--to", "onnx").code == 0
    table = tmp_path / "theirs.csv"
    table.write_text("\n".join(["label", *["7"] * 200]))
    for path, *words in ((theirs, "--input", "0-255 nhw"), (str(table),)):
        errors = json.loads(run("test", path, *words, "--json").out)["errors"]
        done = run("mistakes", path, *words, "--out", str(tmp_path / "mistakes.png"))
        assert done.code == 0, done.err
        assert f": {errors} of 200 misread" in done.out
        assert ("\ninput 0-255 nhw" in done.out) == (path == theirs)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--net", "mlp"), "--net has no effect without --labels"),
        (("--labels", "--input", "0-1"), "--input has no effect with --labels"),
        (("--labels", __file__), "MODEL has no effect with --labels"),
    ],
)
def test_an_option_without_effect_is_refused(
    arguments: tuple[str, ...], message: str
) -> None:
    done = run("mistakes", *arguments)
    assert done.code == 2
    assert message in done.err
