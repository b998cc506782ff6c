"""No file below a megabyte takes more than a gigabyte or ten seconds."""

import io
import json
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from mnistry import files, read_idx, write_idx
from mnistry.errors import FormatError, IdxError
from mnistry.formats import budget
from mnistry.formats.budget import (
    DECODED_BYTES,
    MEGABYTE,
    check_unpacked,
    megabytes,
    most_pixels,
)
from mnistry.scan.page.picture import load, pdf, pdf_process

SIDE = 9400  # 88 million pixels, below the 100 million that are promised
GIGABYTE = 1 << 30
SECONDS = 10

MEASURE = """
import json, resource, sys, time
import mnistry, mnistry.files

def usage():
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return [resource.getrusage(who) for who in both]

def seconds():
    return sum(one.ru_utime + one.ru_stime for one in usage())

for path in sys.argv[1:]:
    begun, error = seconds(), ""
    reads = path.endswith(("png", "tif", "webp", "jpg", "pdf"))
    try:
        (mnistry.read if reads else mnistry.files.load)(path)
    except mnistry.MnistryError as caught:
        error = str(caught)
    status = open("/proc/self/status").read()  # maxrss has that of who forked us, too
    peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
    peak += resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(json.dumps([path, seconds() - begun, peak, error]), flush=True)
"""


def laughs(levels: int = 7, times: int = 10) -> bytes:
    """Give a PDF whose forms draw each other, each ten times."""

    def stream(body: bytes, head: bytes = b"") -> bytes:
        return b"<<%s/Length %d>>stream\n%s\nendstream" % (head, len(body), body)

    form = b"/Type/XObject/Subtype/Form/BBox[0 0 300 300]"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R"
        b"/Resources<</XObject<</F 5 0 R>>>>>>",
        stream(b"/F Do"),
    ]
    for number in range(6, 5 + levels):
        inner = b"/Resources<</XObject<</F %d 0 R>>>>" % number
        objects.append(stream(b"/F Do " * times, form + inner))
    objects.append(stream(b"10 10 20 200 re f", form))
    file = b"%PDF-1.4\n"
    for number, body in enumerate(objects, 1):
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    return file + b"trailer<</Root 1 0 R>>"


def pictures(folder: Path) -> None:
    paper = Image.new("1", (SIDE, SIDE), 1)
    paper.paste(0, (100, 100, 200, 200))
    grey = paper.convert("L")
    paper.save(folder / "g4.tif", compression="group4")
    grey.convert("P").save(folder / "palette.png", transparency=0)
    grid = np.full((1600, 1600), 255, np.uint8)  # thousands of empty cells
    grid[::22] = grid[:, ::29] = 0
    Image.fromarray(grid).save(folder / "grid.png")
    deep = np.asarray(grey).astype(np.float32)
    Image.fromarray(deep).save(folder / "f.tif", compression="tiff_adobe_deflate")
    small = grey.crop((0, 0, 6700, 6700)).convert("RGBA")
    small.save(folder / "rgba.webp", lossless=True, quality=0, method=0)
    (folder / "laughs.pdf").write_bytes(laughs())


def tables(folder: Path) -> None:
    file = io.BytesIO()
    Image.new("1", (4096, 4096), 1).save(file, "TIFF", compression="group4")
    with tarfile.open(folder / "train.tar", "w") as archive:
        for number in range(120):
            for end, data in (("tif", file.getvalue()), ("cls", b"7")):
                info = tarfile.TarInfo(f"{number}.{end}")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    rows = 1_000_000
    image = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(rows, np.int8)), pa.array([bytes(784)], pa.binary(784))
    )
    label = pa.array(np.zeros(rows, np.uint8))
    table = pa.table({"image": image, "label": label})
    pq.write_table(table, folder / "raw.parquet", row_group_size=rows)
    column = pa.array(np.zeros(100_000, np.int64))
    pixels = dict.fromkeys(map(str, range(784)), column) | {"label": column}
    path = folder / "pixels.parquet"
    pq.write_table(pa.table(pixels), path, write_statistics=False)


def measured(*paths: Path) -> dict[str, tuple[float, int, str]]:
    """Read files one after the other: seconds, the highest memory so far, the error."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = map(json.loads, done.stdout.splitlines())
    return {Path(path).name: (seconds, peak, of) for path, seconds, peak, of in rows}


@pytest.fixture(autouse=True)
def _uncontained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers' tests run in this process, too, and tell it that it has limits."""
    monkeypatch.setattr(pdf, "_contained", threading.Event())


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
def test_the_law(tmp_path: Path) -> None:
    pictures(tmp_path)
    tables(tmp_path)
    huge = [size.to_bytes(4, "big") for size in (0, 0xFFFFFFFF, 0xFFFFFFFF)]
    axes = bytes([0, 0, 8, 3]) + b"".join(huge)
    (tmp_path / "a-images-idx3-ubyte").write_bytes(axes)
    (tmp_path / "a-labels-idx1-ubyte").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 0]))
    paths = [path for path in sorted(tmp_path.iterdir()) if "labels" not in path.name]
    assert max(path.stat().st_size for path in paths) < MEGABYTE
    document = tmp_path / "laughs.pdf"  # apart, for two processes' peaks are summed
    paths.remove(document)
    found = measured(document) | measured(*paths)
    assert len(found) == len(paths) + 1 == 10
    for name, (seconds, memory_bytes, _) in found.items():
        assert seconds < SECONDS, name
        assert memory_bytes < GIGABYTE, name
    read = {name for name, (_, _, error) in found.items() if not error}
    assert {"g4.tif", "f.tif", "grid.png", "palette.png", "rgba.webp"} <= read
    assert "takes more than" in found["laughs.pdf"][2]
    for name in ("train.tar", "raw.parquet", "pixels.parquet"):
        assert "would be unpacked to" in found[name][2], name


def test_zips_and_gzips_are_bound_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = np.zeros((9, 28, 28), np.uint8), np.zeros(9, np.uint8)
    np.savez_compressed(tmp_path / "a.npz", x_train=images, y_train=labels)
    write_idx(tmp_path / "images-idx3-ubyte.gz", images)
    monkeypatch.setattr(budget, "DECODED_BYTES", 7000)
    with pytest.raises(FormatError, match="would be unpacked to 7,056; expected"):
        files.load(tmp_path / "a.npz")
    with pytest.raises(IdxError, match="would be unpacked to 7,056; expected"):
        read_idx(tmp_path / "images-idx3-ubyte.gz")


def test_as_many_pixels_are_read_as_are_promised() -> None:
    file = io.BytesIO()
    Image.new("1", (9900, 9900), 1).save(file, "PNG")
    (page,) = load.load_pictures(file.getvalue())
    assert page.pixels.shape == (2400, 2400, 3)
    Image.new("1", (10_001, 10_000), 1).save(file := io.BytesIO(), "PNG")
    with pytest.raises(FormatError, match="at most 100,000,000 in all"):
        list(load.load_pictures(file.getvalue()))


def test_large_files_may_take_more() -> None:
    check_unpacked("a.tar", DECODED_BYTES, 1)
    check_unpacked("a.tar", 3 * DECODED_BYTES, 2 * MEGABYTE + 1)
    with pytest.raises(FormatError, match="a.tar has 1 bytes and would be unpacked to"):
        check_unpacked("a.tar", DECODED_BYTES + 1, 1)
    assert [megabytes(size) for size in (0, 1, MEGABYTE, MEGABYTE + 1)] == [1, 1, 1, 2]


def test_what_a_decoder_needs_is_counted() -> None:
    photo = Image.new("RGB", (64, 64))
    photo.save(file := io.BytesIO(), "JPEG", progressive=True)
    plain, scans = file.getvalue(), file.getvalue() + b"\xff\xda" * 10_000
    with Image.open(io.BytesIO(plain)) as picture:
        few, many = most_pixels(picture, plain), most_pixels(picture, scans)
    assert few > 100_000_000 > many
    photo.save(file := io.BytesIO(), "TIFF")
    with Image.open(file) as picture:
        assert most_pixels(picture, b"") == DECODED_BYTES // 7


def test_pages_of_a_tiff_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Image.new("1", (100, 100), 1)
    page.save(file := io.BytesIO(), "TIFF", save_all=True, append_images=[page] * 3)
    monkeypatch.setattr(load, "MOST_PIXELS_OF_PAGES", 20_000)
    with pytest.raises(FormatError, match="too many pixels in 4 pages; expected at"):
        list(load.load_pictures(file.getvalue()))


def test_a_pdf_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "SECONDS", 0.001)
    with pytest.raises(FormatError, match="takes more than 0.001 seconds; expected a"):
        list(pdf.pdf_pages(laughs(2), "a.pdf"))


@pytest.mark.skipif(not pdf.HAS_LIMITS, reason="processes have no limits here")
def test_a_pdf_that_computes_too_long_is_ended_by_processor_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pdf, "SECONDS", 1)
    monkeypatch.setattr(pdf, "PATIENCE", 600)  # the clock of a busy machine
    monkeypatch.setattr(pdf, "DECODED_BYTES", 8 << 30)
    with pytest.raises(FormatError, match="takes more than 1 seconds; expected a"):
        list(pdf.pdf_pages(laughs(), "a.pdf"))


def test_pages_are_the_same_in_either_process(monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("L", (300, 200), 90).save(file := io.BytesIO(), "PDF")
    (apart,) = pdf.pdf_pages(file.getvalue(), "a.pdf")
    monkeypatch.setattr(sys, "executable", "")
    (here,) = pdf.pdf_pages(file.getvalue(), "a.pdf")
    assert np.array_equal(apart[0], here[0])
    assert apart[1] == here[1]
    with pytest.raises(FormatError, match="a.pdf is broken"):
        list(pdf.pdf_pages(b"%PDF-1.4", "a.pdf"))


def test_a_process_that_ends_within_its_answer_gave_none() -> None:
    file = io.BytesIO()
    pdf_process.send(file, b"pixels")
    whole = file.getvalue()
    answers = [
        pdf_process.receive(io.BytesIO(whole[:cut])) for cut in range(len(whole))
    ]
    assert set(answers) == {b""}
    assert pdf_process.receive(io.BytesIO(whole)) == b"pixels"
