"""What becomes of Snowplow's events: kinds, self-describing ones, entities, money, times, and images."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from footfall.events.event import Event, Rejected
from tests.collect.door_client import NOW_US, ask, open_door, stored

PATH = "/com.snowplowanalytics.snowplow/tp2"
NOW_MS = NOW_US // 1_000
IDS = {"aid": "open-key", "duid": "v1", "eid": "x", "p": "web", "dtm": str(NOW_MS)}
SCHEMA = "iglu:com.snowplowanalytics.snowplow/{}/jsonschema/1-0-0"


def described(name: str, data: object, vendor: str = "com.acme") -> dict[str, object]:
    """Something self-describing."""
    return {"schema": f"iglu:{vendor}/{name}/jsonschema/1-0-0", "data": data}


def parameters(event: object, *entities: object, packed: bool = False) -> dict[str, str]:
    """The parameters of a self-describing event with entities, plain or in Base64."""
    wholes = {"ue": {"schema": SCHEMA.format("unstruct_event"), "data": event}}
    if entities:
        wholes["c"] = {"schema": SCHEMA.format("contexts"), "data": list(entities)}
    names = {"ue": ("ue_pr", "ue_px"), "c": ("co", "cx")}
    texts = {names[name][packed]: json.dumps(whole) for name, whole in wholes.items()}
    if packed:
        texts = {name: base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") for name, text in texts.items()}
    return {"e": "ue", **texts}


def kept(*messages: dict[str, Any], key: str | None = None) -> tuple[list[Event], list[Rejected]]:
    """What a request with these is stored as."""
    body = json.dumps({"schema": SCHEMA.format("payload_data"), "data": [IDS | one for one in messages]}).encode()
    headers = {"content-type": "application/json"} | ({} if key is None else {"x-write-key": key})
    with open_door() as (door, journal):
        answer = ask(door, body, path=PATH, headers=headers)
        assert (answer.status, answer.body) == (200, b"ok")
        return stored(journal)


def taken(*messages: dict[str, Any], **more: Any) -> list[Event]:
    """The same, where all are taken."""
    events, rejected = kept(*messages, **more)
    assert not rejected
    return events


def test_a_page_view() -> None:
    """Page, people and session are columns; what the tracker says of screen and language is context."""
    page = {"e": "pv", "url": "https://shop.example/p", "page": "P", "refr": "https://x.example/", "lang": "de"}
    (event,) = taken(page | {"uid": "u1", "sid": "s1"})
    assert (event.name, event.event_id, event.project_id, event.source) == ("page_view", "x", "blog", "web")
    assert (event.visitor_id, event.user_id, event.session_id) == ("v1", "u1", "s1")
    assert (event.page_url, event.page_title, event.referrer) == (page["url"], "P", "https://x.example/")
    assert json.loads(event.context or "") == {"p": "web", "lang": "de"}


def test_a_page_ping_is_time_on_the_page() -> None:
    """It counts for no activity and lengthens the visit; how far was scrolled since is a property."""
    (event,) = taken({"e": "pp", "url": "https://shop.example/p", "pp_miy": "0", "pp_may": "600"})
    assert (event.name, event.page_url) == ("time_on_page", "https://shop.example/p")
    assert json.loads(event.properties or "") == {"miy": "0", "may": "600"}


def test_a_structured_event() -> None:
    """The action is its name, category and value are columns."""
    (event,) = taken({"e": "se", "se_ca": "shop", "se_ac": "add-to-cart", "se_la": "red", "se_va": "2.5"})
    assert (event.name, event.category, event.value) == ("add_to_cart", "shop", 2.5)
    assert json.loads(event.properties or "") == {"label": "red"}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "base64"])
def test_a_self_describing_event_and_its_entities(packed: bool) -> None:
    """It is named by its schema, its data are properties; entities are context by their names, several as a list."""
    one, two = (described("web_page", {"id": number}) for number in (1, 2))
    sent = parameters(
        described("quote-request", {"plan": "pro>?~ü"}), one, two, described("user", {"a": 1}), packed=packed
    )
    (event,) = taken(sent)
    assert event.name == "quote_request"
    assert json.loads(event.properties or "") == {"plan": "pro>?~ü"}
    assert json.loads(event.context or "") == {"p": "web", "web_page": [{"id": 1}, {"id": 2}], "user": {"a": 1}}
    assert json.loads(event.metadata or "") == {"schema": "iglu:com.acme/quote-request/jsonschema/1-0-0"}


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ("link_click", "click"),
        ("submit_form", "form_submit"),
        ("site_search", "search_query"),
        ("page_ping", "time_on_page"),
    ],
)
def test_snowplows_own_schemas_are_kinds(schema: str, name: str) -> None:
    """What its trackers tell by themselves counts as what it is."""
    assert taken(parameters(described(schema, {}, "com.snowplowanalytics.snowplow")))[0].name == name


def test_a_transaction_and_its_items() -> None:
    """The older e-commerce: one event for the order and one for each item, exact to the last digit."""
    uno = {"ti_sk": "a", "ti_nm": "Uno", "ti_ca": "Games", "ti_pr": "19.99", "ti_qu": "1"}
    order, item = taken(
        {"e": "tr", "tr_id": "o-1", "tr_tt": "25.99", "tr_cu": "USD", "tr_tx": "1.50"},
        {"e": "ti", "eid": "y", "ti_id": "o-1", **uno},
    )
    assert (order.name, order.order_id, order.amount_micros, order.currency) == ("purchase", "o-1", 25_990_000, "USD")
    assert json.loads(order.properties or "") == {"tx": "1.50"}
    assert (item.name, item.order_id, item.product_id, item.product_category) == ("order_item", "o-1", "a", "Games")
    assert (item.price_micros, item.quantity, item.properties) == (19_990_000, 1, '{"nm":"Uno"}')


def test_what_is_done_in_a_shop() -> None:
    """The newer e-commerce: the action is the name, products and transaction stand in entities."""
    shop = "com.snowplowanalytics.snowplow.ecommerce"
    product = described(
        "product", {"id": "a", "category": "Games", "price": 19.99, "currency": "EUR", "quantity": 2}, shop
    )
    other = described("product", {"id": "b", "category": "Games", "price": 1, "currency": "EUR"}, shop)
    paid = described("transaction", {"transaction_id": "o-1", "revenue": 40.98, "currency": "EUR"}, shop)
    (added,) = taken(parameters(described("snowplow_ecommerce_action", {"type": "add_to_cart"}, shop), product))
    assert (added.name, added.product_id, added.price_micros, added.quantity) == ("add_to_cart", "a", 19_990_000, 2)
    action = described("snowplow_ecommerce_action", {"type": "transaction"}, shop)
    purchase, first, second = taken(parameters(action, product, other, paid))
    assert (purchase.name, purchase.order_id, purchase.amount_micros) == ("purchase", "o-1", 40_980_000)
    assert [(item.event_id, item.product_id) for item in (first, second)] == [("x:1", "a"), ("x:2", "b")]
    assert {item.visitor_id for item in (first, second)} == {"v1"}


def test_an_app_says_its_session_in_an_entity() -> None:
    """Mobile trackers name nobody otherwise."""
    session = described("client_session", {"userId": "app-user", "sessionId": "app-session"})
    message = parameters(described("screen_view", {"name": "Cart"}), session) | {"p": "mob", "duid": None}
    (event,) = taken(message)
    assert (event.name, event.page_title, event.source) == ("screen_view", "Cart", "app")
    assert (event.visitor_id, event.session_id) == ("app-user", "app-session")


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        ({"dtm": str(NOW_MS - 9_000)}, -9),
        ({"dtm": str(NOW_MS - 99_000), "stm": str(NOW_MS - 90_000)}, -9),
        ({"dtm": str(NOW_MS - 99_000), "stm": str(NOW_MS - 90_000), "ttm": str(NOW_MS - 5_000)}, -5),
        ({"dtm": None}, 0),
    ],
    ids=["device", "sent", "true", "none"],
)
def test_times_follow_snowplows_rule(times: dict[str, str | None], seconds: int) -> None:
    """Received − (stm − dtm), by a device whose clock is wrong; a true time is taken as it is."""
    assert taken({"e": "pv", **times})[0].ts_us == NOW_US + seconds * 1_000_000


def test_only_a_server_key_may_say_where_somebody_is() -> None:
    """Address and agent of a message are believed from a server key; from a page the address is not even kept."""
    said = {"e": "pv", "ip": "198.51.100.9", "ua": "Phone/1"}
    (server,), (page,), (plain,) = taken(said, key="server-key"), taken(said), taken({"e": "pv"})
    assert server.ip_hash not in (None, page.ip_hash)
    assert page.ip_hash == plain.ip_hash
    assert "198.51.100.9" not in f"{server}{page}"


def test_an_image_is_an_event() -> None:
    """The same parameters behind an image's address; nothing of it may be kept by caches."""
    query = urlencode(IDS | {"e": "pv", "url": "https://shop.example/p?a=1", "page": "Grüße"}).encode()
    with open_door() as (door, journal):
        answer = ask(door, method="GET", path="/i", query=query, headers={})
        assert (answer.status, answer.headers["content-type"]) == (200, "image/gif")
        assert answer.headers["cache-control"] == "no-store"
        ((event,), _) = stored(journal)
        assert (event.page_url, event.page_title, event.project_id) == ("https://shop.example/p?a=1", "Grüße", "blog")


@pytest.mark.parametrize(
    "message",
    [
        {"e": "zz"},
        {"e": None},
        {"e": "ue"},
        {"e": "ue", "ue_pr": "{"},
        {"e": "ue", "ue_px": "%%%"},
        {"e": "ue", "ue_pr": "[" * 99},
        {"e": "pv", "co": "5"},
        {"e": "pv", "cx": "gA"},
        parameters({"schema": "link_click", "data": {}}),
        {"e": "pv", "aid": "another-app"},
    ],
    ids=str,
)
def test_what_can_not_be_taken_is_kept_with_its_reason(message: dict[str, Any]) -> None:
    """It costs its neighbour nothing."""
    events, (rejected,) = kept({"e": "pv", "eid": "good"}, message)
    assert [event.event_id for event in events] == ["good"]
    assert (rejected.line, rejected.reason in ("unsupported", "bad-field")) == (2, True)


@pytest.mark.parametrize("body", [b"", b"5", b"[]", b"{}", b'{"data": {}}', b'{"data": [', b"\xff"])
def test_a_body_that_can_not_be_read_is_refused(body: bytes) -> None:
    """400, which no tracker tries again."""
    with open_door() as (door, journal):
        answer = ask(door, body, path=PATH, headers={"x-write-key": "open-key"})
        assert (answer.status, answer.json()["status"]) == (400, 400)
        assert journal.end() == {0: 0}
