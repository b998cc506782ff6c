import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnistry import Digits
from mnistry.learn.model import load_trained_model
from mnistry.models.packaged import load_model
from mnistry.synth.drawn import draw
from tests.cli.run import run

pytestmark = pytest.mark.usefixtures("few")


def test_train_then_test_then_mistakes(tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = "train", "--net", "linear", "--epochs", "2", "--out", str(out)
    done = run(*command)
    assert done.code == 0, done.err
    assert "2 epochs" in done.out
    assert "replaced" not in done.err
    before = (out / "model.safetensors").read_bytes()
    done = run(*command)
    assert done.code == 0, done.err
    assert f"{out}/model.safetensors is replaced when this run is done" in done.err
    assert f"give another folder: --out {out}-2" in done.err
    assert (out / "model.safetensors").read_bytes() == before  # the same seed
    assert "replaced" not in run("train", "--resume", "--out", str(out)).err
    rows = list(csv.DictReader((out / "history.csv").read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    model, report = str(out / "model.safetensors"), tmp_path / "report.html"
    done = run("test", model, "--json", "--report", str(report))
    found = json.loads(done.out)
    assert found["images"] == 200
    assert found["errors"] == round((1 - found["accuracy"]) * 200)
    assert found["loss"] > 0
    assert report.read_text("utf-8").startswith("<!doctype html>")
    run("test", model, "--csv", str(tmp_path / "tables"))
    printed, written = (
        (folder / "history.csv").read_text().splitlines()[0].split(",")
        for folder in (tmp_path / "tables", out)
    )
    assert [*printed, "seconds"] == written  # which are in no model's file
    picture = tmp_path / "mistakes.png"
    done = run("mistakes", model, "--out", str(picture))
    assert f"{found['errors']} of 200 misread" in done.out
    with Image.open(picture) as opened:
        assert min(opened.size) > 100


def test_a_net_learns_from_another_and_from_several(tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    short = "train", "--net", "linear", "--epochs", "1", "--out"
    run(*short, str(first))
    model = str(first / "model.safetensors")
    done = run(*short, str(second), "--teacher", model)
    assert done.code == 0, done.err
    teacher = load_trained_model(second / "model.safetensors").facts["teacher"]
    assert teacher == "Model linear: 7,850 parameters"
    done = run(*short, str(third), "--teacher", model, "--teacher", model)
    assert done.code == 0, done.err
    teacher = load_trained_model(third / "model.safetensors").facts["teacher"]
    assert teacher == "Ensemble of 2 models, 1 shift each"
    done = run(*short, str(third), "--teacher", "packaged")
    assert done.code == 0, done.err
    teacher = load_trained_model(third / "model.safetensors").facts["teacher"]
    assert "packaged" in teacher
    done = run("train", "--resume", "--out", str(second))
    assert done.code == 1
    assert "Pass the same teacher, or train anew." in done.err
    done = run("train", "--resume", "--out", str(second), "--teacher", model)
    assert done.code == 0, done.err


def test_a_report_with_another_name_is_refused_before_testing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnistry.cli.models.load", None)  # must not be come to
    done = run("test", "--report", str(tmp_path / "report.pdf"))
    assert done.code == 1
    assert "'report.pdf' is not named as an HTML page" in done.err


def test_an_unknown_net_is_one_line(tmp_path: Path) -> None:
    done = run("train", "--net", "fats", "--out", str(tmp_path))
    assert done.code == 1
    assert "Did you mean 'fast'?" in done.err


def test_a_file_that_is_no_model_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"not a model")
    done = run("test", str(path))
    assert done.code == 1
    assert done.err.startswith("error: ")
    assert str(path) in done.err
    assert done.err.count("\n") == 1


def test_the_summary_counts_the_parameters_of_the_tutorial() -> None:
    assert (
        json.loads(run("train", "--net", "cnn", "--summary", "--json").out)[
            "parameters"
        ]
        == (5 * 5 + 1) * 32 + (5 * 5 * 32 + 1) * 64 + (1024 + 1) * 100 + (100 + 1) * 10
    )
    assert "155,606" in run("train", "--net", "cnn", "--summary").out
    done = run("train", "--summary", "--from", "packaged")
    assert "--from has no effect with --summary" in done.err


def test_a_run_that_is_whole_can_be_resumed_for_more(tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    first = run("train", "--net", "linear", "--epochs", "1", "--out", out, "--json")
    more = run("train", "--resume", "--epochs", "2", "--out", out, "--json")
    assert json.loads(first.out)["epoch"] == 1
    assert json.loads(more.out)["epoch"] == 2


def test_stress_and_tables_are_printed(tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    assert run("train", "--net", "linear", "--epochs", "1", "--out", out).code == 0
    model, tables = f"{out}/model.safetensors", tmp_path / "tables"
    done = run("test", model, "--stress", "--csv", str(tables))
    assert done.code == 0, done.err
    assert "200 images right" in done.out
    assert "rotation" in done.out
    assert (tables / "stress.csv").is_file()
    assert len((tables / "predictions.csv").read_text().splitlines()) == 201


def test_a_resumed_run_takes_no_other_net_or_seed(tmp_path: Path) -> None:
    done = run("train", "--resume", "--net", "mlp", "--out", str(tmp_path))
    assert done.code == 2
    assert "leave --net out" in done.err


def test_without_a_model_it_is_the_packaged_one(tmp_path: Path) -> None:
    done = run("test", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["images"] == 200
    assert found["accuracy"] > 0.9
    picture = tmp_path / "mistakes.png"
    done = run("mistakes", "--out", str(picture))
    assert f"{found['errors']} of 200 misread" in done.out
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_several_models_are_tested_as_their_average(tmp_path: Path) -> None:
    models = []
    for seed in ("0", "1"):
        out = str(tmp_path / seed)
        done = run("train", "--net", "linear", "--seed", seed, "--out", out)
        assert done.code == 0, done.err
        models.append(f"{out}/model.safetensors")
    single = json.loads(run("test", models[0], "--json").out)
    done = run("test", *models)
    assert done.code == 2
    assert "--average tests their average; `mnistry compare" in done.err
    for options in (["--average"], ["--average", "--shifts"]):
        done = run("test", *models, *options, "--json")
        assert done.code == 0, done.err
        found = json.loads(done.out)
        assert found["images"] == 200
        assert found["loss"] != single["loss"]
    assert "200 images right" in run("test", "--shifts").out


def test_models_are_compared_on_the_same_images(tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    assert run("train", "--net", "linear", "--epochs", "1", "--out", out).code == 0
    model = f"{out}/model.safetensors"
    page, table = tmp_path / "both.html", tmp_path / "both.csv"
    done = run("compare", model, "--out", str(page), "--csv", str(table))
    assert done.code == 0, done.err
    assert "model.safetensors - packaged: -" in done.out
    shown = json.loads(run("compare", model, "--json").out)
    assert {"difference", "interval", "p_value", "only_a_right"} <= shown.keys()
    assert shown["difference"] < 0 < shown["only_b_right"]
    rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
    assert [int(row["index"]) for row in rows] == shown["disagreements"]
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert run("convert", model, "--to", "onnx").code == 0
    done = run("compare", model, f"{out}/model.onnx")
    assert "\nmodel.onnx: " in done.out  # how it was asked
    done = run("compare", model, f"{out}/model.onnx", "--input", "0-255")
    assert done.code == 0, done.err  # it is for the ONNX model alone
    done = run("compare", model, f"{out}/model.onnx", "--input", "0-1")
    assert "but the model takes pixels of type uint8; expected 0-255." in done.err
    assert "Leave it out" in run("compare", model, "--input", "0-1 nchw").err
    assert "is named twice" in run("compare", model, model).err
    assert "give two files or more" in run("compare").err
    done = run("compare", model, "--out", str(tmp_path / "both.pdf"))
    assert "is not named as an HTML page" in done.err


def test_events_for_tensorboard_are_written_when_asked_for(tmp_path: Path) -> None:
    for option, count in (("--tensorboard", 1), ("--json", 0)):
        out = tmp_path / option
        train = ("train", "--net", "linear", "--epochs", "1", "--out", str(out))
        done = run(*train, option)
        assert done.code == 0, done.err
        assert len(list(out.glob("events.out.tfevents.*"))) == count


def test_sets_are_reported_at_the_coverage_asked_for(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    done = run("test", "--coverage", "0.9", "--report", str(report))
    assert done.code == 0, done.err
    assert "\nconformal sets at 9" in done.out
    assert 'id="h-sets"' in report.read_text("utf-8")
    shown = json.loads(run("test", "--coverage", "0.9", "--json").out)["sets"]
    assert shown["asked"] == 0.9
    assert sum(shown["sizes"]) == shown["images"] == 200
    assert run("test", "--coverage", "1").code == 2


def test_too_few_images_to_hold_any_back_are_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Digits(*draw(1), "one", "train")
    monkeypatch.setattr("mnistry.cli.training.load", lambda *_, **__: one)
    out = str(tmp_path)
    done = run("train", "--net", "linear", "--epochs", "1", "--out", out)
    assert done.code == 0, done.err
    assert f"{out}/model.safetensors: 1 epoch, " in done.out
    shown = run("train", "--net", "linear", "--epochs", "1", "--out", out, "--json").out
    assert json.loads(shown)["validation_accuracy"] is None


def test_one_image_is_explained(tmp_path: Path) -> None:
    done = run("explain", "--data", "drawn", "--index", "3")
    assert done.code == 0, done.err
    assert done.out.startswith("read ")
    assert "right: + or red is ink that speaks for" in done.out
    shown = json.loads(run("explain", "--data", "drawn", "--index", "3", "--json").out)
    assert len(shown["probabilities"]) == 10
    drawing = np.full((300, 200), 255, np.uint8)
    drawing[40:260, 90:120] = 0
    picture, page = tmp_path / "one.png", tmp_path / "explained.html"
    Image.fromarray(drawing).save(picture)
    model = tmp_path / "packaged.safetensors"
    load_model().save(model)
    done = run(
        "explain",
        str(picture),
        "--model",
        str(model),
        "--data",
        "drawn",
        "--out",
        str(page),
    )
    assert done.code == 0, done.err
    assert done.out.startswith("read 1;")
    assert page.is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give a PICTURE of one digit, or --index"),
        ((__file__, "--split", "train"), "--split has no effect with PICTURE"),
        (("--data", "drawn", "--index", "200"), "there are 200 images; expected"),
        (("--index", "0", "--out", "one.gif"), "named neither as a picture nor as"),
    ],
)
def test_what_cannot_be_explained_is_reported(
    arguments: tuple[str, ...], message: str
) -> None:
    done = run("explain", *arguments)
    assert done.code in (1, 2)
    assert message in done.err


def test_the_error_for_several_digits_to_explain_names_what_reads_them(
    tmp_path: Path,
) -> None:
    paper = np.full((300, 900), 255, np.uint8)
    for left in (60, 260, 460, 660):
        paper[60:240, left : left + 20] = 0
        paper[60:80, left : left + 120] = 0
    picture = tmp_path / "four.png"
    Image.fromarray(paper).save(picture)
    done = run("explain", str(picture))
    assert done.code == 0, done.err
    assert f"if {picture} has several: mnistry read {picture}" in done.err


def test_a_report_of_predictions_is_titled_by_their_file(tmp_path: Path) -> None:
    _, labels = draw(200, split="test")
    table, page = tmp_path / "theirs.csv", tmp_path / "report.html"
    table.write_text("\n".join(["label", *map(str, labels)]))
    done = run("test", str(table), "--data", "drawn", "--report", str(page))
    assert done.code == 0, done.err
    assert "theirs.csv" in page.read_text("utf-8")
