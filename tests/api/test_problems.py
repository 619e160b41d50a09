"""Errors: one envelope for all of them, an id that leads to the log, and nothing of a defect's insides."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pyarrow as pa
import pytest

from footfall.api.app import assemble
from footfall.errors import Unavailable
from tests.api.client import Client
from tests.api.fakes import FakeNode, fake_node


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeNode]:
    with fake_node(tmp_path_factory.mktemp("problems")) as made:
        yield made


@pytest.fixture(scope="module")
def client(node: FakeNode) -> Iterator[Client]:
    with Client(assemble(node), node.token) as made:
        yield made


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nowhere", None, 404, "not-found"),
        ("GET", "/v1/keys/", None, 404, "not-found"),
        ("PUT", "/v1/keys", None, 405, "method-not-allowed"),
        ("GET", "/v1/keys?project=nowhere", None, 404, "not-found"),
        ("GET", "/v1/rejected?limit=0", None, 422, "invalid"),
        ("GET", "/v1/rejected?limit=x", None, 422, "invalid"),
        ("GET", "/v1/rejected?cursor=nonsense", None, 400, "bad-request"),
        ("GET", "/v1/rejected?cursor=WzEwMDAwMDAwMDAwMDAwMDAwMDAwMDAsImEiXQ", None, 400, "bad-request"),
        ("GET", "/v1/rejected?cursor=%F0%9F%98%80", None, 400, "bad-request"),
        ("GET", "/v1/rejected", None, 503, "unavailable"),
        ("POST", "/v1/sql", b"", 422, "invalid"),
        ("POST", "/v1/sql", b"{", 422, "invalid"),
        ("POST", "/v1/sql", b'{"sql": 5}', 422, "invalid"),
        ("POST", "/v1/sql", b"[" * 100_000, 400, "bad-request"),
        ("POST", "/v1/sql", b" " * 2_000_000, 413, "too-large"),
        ("POST", "/v1/projects", b'{"id": "default"}', 409, "conflict"),
        ("POST", "/v1/projects", b'{"id": "Not Good"}', 422, "invalid"),
        ("DELETE", "/v1/keys/none", None, 404, "not-found"),
    ],
)
def test_every_error_is_problem_details(
    client: Client, *, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    """Status, code, title, detail and instance, in the media type of RFC 9457, whatever went wrong."""
    answer = client.ask(method, path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"urn:footfall:problem:{code}"
    assert problem["instance"] == path.partition("?")[0]
    assert problem["title"]
    assert problem["detail"]


def test_invalid_values_are_named(client: Client) -> None:
    """A validation problem lists where each fault is and what is wrong with it."""
    problem = client.get("/v1/rejected", limit=5000, after=-1).json()
    assert {fault["where"] for fault in problem["errors"]} == {"query.limit", "query.after"}
    assert "query.limit" in problem["detail"]


def test_retry_after_is_a_whole_number_of_seconds(node: FakeNode, client: Client) -> None:
    """What says when to come back says so in the header, rounded up."""

    def refuse() -> pa.Table:
        raise Unavailable("later", retry_after=0.2)

    node.answer = refuse
    assert client.post("/v1/sql", {"sql": "SELECT 1"}).headers["Retry-After"] == "1"
    assert client.get("/v1/rejected").headers["Retry-After"] == "3"


def test_a_defect_shows_nothing_of_itself_but_its_id(
    node: FakeNode, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """An unforeseen error answers 500 without its text; the log has it, under the id that the answer carries."""

    def fail() -> pa.Table:
        raise RuntimeError("secret path /var/lib/footfall")

    node.answer = fail
    with caplog.at_level(logging.ERROR):
        answer = client.post("/v1/sql", {"sql": "SELECT 1"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert answer.headers["X-Request-Id"]
    assert "secret path" in caplog.text


def test_the_request_id_goes_in_and_out(client: Client) -> None:
    """A client's id comes back as it is; one that could forge a header or a log line is replaced."""
    given = client.ask("GET", "/health", headers={"X-Request-Id": "abc-1.2_3"})
    assert given.headers["X-Request-Id"] == "abc-1.2_3"
    for bad in ("a b", "x" * 65, "ü", "a\tb"):
        answer = client.ask("GET", "/health", headers={"X-Request-Id": bad.encode()})
        assert answer.headers["X-Request-Id"] != bad
        assert len(answer.headers["X-Request-Id"]) == 32


def test_every_answer_carries_the_security_headers(client: Client) -> None:
    """Good answers and errors alike forbid sniffing, framing, referrers and storing."""
    for path in ("/health", "/nowhere", "/v1/keys", "/v1/rejected?limit=x"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Cache-Control"] == "no-store"


def test_the_door_is_reached_without_any_route(node: FakeNode) -> None:
    """Whatever the method, `/v1/events` goes to the door as it is."""
    with Client(assemble(node)) as client:
        assert client.ask("POST", "/v1/events", content=b"{").json() == {"door": True}
        assert client.ask("OPTIONS", "/v1/events").status_code == 202
