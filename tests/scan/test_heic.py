import io
import sys
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from mnistry.errors import FormatError
from mnistry.scan.folders import find_pictures
from mnistry.scan.page.picture.load import load_pictures
from mnistry.scan.read import read
from mnistry.synth.documents.scenes import Alphabet


@pytest.fixture(scope="module")
def heic(alphabet: Alphabet) -> bytes:
    """A three as a phone would save it."""
    pillow_heif.register_heif_opener()
    image = 255 - alphabet.images[9].repeat(4, axis=0).repeat(4, axis=1)
    file = io.BytesIO()
    Image.fromarray(np.dstack([image] * 3)).save(file, "HEIF", quality=80)
    return file.getvalue()


def test_pictures_of_phones_are_read(heic: bytes) -> None:
    assert read(heic, single=True).text == "3"


def test_without_the_extra_it_says_what_to_do(
    heic: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(FormatError, match=r"is a HEIC picture.*\[heic\].*JPEG"):
        list(load_pictures(heic))


def test_a_heic_that_breaks_off_is_broken(heic: bytes) -> None:
    with pytest.raises(FormatError, match="broken|no picture"):
        list(load_pictures(heic[: len(heic) // 3]))


def test_a_folder_is_no_picture_but_is_walked(heic: bytes, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is a folder, and no picture in it"):
        read(tmp_path)
    assert list(find_pictures([tmp_path])) == [tmp_path]
    (tmp_path / "IMG_1.HEIC").write_bytes(heic)
    assert list(find_pictures([tmp_path])) == [tmp_path / "IMG_1.HEIC"]
