"""The page as a file: complete, small, and safe whatever a model's header has."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from mnistry.errors import UsageError
from mnistry.inference.net import to_net
from mnistry.models.packaged import PackagedModel, load_model
from mnistry.web.page.embed import embed
from mnistry.web.page.render import LANGUAGES, render, scripts, words


def test_it_is_one_small_file_that_asks_for_nothing() -> None:
    page = render()
    assert len(page.encode()) < 2_000_000
    assert "http:" not in page
    assert "https:" not in page
    assert not re.search(r"<(link|img|iframe|script)[^>]* (src|href)=\"(?!data:)", page)


def test_only_its_own_script_and_style_may_run() -> None:
    page = render()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    for tag in ("script", "style"):
        [text] = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1].replace("&#39;", "'")
    assert "default-src 'none'" in policy[1]


def test_languages_have_the_same_words_and_all_are_used() -> None:
    english, *others = map(words, LANGUAGES)
    for other in others:
        assert list(other) == list(english)
        for key, text in other.items():
            assert set(re.findall(r"{\w+}", text)) == set(
                re.findall(r"{\w+}", english[key])
            ), key
    source = scripts() + Path("src/mnistry/web/page/page.html.j2").read_text("utf-8")
    page = render() + render(served=True)  # where the template composes keys
    unused = [
        key
        for key in english
        if not re.search(rf'["\.]{key}\b', source) and f'data-words="{key}"' not in page
    ]
    assert unused == []


def test_a_name_in_a_model_is_text() -> None:
    packaged = load_model()
    facts = {**packaged.facts, "net": "</script><img src=x>"}
    page = render(PackagedModel(packaged.net, facts))
    assert "<img" not in page
    assert page.count("</script>") == render().count("</script>")


def linear(classes: int = 10, scale: float = 1) -> PackagedModel:
    generator = np.random.default_rng(0)
    weights = {
        "0.weight": scale * generator.normal(size=(784, classes)),
        "0.bias": np.zeros(classes),
    }
    return PackagedModel(to_net([["dense", "0"]], weights), {"net": "linear"})


def test_the_cost_of_half_precision_is_measured() -> None:
    assert 0 < embed(linear(scale=0.01)).largest_difference < 0.01
    assert embed(load_model()).largest_difference < 1e-5  # stored so already


def test_a_net_that_half_precision_would_change_is_refused() -> None:
    with pytest.raises(UsageError, match="a probability differs by"):
        embed(linear(scale=1e6))


def test_a_net_of_other_classes_or_layers_is_refused() -> None:
    with pytest.raises(UsageError, match="gives 26 classes"):
        embed(linear(classes=26))


def test_a_layer_that_only_reading_has_is_refused() -> None:
    packaged = load_model()
    net = to_net([["attend", "0", 4], *packaged.net.layers], packaged.net.weights)
    with pytest.raises(UsageError, match=r"unknown layers: \['attend'\]"):
        embed(PackagedModel(net, packaged.facts))


@pytest.mark.parametrize("name", ["linear", "mlp", "lenet", "tutorial", "cnn", "fast"])
def test_nets_of_torch_are_folded(name: str, tmp_path: Path) -> None:
    from mnistry.learn.model import Model
    from mnistry.learn.nets import build

    model = Model(build(name).eval(), {"net": name})
    embedded = embed(model)
    assert embedded.name == name
    assert embedded.largest_difference < 0.01
    assert json.loads(json.dumps(embedded.content))["rejectBelow"] is None
