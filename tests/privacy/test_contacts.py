"""Contact details: plain text nowhere, sealed apart from events, told to whom may see them, gone with the person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from footfall.api.app import assemble
from footfall.node.node import Node
from footfall.settings import Settings
from footfall.store.access import Role
from footfall.store.contacts import Contacts
from footfall.store.data_keys import given_keys, new_key
from footfall.store.sealing import Sealer
from tests.api.client import Client
from tests.api.shop import Shop, open_shop
from tests.crash.server import Server, serving, until
from tests.privacy.people import ask, finished, send
from tests.privacy.stored import where

KEY = new_key()
MAIL, PHONE = "Kanarie.Contact@shop.example", "+49 170 77319973"
PLAIN = ("anarie.", "77319973", "anarie%2E")


def identify(mail: str = MAIL, *, at: int = 1, **more: object) -> dict[str, Any]:
    """An event by which somebody says who they are."""
    return {
        "name": "identify",
        "user_id": "ann",
        "event_id": f"{mail}-{at}",
        "timestamp": f"2026-11-21T10:00:{at:02}Z",
        "properties": {"email": mail},
        **more,
    }


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop(tmp_path / "data", data_key=KEY) as made:
        yield made


def told(client: Client | Server, who: str = "u:ann") -> dict[str, Any]:
    """The details of a person as the API tells them."""
    path = f"/v1/people/{who}/contacts"
    items = client.get(path).json()["items"] if isinstance(client, Client) else client.get(path)["items"]
    return {item["field"]: item["value"] for item in items}


def test_the_latest_detail_is_kept_and_the_event_has_its_hash(shop: Shop) -> None:
    """Whatever order they arrive in, by whichever protocol; other events' addresses are none of the person's."""
    events = [identify("new@shop.example", at=3), identify("old@shop.example", at=2)]
    events.append({"name": "view", "user_id": "ann", "properties": {"email": "friend@shop.example"}})
    shop.send([*events, identify(at=1, phone=PHONE)])
    _, key = shop.node.store.create_key("default", "server")
    with Client(shop.app, key) as client:
        message = {"type": "identify", "userId": "bob", "traits": {"email": MAIL, "phone": PHONE}, "messageId": "m"}
        assert client.post("/v1/batch", {"batch": [message], "writeKey": key}).status_code == 200
    with shop.client() as client:
        until(lambda: told(client) == {"email": "new@shop.example", "phone": PHONE}, 30, lambda: str(told(client)))
        until(lambda: told(client, "u:bob") == {"email": MAIL, "phone": PHONE}, 30, lambda: str(told(client, "u:bob")))
        rows = client.post("/v1/sql", {"sql": "SELECT properties FROM events"})
    assert "hash:" in rows.text
    assert not any(part in rows.text for part in (*PLAIN, "shop.example"))


def test_without_a_key_nothing_is_kept(tmp_path: Path) -> None:
    """As little as before: the hash in the event, and no sealed byte."""
    with open_shop(tmp_path / "data") as shop:
        shop.send([identify(phone=PHONE), {"name": "view", "user_id": "ann"}])
        with shop.client() as client:
            until(lambda: client.get("/v1/people/u:ann").status_code == 200, 30, lambda: "nobody")
            assert told(client) == {}


def test_who_lacks_the_permission_is_told_nothing(shop: Shop) -> None:
    """A reader sees neither value nor field; in an export only that there is something."""
    shop.send([identify(phone=PHONE)])
    _, reader = shop.node.store.create_token("reader", Role.READER)
    with shop.client() as client, shop.client(reader) as reading:
        until(lambda: len(told(client)) == 2, 30, lambda: str(told(client)))
        assert reading.get("/v1/people/u:ann/contacts").status_code == 403
        assert reading.post("/v1/contacts/reseal").status_code == 403
        for asking, plain in ((client, True), (reading, False)):
            answer = asking.get("/v1/people/u:ann/export")
            lines = [json.loads(line) for line in answer.text.splitlines()]
            details = [line for line in lines if line["kind"] == "contact"]
            assert [line["field"] for line in details] == ["email", "phone"]
            assert [line.get("value") for line in details] == ([MAIL, PHONE] if plain else [None, None])
            assert plain or not any(part in answer.text for part in PLAIN)
            assert lines[-1]["counts"]["contact"] == 2


def test_another_key_takes_over_and_a_lost_one_is_said(tmp_path: Path) -> None:
    """Behind the new key the old one still opens; after sealing anew it is not needed; without it a reason is given."""
    new, folder = new_key(), tmp_path / "data"
    with open_shop(folder, data_key=KEY) as shop, shop.client() as client:
        shop.send([identify()])
        until(lambda: told(client) == {"email": MAIL}, 30, lambda: str(told(client)))
    for keys, value, resealed in ((new, None, (0, 1)), (f"{new} {KEY}", MAIL, (1, 0)), (new, MAIL, (0, 0))):
        node = Node.open(folder, replace(Settings(), data_key=keys))
        with closing(node), Client(assemble(node), node.store.temporary_token()) as client:
            assert told(client) == {"email": value}
            found = client.post("/v1/contacts/reseal", None).json()
            assert (found["resealed"], found["unopened"]) == resealed


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("collectors", ["0", "2"])
def test_plain_text_is_nowhere_and_the_person_goes_whole(tmp_path: Path, collectors: str) -> None:
    """Through kills and replays one detail of a kind stays; erased, not even its sealed bytes are left, nor the id."""
    folder, marked = tmp_path / "data", "kanarienvogel-user_id"
    environment = {"FOOTFALL_DATA_KEY": KEY, "FOOTFALL_COLLECTORS": collectors, "FOOTFALL_LOG_LEVEL": "debug"}
    with serving(folder, **environment) as server:
        for at in range(1, 9):
            send(server, [identify(f"Kanarie.{at}@shop.example", at=at % 8, user_id=marked, phone=PHONE)])
            if at in (3, 6):
                server.kill()
                server.start()
        wanted = {"email": "Kanarie.7@shop.example", "phone": PHONE}
        until(lambda: told(server, f"u:{marked}") == wanted, 30, lambda: str(told(server, f"u:{marked}")))
        for part in PLAIN:
            assert where(folder, part) == set()
            assert part not in server.log()
        assert "contacts.db" in {name.removesuffix("-wal") for name in where(folder, marked)}
        with closing(Contacts(folder, Sealer(given_keys(KEY, None)))) as contacts:
            sealed = [one.sealed for one in contacts.of("default", [f"u:{marked}"])]
        assert len(sealed) == 2
        finished(server, ask(server))
        assert where(folder, marked) == set()
        assert not any(one in path.read_bytes() for one in sealed for path in folder.rglob("*") if path.is_file())
        assert told(server, f"u:{marked}") == {}


def test_of_who_is_known_for_a_day_nothing_is_kept(tmp_path: Path) -> None:
    """A visitor without cookies stays one whom nobody can find again."""
    with open_shop(tmp_path / "data", data_key=KEY, cookieless=True) as shop:
        nobody = {"ip": "203.0.113.9", "user_agent": "x"}
        offset = shop.send([{"name": "identify", "email": MAIL, **nobody}, {"name": "view", **nobody}, identify()])
        with shop.client() as client:
            until(lambda: told(client) == {"email": MAIL}, 30, lambda: str(told(client)))
            assert client.get("/v1/sessions", after=offset).status_code == 200
            days = [item["who"] for item in client.get("/v1/people").json()["items"] if item["who"] != "u:ann"]
            assert len(days) == 1
            assert told(client, days[0]) == {}
