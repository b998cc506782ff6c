"""A mount as programs see it: real FUSE, real `cp`, real kills."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mnistry import Digits, extras
from mnistry.errors import MissingExtraError, UsageError
from mnistry.formats import idx
from mnistry.mount import Mount, mount, serve, server, tree
from tests.conftest import leave_out

SECONDS = 30.0  # to wait for what takes milliseconds, before a test fails

MOUNTING = """
import sys, time
import numpy as np
from mnistry import Digits
from mnistry.mount import mount
toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1], split_name="test")
mounted = mount(sys.argv[1], toy)
mounted.start()
print(mounted._process.pid, flush=True)
time.sleep(600)
"""

SERVING = """
import sys
import numpy as np
from mnistry import Digits
from mnistry.mount import serve
toy = Digits(np.zeros((3, 28, 28), np.uint8), [7, 2, 1], split_name="test")
serve(sys.argv[1], toy, ready=lambda: print(0, flush=True))
print("returned", flush=True)
"""


@pytest.fixture
def fuse() -> None:
    try:
        server.require_fuse()
    except MissingExtraError as error:
        leave_out("FUSE", str(error))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "place"
    place.mkdir()
    return place


def _run(script: str, folder: Path) -> tuple[subprocess.Popen[str], int]:
    """Start a program that mounts; give it and the process that serves for it."""
    path = os.pathsep.join(filter(None, sys.path))
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        pytest.fail(process.communicate()[1])
    assert sorted(path.name for path in folder.iterdir()) == ["raw", "test"]
    return process, int(line)


def _is_free(folder: Path) -> bool:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            if not folder.is_mount() and not list(folder.iterdir()):
                return True
        except OSError:  # not connected: mounted, and served by nobody
            pass
        time.sleep(0.01)
    return False


@pytest.mark.usefixtures("fuse")
def test_cp_copies_every_image_under_its_label(
    toy: Digits, folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    with mount(folder, toy, replace(toy[:5], split_name="test")):
        subprocess.run(["cp", "-r", str(folder), str(copy)], check=True)
    pictures = sorted(copy.glob("train/*/*.png"), key=lambda path: path.name)
    assert [int(path.parent.name) for path in pictures] == toy.labels.tolist()
    for path, expected in zip(pictures, toy.images, strict=True):
        with Image.open(path) as picture:
            np.testing.assert_array_equal(np.asarray(picture), expected)
    assert len(list(copy.glob("test/*/*.png"))) == 5
    for split, count in (("train", 30), ("test", 5)):
        images = idx.read(copy / "raw" / f"{split}-images-idx3-ubyte")
        np.testing.assert_array_equal(images, toy.images[:count])
        labels = idx.read(copy / "raw" / f"{split}-labels-idx1-ubyte")
        np.testing.assert_array_equal(labels, toy.labels[:count])


@pytest.mark.usefixtures("fuse")
def test_the_same_program_may_map_and_view_what_it_mounts(
    toy: Digits, folder: Path
) -> None:
    with mount(folder, toy):
        mapped = idx.read(folder / "raw" / "train-images-idx3-ubyte")
        np.testing.assert_array_equal(
            mapped, toy.images
        )  # page faults, in this process
        with Image.open(folder / "train" / "7" / "00007.png") as picture:
            np.testing.assert_array_equal(np.asarray(picture), toy.images[7])


@pytest.mark.usefixtures("fuse")
def test_sizes_are_those_of_the_bytes(toy: Digits, folder: Path) -> None:
    with mount(folder, toy):
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert len(files) == len(toy) + 2
        for path in files:
            assert path.stat().st_size == len(path.read_bytes())


@pytest.mark.usefixtures("fuse")
def test_seventy_thousand_files_are_listed(folder: Path) -> None:
    images = np.zeros((60_000, 28, 28), np.uint8)
    labels = (np.arange(60_000) % 10).astype(np.uint8)
    train = Digits(images, labels, split_name="train")
    test = Digits(images[:10_000], labels[:10_000], split_name="test")
    with mount(folder, train, test):
        listing = subprocess.run(
            ["ls", "-R", "-U", "-1", str(folder)],
            check=True,
            capture_output=True,
            text=True,
        )
    names = [line for line in listing.stdout.splitlines() if line.endswith(".png")]
    assert len(names) == 70_000


@pytest.mark.usefixtures("fuse")
@pytest.mark.parametrize(
    "write",
    [
        lambda folder: (folder / "new").write_bytes(b"x"),
        lambda folder: (folder / "train" / "7" / "00007.png").write_bytes(b"x"),
        lambda folder: (folder / "train" / "7" / "00007.png").unlink(),
        lambda folder: (folder / "train" / "new").mkdir(),
        lambda folder: (folder / "train").rename(folder / "other"),
    ],
    ids=["create", "overwrite", "delete", "make a folder", "rename"],
)
def test_nothing_can_be_written(toy: Digits, folder: Path, write: Any) -> None:
    with mount(folder, toy), pytest.raises(OSError, match="Read-only file system"):
        write(folder)


@pytest.mark.usefixtures("fuse")
def test_files_that_are_not_there_are_not_found(toy: Digits, folder: Path) -> None:
    with mount(folder, toy):
        for path in ("train/1/00000.png", "validation", "raw/labels.csv"):
            with pytest.raises(FileNotFoundError):
                (folder / path).stat()
        with pytest.raises(NotADirectoryError):
            list((folder / "train" / "7" / "00007.png").iterdir())


@pytest.mark.usefixtures("fuse")
def test_the_folder_is_free_again_after_the_block(toy: Digits, folder: Path) -> None:
    with mount(folder, toy) as mounted:
        assert mounted.mount_point == str(folder)
        assert folder.is_mount()
    assert not folder.is_mount()
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("fuse")
def test_an_error_in_the_block_unmounts_too(toy: Digits, folder: Path) -> None:
    with pytest.raises(KeyError), mount(folder, toy):
        raise KeyError(str(folder))
    assert not folder.is_mount()


@pytest.mark.usefixtures("fuse")
def test_a_file_that_is_open_does_not_keep_the_folder_mounted(
    toy: Digits, folder: Path
) -> None:
    with mount(folder, toy), (folder / "train" / "7" / "00007.png").open("rb") as held:
        held.read(1)
        mounted_elsewhere = Mount(folder, digits=[toy])
        with pytest.raises(UsageError, match="is mounted there already"):
            mounted_elsewhere.start()
    assert not folder.is_mount()


@pytest.mark.usefixtures("fuse")
def test_without_a_folder_one_is_made_and_removed(toy: Digits) -> None:
    with mount(None, toy) as mounted:
        made = mounted.path
        assert made.is_mount()
    assert not made.exists()


@pytest.mark.usefixtures("fuse")
def test_who_else_holds_the_pipe_does_not_keep_the_folder_mounted(
    toy: Digits, folder: Path
) -> None:
    mounted = mount(folder, toy)
    mounted.start()
    process = mounted._process
    assert process is not None
    assert process.stdin is not None
    held = os.dup(process.stdin.fileno())  # as children that were forked do
    mounted.stop()
    os.close(held)
    assert process.returncode == 0  # it unmounted, and was not killed
    assert not folder.is_mount()


def test_it_may_start_again_after_stop(toy: Digits, folder: Path) -> None:
    mounted = mount(folder, toy)
    for _ in range(2):
        mounted.start()
        assert (folder / "raw").is_dir()
        mounted.stop()
        mounted.stop()
        assert not folder.is_mount()


@pytest.mark.usefixtures("fuse")
def test_starting_twice_is_refused_and_leaves_the_mount(
    toy: Digits, folder: Path
) -> None:
    with mount(folder, toy) as mounted:
        with pytest.raises(
            UsageError, match=r"is mounted already; call stop\(\) first"
        ):
            mounted.start()
        assert folder.is_mount()


@pytest.mark.usefixtures("fuse")
def test_files_of_the_disk_are_mounted_as_they_are(
    folder: Path, tmp_path: Path
) -> None:
    content = np.random.default_rng(0).bytes(300_000)  # more than one read of FUSE's
    (tmp_path / "content").write_bytes(content)
    with Mount(folder, files={"a.gz": tmp_path / "content"}):
        assert [path.name for path in folder.iterdir()] == ["a.gz"]
        assert (folder / "a.gz").read_bytes() == content


@pytest.mark.usefixtures("fuse")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("whose", ["program", "server"])
def test_whoever_is_killed_the_folder_is_free_again(
    folder: Path, number: signal.Signals, whose: str
) -> None:
    process, server_id = _run(MOUNTING, folder)
    with process:
        os.kill(process.pid if whose == "program" else server_id, number)
        try:
            assert _is_free(folder)
        finally:
            process.kill()


@pytest.mark.usefixtures("fuse")
def test_a_killed_server_leaves_the_folder_free_without_fusermount3(
    folder: Path,
) -> None:
    process, server_id = _run(MOUNTING, folder)
    with process:
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):  # gone meanwhile, or root's
                words = entry.read_bytes().split(b"\0")
                if {b"fusermount3", os.fsencode(folder)} <= set(words):
                    os.kill(int(entry.parent.name), signal.SIGKILL)
        os.kill(server_id, signal.SIGKILL)
        try:
            assert _is_free(folder)
        finally:
            process.kill()


@pytest.mark.usefixtures("fuse")
def test_serving_ends_by_ctrl_c_and_leaves_the_folder_free(folder: Path) -> None:
    process, _ = _run(SERVING, folder)
    with process:
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=SECONDS)
    assert (output, errors, process.returncode) == ("returned\n", "", 0)
    assert not folder.is_mount()


@pytest.mark.usefixtures("fuse")
def test_serving_ends_when_somebody_unmounts(folder: Path) -> None:
    process, _ = _run(SERVING, folder)
    with process:
        subprocess.run(["fusermount3", "-u", str(folder)], check=True)
        output, errors = process.communicate(timeout=SECONDS)
    assert (output, errors, process.returncode) == ("returned\n", "", 0)


@pytest.mark.usefixtures("fuse")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_kill_of_the_serving_command_leaves_the_folder_free(
    folder: Path, number: signal.Signals
) -> None:
    process, _ = _run(SERVING, folder)
    with process:
        process.send_signal(number)
        assert _is_free(folder)


@pytest.mark.usefixtures("fuse")
def test_a_missing_folder_is_refused(toy: Digits, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"No such file.*expected an empty folder"):
        serve(tmp_path / "no", toy)
    assert not (tmp_path / "no").exists()


@pytest.mark.usefixtures("fuse")
def test_a_folder_with_something_in_it_is_refused(toy: Digits, folder: Path) -> None:
    (folder / "thesis.tex").write_text("all of it")
    with pytest.raises(
        UsageError, match=r"it has thesis\.tex in it; expected an empty"
    ):
        serve(folder, toy)
    assert (folder / "thesis.tex").read_text() == "all of it"


@pytest.mark.usefixtures("fuse")
def test_a_file_instead_of_a_folder_is_refused(toy: Digits, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="Not a directory; expected an empty folder"):
        mount(tmp_path / "file", toy).start()


@pytest.mark.usefixtures("fuse")
def test_names_that_clash_are_refused_before_anything_is_mounted(
    toy: Digits, folder: Path
) -> None:
    with pytest.raises(UsageError, match="cannot be a folder beside"):
        mount(folder, toy, toy).start()


@pytest.mark.usefixtures("fuse")
def test_a_file_that_is_gone_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone"):
        Mount(folder, files={"a": tmp_path / "gone"}).start()
    assert not folder.is_mount()


def test_without_mfusepy_the_error_has_the_install_line(
    toy: Digits, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mfusepy", None)
    with pytest.raises(MissingExtraError, match=r"install .*\[mount\]'"):
        mount(folder, toy).start()


def test_without_libfuse_the_error_has_the_install_line(
    toy: Digits, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(module: str, *, extra: str) -> None:
        raise OSError("Unable to find libfuse")  # as mfusepy says it

    monkeypatch.setattr(extras, "require", fail)
    with pytest.raises(
        MissingExtraError,
        match="Unable to find libfuse. Run: apt install fuse3",
    ):
        mount(folder, toy).start()


def test_without_dev_fuse_the_error_says_what_to_do(
    toy: Digits, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "require", lambda module, *, extra: None)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(MissingExtraError, match="/dev/fuse cannot be opened.*apt inst"):
        mount(folder, toy).start()


def test_a_refusal_of_fuse_is_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def FUSE(self, *_: object, **__: object) -> None:  # noqa: N802
            raise RuntimeError(1)

    monkeypatch.setattr(server, "require_fuse", Refusing)
    root = tree.of_digits([])
    with pytest.raises(
        MissingExtraError, match=r"refused to mount on .* \(its code 1\)"
    ):
        server.serve(root, folder, lambda: None)


@pytest.mark.usefixtures("fuse")
def test_what_the_server_says_before_it_is_ready_is_passed_on(
    toy: Digits, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FUSE_LIBRARY_PATH", str(folder / "no.so"))  # read over there
    with pytest.raises(MissingExtraError, match=r"cannot mount: .*no\.so"):
        mount(folder, toy).start()
    assert not folder.is_mount()
