"""The service as its users see it: answers, errors, limits, and what overload does."""

import io
import json
import os
import re
import signal
import socket
import threading
import time
from base64 import b64decode
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from PIL import Image

import mnistry
from mnistry.box import Box
from mnistry.scan.reasons import REASONS
from mnistry.scan.results import ReadDigit, ReadLine, ReadSign
from mnistry.synth.drawn import draw
from mnistry.web.service import openapi
from mnistry.web.service.app import Settings
from mnistry.web.service.limits import Limits
from mnistry.workers import Worker, WorkerLostError
from tests.web.conftest import Service, service

Make = Callable[[str], bytes]
IMAGES = draw(5)[0]


def schema(name: str) -> Draft202012Validator:
    document = openapi.document(Limits())
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    )


def expect_problem(answer: httpx.Response, status: int, *words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    schema("Problem").validate(answer.json())
    for word in words:
        assert word in answer.json()["detail"]


def ask(served: Service, method: str, path: str, **more: Any) -> httpx.Response:
    with served.client() as client:
        return client.request(method, path, **more)


def test_the_openapi_document_is_one(served: Service) -> None:
    validate(ask(served, "GET", "/openapi.json").json())


def test_the_document_names_all_that_a_line_has_and_each_reason() -> None:
    sign = ReadSign("-", Box(0, 0, 1, 1))
    digit = ReadDigit(5, 0.9, Box(0, 0, 1, 1))
    line = ReadLine("5", 0.9, (digit,), digit.box, signs=(sign,), turned=90)
    for name, part in (("Line", line.to_dict()), ("Sign", sign.to_dict())):
        properties = openapi.SCHEMAS[name]["properties"]
        assert set(properties) == set(part)
        schema(name).validate(part)
    named = set(re.findall(r"[a-z]+(?:-[a-z]+)*", openapi.REASON["description"]))
    assert set(REASONS) - {"broken"} <= named


def test_predictions_are_those_of_the_library(served: Service) -> None:
    answer = ask(served, "POST", "/v1/predict", json={"images": IMAGES.tolist()}).json()
    schema("Predictions").validate(answer)
    expected = mnistry.load_model().predict(IMAGES)
    assert answer["labels"] == expected.labels.tolist()
    assert answer["rejected"] == expected.rejected.tolist()
    assert np.allclose(answer["probabilities"], expected.probabilities, atol=1e-5)


def test_no_image_is_an_empty_answer(served: Service) -> None:
    answer = ask(served, "POST", "/v1/predict", json={"images": []})
    expect_problem(answer, 422, "(n, 28, 28)")


def test_a_picture_as_the_body_is_predicted(served: Service, picture: Make) -> None:
    answer = ask(served, "POST", "/v1/predict", content=picture("7")).json()
    schema("Predictions").validate(answer)
    assert answer["labels"] == [7]


def test_files_are_read_as_the_library_reads_them(
    served: Service, picture: Make
) -> None:
    good = picture("2468")
    files = [("files", ("a.png", good)), ("files", ("b.png", b"Dear"))]
    answer = ask(served, "POST", "/v1/read", files=files).json()
    schema("Readings").validate(answer)
    read, broken = answer["results"]
    assert read == {"file": "a.png"} | mnistry.read(good).to_dict()
    assert broken["file"] == "b.png"
    assert broken["error"].startswith("b.png is not in a format")


def test_settings_of_reading_go_into_the_query(served: Service, picture: Make) -> None:
    asked = {"pattern": "[0-9]{2}-[0-9]{2}"}
    answer = ask(served, "POST", "/v1/read", content=picture("2468"), params=asked)
    assert answer.json()["results"][0]["text"] == "24-68"
    for params, words in (
        ({"pattern": "[0-9"}, "pattern"),
        ({"single": "perhaps"}, "true or false"),
        ({"colour": "red"}, "there are pattern, allowed, single, picture"),
        ({"picture": "true"}, "application/x-ndjson"),
    ):
        refused = ask(served, "POST", "/v1/read", content=b"x", params=params)
        expect_problem(refused, 400, words)


def test_each_field_of_a_form_is_a_setting_or_refused(
    served: Service, picture: Make
) -> None:
    files = [("files", ("a.png", picture("2468")))]
    asked = {"pattern": "[0-9]{2}-[0-9]{2}"}
    for by_pages in (False, True):
        more: dict[str, Any] = {"files": files}
        if by_pages:
            more["headers"] = {"Accept": "application/x-ndjson"}
        answer = ask(served, "POST", "/v1/read", data=asked, **more)
        assert '"text": "24-68"' in json.dumps(json.loads(answer.text))
        for name in openapi.READ_SETTINGS:  # each of the document is taken
            answer = ask(served, "POST", "/v1/read", data={name: "?"}, **more)
            assert "there is no setting" not in answer.text
        for data, word in (({"bogus": "1"}, "bogus"), ({"single": "perhaps"}, "true")):
            answer = ask(served, "POST", "/v1/read", data=data, **more)
            expect_problem(answer, 400, word)
        answer = ask(served, "POST", "/v1/read", data=asked, params=asked, **more)
        expect_problem(answer, 400, "twice")
    bad = ask(served, "POST", "/v1/read", data={"pattern": "[0-9"}, files=files)
    expect_problem(bad, 400, "pattern")
    other = [*files, ("picture", ("b.png", b"x"))]
    expect_problem(ask(served, "POST", "/v1/read", files=other), 400, "'picture'")


@pytest.mark.parametrize("path", ["/v1/predict", "/v2/models/digits/infer"])
def test_a_query_where_there_is_none_is_refused(served: Service, path: str) -> None:
    answer = ask(served, "POST", path, content=b"{}", params={"single": "1"})
    expect_problem(answer, 400, "'single'")


def pages_of(served: Service, file: bytes, **params: str) -> list[dict[str, Any]]:
    headers = {"Accept": "application/x-ndjson"}
    answer = ask(
        served, "POST", "/v1/read", content=file, params=params, headers=headers
    )
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def pdf_of(*pictures: bytes) -> bytes:
    file = io.BytesIO()
    first, *others = (Image.open(io.BytesIO(one)).convert("RGB") for one in pictures)
    first.save(file, "PDF", save_all=True, append_images=others, resolution=200)
    return file.getvalue()


def test_pages_come_one_by_one_with_pictures(served: Service, picture: Make) -> None:
    file = pdf_of(*map(picture, ("2468", "1357", "70")))
    pages = pages_of(served, file, picture="true")
    assert [(page["page"], page["pages"]) for page in pages] == [(1, 3), (2, 3), (3, 3)]
    whole = mnistry.read(file).to_dict()
    assert [line for page in pages for line in page["lines"]] == whole["lines"]
    for page in pages:
        schema("PageReading").validate(page)
        shown = Image.open(io.BytesIO(b64decode(page["picture"]["jpeg"])))
        [line] = page["lines"]
        assert line["page"] == page["page"]
        assert line["box"][2] <= page["picture"]["width"]
        assert shown.width <= 1600
    answer = ask(served, "POST", "/v1/read", content=file).json()
    found = answer["results"][0]
    assert found == {"file": "body"} | whole | {"confidence": found["confidence"]}
    assert found["confidence"] == pytest.approx(whole["confidence"], abs=1e-4)


def test_a_page_that_is_none_is_one_line(served: Service) -> None:
    [page] = pages_of(served, b"Dear")
    schema("Unread").validate(page)
    assert "is not in a format" in page["error"]


def test_the_inference_protocol(served: Service) -> None:
    assert ask(served, "GET", "/v2").json()["name"] == "mnistry"
    assert ask(served, "GET", "/v2/health/live").json() == {"live": True}
    assert ask(served, "GET", "/v2/health/ready").json() == {"ready": True}
    assert ask(served, "GET", "/v2/models/digits/ready").json() == {"ready": True}
    (given_input,) = ask(served, "GET", "/v2/models/digits").json()["inputs"]
    asked = {
        "id": "42",
        "inputs": [
            {**given_input, "shape": [5, 28, 28], "data": IMAGES.ravel().tolist()}
        ],
        "outputs": [{"name": "labels"}],
    }
    answer = ask(served, "POST", "/v2/models/digits/infer", json=asked).json()
    schema("InferAnswer").validate(answer)
    assert answer["id"] == "42"
    (labels,) = answer["outputs"]
    assert labels["data"] == mnistry.load_model().predict(IMAGES).labels.tolist()
    expect_problem(ask(served, "GET", "/v2/models/cats"), 404, "digits")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"images": 7}',
        b'{"images": [[1, 2], [3]]}',
        b'{"images": [[["a"]]]}',
        json.dumps({"images": np.full((1, 28, 28), 256).tolist()}).encode(),
        json.dumps({"images": np.full((1, 28, 28), 0.5).tolist()}).encode(),
        b'{"images": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=range(9),
)
def test_bodies_that_are_no_images_are_refused_with_a_reason(
    served: Service, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    for path in ("/v1/predict", "/v2/models/digits/infer"):
        answer = ask(served, "POST", path, content=body, headers=headers)
        expect_problem(answer, answer.status_code)
        assert answer.status_code in {400, 422}


def test_wrong_paths_and_methods_are_problems_too(served: Service) -> None:
    expect_problem(ask(served, "GET", "/nowhere"), 404, "/openapi.json")
    expect_problem(ask(served, "GET", "/v1/read"), 405, "expected POST")


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.binary(max_size=400), st.sampled_from(["multipart/form-data; boundary=x"]))
def test_no_body_is_a_500(served: Service, body: bytes, kind: str) -> None:
    for content in (body, b"--x\r\n" + body, b"--x\r\nContent-Disposition: " + body):
        headers = {"Content-Type": kind}
        answer = ask(served, "POST", "/v1/read", content=content, headers=headers)
        assert answer.status_code < 500, answer.text


def test_too_large_bodies_and_too_many_files_are_refused(picture: Make) -> None:
    limits = Limits(body_bytes=100_000, files=2, pixels=500)
    with service(Settings(workers=1, limits=limits)) as small:
        expect_problem(
            ask(small, "POST", "/v1/read", content=bytes(100_001)), 413, "100,000"
        )
        chunks = (bytes(1000) for _ in range(200))
        expect_problem(ask(small, "POST", "/v1/read", content=chunks), 413)
        files = [("files", (f"{n}.png", b"x")) for n in range(3)]
        expect_problem(ask(small, "POST", "/v1/read", files=files), 413, "files")
        answer = ask(small, "POST", "/v1/read", content=picture("7")).json()
        assert "expected at most 500" in answer["results"][0]["error"]


def test_slow_clients_are_not_waited_for(served: Service) -> None:
    limits = Limits(body_seconds=0.2, header_seconds=0.2)
    with service(Settings(workers=1, limits=limits)) as hasty:
        host, port = hasty.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 10) as silent:
            assert silent.recv(1) == b""
        with socket.create_connection((host, int(port)), 10) as slow:
            head = b"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"
            slow.sendall(head)
            assert slow.recv(1000).startswith(b"HTTP/1.1 408")


def test_a_second_head_that_is_slow_or_large_ends_the_connection() -> None:
    limits = Limits(header_seconds=0.2, header_bytes=1000)
    head = b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\n"
    with service(Settings(workers=1, limits=limits)) as hasty:
        host, port = hasty.address.removeprefix("http://").split(":")
        for more in (b"A: b\r\n", b"A: " + b"b" * 1000):
            with socket.create_connection((host, int(port)), 10) as slow:
                slow.sendall(head + b"\r\n")
                answer = b""
                while not answer.endswith(b'{"live":true}'):
                    answer += slow.recv(1000)
                slow.sendall(head + more)
                with suppress(ConnectionResetError):
                    assert slow.recv(1000) == b""


def test_clients_that_send_slowly_keep_nobody_else_out() -> None:
    head = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"
    with (
        service(Settings(workers=1, limits=Limits(queue=1))) as running,
        ExitStack() as slow,
    ):
        host, port = running.address.removeprefix("http://").split(":")
        for _ in range(20):
            one = socket.create_connection((host, int(port)), 10)
            slow.enter_context(one).sendall(head)
        answer = ask(running, "POST", "/v1/predict", json={"images": IMAGES.tolist()})
        assert answer.status_code == 200


def test_bodies_take_no_more_memory_than_they_may(picture: Make) -> None:
    one = picture("7")
    limits = Limits(held_bytes=len(one) - 1)
    with service(Settings(workers=1, limits=limits)) as small:
        answer = ask(small, "POST", "/v1/read", content=one)
        expect_problem(answer, 429, "bytes of requests are under way")
        answer = ask(small, "POST", "/v1/read", content=b"Dear")
        assert answer.status_code == 200  # what was refused counts no more


def test_a_worker_that_is_late_is_replaced(picture: Make) -> None:
    with service(Settings(workers=1, limits=Limits(job_seconds=0.005))) as hasty:
        answer = ask(hasty, "POST", "/v1/read", content=picture("2468")).json()
        assert answer["results"][0]["status"] == 504
        assert ask(hasty, "GET", "/v2/health/live").status_code == 200
        wait_until(lambda: hasty.pool.is_ready)
        assert hasty.pool.restarts == 1


def test_a_worker_that_dies_while_it_starts_is_started_again_without_a_request(
    picture: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks only those that are ready would never send the next one."""
    start, failures = Worker.start, [WorkerLostError("once"), WorkerLostError("again")]

    def start_late(worker: Worker) -> None:
        if failures:
            worker.close()
            raise failures.pop()
        start(worker)

    with service(Settings(workers=1)) as running:
        monkeypatch.setattr(Worker, "start", start_late)
        ask(running, "POST", "/v1/read", content=picture("2468"))
        wait_until(lambda: not failures and running.pool.is_ready)


def test_a_worker_that_is_killed_is_replaced(picture: Make) -> None:
    one = picture("2468")
    with service(Settings(workers=1)) as running:
        for _ in range(3):
            while not (pids := running.pool.pids):  # it may be noticed only now
                time.sleep(0.01)
            os.kill(pids[0], signal.SIGKILL)
            answer = ask(running, "POST", "/v1/read", content=one)
            result = answer.json()["results"][0]
            assert result.get("status", 200) in {200, 503}
            wait_until(lambda: running.pool.is_ready)
        assert ask(running, "POST", "/v1/read", content=one).json()["results"][0][
            "text"
        ]


def test_the_queue_has_an_end_and_says_when_to_try_again(picture: Make) -> None:
    one, statuses, waits = picture("2468"), [], []
    with service(Settings(workers=1, limits=Limits(queue=1))) as busy:

        def hammer() -> None:
            with busy.client() as client:
                for _ in range(5):
                    answer = client.post("/v1/read", content=one)
                    statuses.append(answer.status_code)
                    if answer.status_code == 429:
                        waits.append(int(answer.headers["Retry-After"]))
                        expect_problem(answer, 429, "Try again")

        threads = [threading.Thread(target=hammer) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(statuses) == {200, 429}
        assert min(waits) >= 1
        assert busy.pool.in_flight == 0


def test_who_may_ask(picture: Make) -> None:
    settings = Settings(
        workers=1,
        token="right",  # noqa: S106 - of this test
        hosts=("127.0.0.1",),
        origins=("https://good.example",),
    )
    with service(settings) as guarded:
        path = "/v2/models/digits"
        expect_problem(ask(guarded, "GET", path), 401, "Bearer")
        wrong = {"Authorization": "Bearer wrong"}
        expect_problem(ask(guarded, "GET", path, headers=wrong), 401)
        right = {"Authorization": "Bearer right"}
        assert ask(guarded, "GET", path, headers=right).status_code == 200
        assert ask(guarded, "GET", "/v2/health/live").status_code == 200
        elsewhere = right | {"Host": "evil.example"}
        expect_problem(ask(guarded, "GET", path, headers=elsewhere), 421)
        page = right | {"Origin": "https://evil.example"}
        expect_problem(ask(guarded, "GET", path, headers=page), 403, "--origin")
        page = right | {"Origin": "https://good.example"}
        answer = ask(guarded, "GET", path, headers=page)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://good.example"
        preflight = ask(guarded, "OPTIONS", path, headers={"Origin": page["Origin"]})
        assert preflight.status_code == 204
        own = right | {"Origin": guarded.address}
        assert ask(guarded, "GET", path, headers=own).status_code == 200


@pytest.mark.parametrize("passes_host_on", [True, False])
def test_behind_a_proxy_its_page_may_ask_and_others_may_not(
    passes_host_on: bool, picture: Make
) -> None:
    named = Settings(workers=1, hosts=("127.0.0.1",), names=("digits.example.com",))
    host = {"Host": "digits.example.com"} if passes_host_on else {}
    seen = host | {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    files = [("files", ("a.png", picture("2468")))]
    with service(named) as behind:
        own = seen | {"Origin": "https://digits.example.com"}
        for headers in (own, seen):
            answer = ask(behind, "POST", "/v1/read", files=files, headers=headers)
            assert answer.json()["results"][0]["text"] == "2468"
        for origin in ("https://evil.example", "https://digits.example.com:81"):
            headers = seen | {"Origin": origin}
            answer = ask(behind, "POST", "/v1/read", files=files, headers=headers)
            expect_problem(answer, 403, "--name", "--origin")
        elsewhere = ask(behind, "GET", "/v2", headers={"Host": "evil.example"})
        expect_problem(elsewhere, 421, "--name")


def test_answers_are_safe_in_a_browser_and_name_no_server(served: Service) -> None:
    headers = ask(served, "GET", "/v2").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "server" not in headers
    assert "access-control-allow-origin" not in headers


def test_metrics_count_requests_by_route(served: Service) -> None:
    ask(served, "GET", "/v2/models/digits")
    text = ask(served, "GET", "/metrics").text
    assert 'path="/v2/models/{name}"' in text
    assert "mnistry_workers 1.0" in text


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not is_so() and time.monotonic() < until:
        time.sleep(0.02)
    assert is_so()
