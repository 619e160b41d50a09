"""Clients from their registries, unmodified, against a real server: all their calls, bursts, and a server that dies."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from footfall.events.time import read_time
from tests.collect.protocols.clients import CLIENTS, WHEN, Errors, SteadyServer, interrupted, steadily_serving
from tests.collect.protocols.conformance import proves

WHEN_US = read_time(WHEN.isoformat())
ORDER = {
    "order_id": "o-1",
    "revenue": 25.99,
    "products": [
        {"product_id": "a", "price": 19.99, "quantity": 1},
        {"product_id": "b", "price": 3, "quantity": 2},
    ],
}

SEGMENTS = ("segment-analytics-python", "rudder-sdk-python")
POSTHOG = "posthog (Python)"


@pytest.fixture(scope="module", params=["0", "2"], ids=["alone", "collectors"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SteadyServer]:
    """A server with its door in itself, and one with doors in processes of their own; each test has its own users."""
    folder = tmp_path_factory.mktemp("clients") / "data"
    with steadily_serving(folder, FOOTFALL_COLLECTORS=request.param) as running:
        yield running


@proves("every call", "compressed", of=SEGMENTS)
def test_every_call_of_segments_clients(server: SteadyServer, client: str) -> None:
    """Each call, sent plain and again compressed, is stored once: its kind, person, page, product, money and time."""
    errors = Errors()
    user = client
    who = {"user_id": user, "anonymous_id": "v1", "timestamp": WHEN}
    context = {"page": {"url": "https://shop.example/p/7", "title": "Shoe"}}
    for gzip in (False, True):
        sender = CLIENTS[client](server.write_key, server.address, errors, gzip=gzip)
        sender.identify(**who, traits={"plan": "pro"}, message_id=f"{user}-1")
        sender.page(
            **who, category="Shop", name="Shoe", properties={"url": "https://shop.example/p/7"}, message_id=f"{user}-2"
        )
        sender.screen(**who, name="Cart", message_id=f"{user}-3")
        sender.track(
            **who, event="Product Added", properties={"product_id": "a"}, context=context, message_id=f"{user}-4"
        )
        sender.track(**who, event="Order Completed", properties=ORDER, message_id=f"{user}-5")
        sender.group(**who, group_id="g1", traits={"seats": 5}, message_id=f"{user}-6")
        sender.alias(previous_id="v0", user_id=user, timestamp=WHEN, message_id=f"{user}-7")
        sender.shutdown()
    assert errors.told == []
    events = server.events_of(user)
    assert [(event["event_id"].removeprefix(f"{user}-"), event["name"]) for event in events] == [
        ("1", "identify"),
        ("2", "page_view"),
        ("3", "screen_view"),
        ("4", "add_to_cart"),
        ("5", "purchase"),
        ("5:1", "order_item"),
        ("5:2", "order_item"),
        ("6", "group"),
        ("7", "alias"),
    ]
    assert {event["visitor_id"] for event in events[:-1]} == {"v1"}
    assert all(abs(event["ts_us"] - WHEN_US) < 30_000_000 for event in events), "but for the way"
    identify, page, screen, added, purchase, first, second, group, alias = events
    assert json.loads(identify["properties"]) == {"plan": "pro"}
    assert (page["page_url"], page["page_title"]) == ("https://shop.example/p/7", "Shoe")
    assert screen["page_title"] == "Cart"
    assert (added["product_id"], added["page_url"]) == ("a", "https://shop.example/p/7")
    assert (purchase["order_id"], purchase["amount_micros"]) == ("o-1", 25_990_000)
    assert [(item["product_id"], item["price_micros"], item["quantity"]) for item in (first, second)] == [
        ("a", 19_990_000, 1),
        ("b", 3_000_000, 2),
    ]
    assert json.loads(group["properties"]) == {"seats": 5, "group_id": "g1"}
    assert json.loads(alias["properties"]) == {"previous_id": "v0"}


@proves("batches", "server killed meanwhile", of=SEGMENTS)
def test_what_segments_clients_believe_delivered_is_stored_once(server: SteadyServer, client: str) -> None:
    """The server is killed in a burst: what was not acknowledged is sent again, or given up; nothing is twice."""
    errors = Errors()
    sender = CLIENTS[client](server.write_key, server.address, errors, upload_size=20, max_queue_size=5_000)
    with interrupted(server, stored=100):
        sent = [sender.track(user_id="many", event="x", properties={"n": number})[1] for number in range(1_000)]
        sender.flush()
    sender.shutdown()
    stored = server.stored()
    assert {message["messageId"] for message in sent} - errors.given_up <= stored.keys()
    assert set(stored.values()) == {1}


@proves("a burst of 10,000", of=SEGMENTS)
@pytest.mark.slow
def test_a_burst_of_segments_clients(server: SteadyServer, client: str) -> None:
    """10,000 events as fast as the client can: all are stored, once."""
    errors = Errors()
    sender = CLIENTS[client](server.write_key, server.address, errors, gzip=True, max_queue_size=20_000)
    sent = [sender.track(user_id=f"u{number % 50}", event="x")[1] for number in range(10_000)]
    sender.shutdown()
    assert errors.told == []
    stored = server.stored()
    assert {message["messageId"] for message in sent} <= stored.keys()
    assert set(stored.values()) == {1}


@pytest.mark.parametrize("client", SEGMENTS)
@pytest.mark.parametrize("server", ["0"], ids=["alone"], indirect=True)
def test_a_wrong_key_is_told_to_segments_clients(server: SteadyServer, client: str) -> None:
    """The client gives up at once and says why; nothing is stored."""
    errors = Errors()
    sender = CLIENTS[client]("ffs_wrong", server.address, errors)
    sender.track(user_id="nobody", event="x")
    sender.shutdown()
    (error,) = errors.told
    assert (error.status, error.code) == (401, "unauthenticated")
    assert server.events_of("nobody") == []


@proves("every call", "compressed", of=[POSTHOG])
def test_every_call_of_posthogs_client(server: SteadyServer, client: str) -> None:
    """Each call, sent plain and again compressed, is stored once: its kind, person, page, product, money and time."""
    errors = Errors()
    ids = [f"0190b5a2-7c1e-7d3a-9f00-{number:012d}" for number in range(10)]
    for gzip in (False, True):
        sender = CLIENTS[client](server.write_key, server.address, errors, gzip=gzip)
        sent = [{"distinct_id": "posthog", "timestamp": WHEN, "uuid": one} for one in ids]
        sender.capture(
            "$pageview", **sent[0], properties={"$current_url": "https://shop.example/p/7", "colour": "blue"}
        )
        sender.capture("Product Added", **sent[1], properties={"product_id": "a", "price": 19.99, "quantity": 1})
        sender.capture("Order Completed", **sent[2], properties=ORDER)
        sender.set(**sent[3], properties={"plan": "pro"})
        sender.set_once(**sent[4], properties={"first": "news"})
        sender.alias(previous_id="v0", distinct_id="posthog", timestamp=WHEN, uuid=ids[5])
        sender.group_identify("company", "c1", {"seats": 5}, timestamp=WHEN, uuid=ids[6], distinct_id="posthog")
        sender.capture_exception(ValueError("no"), **sent[7])
        sender.capture_ai("$ai_generation", **sent[8], properties={"$ai_model": "m"})
        with sender.new_context():
            sender.identify_context("posthog")
            sender.set_context_session("s1")
            sender.tag("colour", "red")
            sender.capture("tagged", timestamp=WHEN, uuid=ids[9])
        assert sender.get_all_flags("posthog") == {}
        sender.shutdown()
    assert errors.told == []
    events = server.events_of("posthog")
    assert [(event["event_id"], event["name"]) for event in events] == [
        (ids[0], "page_view"),
        (ids[1], "add_to_cart"),
        (ids[2], "purchase"),
        (f"{ids[2]}:1", "order_item"),
        (f"{ids[2]}:2", "order_item"),
        (ids[3], "identify"),
        (ids[4], "identify"),
        (ids[5], "alias"),
        (ids[6], "group"),
        (ids[7], "page_error"),
        (ids[8], "$ai_generation"),
        (ids[9], "tagged"),
    ]
    assert all(abs(event["ts_us"] - WHEN_US) < 30_000_000 for event in events), "but for the way"
    page, added, purchase, first, second, told, once, alias, group, _, _, tagged = events
    assert page["page_url"] == "https://shop.example/p/7"
    assert json.loads(page["properties"])["colour"] == "blue"
    assert (added["product_id"], added["price_micros"], added["quantity"]) == ("a", 19_990_000, 1)
    assert (purchase["order_id"], purchase["amount_micros"]) == ("o-1", 25_990_000)
    assert [(item["product_id"], item["price_micros"]) for item in (first, second)] == [
        ("a", 19_990_000),
        ("b", 3_000_000),
    ]
    assert [json.loads(one["properties"]) for one in (told, once)] == [{"plan": "pro"}, {"first": "news"}]
    assert json.loads(alias["properties"]) == {"previous_id": "v0"}
    assert json.loads(tagged["properties"])["colour"] == "red"
    assert json.loads(group["properties"]) == {"group_type": "company", "group_id": "c1", "seats": 5}


@proves("batches", "server killed meanwhile", of=[POSTHOG])
def test_what_posthogs_client_believes_delivered_is_stored_once(server: SteadyServer, client: str) -> None:
    """The server is killed in a burst: what was not acknowledged is sent again, or given up; nothing is twice."""
    errors = Errors()
    sender = CLIENTS[client](server.write_key, server.address, errors, flush_at=20, max_retries=10)
    with interrupted(server, stored=100):
        sent = [sender.capture("x", distinct_id="many", properties={"n": number}) for number in range(1_000)]
        sender.flush(timeout_seconds=None)
    sender.shutdown()
    stored = server.stored()
    assert set(sent) - errors.given_up <= stored.keys()
    assert set(stored.values()) == {1}


@proves("a burst of 10,000", of=[POSTHOG])
@pytest.mark.slow
def test_a_burst_of_posthogs_client(server: SteadyServer, client: str) -> None:
    """10,000 events as fast as the client can: all are stored, once."""
    errors = Errors()
    sender = CLIENTS[client](server.write_key, server.address, errors, gzip=True, max_queue_size=20_000)
    sent = [sender.capture("x", distinct_id=f"u{number % 50}") for number in range(10_000)]
    sender.flush(timeout_seconds=None)
    sender.shutdown()
    assert errors.told == []
    stored = server.stored()
    assert set(sent) <= stored.keys()
    assert set(stored.values()) == {1}


@pytest.mark.parametrize("server", ["0"], ids=["alone"], indirect=True)
def test_a_wrong_key_is_told_to_posthogs_client(server: SteadyServer) -> None:
    """The client gives up at once and says why; nothing is stored."""
    errors = Errors()
    client = CLIENTS[POSTHOG]("ffs_wrong", server.address, errors)
    client.capture("x", distinct_id="nobody")
    client.flush(timeout_seconds=None)
    client.shutdown()
    (error,) = errors.told
    assert error.status == 401
    assert server.events_of("nobody") == []
