"""What becomes of GA4's Measurement Protocol events: names, items, money, sessions, times, and what debug answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from footfall.events.event import Event, Rejected
from tests.collect.door_client import NOW_US, Answer, ask, open_door, stored

QUERY = b"measurement_id=G-1&api_secret="


def send(
    *events: object, path: str = "/mp/collect", key: str = "server-key", **envelope: object
) -> tuple[Answer, list[Event], list[Rejected]]:
    """The answer to these events of one client, and what they are stored as."""
    body = json.dumps({"client_id": "123.456", **envelope, "events": events}).encode()
    with open_door() as (door, journal):
        answer = ask(door, body, path=path, query=QUERY + key.encode(), headers={"content-type": "application/json"})
        return answer, *stored(journal)


def taken(*events: object, **more: Any) -> list[Event]:
    """What events that are all taken are stored as."""
    answer, stored_events, rejected = send(*events, **more)
    assert (answer.status, answer.body, rejected) == (204, b"", [])
    return stored_events


def named(name: str, **params: object) -> dict[str, object]:
    """An event."""
    return {"name": name, "params": params}


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("page_view", "page_view"),
        ("view_item", "product_view"),
        ("add_to_cart", "add_to_cart"),
        ("search", "search_query"),
        ("begin_checkout", "checkout_start"),
        ("tutorial_begin", "tutorial_begin"),
    ],
)
def test_recommended_names_are_kinds(sent: str, name: str) -> None:
    """What GA4 recommends counts as what it is; any other name stays as it was sent."""
    assert taken(named(sent))[0].name == name


def test_a_client_its_user_and_its_session() -> None:
    """Two clients may have sessions of one id: with the client's id they are different ones."""
    (event,) = taken(named("page_view", session_id=1_700_000_000), user_id="u1")
    assert (event.visitor_id, event.user_id, event.session_id) == ("123.456", "u1", "123.456:1700000000")
    (app,) = taken(named("screen_view", ga_session_id="7"), client_id=None, app_instance_id="app1")
    assert (app.visitor_id, app.session_id, app.source) == ("app1", "app1:7", "app")


def test_a_page() -> None:
    """Its address, title and referrer are columns; the stream and what is said of the user are context."""
    page = {"page_location": "https://shop.example/p", "page_title": "P", "page_referrer": "https://x.example/"}
    (event,) = taken(named("page_view", **page, theme="dark"), user_properties={"tier": {"value": "gold"}})
    assert (event.page_url, event.page_title, event.referrer) == tuple(page.values())
    assert json.loads(event.properties or "") == {"theme": "dark"}
    assert json.loads(event.context or "") == {"user_properties": {"tier": {"value": "gold"}}, "stream": "G-1"}


def test_a_purchase_and_its_items() -> None:
    """One purchase of the order's value, one item a product, exact; ids follow the event's."""
    items = [
        {"item_id": "a", "item_name": "Uno", "item_category": "Games", "price": 19.99, "quantity": 1},
        {"item_id": "b", "item_brand": "Hasbro", "price": 3, "quantity": 2},
    ]
    order = {"transaction_id": "o-1", "value": 25.99, "currency": "USD", "tax": 1.5, "items": items, "event_id": "x"}
    purchase, first, second = taken(named("purchase", **order))
    assert (purchase.name, purchase.order_id, purchase.event_id) == ("purchase", "o-1", "x")
    assert (purchase.amount_micros, purchase.currency) == (25_990_000, "USD")
    assert json.loads(purchase.properties or "") == {"tax": 1.5}
    assert (first.event_id, first.name, first.product_id, first.product_category) == ("x:1", "order_item", "a", "Games")
    assert (first.price_micros, second.price_micros, second.quantity) == (19_990_000, 3_000_000, 2)
    assert (second.brand, second.order_id, second.visitor_id) == ("Hasbro", "o-1", "123.456")


def test_a_product_that_is_looked_at() -> None:
    """The one item is the event's product; of several the first is, and all are kept."""
    item = {"item_id": "a", "item_name": "Uno", "price": 19.99}
    (one,) = taken(named("view_item", items=[item]))
    assert (one.product_id, one.price_micros, one.properties) == ("a", 19_990_000, '{"name":"Uno"}')
    (several,) = taken(named("add_to_cart", items=[item, {"item_id": "b"}]))
    assert several.product_id == "a"
    assert json.loads(several.properties or "")["items"] == [item, {"item_id": "b"}]


def test_time_in_view_and_depth_are_values() -> None:
    """GA4 writes milliseconds as text and the depth in percent."""
    spent, scrolled = taken(named("user_engagement", engagement_time_msec="1500"), named("scroll", percent_scrolled=90))
    assert [(event.name, event.value) for event in (spent, scrolled)] == [("time_on_page", 1.5), ("scroll_depth", 90)]


def test_an_events_own_time_counts_before_the_envelopes() -> None:
    """Both are µs, as numbers or as text; without any it is the arrival."""
    own = {**named("a"), "timestamp_micros": NOW_US - 5}
    events = taken(own, named("b"), timestamp_micros=str(NOW_US - 7))
    assert [NOW_US - event.ts_us for event in events] == [5, 7]
    assert taken(named("a"))[0].ts_us == NOW_US


def test_only_a_server_key_may_say_where_somebody_is() -> None:
    """Address, place and device count from a server key; from a page they are kept unread, and the address is not."""
    said = {
        "ip_override": "198.51.100.9",
        "user_location": {"city": "Bonn", "country_id": "DE"},
        "device": {"category": "mobile", "operating_system": "iOS"},
        "user_data": {"sha256_email_address": ["c0ffee"]},
    }
    (server,) = taken(named("page_view"), **said)
    assert (server.city, server.country, server.device, server.os) == ("Bonn", "DE", "mobile", "iOS")
    assert server.ip_hash
    (page,) = taken(named("page_view"), key="open-key", **said)
    assert (page.city, page.country) == (None, None)
    assert json.loads(page.context or "")["user_location"] == said["user_location"]
    for event in (server, page):
        assert "c0ffee" not in str(event)
        assert "198.51.100.9" not in str(event)


def test_debug_says_what_is_wrong_and_stores_nothing() -> None:
    """The same checks as of what is stored; the answer names each fault."""
    order = named("purchase", value="a lot")
    answer, events, rejected = send(named("ok"), {"params": {}}, order, path="/debug/mp/collect")
    assert (answer.status, events, rejected) == (200, [], [])
    told = answer.json()["validationMessages"]
    assert [(one["fieldPath"], one["validationCode"]) for one in told] == [
        ("events[1]", "NO_NAME"),
        ("events[2]", "BAD_NUMBER"),
    ]
    assert send(named("ok"), path="/debug/mp/collect")[0].json() == {"validationMessages": []}


@pytest.mark.parametrize(
    "body", [b"", b"5", b"[]", b"{}", b'{"events": {}}', b'{"events": [', b'{"events": [], "x": 1e}']
)
def test_a_body_that_can_not_be_read_says_why(body: bytes) -> None:
    """400 with what is wrong in a validation message."""
    with open_door() as (door, journal):
        answer = ask(door, body, path="/mp/collect", query=QUERY + b"server-key", headers={})
        assert (answer.status, answer.json()["validationMessages"][0]["validationCode"]) == (400, "BAD_REQUEST")
        assert journal.end() == {0: 0}
