"""Cards of people over HTTP from a real node: the newest session of each, its cart and its events, in one answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from footfall.events.time import write_time
from tests.api.client import Client
from tests.api.shop import MINUTE_US, START_US, Shop, open_shop, visit


def priced(events: list[dict[str, Any]], price: str) -> list[dict[str, Any]]:
    """The events, two pieces of something at this price each."""
    return [event | {"price": price, "quantity": 2, "page_path": "/cart"} for event in events]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as made:
        ann = [*visit("ann", begins=0, views=3), *priced(visit("ann", begins=600, views=1, carts=2), "19.99")]
        bob = visit("bob", begins=5, views=1, carts=1, bought=["7.5"])
        (eve,) = visit("eve", begins=9, views=1)
        offset = made.send([*ann, *bob, {name: value for name, value in eve.items() if name != "user_id"}])
        with made.client() as first:
            assert first.get("/v1/sessions", after=offset).status_code == 200
        yield made


@pytest.fixture
def client(shop: Shop) -> Iterator[Client]:
    with shop.client() as made:
        yield made


def cards(client: Client, *who: str, **params: str) -> list[dict[str, Any]]:
    """The cards of these."""
    answer = client.ask("GET", "/v1/people/cards", params={"who": who, **params})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_each_has_the_newest_session(client: Client) -> None:
    """In the order asked for, joined people by their name; somebody unknown is left out."""
    found = cards(client, "v:eve", "u:user of bob", "u:nobody", "u:user of ann")
    assert [card["who"] for card in found] == ["v:eve", "u:user of bob", "u:user of ann"]
    ann = found[2]
    (newest, _) = client.get("/v1/sessions", owner="v:ann").json()["items"]
    assert (ann["session_id"], ann["last_seen"]) == (newest["session_id"], newest["session_end"])
    assert [event["kind"] for event in ann["events"]] == ["view", "cart", "cart"]
    assert [event["visitor_class"] for event in ann["events"]] == ["bouncer", "browser", "browser"]
    assert ann["complete"]


def test_it_says_what_lies_in_the_cart_and_what_was_spent(client: Client) -> None:
    """Price × quantity of what was put in; after a purchase nothing lies there; without a price nothing is said."""
    (ann, bob) = cards(client, "u:user of ann", "u:user of bob")
    assert (ann["cart"], ann["spent"], ann["page"]) == ("79.96", None, "/cart")
    assert (bob["cart"], bob["spent"], bob["page"]) == (None, "7.50", None)


def test_a_range_says_which_session_is_meant(client: Client) -> None:
    """The newest one with an event before then; who did nothing in the range has no card."""
    noon = write_time(START_US + 300 * MINUTE_US)
    (ann,) = cards(client, "u:user of ann", before=noon)
    assert len(ann["events"]) == 3
    assert {event["kind"] for event in ann["events"]} == {"view"}
    assert cards(client, "u:user of bob", **{"from": noon}) == []


def test_sessions_have_cards_too(client: Client) -> None:
    """By session each is its own, whichever is newer."""
    ids = [item["session_id"] for item in client.get("/v1/sessions", owner="v:ann").json()["items"]]
    found = cards(client, *reversed(ids), by="session")
    assert [(card["who"], len(card["events"])) for card in found] == [(ids[1], 3), (ids[0], 3)]


def test_no_more_than_the_limit(client: Client) -> None:
    """Nobody asked for is nobody told; the hundred-and-first id is refused."""
    assert cards(client) == []
    many = {"who": [f"v:{number}" for number in range(101)]}
    assert client.ask("GET", "/v1/people/cards", params=many).status_code in {400, 422}
