"""Consent on a real node: stated by an event or by the API, honoured by every door from then on, and remembered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from footfall.api.app import assemble
from footfall.node.node import Node
from footfall.settings import Settings
from tests.api.client import Client
from tests.api.shop import Shop, open_shop
from tests.cli.terminal import done
from tests.collect.protocols.samples import SAMPLES
from tests.crash.server import until

NOW = "2026-01-05T10:00:00Z"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop(tmp_path / "data") as made:
        yield made


@pytest.fixture
def client(shop: Shop) -> Iterator[Client]:
    with shop.client() as made:
        yield made


@contextmanager
def reopened(folder: Path, admin: str) -> Iterator[Shop]:
    """The same folder in another life."""
    node = Node.open(folder, Settings())
    try:
        yield Shop(node, assemble(node), admin)
    finally:
        node.close()


def view(who: str, **more: Any) -> dict[str, Any]:
    """Somebody looks at something."""
    return {"name": "view", "user_id": who, "timestamp": NOW, **more}


def send(shop: Shop, client: Client, *events: dict[str, Any]) -> list[str]:
    """Send events and wait for them; the users whose views are stored now."""
    offset = shop.send(events)
    question = {"sql": "SELECT DISTINCT user_id FROM events WHERE name = 'view' ORDER BY 1"}
    return [row[0] for row in client.post("/v1/sql", question, after=offset).json()["rows"]]


def test_a_statement_holds_from_then_on(shop: Shop, client: Client) -> None:
    """Who withdraws by an event is refused, what was stored stays, and who agrees again is taken again."""
    say = {"name": "consent", "user_id": "ann", "visitor_id": "phone"}
    assert send(shop, client, view("ann"), say | {"properties": {"mode": "none"}}) == ["ann"]
    assert send(shop, client, view("ann"), view("cem", visitor_id="phone"), view("bob")) == ["ann", "bob"]
    counted = client.get("/v1/rejected/counts").json()["reasons"]
    assert [(one["reason"], one["count"], one["sample"]["body"]) for one in counted] == [("no-consent", 2, "")]
    send(shop, client, say | {"properties": {"mode": "full"}})
    assert send(shop, client, view("cem", visitor_id="phone")) == ["ann", "bob", "cem"]
    sessions = client.get("/v1/sessions").json()["items"]
    assert sum(one["total_events"] for one in sessions) == 3, "statements are nobody's activity"


def test_the_api_states_it_and_everything_shows_it(shop: Shop, client: Client) -> None:
    """PUT, GET, the profile, the export and the command tell the same; a later word wins over an earlier one."""
    send(shop, client, view("ann", visitor_id="phone"), {"name": "identify", "user_id": "ann", "visitor_id": "phone"})
    assert client.get("/v1/people/u:ann/consent").status_code == 404
    assert client.ask("PUT", "/v1/people/u:ann/consent", json={"mode": "some"}).status_code == 422
    assert client.ask("PUT", "/v1/people/s:x/consent", json={"mode": "none"}).status_code == 400
    assert client.ask("PUT", "/v1/people/u:ann/consent", json={"mode": "cookieless"}).status_code == 200
    said = client.get("/v1/people/u:ann/consent").json()
    assert (said["who"], said["mode"]) == ("u:ann", "cookieless")
    assert client.get("/v1/people/u:ann").json()["consent"] == {"mode": "cookieless", "said": said["said"]}
    lines = [json.loads(line) for line in client.get("/v1/people/u:ann/export").text.splitlines()]
    assert {"kind": "consent", "mode": "cookieless", "said": said["said"]} in lines
    assert "ann" not in str(send(shop, client, view("someone"), view("ann", event_id="later"))[1:])
    assert client.ask("PUT", "/v1/people/u:ann/consent", json={"mode": "none"}).json()["mode"] == "none"
    stale = {"name": "consent", "user_id": "ann", "timestamp": NOW, "properties": {"mode": "full"}}
    send(shop, client, stale)
    assert client.get("/v1/people/u:ann/consent").json()["mode"] == "none"


def test_every_protocol_honours_it_after_a_restart(tmp_path: Path) -> None:
    """Of the samples' visitor and user, who agreed to nothing, no protocol stores anything, in another life either."""
    with open_shop(tmp_path / "data") as shop, shop.client() as client:
        for who in ("u:v1", "v:v1"):
            assert client.ask("PUT", f"/v1/people/{who}/consent", json={"mode": "none"}).status_code == 200
        admin = shop.admin
    named = {"http", "segment", "posthog", "ga4", "snowplow"}
    with reopened(tmp_path / "data", admin) as shop, shop.client() as client:
        _, key = shop.node.store.create_key("default", "server")
        for name in sorted(named):
            sample = SAMPLES[name]
            with Client(shop.app) as sender:
                answer = sender.ask(
                    "POST",
                    sample.path,
                    content=sample.body([sample.message(1)]),
                    headers={"content-type": sample.media, **sample.key(key)},
                )
            assert answer.status_code == sample.success, (name, answer.text)
        until(lambda: client.get("/v1/rejected/counts").json()["total"] == len(named), 30)
        counted = client.get("/v1/rejected/counts").json()["reasons"]
        assert {(one["reason"], one["source"]) for one in counted} == {("no-consent", name) for name in named}
        assert client.post("/v1/sql", {"sql": "SELECT count(*) FROM events"}).json()["rows"] == [[0]]


def test_an_erased_person_stays_withdrawn(shop: Shop, client: Client) -> None:
    """An erasure leaves the keyed hash of who withdrew, and nothing else: what comes later is refused still."""
    send(shop, client, view("ann"))
    client.ask("PUT", "/v1/people/u:ann/consent", json={"mode": "none"})
    erasure = client.ask("DELETE", "/v1/people/u:ann").json()["erasure_id"]
    until(lambda: client.get(f"/v1/erasures/{erasure}").json()["state"] == "done", 60)
    assert send(shop, client, view("ann"), view("bob")) == ["bob"]
    assert b"ann" not in (shop.node.folder / "control.db").read_bytes()


def test_files_and_replays_honour_it(tmp_path: Path) -> None:
    """Rows and replayed events of who withdrew are refused, with exact counts; the commands say so."""
    data = ["--data", str(tmp_path / "data")]
    with open_shop(tmp_path / "data") as shop, shop.client() as client:
        send(shop, client, {"name": "view", "who": "ann"}, {"name": "view", "who": "bob"})
        client.ask("PUT", "/v1/people/u:ann/consent", json={"mode": "none"})
        told = client.post("/v1/rejected/replay", {"map": {"who": "user_id"}}).json()
        assert (told["taken"], told["remaining"]) == (1, {"no-consent": 1})
    path = tmp_path / "old.csv"
    path.write_text("name,user_id,timestamp\nview,ann,2026-01-05\nview,cem,2026-01-05\n")
    [outcome] = json.loads(done("import", path, "--format", "json", *data))
    assert (outcome["read"], outcome["stored"], outcome["rejected"]) == (2, 1, 1)
    [again] = json.loads(done("import", path, "--format", "json", *data))
    assert (again["stored"], again["duplicate"], again["rejected"]) == (0, 1, 1)
    assert json.loads(done("consent", "u:ann", "--format", "json", *data))[0]["mode"] == "none"
    assert json.loads(done("consent", "u:ann", "full", "--format", "json", *data))[0]["mode"] == "full"


def test_a_statement_in_a_file_holds_from_then_on(tmp_path: Path) -> None:
    """Who withdrew in another tool is refused once that was imported; an older word that comes later is not heard."""
    data = ("--data", tmp_path / "data")

    def imported(name: str, *rows: dict[str, Any]) -> tuple[int, int]:
        path = tmp_path / f"{name}.ndjson"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        [outcome] = json.loads(done("import", path, "--format", "json", *data))
        return outcome["stored"], outcome["rejected"]

    said = {"name": "consent", "user_id": "dan", "timestamp": NOW, "properties": {"mode": "none"}}
    assert imported("said", said, view("eve")) == (2, 0)
    assert imported("later", view("dan"), view("eve", event_id="again")) == (1, 1)
    assert imported("older", {**said, "timestamp": "2025-06-01", "properties": {"mode": "full"}}) == (1, 0)
    assert json.loads(done("consent", "u:dan", "--format", "json", *data))[0]["mode"] == "none"
