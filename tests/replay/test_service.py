"""Refused events tried again on a real node: what is taken is stored once, what is not is told with its reason."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from footfall.api.app import assemble
from footfall.node.node import Node
from footfall.settings import Settings
from footfall.store.access import Role
from tests.api.client import Client
from tests.api.shop import Shop, open_shop

NOW = 1_767_607_200  # 2026-01-05T10:00Z: long ago for any clock, but server keys may tell of it


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop(tmp_path) as made:
        yield made


@pytest.fixture
def client(shop: Shop) -> Iterator[Client]:
    with shop.client() as made:
        yield made


def replay(client: Client, **ask: object) -> dict[str, Any]:
    """The answer to a replay that fits into one part."""
    answer = client.post("/v1/rejected/replay", ask)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert told["tried"] == told["taken"] + told["already"] + sum(told["remaining"].values())
    assert told["next"] is None
    return told


def stored(client: Client, columns: str = "event_id, name, user_id") -> list[list[Any]]:
    """All events, by id."""
    rows: list[list[Any]] = client.post("/v1/sql", {"sql": f"SELECT {columns} FROM events ORDER BY 1"}).json()["rows"]
    return rows


def test_what_is_mended_is_stored_once_and_says_that_it_was_replayed(shop: Shop, client: Client) -> None:
    """A moved id, a set name and a dropped number let three of four in; the answer counts each; again adds nothing."""
    offset = shop.send(
        [
            {"event_id": "a", "name": "view", "customer": "ann", "timestamp": NOW},
            {"event_id": "b", "customer": "bob", "timestamp": NOW + 60},
            {"name": "view", "customer": "cleo", "price": "cheap", "timestamp": NOW},
            {"event_id": "d", "name": "view", "timestamp": NOW},
            "nothing",
        ]
    )
    assert client.get("/v1/rejected", after=offset).status_code == 200
    mending = {"map": {"customer": "user_id"}, "drop": ["price"], "trusted": True}
    look = replay(client, **mending, dry_run=True)
    assert (look["chosen"], look["taken"], look["already"], look["events"]) == (5, 2, 0, 2)
    assert look["remaining"] == {"no-name": 1, "no-owner": 1, "not-an-object": 1}
    assert stored(client) == []
    assert replay(client, **mending)["taken"] == 2
    named = replay(client, **mending, set={"name": "view"}, reason="no-name")
    assert (named["tried"], named["taken"]) == (1, 1)
    assert (again := replay(client, **mending))["taken"] == 0
    assert (again["already"], again["events"]) == (2, 0)
    rows = stored(client, "user_id, event_id, ts_us, received_us, metadata")
    assert [row[0] for row in rows] == ["ann", "bob", "cleo"]
    for _, event_id, ts_us, received_us, metadata in rows:
        first = json.loads(metadata)["replayed"]
        assert event_id in {"a", "b", first["rejected_id"]}
        assert ts_us // 1_000_000 in {NOW, NOW + 60}
        kept = client.get(f"/v1/rejected/{first['rejected_id']}").json()
        assert first["received"] == kept["received"]
        assert received_us > 0
    sessions = client.get("/v1/sessions").json()["items"]
    assert {one["owner"]: one["total_events"] for one in sessions} == {"u:ann": 1, "u:bob": 1, "u:cleo": 1}


def test_an_event_whose_sender_sent_it_again_is_not_stored_twice(shop: Shop, client: Client) -> None:
    """Of two rejections with one id the first is taken; and an event that came in right meanwhile is there already."""
    bad = {"event_id": "x", "name": "view", "visitor_id": "v", "price": "cheap"}
    shop.send([bad, bad, bad | {"event_id": "y"}])
    shop.send([{"event_id": "y", "name": "view", "visitor_id": "v"}])
    told = replay(client, drop=["price"])
    assert (told["taken"], told["already"], told["events"]) == (1, 2, 1)
    assert [row[0] for row in stored(client)] == ["x", "y"]


def test_old_sessions_are_computed_anew(shop: Shop, client: Client) -> None:
    """What joins a session that was closed long ago is in its figures when the replay answers."""
    visit = [{"name": "view", "visitor_id": "v", "timestamp": NOW + at, "event_id": f"e{at}"} for at in (0, 120)]
    shop.send([*visit, {"name": "add_to_cart", "visitor_id": "v", "when": NOW + 60, "timestamp": "long ago"}])
    assert replay(client, map={"when": "timestamp"}, trusted=True)["taken"] == 1
    [session] = client.get("/v1/sessions").json()["items"]
    assert (session["total_events"], session["cart_count"]) == (3, 1)
    assert client.post("/v1/rebuild").status_code in (200, 202)


def test_a_name_is_made_that_of_a_kind(shop: Shop, client: Client) -> None:
    """`kind` says which events are sales; a kind that there is not is told with what may be meant."""
    shop.send([{"name": "Sold", "visitor_id": "v", "price": "9.50", "quantity": "two"}])
    wrong = client.post("/v1/rejected/replay", {"kind": {"Sold": "purchas"}})
    assert wrong.status_code == 400
    assert "did you mean 'purchase'?" in wrong.json()["detail"]
    replay(client, kind={"Sold": "purchase"}, set={"quantity": 2})
    assert stored(client, "name, amount_micros") == [["purchase", 19_000_000]]


def test_longer_names_are_taken_once_the_limit_allows_them(tmp_path: Path) -> None:
    """A changed limit is all that a replay needs, after a restart as well."""
    with open_shop(tmp_path) as shop:
        shop.send([{"name": "n" * 250, "visitor_id": "v", "event_id": "e"}])
        with shop.client() as client:
            assert replay(client)["remaining"] == {"name-too-long": 1}
        token = shop.admin
    with reopened(tmp_path, token) as client:
        assert replay(client)["taken"] == 1


def test_who_may_not_import_may_not_replay(shop: Shop) -> None:
    """Readers see rejections and can't replay them; another project's are not touched."""
    _, reader = shop.node.store.create_token("r", Role.READER)
    with shop.client(reader) as client:
        assert client.get("/v1/rejected/counts").status_code == 200
        assert client.post("/v1/rejected/replay", {}).status_code == 403
    shop.node.store.create_project("other")
    offset = shop.send([{"name": "view", "who": "ann"}], project="other")
    with shop.client() as client:
        assert client.get("/v1/rejected", after=offset, project="other").json()["items"]
        assert replay(client, map={"who": "user_id"})["tried"] == 0
        assert client.post("/v1/rejected/replay", {"map": {"a..b": "c"}}).status_code == 400
        assert client.post("/v1/rejected/replay", {"cursor": "x"}).status_code == 400
        place = base64.urlsafe_b64encode(b"[1, 2]").decode()
        assert client.post("/v1/rejected/replay", {"cursor": place}).status_code == 400


def test_many_are_tried_in_parts(shop: Shop, client: Client) -> None:
    """With the cursor of each answer all are tried once, and the parts add up."""
    shop.send([{"name": "view", "who": f"user {number}"} for number in range(1_203)])
    ask: dict[str, object] = {"map": {"who": "user_id"}}
    parts = [client.post("/v1/rejected/replay", ask).json()]
    while (cursor := parts[-1]["next"]) is not None:
        parts.append(client.post("/v1/rejected/replay", ask | {"cursor": cursor}).json())
    assert parts[0]["chosen"] == 1_203
    assert [part["chosen"] for part in parts[1:]] == [None] * (len(parts) - 1)
    assert sum(part["taken"] for part in parts) == 1_203
    assert len({row[2] for row in stored(client)}) == 1_203


def test_counts_say_how_many_came_when_and_why(shop: Shop, client: Client) -> None:
    """By reason with an example and what would mend it, and by day of a zone; the filters hold for both."""
    before = time.time_ns() // 1_000
    offset = shop.send([{"visitor_id": "v"}, {"name": "view"}, {"name": "view", "who": 1}])
    told = client.get("/v1/rejected/counts", after=offset, unit="hour", zone="Asia/Kathmandu").json()
    assert told["total"] == 3
    assert [(one["reason"], one["count"]) for one in told["reasons"]] == [("no-owner", 2), ("no-name", 1)]
    assert json.loads(told["reasons"][1]["sample"]["body"]) == {"visitor_id": "v"}
    assert "--map" in told["reasons"][0]["mend"]
    assert sum(one["count"] for one in told["periods"]) == 3
    assert all(one["label"].endswith(":00") or ":" in one["label"] for one in told["periods"])
    assert client.get("/v1/rejected/counts", reason="no-name").json()["total"] == 1
    assert client.get("/v1/rejected/counts", source="segment").json()["total"] == 0
    assert client.get("/v1/rejected/counts", before=before).json()["total"] == 0
    assert client.get("/v1/rejected/counts", zone="Nowhere").status_code == 400


@contextmanager
def reopened(folder: Path, token: str) -> Iterator[Client]:
    """A client of the same folder, with longer names allowed."""
    node = Node.open(folder, structs.replace(Settings(), max_name_bytes=300))
    try:
        with Client(assemble(node), token) as client:
            yield client
    finally:
        node.close()
