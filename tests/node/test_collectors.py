"""`serve --collectors 2` answers every request as `serve` does: the door's, the API's, streams and imports."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from footfall.cli.live import live_feed
from footfall.errors import Unavailable
from footfall.node import collectors
from footfall.node.node import Node
from footfall.settings import Settings
from tests.crash.server import FOOTFALL, Server, serving, surroundings, until

NOW = "2026-01-02T03:04:05Z"
EVENT = {"event_id": "e1", "name": "view", "visitor_id": "v1", "product_id": "p1", "timestamp": NOW}
VARYING = {"date", "content-length", "connection"}
"""Headers that are the time's, or the HTTP server's own: it closes a connection whose body it did not get to read."""
LIMITS = {"FOOTFALL_MAX_BODY_BYTES": "100 kB", "FOOTFALL_MAX_INFLATED_BYTES": "200 kB"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two collectors."""
    with serving(tmp_path_factory.mktemp("apart") / "data", FOOTFALL_COLLECTORS="2", **LIMITS) as running:
        yield running


class Asked(NamedTuple):
    """A request; `may` says who asks."""

    method: str
    path: str
    content: bytes = b""
    may: str = ""
    headers: Mapping[str, str] = {}


def events(*sent: object) -> bytes:
    """A body."""
    return json.dumps(sent).encode()


ASKED = {
    "a good event": Asked("POST", "/v1/events", events(EVENT), "write"),
    "a bad one among good ones": Asked("POST", "/v1/events", events(EVENT, {"name": ""}, 7), "write"),
    "nothing": Asked("POST", "/v1/events", b"[]", "write"),
    "a compressed body": Asked(
        "POST", "/v1/events", gzip.compress(events(EVENT), mtime=0), "write", {"content-encoding": "gzip"}
    ),
    "lines": Asked("POST", "/v1/events", events(EVENT)[1:-1], "write", {"content-type": "application/x-ndjson"}),
    "no JSON": Asked("POST", "/v1/events", b"{", "write"),
    "no key": Asked("POST", "/v1/events", b"[]"),
    "a wrong key": Asked("POST", "/v1/events", b"[]", headers={"x-write-key": "ffs_wrong"}),
    "a server key in a page": Asked("POST", "/v1/events", b"[]", "write", {"origin": "https://shop.example"}),
    "too much": Asked("POST", "/v1/events", b" " * 200_000, "write"),
    "a bomb": Asked(
        "POST", "/v1/events", gzip.compress(b" " * 1_000_000, mtime=0), "write", {"content-encoding": "gzip"}
    ),
    "no JSON's type": Asked("POST", "/v1/events", b"[]", "write", {"content-type": "text/xml"}),
    "a preflight": Asked("OPTIONS", "/v1/events", headers={"origin": "https://shop.example"}),
    "the wrong method at the door": Asked("GET", "/v1/events"),
    "its own id": Asked("POST", "/v1/events", b"[]", "write", {"x-request-id": "mine-1"}),
    "life": Asked("GET", "/health"),
    "its own id at a route": Asked("GET", "/health", headers={"x-request-id": "mine-2"}),
    "the wrong method": Asked("POST", "/health"),
    "a head": Asked("HEAD", "/health"),
    "nothing there": Asked("GET", "/a%20b/%C3%BC?x=%20"),
    "no token": Asked("GET", "/v1/sessions"),
    "the document": Asked("GET", "/openapi.json"),
    "a page": Asked("GET", "/docs"),
    "sessions": Asked("GET", "/v1/sessions?after=1&limit=5", may="read"),
    "a wrong parameter": Asked("GET", "/v1/sessions?limit=0", may="read"),
    "a question": Asked("POST", "/v1/sql", b'{"sql": "SELECT count(*) AS n FROM events"}', "read"),
    "a question that is too long": Asked("POST", "/v1/sql", b" " * 3_000_000, "read"),
}


def said(server: Server, asked: Asked) -> dict[str, Any]:
    """The answer, without what differs from time to time and from start to start."""
    token = (server.folder / "admin-token").read_text().strip()
    secret = {"write": server.write_key, "read": token}.get(asked.may)
    headers = {**asked.headers, **({"authorization": f"Bearer {secret}"} if secret else {})}
    with httpx.Client(timeout=60) as client:
        answer = client.request(asked.method, server.address + asked.path, content=asked.content, headers=headers)
    told = {name: value for name, value in answer.headers.items() if name not in VARYING}
    if "x-request-id" not in asked.headers:
        assert re.fullmatch("[0-9a-f]{32}", told.pop("x-request-id"))
    body = re.sub(r'"seconds":[\d.e-]+', "", answer.text)
    return {"status": answer.status_code, "headers": told, "body": body}


def test_every_answer_is_the_same(server: Server, tmp_path: Path) -> None:
    """Status, headers and body of every kind of request are those of a server whose door is in its own process."""
    answers = {name: said(server, asked) for name, asked in ASKED.items()}
    with serving(tmp_path / "data", **LIMITS) as alone:
        assert {name: said(alone, asked) for name, asked in ASKED.items()} == answers
    assert {200, 202, 204, 400, 401, 403, 404, 405, 413, 415, 422} <= {answer["status"] for answer in answers.values()}
    assert answers["a bad one among good ones"]["body"].count('"reason"') == 2


def test_a_collector_that_does_not_start_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server does not come up without it: the error names it, and nothing is left behind."""
    monkeypatch.setattr(collectors, "_PROGRAM", "footfall.no_such_program")
    node = Node.open(tmp_path / "data", Settings(collectors=2))

    async def enter() -> None:
        async with node.collectors("127.0.0.1", 0, node.door):
            raise AssertionError("it has come up")

    try:
        with pytest.raises(Unavailable, match="collector 1 has ended: exit code 1; the log says why"):
            asyncio.run(enter())
        assert not (node.folder / "collectors.sock").exists()
    finally:
        node.close()


def test_figures_of_the_door_are_summed(server: Server) -> None:
    """`/metrics` counts what all doors have done: as soon as it is told, and never less than before."""
    before = figures(server)
    for _ in range(8):  # on connections of their own, which the collectors share
        said(server, ASKED["a good event"])
        said(server, ASKED["no key"])
    counted = {"accepted_total", 'answers_total{status="401"}'}  # each collector tells them of its own accord
    until(lambda: all(figures(server)[name] == before[name] + 8 for name in counted), 15)


def figures(server: Server) -> dict[str, float]:
    """What `/metrics` says of the door; nothing has a figure before it happened."""
    text = said(server, Asked("GET", "/metrics", may="read"))["body"]
    found = {name: float(value) for name, value in re.findall(r"^footfall_door_(\S+) (\S+)$", text, re.MULTILINE)}
    return {'answers_total{status="401"}': 0.0} | found


def test_a_live_feed_is_told_at_once(server: Server) -> None:
    """Server-sent events come one by one while the answer goes on, and end when the client has gone."""
    feed = live_feed(server.folder, events=["class"])
    heard: list[str] = []
    listener = threading.Thread(target=lambda: heard.extend(told.data["session_id"] for told in feed), daemon=True)
    listener.start()
    try:
        until(lambda: feed._headers.get("last-event-id"), 10)
        for number in range(3):
            with httpx.Client() as client:
                server.send([{"name": "view", "session_id": f"live-{number}"}], client=client)
            until(lambda number=number: f"s:live-{number}" in heard, 10)  # type: ignore[misc]
    finally:
        feed.close()
        listener.join(10)
    assert not listener.is_alive()


def test_an_import_passes_through(server: Server, tmp_path: Path) -> None:
    """A file of several chunks is in exactly once, with exact counts."""
    rows = 30_000
    log = tmp_path / "log.csv"
    log.write_text("id,time,event,visitor_id\n" + "".join(f"row-{n},{NOW},view,w{n % 97}\n" for n in range(rows)))
    command = [*FOOTFALL, "import", str(log), "--data", str(server.folder), "--format", "json"]
    done = subprocess.run(command, env=surroundings(server.environment), capture_output=True, timeout=60, check=True)
    [told] = json.loads(done.stdout)
    assert (told["stored"], told["duplicate"], told["rejected"]) == (rows, 0, 0)
    assert server.sql("SELECT count(*) AS n FROM events WHERE event_id LIKE 'row-%'") == [[rows]]


def test_consent_is_honoured_there(server: Server) -> None:
    """What a person agrees to reaches every collector: none takes an event of who withdrew any more."""
    path = f"{server.address}/v1/people/u:gone/consent"
    in_turn = 0
    with httpx.Client(timeout=60, limits=httpx.Limits(max_keepalive_connections=0)) as client:
        assert client.put(path, json={"mode": "none"}, headers=server.token).status_code == 200

        def is_refused() -> bool:
            """Whether the last twenty were, each by a connection of its own: so both collectors were met."""
            nonlocal in_turn
            told = server.send([{"name": "view", "user_id": "gone"}], client=client).json()
            in_turn = in_turn + 1 if [one["reason"] for one in told["errors"]] == ["no-consent"] else 0
            return in_turn == 20

        until(is_refused, 60)


def test_collectors_read_events_by_kinds_that_are_changed(server: Server) -> None:
    """The door of a collector knows within moments that a name is a purchase now: its money is price times quantity."""
    sold = {"name": "till_receipt", "visitor_id": "till", "price": "2.50", "quantity": 4, "timestamp": NOW}

    def revenue() -> object:
        sent = said(server, Asked("POST", "/v1/events", events(sold), "write"))
        offset = json.loads(sent["body"])["offset"]
        (session,) = server.get("/v1/sessions", owner="v:till", after=offset)["items"]
        return session["total_amount"]

    assert revenue() is None
    with httpx.Client(headers=server.token, timeout=60) as client:
        number = client.get(f"{server.address}/v1/classes/rules").json()["number"]
        change = {"number": number, "kinds": {"till_receipt": "purchase"}}
        assert client.patch(f"{server.address}/v1/classes/rules", json=change).status_code == 200
    until(lambda: revenue() not in {None, "0.00"}, 60)
