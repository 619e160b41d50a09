"""How an event looks to a receiver: as one of Segment's messages, or as Footfall's own fields.

Source: Segment's HTTP Tracking API and its e-commerce spec. `messageId`, and `event_id` in a webhook, are the event's
id, by which a receiver tells what it has had before: deliveries are made at least once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Raw

from footfall.events.money import write_money
from footfall.events.time import write_time
from footfall.forward.models import Destination, Kind

Row: TypeAlias = Mapping[str, Any]
"""One event, {column of `footfall.events.schema.EVENTS`: value}."""

_NAMES: Final = {
    "product_view": "Product Viewed",
    "add_to_cart": "Product Added",
    "remove_from_cart": "Product Removed",
    "purchase": "Order Completed",
    "refund": "Order Refunded",
}
_TYPES: Final = {"page_view": "page", "screen_view": "screen", "identify": "identify", "group": "group"}
_MONEY: Final = {"price_micros": "price", "amount_micros": "revenue"}
_PRODUCT: Final = {"product_category": "category", "brand": "brand", "product_id": "product_id", "quantity": "quantity"}
_OWN: Final = ("order_id", "currency", "value")
_PAGE: Final = {"page_url": "url", "page_path": "path", "page_title": "title", "referrer": "referrer"}
_PLACE: Final = ("country", "region", "city", "latitude", "longitude")
_CAMPAIGN: Final = {
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_campaign": "name",
    "utm_term": "term",
    "utm_content": "content",
}
_FOOTFALL: Final = ("session_id", "source", "category", "device", "browser", "os", "channel", "is_bot")
_OBJECTS: Final = ("properties", "context", "metadata")
_HIDDEN: Final = ("project_id", "ip_hash")
"""The receiver has no use for the one, and must not have the other."""

_encode: Final = msgspec.json.Encoder().encode
_members: Final = msgspec.json.Decoder(dict[str, Raw]).decode


def written(destination: Destination, rows: Sequence[Row]) -> list[bytes]:
    """Each event as the destination's receiver reads it."""
    shape = _message if destination.kind is Kind.SEGMENT else _fields
    return [_encode(shape(row)) for row in rows]


def body(destination: Destination, events: Sequence[bytes], sent_us: int) -> bytes:
    """The request's body."""
    name, sent_at = ("batch", "sentAt") if destination.kind is Kind.SEGMENT else ("events", "sent_at")
    return b'{"%b":[%b],"%b":"%b"}' % (name.encode(), b",".join(events), sent_at.encode(), write_time(sent_us).encode())


def _message(row: Row) -> dict[str, object]:
    """One of Segment's messages; without any id of a person the session stands in for the visitor."""
    kind = _TYPES.get(row["name"], "track")
    properties = _object(row["properties"])
    message: dict[str, object] = {
        "type": kind,
        "messageId": row["event_id"],
        "timestamp": write_time(row["ts_us"]),
        "anonymousId": row["visitor_id"] or (None if row["user_id"] else row["session_id"]),
        "userId": row["user_id"],
        "context": _context(row),
    }
    if kind in ("identify", "group"):
        message["traits"] = properties
    else:
        message["properties"] = properties | _own(row)
    if kind == "track":
        message["event"] = _NAMES.get(row["name"], row["name"])
    elif kind in ("page", "screen"):
        message["name"] = row["page_title"]
    else:
        message["groupId"] = properties.get("groupId", properties.get("group_id"))
    return _said(message)


def _own(row: Row) -> dict[str, object]:
    """What Segment has a name for among the properties."""
    money = {name: Raw(write_money(row[field]).encode()) for field, name in _MONEY.items() if row[field] is not None}
    product = {name: row[field] for field, name in _PRODUCT.items()}
    page = {name: row[field] for field, name in _PAGE.items()}
    return _said({name: row[name] for name in _OWN} | product | page) | money


def _context(row: Row) -> dict[str, object]:
    own = {
        "page": _said({name: row[field] for field, name in _PAGE.items()}),
        "campaign": _said({name: row[field] for field, name in _CAMPAIGN.items()}),
        "location": _said({name: row[name] for name in _PLACE}),
        "footfall": _said({name: row[name] for name in _FOOTFALL} | {"metadata": _object(row["metadata"]) or None}),
    }
    kept = _object(row["context"])
    agent = kept.pop("user_agent", None)
    return kept | {name: value for name, value in own.items() if value} | ({"userAgent": agent} if agent else {})


def _fields(row: Row) -> dict[str, object]:
    """The event's own fields: money as decimal text, times as text, objects as objects, what says nothing left out."""
    event = {name: value for name, value in row.items() if name not in _HIDDEN}
    for field in ("ts_us", "received_us"):
        event[field.removesuffix("_us").replace("ts", "timestamp")] = write_time(event.pop(field))
    for field in ("price_micros", "amount_micros"):
        micros = event.pop(field)
        event[field.removesuffix("_micros")] = None if micros is None else write_money(micros)
    return _said(event | {name: _object(row[name]) or None for name in _OBJECTS})


def _object(text: str | None) -> dict[str, Any]:
    return dict(_members(text)) if text else {}


def _said(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}
