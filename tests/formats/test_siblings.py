"""Nothing is started, fetched or included because a file asks for it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mnistry.formats import png

SVG = (
    b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"
)
LAUNCH = b"""%%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R/Names<</EmbeddedFiles 5 0 R>>>>
endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 90 90]/Contents 6 0 R
/Resources<</XObject<</F 7 0 R>>/Font<</A 8 0 R>>>>>> endobj
4 0 obj <</S/Launch/F(/bin/touch)/Win<</F(cmd.exe)>>/Next<</S/URI/URI(%s)>>>> endobj
5 0 obj <</Names[]>> endobj
6 0 obj <</Length 42>>stream
/F Do BT /A 20 Tf 10 10 Td (7) Tj ET
endstream endobj
7 0 obj <</Type/XObject/Subtype/Image/Width 9/Height 9/BitsPerComponent 8
/ColorSpace/DeviceGray/F<</FS/URL/F(%s)>>/Length 0>>stream
endstream endobj
8 0 obj <</Type/Font/Subtype/TrueType/BaseFont/Nowhere/FontDescriptor<</FontFile2
<</F(%s)/Length 0>>>>>> endobj
trailer <</Root 1 0 R>>"""

WATCHED = """
import pathlib, sys
data = pathlib.Path(sys.argv[1]).read_bytes()
import cv2, PIL.Image, pypdfium2
import mnistry.scan.read, mnistry.scan.page.picture.pdf
mnistry.scan.page.picture.pdf.contain()
mnistry.read(pathlib.Path(sys.argv[1]).with_name("white.png"))
asked = []
names = {"subprocess.Popen", "os.exec", "os.fork", "os.posix_spawn", "os.system",
         "socket.connect", "socket.getaddrinfo", "urllib.Request"}

def watch(name, arguments):
    if name in names or (name == "open" and "secret" in str(arguments[0])):
        asked.append((name, str(arguments)))

sys.addaudithook(watch)
try:
    mnistry.read(data)
except mnistry.MnistryError:
    pass
print(asked)
"""


@pytest.mark.parametrize("kind", ["svg", "pdf with http:", "pdf with file:"])
def test_a_file_cannot_ask_for_anything(tmp_path: Path, kind: str) -> None:
    (tmp_path / "secret.ttf").write_bytes(b"secret")
    place = b"http://127.0.0.1:9/secret"
    if kind == "pdf with file:":
        place = b"file://" + str(tmp_path / "secret.ttf").encode()
    data = SVG if kind == "svg" else LAUNCH % (place, place, place)
    (tmp_path / "asks").write_bytes(data)
    (tmp_path / "white.png").write_bytes(png.encode(np.full((40, 40), 255, np.uint8)))
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(tmp_path / "asks")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
