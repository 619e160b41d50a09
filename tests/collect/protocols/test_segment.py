"""What becomes of Segment's and RudderStack's messages: kinds, products, money, people, pages, times."""

from __future__ import annotations

import json
from typing import Any

import pytest

from footfall.events.event import Event, Rejected
from footfall.events.time import read_time
from tests.collect.door_client import NOW_US, ask, open_door, stored
from tests.collect.protocols.samples import WHEN, basic

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"
CAME_FROM = {"campaign": {"name": "autumn", "source": "news", "medium": "email", "term": "shoes", "content": "b"}}
PAGE = {"path": "/p/7", "url": "https://shop.example/p/7?a=1", "title": "Shoe", "referrer": "https://x.example/"}


def track(event: str, properties: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A track message of a visitor."""
    message = {"type": "track", "event": event, "messageId": "m1", "anonymousId": "v1", "timestamp": WHEN, **more}
    return message if properties is None else {**message, "properties": properties}


def taken(*messages: object, key: str = "open-key", **envelope: object) -> tuple[list[Event], list[Rejected]]:
    """What a batch of these is stored as, sent with a public key unless another is said."""
    body = json.dumps({"batch": messages, **envelope}).encode()
    with open_door() as (door, journal):
        answer = ask(door, body, path="/v1/batch", headers={**basic(key), "user-agent": BROWSER})
        assert (answer.status, answer.json()) == (200, {"success": True})
        return stored(journal)


def only(*messages: object, **more: Any) -> Event:
    """The one event that these are stored as."""
    events, rejected = taken(*messages, **more)
    assert not rejected
    (event,) = events
    return event


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("Product Viewed", "product_view"),
        ("Product Added", "add_to_cart"),
        ("product removed", "remove_from_cart"),
        ("Added Product", "add_to_cart"),
        ("Order Refunded", "refund"),
        ("Products Searched", "search_query"),
        ("Signed Up", "Signed Up"),
        ("add_to_cart", "add_to_cart"),
    ],
)
def test_names_of_the_spec_are_kinds(sent: str, name: str) -> None:
    """The e-commerce spec's names count as what they are; any other name stays as it was sent."""
    assert only(track(sent)).name == name


def test_a_product_has_its_columns() -> None:
    """Product, category, brand, price, quantity and currency are columns; the rest stays a property."""
    sent = {"product_id": "507f", "sku": "G-32", "category": "Games", "name": "Monopoly", "brand": "Hasbro"}
    event = only(track("Product Added", {**sent, "price": 18.99, "quantity": 2, "currency": "usd", "coupon": "MAY"}))
    assert (event.product_id, event.product_category, event.brand) == ("507f", "Games", "Hasbro")
    assert (event.price_micros, event.quantity, event.currency) == (18_990_000, 2, "USD")
    assert json.loads(event.properties or "") == {"sku": "G-32", "name": "Monopoly", "coupon": "MAY"}


def test_an_order_is_a_purchase_and_its_items() -> None:
    """One purchase with the revenue, one item a product, all of one order, owner and time; ids follow the message's."""
    products = [
        {"product_id": "a", "price": "19.99", "quantity": 1, "category": "Games", "name": "Uno"},
        {"sku": "b", "price": 3, "quantity": 2},
    ]
    order = {"order_id": "o-1", "revenue": 25.99, "total": 30, "currency": "EUR", "coupon": "X", "products": products}
    (purchase, *items), rejected = taken(track("Order Completed", order, userId="u1"))
    assert not rejected
    assert (purchase.name, purchase.event_id, purchase.order_id) == ("purchase", "m1", "o-1")
    assert (purchase.amount_micros, purchase.currency, purchase.user_id) == (25_990_000, None, "u1")
    assert json.loads(purchase.properties or "") == {"total": 30, "coupon": "X"}
    assert [(item.name, item.event_id, item.product_id, item.price_micros, item.quantity) for item in items] == [
        ("order_item", "m1:1", "a", 19_990_000, 1),
        ("order_item", "m1:2", "b", 3_000_000, 2),
    ]
    assert {(item.order_id, item.visitor_id, item.user_id, item.ts_us) for item in items} == {
        ("o-1", "v1", "u1", purchase.ts_us)
    }
    assert all(item.amount_micros is None for item in items)
    assert json.loads(items[0].properties or "") == {"name": "Uno"}


def test_an_order_without_an_amount_is_worth_its_products() -> None:
    """19.99 + 2 × 0.1, exactly; not when a product says no price."""
    products = [{"product_id": "a", "price": 19.99}, {"product_id": "b", "price": "0.1", "quantity": 2}]
    (purchase, *_), _ = taken(track("Order Completed", {"order_id": "o", "products": products}))
    assert purchase.amount_micros == 20_190_000
    (purchase, *items), _ = taken(track("Order Completed", {"products": [*products, {"product_id": "c"}]}))
    assert (purchase.amount_micros, len(items)) == (None, 3)


def test_products_that_are_none_cost_no_revenue() -> None:
    """Where products are not objects the purchase counts, and they stay as they were sent."""
    event = only(track("Order Completed", {"revenue": 5, "products": ["a", {}]}))
    assert (event.amount_micros, json.loads(event.properties or "")) == (5_000_000, {"products": ["a", {}]})


def test_a_refund_is_no_sale_of_items() -> None:
    """Its amount is a refund's; what was sent back is kept beside it."""
    event = only(track("Order Refunded", {"order_id": "o", "total": "7.50", "products": [{"product_id": "a"}]}))
    assert (event.name, event.order_id, event.amount_micros) == ("refund", "o", 7_500_000)
    assert json.loads(event.properties or "") == {"products": [{"product_id": "a"}]}


def test_money_of_the_spec_must_be_money() -> None:
    """A revenue that is none is the event's fault; a word of the spec in an event of one's own is just a property."""
    events, (rejected,) = taken(track("Order Completed", {"revenue": "a lot"}), track("Raffle", {"price": "a pony"}))
    assert (rejected.reason, rejected.line) == ("bad-number", 1)
    assert "a lot" in rejected.body
    assert [(event.name, event.price_micros, event.properties) for event in events] == [
        ("Raffle", None, '{"price":"a pony"}')
    ]


def test_digits_are_kept() -> None:
    """Numbers are read as decimals, in columns and in properties, however long they are."""
    body = (
        b'{"batch": [{"type": "track", "event": "Order Completed", "anonymousId": "v", "properties":'
        b' {"revenue": 999999.999999, "n": 12345678901234567890123, "x": 1.10}}]}'
    )
    with open_door() as (door, journal):
        assert ask(door, body, path="/v1/batch", headers=basic("open-key")).status == 200
        ((event,), _) = stored(journal)
    assert event.amount_micros == 999_999_999_999
    assert event.properties == '{"n":12345678901234567890123,"x":1.10}'


def test_people() -> None:
    """Who identifies tells traits, who aliases the id before, a group its id and traits; all name visitor and user."""
    ids = {"anonymousId": "v1", "userId": "u1", "timestamp": WHEN}
    events, rejected = taken(
        {"type": "identify", **ids, "traits": {"plan": "pro"}},
        {"type": "identify", **ids, "context": {"traits": {"plan": "free"}, "locale": "de"}},
        {"type": "alias", "previousId": "v0", "userId": "u1", "timestamp": WHEN},
        {"type": "group", **ids, "groupId": "g1", "traits": {"seats": 5}},
    )
    assert not rejected
    assert [(event.name, event.visitor_id, event.user_id) for event in events] == [
        ("identify", "v1", "u1"),
        ("identify", "v1", "u1"),
        ("alias", None, "u1"),
        ("group", "v1", "u1"),
    ]
    assert [json.loads(event.properties or "") for event in events] == [
        {"plan": "pro"},
        {"plan": "free"},
        {"previous_visitor_id": "v0"},
        {"seats": 5, "group_id": "g1"},
    ]
    assert json.loads(events[1].context or "") == {"locale": "de"}


def test_pages_and_screens() -> None:
    """A page's properties count before its context; a screen is an app's, and its name its title."""
    ids = {"anonymousId": "v1", "timestamp": WHEN}
    page, screen = taken(
        {"type": "page", **ids, "name": "Shoe page", "category": "Shop", "properties": PAGE, "context": {"page": {}}},
        {"type": "screen", **ids, "name": "Cart", "properties": {"items": 2}},
    )[0]
    assert (page.name, page.page_url, page.page_path) == ("page_view", PAGE["url"], "/p/7")
    assert (page.page_title, page.referrer) == ("Shoe", "https://x.example/")
    assert json.loads(page.properties or "") == {"name": "Shoe page", "category": "Shop"}
    assert (screen.name, screen.page_title, screen.source) == ("screen_view", "Cart", "app")
    assert json.loads(screen.properties or "") == {"items": 2, "name": "Cart"}


def test_context_becomes_columns() -> None:
    """Page and campaign are columns; what has none stays in the context; what steers Segment's destinations is gone."""
    kept = {"locale": "de-DE", "screen": {"width": 3}, "os": {"name": "iOS"}}
    context = {"page": {**PAGE, "search": ""}, **CAME_FROM, **kept}
    event = only(track("x", context=context, integrations={"All": True}, _metadata={"n": 1}, ticket=9))
    assert (event.page_url, event.page_path, event.page_title) == (PAGE["url"], "/p/7", "Shoe")
    assert (event.utm_campaign, event.utm_source, event.utm_medium) == ("autumn", "news", "email")
    assert (event.utm_term, event.utm_content, event.os) == ("shoes", "b", "iOS")
    assert json.loads(event.context or "") == kept
    assert json.loads(event.metadata or "") == {"ticket": 9}


def test_only_a_server_key_may_say_where_somebody_is() -> None:
    """Address, agent and place of a message are believed from a server key; from a page they are kept unread."""
    context = {"ip": "203.0.113.9", "userAgent": "App/1", "location": {"country": "de", "city": "Bonn"}}
    server = only(track("x", context=context), key="server-key")
    assert (server.country, server.city) == ("DE", "Bonn")
    assert server.ip_hash is not None
    page = only(track("x", context=context))
    assert (page.country, page.city) == (None, None)
    assert json.loads(page.context or "") == {key: context[key] for key in ("userAgent", "location")}
    assert only(track("x", context={"userAgent": BROWSER})).context is None, "the request said it already"


def test_sessions_are_one_visitors_own() -> None:
    """RudderStack's session id is a moment, so two visitors may have the same: it is theirs with the visitor's id."""
    message = track("x", context={"sessionId": 1_790_000_000}, channel="mobile")
    event = only(message)
    assert (event.session_id, event.source) == ("v1:1790000000", "app")


@pytest.mark.parametrize(
    ("message", "envelope", "seconds"),
    [
        ({"timestamp": "2026-09-21T14:13:00Z"}, {}, -20),
        ({"timestamp": "2026-09-21T12:00:00Z"}, {"sentAt": "2026-09-21T12:00:10Z"}, -10),
        (
            {"timestamp": "2026-09-21T14:13:20Z", "originalTimestamp": "2026-09-21T12:00:00Z"},
            {"sentAt": "2026-09-21T12:00:10Z"},
            -10,
        ),
        (
            {"timestamp": "2026-09-21T12:00:00Z", "sentAt": "2026-09-21T12:00:30Z"},
            {"sentAt": "2026-09-21T12:00:10Z"},
            -30,
        ),
        ({"timestamp": "2026-09-21T14:13:19Z"}, {"sentAt": "yesterday"}, -1),
        ({}, {"sentAt": None}, 0),
    ],
)
def test_times_follow_segments_rule(message: dict[str, str], envelope: dict[str, str], seconds: int) -> None:
    """Received − (sentAt − originalTimestamp); a clock that can't be read corrects nothing."""
    assert read_time("2026-09-21T14:13:20Z") == NOW_US
    sent = {"type": "track", "event": "x", "anonymousId": "v1", **message}
    assert only(sent, **envelope).ts_us == NOW_US + seconds * 1_000_000


@pytest.mark.parametrize(
    ("path", "name"), [("/v1/track", "x"), ("/v1/t", "x"), ("/v1/page", "page_view"), ("/v1/g", "group")]
)
def test_single_messages(path: str, name: str) -> None:
    """The path says the type; the key may stand in the body, and what the client's clock showed does."""
    message = {"event": "x", "anonymousId": "v1", "writeKey": "open-key", "timestamp": "2026-09-21T12:00:00Z"}
    body = json.dumps({**message, "sentAt": "2026-09-21T12:00:10Z"}).encode()
    with open_door() as (door, journal):
        assert ask(door, body, path=path, headers={"content-type": "text/plain"}).status == 200
        ((event,), _) = stored(journal)
        assert (event.name, event.project_id, event.ts_us) == (name, "blog", NOW_US - 10_000_000)


@pytest.mark.parametrize(
    ("headers", "query", "stated"),
    [
        (basic("open-key"), b"", {}),
        ({}, b"", {"writeKey": "open-key"}),
        ({"authorization": "Bearer token-of-segments-own"}, b"", {"writeKey": "open-key"}),
        ({}, b"writeKey=open-key", {}),
    ],
)
def test_where_a_key_stands(headers: dict[str, str], query: bytes, stated: dict[str, str]) -> None:
    """Basic credentials, the body, or a beacon's parameter; a token of Segment's own is nobody's key."""
    body = json.dumps({"batch": [track("x")], **stated}).encode()
    with open_door() as (door, journal):
        answer = ask(door, body, path="/beacon/v1/batch", headers=headers, query=query)
        assert (answer.status, answer.body) == (200, b"OK")
        assert stored(journal)[0][0].project_id == "blog"


@pytest.mark.parametrize("body", [b"", b"5", b"[]", b"{}", b'{"batch": {}}', b'{"batch": [', b"\xff"])
def test_a_body_that_can_not_be_read_says_why(body: bytes) -> None:
    """400 with the `code` and `message` that clients show; RudderStack's would else send it for ever."""
    with open_door() as (door, journal):
        answer = ask(door, body, path="/v1/batch", headers=basic("open-key"))
        assert (answer.status, answer.json()["code"], answer.json()["success"]) == (400, "bad-request", False)
        assert answer.json()["message"]
        assert journal.end() == {0: 0}
