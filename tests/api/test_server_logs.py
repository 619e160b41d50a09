"""The log of a real server: a request can be followed to the lake by its id, and nobody can be found in it."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.crash.server import Server, serving, until

CANARY = "canary"
GREETING = ("Footfall is at ", "Shown this once", "Send a first event", "  ")


@contextmanager
def logged(folder: Path, form: str, level: str = "debug", collectors: str = "0") -> Iterator[Server]:
    """A server with the log that the test is about."""
    with serving(folder, FOOTFALL_LOG_LEVEL=level, FOOTFALL_LOG_FORMAT=form, FOOTFALL_COLLECTORS=collectors) as server:
        yield server


def records(server: Server) -> list[dict[str, Any]]:
    """The lines of a log in JSON; whatever else was written must be the greeting."""
    lines = server.log().splitlines()
    assert not [line for line in lines if line and not line.startswith(("{", *GREETING))]
    return [json.loads(line) for line in lines if line.startswith("{")]


@pytest.mark.parametrize("collectors", ["0", "2"])
def test_a_request_can_be_followed_to_the_lake(collectors: str, tmp_path: Path) -> None:
    """Whatever else goes on, its id finds the answer with the offset, the journal's commit and the lake's with it."""
    sent = [f"order-{number}" for number in range(200)]

    with logged(tmp_path / "data", "json", collectors=collectors) as server, httpx.Client() as client:
        headers = {"authorization": f"Bearer {server.write_key}"}

        def send(name: str) -> tuple[str, int]:
            body = {"name": "view", "visitor_id": "v"}
            answer = client.post(
                f"{server.address}/v1/events", json=body, headers=headers | {"x-request-id": name}, timeout=30
            )
            assert answer.headers["x-request-id"] == name
            return name, answer.json()["offset"]

        with ThreadPoolExecutor(16) as pool:
            offsets = dict(pool.map(send, sent))
        last = max(offsets.values())
        until(lambda: re.search(rf'"journal may forget", "offsets": "\d+-{last}"', server.log()), 20)
    lines = records(server)
    for name in sent:
        mine = [line for line in lines if name == line.get("request_id") or name in line.get("request_ids", ())]
        by_message = {line["message"]: line for line in mine}
        assert len(mine) == len(by_message)
        assert by_message["answered"]["offset"] == by_message["journalled"]["offset"] == offsets[name]
        first, to = map(int, by_message["lake commit"]["offsets"].split("-"))
        assert first <= offsets[name] <= to


def plant(server: Server) -> None:
    """Requests of every kind that hold the canary wherever a client can put it."""
    key, address = server.write_key, server.address
    token = (server.folder / "admin-token").read_text().strip()
    private = {"user-agent": CANARY, "referer": f"https://{CANARY}.example", "cookie": f"id={CANARY}"}
    private |= {"x-forwarded-for": CANARY, "x-request-id": f"{CANARY}@shop.example"}
    texts = ("visitor_id", "user_id", "session_id", "order_id", "page_path", "page_title", "referrer", "product_id")
    event: dict[str, Any] = {"name": "purchase", **dict.fromkeys(texts, CANARY), "properties": {CANARY: CANARY}}
    with httpx.Client(base_url=address, headers=private, timeout=60) as client:

        def events(content: str | bytes, query: str = "", **headers: str) -> None:
            client.post(f"/v1/events?mail={CANARY}{query}", content=content, headers=headers)

        writer, reader = {"authorization": f"Bearer {key}"}, {"authorization": f"Bearer {token}"}
        events(json.dumps([event, event | {"price": CANARY}, event | {"timestamp": CANARY}, CANARY]), **writer)
        events(json.dumps(event | {"name": CANARY * 99}), f"&key={key}")
        events(f'{{"{CANARY}": ', **writer)
        events(f"\xff{CANARY}".encode("latin-1"), **writer)
        events(json.dumps({"events": [event], "write_key": CANARY}))
        events("[]", authorization=f"Bearer {CANARY}")
        events("[]", authorization=f"Basic {CANARY}")
        for name in ("content-type", "content-encoding", "origin"):
            events("[]", **writer, **{name: CANARY})
        client.request(CANARY.upper(), "/v1/events")
        for path in (f"/{CANARY}", f"/v1/sessions/{CANARY}", f"/v1/sessions?cursor={CANARY}&limit={CANARY}"):
            client.get(path, headers=reader)
            client.request(CANARY.upper(), path, headers={"authorization": f"Bearer {CANARY}"})
        for query in (f"SELECT {CANARY}", f"SELECT CAST('{CANARY}' AS INT)", f"DROP TABLE {CANARY}", "SELECT 1"):
            client.post("/v1/sql", json={"sql": query}, headers=reader)
        client.post("/v1/sql", content=CANARY, headers=reader)
        client.put(f"/v1/imports/{CANARY}", json={"label": CANARY}, headers=reader)
        client.put(f"/v1/imports/{CANARY}/chunks/0", content=CANARY, headers=reader)
        client.delete(f"/v1/keys/{CANARY}", headers=reader)
    port = httpx.URL(address).port
    for head in (
        f"{CANARY}\r\n\r\n",
        f"POST /v1/events HTTP/1.1\r\nhost: {CANARY}\r\ncontent-length: {CANARY}\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(head.encode())
            connection.recv(4096)


@pytest.mark.parametrize(("form", "collectors"), [("console", "0"), ("json", "0"), ("console", "1")])
def test_nobody_can_be_found_in_the_log(form: str, collectors: str, tmp_path: Path) -> None:
    """At debug no line holds anything that a client wrote, nor its address, nor a key or token."""
    with logged(tmp_path / "data", form, collectors=collectors) as server:
        plant(server)
        server.rebuilt()
        secrets = [server.write_key, (server.folder / "admin-token").read_text().strip()]
        until(lambda: "lake commit" in server.log() and "checkpoint" in server.log(), 20)
    lines = [line for line in server.log().splitlines() if not line.startswith(GREETING)]
    assert len([line for line in lines if "answered" in line]) > 25
    for private in (CANARY, "127.0.0.1", "SELECT", *secrets):
        assert [line for line in lines if private.lower() in line.lower()] == []


def test_at_info_the_door_is_quiet(tmp_path: Path) -> None:
    """However many events come in, no line is written for them; a refused request has one."""
    with logged(tmp_path / "data", "json", "info") as server, httpx.Client(timeout=30) as client:
        for _ in range(50):
            assert server.send([{"name": "view", "visitor_id": "v"}], client=client).status_code == 202
        assert client.post(f"{server.address}/v1/events", json=[]).status_code == 401
    told = [line for line in records(server) if line.get("route") == "/v1/events" or "offset" in line]
    assert [(line["status"], line["code"]) for line in told] == [(401, "unauthenticated")]
