"""Snowplow's tracker for Python, unmodified, against a real server: all its calls, and a server that dies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from snowplow_tracker.emitters import AsyncEmitter, Emitter
from snowplow_tracker.events.page_ping import PagePing
from snowplow_tracker.events.page_view import PageView
from snowplow_tracker.self_describing_json import SelfDescribingJson
from snowplow_tracker.subject import Subject
from snowplow_tracker.tracker import Tracker
from snowplow_tracker.typing import Method, PayloadDictList

from tests.collect.protocols.clients import SteadyServer, interrupted, steadily_serving
from tests.collect.protocols.conformance import proves

SNOWPLOW = ["snowplow-tracker (Python)"]
PAGE = "https://shop.example/p/7"


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SteadyServer]:
    """A server on a folder of its own."""
    with steadily_serving(tmp_path_factory.mktemp("snowplow") / "data") as running:
        yield running


def tracker(server: SteadyServer, emitter: Emitter, *, base64: bool = True) -> Tracker:
    """One of a known visitor, whose app's id is the server's key."""
    who = Subject().set_domain_user_id("v1").set_user_id("u1")
    return Tracker("test", emitter, who, app_id=server.write_key, encode_base64=base64)


@proves("every call", of=SNOWPLOW)
@pytest.mark.filterwarnings("ignore:track_:DeprecationWarning")  # the older calls are in use
@pytest.mark.parametrize("method", ["post", "get"])
def test_every_call(server: SteadyServer, client: str, method: Method) -> None:
    """Each call, in Base64 and plain, is stored once: its kind, person, page, product and money."""
    failed: list[object] = []
    emitter = Emitter(
        "127.0.0.1", "http", server.port, method, batch_size=1, on_failure=lambda _, events: failed.extend(events)
    )
    quote = SelfDescribingJson("iglu:com.acme/quote_request/jsonschema/1-0-0", {"plan": "pro"})
    page = SelfDescribingJson("iglu:com.acme/page/jsonschema/1-0-0", {"kind": "shoe"})
    for base64 in (True, False):
        sender = tracker(server, emitter, base64=base64)
        sender.track(PageView(page_url=PAGE, page_title="Shoe", context=[page]))
        sender.track(PagePing(page_url=PAGE, max_y=600))
        sender.track_link_click("https://other.example/")
        sender.track_add_to_cart("a", 2, unit_price=19.99, currency="EUR")
        sender.track_remove_from_cart("a", 1)
        sender.track_form_submit("login")
        sender.track_site_search(["red", "shoes"])
        sender.track_ecommerce_transaction(
            "o-1", 25.99, currency="EUR", items=[{"sku": "a", "price": 19.99, "quantity": 1, "currency": "EUR"}]
        )
        sender.track_screen_view(name="Cart")
        sender.track_struct_event("shop", "share", value=3)
        sender.track_self_describing_event(quote)
        sender.track_unstruct_event(quote)
        sender.track_page_view(PAGE, "Shoe")
        sender.track_page_ping(PAGE, "Shoe")
        sender.track_form_change("login", "name", "INPUT", "text")
        sender.track_mobile_screen_view("Basket", id_="s1")
        sender.flush()
    assert failed == []
    events = server.events_of("u1")
    once = ("click", "add_to_cart", "remove_from_cart", "form_submit", "search_query", "share", "change_form")
    again = ("page_view", "time_on_page", "screen_view", "quote_request")
    assert Counter(event["name"] for event in events) == (
        dict.fromkeys((*once, "purchase", "order_item"), 2) | dict.fromkeys(again, 4)
    )
    assert {(event["visitor_id"], event["user_id"]) for event in events} == {("v1", "u1")}
    by_name = {event["name"]: event for event in events}
    assert (by_name["page_view"]["page_url"], by_name["page_view"]["page_title"]) == (PAGE, "Shoe")
    added, purchase, item = (by_name[name] for name in ("add_to_cart", "purchase", "order_item"))
    assert (added["product_id"], added["price_micros"], added["quantity"]) == ("a", 19_990_000, 2)
    assert (purchase["order_id"], purchase["amount_micros"]) == ("o-1", 25_990_000)
    assert (item["order_id"], item["product_id"], item["price_micros"]) == ("o-1", "a", 19_990_000)


@proves("batches", "server killed meanwhile", of=SNOWPLOW)
def test_what_the_tracker_believes_delivered_is_stored_once(server: SteadyServer, client: str) -> None:
    """The server is killed in the middle of a burst: what was not acknowledged is sent again, and nothing is twice."""
    delivered: list[str] = []

    def note(events: PayloadDictList) -> None:
        delivered.extend(event["eid"] for event in events)

    emitter = AsyncEmitter(
        "127.0.0.1", "http", server.port, batch_size=20, on_success=note, max_retry_delay_seconds=1, thread_count=2
    )
    sender = tracker(server, emitter)
    with interrupted(server, stored=100):
        sent = [sender.track(PageView(page_url=f"{PAGE}?{number}")) for number in range(1_000)]
        emitter.sync_flush()
    while len(set(delivered)) < len(sent):  # the suite's own limit ends a wait for ever
        emitter.sync_flush()
    emitter.cancel_flush_timer()
    stored = server.stored()
    assert set(sent) == set(delivered) == stored.keys()
    assert set(stored.values()) == {1}


@proves("a burst of 10,000", of=SNOWPLOW)
@pytest.mark.slow
def test_a_burst(server: SteadyServer, client: str) -> None:
    """10,000 events as fast as the tracker can: all are stored, once."""
    failed: list[object] = []
    emitter = AsyncEmitter(
        "127.0.0.1", "http", server.port, batch_size=100, on_failure=lambda _, events: failed.extend(events)
    )
    sender = tracker(server, emitter)
    sent = [sender.track(PageView(page_url=f"{PAGE}?{number}")) for number in range(10_000)]
    emitter.sync_flush()
    assert failed == []
    stored = server.stored(after=server.fence())
    assert set(sent) <= stored.keys()
    assert set(stored.values()) == {1}
