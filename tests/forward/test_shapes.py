"""How events look to receivers: complete, with exact money, and without what is nobody's business."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from footfall.events.event import Event
from footfall.forward.models import Destination, Kind
from footfall.forward.shapes import body, written

EVENT = Event(
    project_id="shop",
    event_id="e1",
    name="purchase",
    ts_us=1_682_929_560_000_000,
    received_us=1_682_929_561_000_000,
    visitor_id="v",
    user_id="ann",
    session_id="s",
    order_id="o1",
    page_url="https://shop.example/paid",
    amount_micros=19_990_000,
    country="NO",
    utm_source="news",
    ip_hash="0123",
    properties='{"coupon":"x","revenue":1.10}',
    context='{"user_agent":"Firefox"}',
)


def sent(kind: Kind, event: Event) -> dict[str, Any]:
    destination = Destination(
        destination_id="d", project_id="shop", kind=kind, url="", secret="k", label="", created_us=0
    )
    content = json.loads(body(destination, written(destination, [msgspec.structs.asdict(event)]), 0))
    [found] = content.get("batch") or content["events"]
    return dict(found)


def test_a_purchase_is_an_order_completed() -> None:
    """Segment's names, its places for campaign and page, the exact revenue; the hash of the address stays here."""
    message = sent(Kind.SEGMENT, EVENT)
    assert (message["type"], message["event"], message["messageId"]) == ("track", "Order Completed", "e1")
    assert (message["userId"], message["anonymousId"], message["timestamp"]) == ("ann", "v", "2023-05-01T08:26:00Z")
    assert message["properties"] == {
        "coupon": "x",
        "revenue": 19.99,
        "order_id": "o1",
        "url": "https://shop.example/paid",
    }
    assert message["context"]["campaign"] == {"source": "news"}
    assert message["context"]["userAgent"] == "Firefox"
    assert message["context"]["footfall"]["session_id"] == "s"
    assert "0123" not in json.dumps(message)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("page_view", "page"), ("screen_view", "screen"), ("identify", "identify"), ("group", "group"), ("x y", "track")],
)
def test_every_event_has_a_type(name: str, kind: str) -> None:
    """Of the six that Segment knows."""
    assert sent(Kind.SEGMENT, msgspec.structs.replace(EVENT, name=name))["type"] == kind


def test_somebody_is_always_named() -> None:
    """Segment refuses events of nobody: a session that is all that is known stands in."""
    message = sent(Kind.SEGMENT, msgspec.structs.replace(EVENT, visitor_id=None, user_id=None))
    assert message["anonymousId"] == "s"
    assert "userId" not in message


def test_a_webhook_has_the_events_own_fields() -> None:
    """Times and money as text, objects as objects, and nothing that says nothing."""
    event = sent(Kind.WEBHOOK, EVENT)
    assert event["event_id"] == "e1"
    assert (event["timestamp"], event["received"]) == ("2023-05-01T08:26:00Z", "2023-05-01T08:26:01Z")
    assert (event["amount"], event["properties"]) == ("19.99", {"coupon": "x", "revenue": 1.1})
    assert event.keys().isdisjoint(("project_id", "ip_hash", "price", "brand", "amount_micros", "ts_us"))
