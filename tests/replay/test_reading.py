"""Refused events read again: by their protocol, with ids that are the same each time, or with a reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import asdict, replace

from footfall.collect.protocols import PROTOCOLS
from footfall.events.event import Event, Rejected
from footfall.events.kinds import Taxonomy
from footfall.events.wire import BODY_BYTES, Source
from footfall.replay import Mending, Remaining
from footfall.replay.reading import as_replayed, read_again
from tests.collect.protocols.samples import SAMPLES
from tests.events.sources import FILE, NOW_US, PUBLIC

NOTHING = Mending()


def refused(body: object, source: str = "http", *, reason: str = "bad-number", name: str | None = None) -> Rejected:
    """A rejection that keeps `body`."""
    text = body if isinstance(body, str) else json.dumps(body)
    return Rejected(
        project_id="shop",
        rejected_id="r1",
        received_us=NOW_US,
        reason=reason,
        detail="",
        source=source,
        name=name,
        body=text,
    )


def taken(one: Rejected, mending: Mending = NOTHING, source: Source = PUBLIC) -> Sequence[Event]:
    """The events of a rejection that can be taken now."""
    outcome = read_again(one, mending.settled(Taxonomy()), replace(source, door=one.source))
    assert not isinstance(outcome, Remaining), outcome
    return outcome


def why(one: Rejected, mending: Mending = NOTHING) -> Remaining:
    """Why a rejection stays one."""
    outcome = read_again(one, mending.settled(Taxonomy()), PUBLIC)
    assert isinstance(outcome, Remaining)
    return outcome


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_message_is_read_as_its_protocol_reads_it(name: str) -> None:
    """Every protocol's own message makes the event that its door makes, with the client's id, and never an address."""
    message: Any = SAMPLES[name].message(7)
    whose = {"ga4": {"client_id": "v1"}, "umami": {"payload.id": "u1"}}.get(name, {})
    if name == "plausible":  # nobody is named, and who sent it is not known any more
        assert why(refused(message, name)).reason == "no-owner"
        return
    [event] = taken(refused(message, name), Mending(set=whose))
    assert event.event_id == "e7"
    assert event.visitor_id or event.user_id or event.session_id
    assert "198.51.100.77" not in str(asdict(event))
    assert [event] == taken(refused(message, name), Mending(set=whose))


def test_every_protocol_is_replayed() -> None:
    """There is no protocol whose messages can't be read again."""
    assert {protocol.name for protocol in PROTOCOLS} - {"pixel"} == set(SAMPLES)
    [event] = taken(refused({"name": "email_open", "user_id": "u1", "price": "1.50"}, "pixel"))
    assert (event.name, event.user_id, event.price_micros) == ("email_open", "u1", 1_500_000)


def test_ids_are_the_senders_or_the_rejections() -> None:
    """An event without an id gets its rejection's, so that it is the same one whenever it is replayed."""
    [own] = taken(refused({"name": "view", "visitor_id": "v", "id": "mine"}))
    [given] = taken(refused({"name": "view", "visitor_id": "v", "id": ""}))
    assert (own.event_id, given.event_id) == ("mine", "r1")


def test_an_order_whose_events_have_no_ids_is_not_stored_in_part_again() -> None:
    """Where the door took some of a message's events, and none has an id, the message stays: nobody knows which."""
    products = [{"product_id": "a", "price": 1}, {"product_id": "b", "price": 2}]
    order = {"type": "track", "event": "Order Completed", "userId": "u", "properties": {"products": products}}
    assert "without ids" in why(refused(order, "segment", name="order_item")).detail
    whole = taken(refused(order, "segment"))
    assert [event.event_id for event in whole] == ["r1:0", "r1:1", "r1:2"]
    known = taken(refused(order | {"messageId": "m"}, "segment", name="order_item"))
    assert known[0].event_id == "m"
    assert len({event.event_id for event in known}) == 3


def test_paths_lead_into_objects() -> None:
    """Values are moved, set and dropped at any depth; a name with a dot in it is met as it stands."""
    sent = {
        "type": "track",
        "event": "Bought",
        "userId": "u",
        "properties": {"cost": "9.90", "price": "much"},
        "a.b": 1,
    }
    mending = Mending(
        map={"properties.cost": "properties.price", "a.b": "properties.c"},
        set={"context.page.url": "https://x.example/"},
    )
    [event] = taken(refused(sent, "segment"), mending)
    assert (event.price_micros, event.page_url) == (9_900_000, "https://x.example/")
    assert json.loads(event.properties or "") == {"c": 1}
    assert (
        "is no object"
        in why(refused({"name": "view", "visitor_id": "v", "page": 1}), Mending(set={"page.x": 1})).detail
    )


def test_times_count_from_the_first_arrival() -> None:
    """What has no time happened when it first arrived; stored it arrives now, and says when it did first."""
    one = refused({"name": "view", "visitor_id": "v", "metadata": {"seq": 1.50}})
    [event] = taken(one)
    stored = as_replayed(event, one, NOW_US + 5)
    assert (stored.ts_us, stored.received_us) == (NOW_US, NOW_US + 5)
    first = {"rejected_id": "r1", "received": "2026-09-21T14:13:20Z"}
    assert json.loads(stored.metadata or "") == {"seq": 1.5, "replayed": first}


def test_rows_of_files_are_read_as_fields() -> None:
    """What was kept of a row are its fields; without a time it stays refused."""
    row = {"name": "view", "user_id": "u", "timestamp": "2019-10-01", "country": "DE"}
    [event] = taken(refused(row, "old.csv"), source=FILE)
    assert (event.event_id, event.country, event.source) == ("r1", "DE", "import")
    outcome = read_again(refused({"name": "view", "user_id": "u"}, "old.csv"), NOTHING, FILE)
    assert isinstance(outcome, Remaining)
    assert outcome.reason == "bad-time"


@pytest.mark.parametrize(
    ("body", "said"),
    [("", "nothing was kept"), ("{", "no JSON object"), ("[1]", "no JSON object"), ("x" * BODY_BYTES, "longer")],
    ids=["empty", "broken", "array", "cut"],
)
def test_what_can_not_be_read_says_why(body: str, said: str) -> None:
    """Nothing kept, no JSON, and a text that was cut off are told apart."""
    assert said in why(refused(body)).detail
