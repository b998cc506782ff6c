"""The work of a worker process: untrusted bytes in, JSON out.

A message is a list of byte strings: the kind of job, then its parts. An error in one
part is the answer for that part, and does not affect the others.
"""

import json
import struct
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistry.arrays import Images
from mnistry.errors import MnistryError, ShapeError, UsageError
from mnistry.formats.pictures import open_picture
from mnistry.models.packaged import SIDE
from mnistry.predictions import Predictor
from mnistry.scan.results import Reading
from mnistry.web.service.limits import Limits
from mnistry.workers import Answer

if TYPE_CHECKING:
    from mnistry.scan.page.picture.load import Loaded

PRELOAD = ("mnistry.models.packaged", "mnistry.scan.read", "onnxruntime", "pypdfium2")
"""Imported once for all workers; importing them starts no thread."""


def pack(parts: Sequence[bytes]) -> bytes:
    """Write byte strings as one: their count and lengths, then themselves.

    Example:
        >>> unpack(pack([b"read", b"", b"seven"]))
        [b'read', b'', b'seven']
    """
    head = struct.pack(f"<I{len(parts)}Q", len(parts), *map(len, parts))
    return b"".join((head, *parts))


def unpack(message: bytes) -> list[bytes]:
    """Unpack what `pack` wrote."""
    (count,) = struct.unpack_from("<I", message)
    lengths = struct.unpack_from(f"<{count}Q", message, 4)
    start, parts = 4 + 8 * count, []
    for length in lengths:
        parts.append(message[start : start + length])
        start += length
    return parts


def prepare(model_path: str | None, limits: dict[str, Any]) -> Answer:
    """Load everything once, and return the function that answers messages.

    Args:
        model_path: Path of the model that predicts; None: the packaged one.
        limits: The fields of `Limits`.
    """
    import cv2

    from mnistry.inference.onnx import open_session
    from mnistry.models.packaged import PackagedModel, load_model
    from mnistry.scan.page.picture import pdf

    pdf.contain()
    cv2.setNumThreads(1)  # as many workers as cores: more threads only wait
    model: Any = load_model(model_path)
    if isinstance(model, PackagedModel):
        model = replace(model, session=open_session(model.net, SIDE, SIDE, threads=1))
    jobs = _Jobs(model, Limits(**limits))
    jobs.predict([json.dumps({"images": np.zeros((1, 28, 28), int).tolist()}).encode()])

    def answer(message: bytes) -> bytes:
        kind, *parts = unpack(message)
        job: Callable[[list[bytes]], list[bytes]] = KINDS[kind].__get__(jobs)
        return pack(job(parts))

    return answer


class _Jobs:
    """The jobs of a worker, with what it has loaded."""

    def __init__(self, model: Predictor, limits: Limits) -> None:
        self.model, self.limits = model, limits

    def predict(self, bodies: list[bytes]) -> list[bytes]:
        """Predict for several requests at once; each body is JSON with `images`."""
        taken: list[Images | MnistryError] = [self._images(body) for body in bodies]
        good = [images for images in taken if not isinstance(images, MnistryError)]
        try:
            predictions = self.model.predict(np.concatenate(good)) if good else None
        except MnistryError as error:
            taken = [
                error if not isinstance(one, MnistryError) else one for one in taken
            ]
        answers, start = [], 0
        for one in taken:
            if isinstance(one, MnistryError) or predictions is None:
                answers.append(_failed(HTTPStatus.UNPROCESSABLE_ENTITY, str(one)))
                continue
            rows = predictions[start : start + len(one)]
            start += len(one)
            answers.append(
                _json(
                    labels=rows.labels.tolist(),
                    confidence=np.round(rows.confidence.astype(float), 6).tolist(),
                    rejected=rows.rejected.tolist(),
                    probabilities=np.round(
                        rows.probabilities.astype(float), 6
                    ).tolist(),
                )
            )
        return answers

    def _images(self, body: bytes) -> Images | MnistryError:
        try:
            return _to_images(json.loads(body), self.limits.images)
        except MnistryError as error:
            return error
        except (ValueError, RecursionError) as error:
            return ShapeError(f"the body is not JSON: {error}; {EXPECTED}.")

    def read(self, parts: list[bytes]) -> list[bytes]:
        """Read one page of a file: its settings as JSON, then the file's bytes."""
        settings, data = json.loads(parts[0]), parts[1]
        name = settings.pop("file")
        try:
            found = self._read_page(data, **settings)
        except UsageError as error:  # settings that no file could be read with
            return [_failed(HTTPStatus.BAD_REQUEST, str(error), file=name)]
        except MnistryError as error:
            text = str(error).replace("the picture", name, 1)
            return [_failed(HTTPStatus.UNPROCESSABLE_ENTITY, text, file=name)]
        except MemoryError:
            text = f"{name} needs more memory than a worker may take. Make it smaller."
            return [_failed(HTTPStatus.UNPROCESSABLE_ENTITY, text, file=name)]
        return [_json(file=name, **found)]

    def _read_page(
        self, data: bytes, *, page: int, picture: bool, **settings: Any
    ) -> dict[str, Any]:
        from mnistry.scan.page.picture.load import load_pictures
        from mnistry.scan.read import TEN, read, to_pattern

        to_pattern(
            settings.get("pattern"),
            settings.get("allowed", TEN),
            single=settings.get("single", False),
        )
        pages = self._check(data)
        (loaded,) = load_pictures(data, page=page)
        reading = read(loaded, **settings)
        lines = tuple(replace(line, page=page) for line in reading.lines)
        reasons = tuple(replace(one, number=page) for one in reading.pages)
        found = Reading(lines, pages=reasons).to_dict() | {"page": page, "pages": pages}
        return found | {"picture": _shown(loaded)} if picture else found

    def _check(self, data: bytes) -> int:
        """Refuse a file by its header, before a pixel of it is decoded; count pages."""
        pixels, pages = _size_of(data)
        if pixels > self.limits.pixels:
            raise ShapeError(
                f"the picture has {pixels:,} pixels; expected at most"
                f" {self.limits.pixels:,}. Make it smaller first."
            )
        if pages > self.limits.pages:
            raise ShapeError(
                f"the picture has {pages} pages; expected at most {self.limits.pages}."
                " Send it in parts."
            )
        return pages


KINDS: dict[bytes, Callable[[_Jobs, list[bytes]], list[bytes]]] = {
    b"predict": _Jobs.predict,
    b"read": _Jobs.read,
}
"""The jobs, by the first part of a message."""

SHOWN_SIDE = 1600  # pixels, at most, of the picture of a page: digits stay legible
EXPECTED = 'expected {"images": [...]} with (n, 28, 28) whole numbers from 0 to 255'


def _to_images(body: Any, most: int) -> Images:
    if not isinstance(body, dict) or "images" not in body:
        raise ShapeError(f"the body has no images; {EXPECTED}.")
    try:
        array = np.asarray(body["images"])
    except ValueError as error:
        raise ShapeError(f"the images are not of one size; {EXPECTED}.") from error
    if array.ndim != 3 or array.shape[1:] != (SIDE, SIDE) or len(array) > most:
        raise ShapeError(
            f"the images have shape {array.shape}; {EXPECTED}, and at most {most:,}."
        )
    if array.dtype.kind not in "iu" or array.min() < 0 or array.max() > 255:
        raise ShapeError(f"the images have other values; {EXPECTED}.")
    return array.astype(np.uint8)


def _size_of(data: bytes) -> tuple[int, int]:
    """Return pixels and pages from the header; 0, 1 if reading will refuse it."""
    if b"%PDF-" in data[:1024]:
        import pypdfium2

        try:
            with pypdfium2.PdfDocument(data) as document:
                return 0, len(document)
        except pypdfium2.PdfiumError:
            return 0, 1

    try:
        with open_picture(data) as picture:
            is_paged = picture.format == "TIFF"
            pages = int(getattr(picture, "n_frames", 1)) if is_paged else 1
            return picture.width * picture.height, pages
    except Exception:  # noqa: BLE001 - decoders raise anything; reading says what it is
        return 0, 1


def _shown(loaded: "Loaded") -> dict[str, Any]:
    """Make a page a JPEG for people to look at, with the size that boxes refer to."""
    import cv2

    rows, columns = loaded.pixels.shape[:2]
    part = min(1.0, SHOWN_SIDE / max(rows, columns))
    size = max(1, round(columns * part)), max(1, round(rows * part))
    small = cv2.resize(loaded.pixels, size, interpolation=cv2.INTER_AREA)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 80]
    _, data = cv2.imencode(".jpg", small[:, :, ::-1], quality)
    return {
        "width": round(columns / loaded.scale),
        "height": round(rows / loaded.scale),
        "jpeg": b64encode(data.tobytes()).decode(),
    }


def _json(**members: Any) -> bytes:
    return json.dumps({"status": 200} | members, ensure_ascii=False).encode()


def _failed(status: HTTPStatus, detail: str, **members: Any) -> bytes:
    return json.dumps({"status": int(status), "error": detail} | members).encode()


def limits_of(limits: Limits) -> dict[str, Any]:
    """Convert limits to plain values, for `prepare` in another process."""
    return asdict(limits)
