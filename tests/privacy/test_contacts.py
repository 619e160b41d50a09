"""People are found, exported and erased by an e-mail address or a telephone number, of which only a hash is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.client import Client
from tests.api.shop import Shop, open_shop
from tests.cli.terminal import done
from tests.crash.server import until

NOW = "2026-01-05T10:00:00Z"
MAIL, PHONE = "Ann@Shop.example", "+49 (170) 123-4567"
EVENTS: list[dict[str, Any]] = [
    {"name": "identify", "user_id": "42", "properties": {"email": "ann@shop.example", "phone": "0049 170 1234567"}},
    {"name": "page_view", "user_id": "42"},
    {"name": "page_view", "user_id": "bob@shop.example"},
    {"name": "identify", "user_id": "cem", "properties": {"email": "both@shop.example"}},
    {"name": "identify", "user_id": "dan", "context": {"contact": {"email": "both@shop.example"}}},
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A customer with address and number, one whose id is an address, and two who share one."""
    with open_shop(tmp_path_factory.mktemp("shop") / "data") as made:
        fill(made)
        yield made


def fill(shop: Shop) -> None:
    """Send `EVENTS`, and wait for them."""
    offset = shop.send([{"timestamp": NOW, "event_id": str(n), **event} for n, event in enumerate(EVENTS)])
    with shop.client() as client:
        assert client.get("/v1/sessions", after=offset).status_code == 200


def finished(client: Client, erasure_id: str) -> bool:
    """Whether the erasure is."""
    state: str = client.get(f"/v1/erasures/{erasure_id}").json()["state"]
    return state == "done"


@pytest.mark.parametrize("who", ["ann@shop.example", MAIL, PHONE, "00491701234567", "u:42"])
def test_one_person_by_all_that_is_known_of_them(shop: Shop, who: str) -> None:
    """However address and number are written, they lead to the person whose events carry them."""
    with shop.client() as client:
        assert client.get(f"/v1/people/{quote(who, safe='')}").json()["person"]["who"] == "u:42"
        manifest = json.loads(client.get(f"/v1/people/{quote(who, safe='')}/export").text.splitlines()[0])
    assert manifest["who"] == "u:42"


@pytest.mark.parametrize("who", ["bob@shop.example", "u:bob@shop.example", "u:BOB@shop.example"])
def test_a_user_id_that_is_an_address(shop: Shop, who: str) -> None:
    """It is stored hashed, so that is what is looked for; the list of people finds it, too."""
    with shop.client() as client:
        found = client.get(f"/v1/people/{quote(who, safe='')}").json()["person"]["who"]
        listed = client.get("/v1/people", search="bob@shop.example").json()["items"]
    assert found.startswith("u:hash:")
    assert [person["who"] for person in listed] == [found]


def test_an_address_of_several_people_names_them(shop: Shop) -> None:
    """Nobody is shown or erased by chance: who asks is told whom they may mean."""
    with shop.client() as client:
        for method, path in (("GET", "/export"), ("DELETE", "")):
            answer = client.ask(method, f"/v1/people/both@shop.example{path}")
            assert answer.status_code == 409
            assert "u:cem, u:dan" in answer.json()["detail"]


def test_an_erasure_by_address_is_one_of_the_person(tmp_path: Path) -> None:
    """All of them goes, and the receipt is found genuine for the id; one by an id's address for the address, too."""
    with open_shop(tmp_path / "data") as shop, shop.client() as client:
        fill(shop)
        for who, checked in ((MAIL, "u:42"), ("bob@shop.example", "bob@shop.example")):
            asked = client.ask("DELETE", f"/v1/people/{who}").json()["erasure_id"]
            until(partial(finished, client, asked), 60)
            signed = client.get(f"/v1/erasures/{asked}").json()["signed"]
            assert signed["receipt"]["removed"]["events"] > 0
            assert client.post("/v1/erasures/verify", signed, person=checked).status_code == 200
            assert client.post("/v1/erasures/verify", signed, person="u:cem").status_code == 400
        assert client.get("/v1/people").json()["items"] == []


def test_ids_that_are_kept_as_they_are(tmp_path: Path) -> None:
    """Where addresses of users are not hashed, both forms of asking find the person all the same."""
    with open_shop(tmp_path / "data", hash_user_ids=False) as shop:
        offset = shop.send([{"timestamp": NOW, "name": "page_view", "user_id": MAIL}])
        with shop.client() as client:
            for who in (f"u:{MAIL}", "ann@shop.example"):
                answer = client.get(f"/v1/people/{quote(who, safe='')}", after=offset)
                assert answer.json()["person"]["who"] == f"u:{MAIL}"


def test_the_commands_take_addresses_and_numbers(tmp_path: Path) -> None:
    """`person`, `export` and `erase` as the API."""
    folder = tmp_path / "data"
    with open_shop(folder) as shop:
        fill(shop)

    data = ("--data", folder)
    assert json.loads(done("person", MAIL, "--format", "json", *data))["person"]["who"] == "u:42"
    done("export", PHONE, "--out", tmp_path / "ann", *data)
    assert json.loads((tmp_path / "ann").read_text().splitlines()[0])["who"] == "u:42"
    receipt = json.loads(done("erase", PHONE, "--yes", "--format", "json", *data))["receipt"]
    assert receipt["removed"]["events"] == 2
