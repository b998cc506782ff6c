"""The work of a worker, in this process: what is refused, and how."""

import io
import json
from dataclasses import asdict

import numpy as np
import pytest
from PIL import Image

from mnistry.web.service.jobs import pack, prepare, unpack
from mnistry.web.service.limits import Limits
from mnistry.workers import Answer

LIMITS = Limits(images=2, pixels=1000, pages=1)


@pytest.fixture(scope="module")
def answer() -> Answer:
    return prepare(None, asdict(LIMITS))


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"images": [[1, 2], [3]]}',
        b'{"images": 7}',
        json.dumps({"images": np.full((1, 28, 28), 256).tolist()}).encode(),
        json.dumps({"images": np.zeros((3, 28, 28), int).tolist()}).encode(),
    ],
    ids=range(6),
)
def test_what_is_no_images_is_refused_beside_what_is(
    answer: Answer, body: bytes
) -> None:
    good = json.dumps({"images": np.zeros((1, 28, 28), int).tolist()}).encode()
    bad, fine = unpack(answer(pack([b"predict", body, good])))
    assert json.loads(bad)["status"] == 422
    assert json.loads(fine)["status"] == 200


def test_files_beyond_the_limits_are_refused_by_their_header(answer: Answer) -> None:
    large, pages = io.BytesIO(), io.BytesIO()
    Image.new("L", (50, 50)).save(large, "PNG")
    small = Image.new("L", (9, 9))
    small.save(pages, "TIFF", save_all=True, append_images=[small])
    for data, words in ((large, "2,500 pixels"), (pages, "2 pages")):
        asked = json.dumps({"file": "a.png", "page": 1, "picture": False}).encode()
        (found,) = unpack(answer(pack([b"read", asked, data.getvalue()])))
        assert words in json.loads(found)["error"]
