"""Requests as shops send them: bodies of events of 480 bytes, made once, and made new by writing over ids and times."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import NamedTuple

import numpy as np

EVENT_BYTES = 480
VISITORS = 33_000
EVENTS = 51_200
BAD_EVERY = 100
NAMES = ("page_view", "product_view", "click", "scroll_depth", "add_to_cart", "purchase", "search_query")
ODDS = (0.30, 0.40, 0.10, 0.10, 0.06, 0.02, 0.02)

_HEAD = '{{"{id}":"{series}-{tail}","timestamp":"2026-01-01T00:00:00.000Z","{name}":"{value}",'
_SERIES_BYTES = len("00000000-0000")
_TIME_BYTES = len("2026-01-01T00:00:00.000Z")


class Form(NamedTuple):
    """How a protocol writes events."""

    path: str
    event_bytes: int
    id_name: str
    name: str
    put: Callable[[dict[str, object]], dict[str, object]]
    """What follows id, time and name, made of the native fields."""
    begin: bytes = b"["
    end: bytes = b"]"

    @property
    def series_at(self) -> int:
        """Where an event's id begins."""
        return len(f'{{"{self.id_name}":"')

    @property
    def time_at(self) -> int:
        """Where its time begins."""
        return self.series_at + len('00000000-0000-7000-8000-000000000000","timestamp":"')

    @property
    def name_at(self) -> int:
        """Where the name of its name begins."""
        return self.time_at + len('2026-01-01T00:00:00.000Z","')

    def text(self, tail: str, name: str, fields: dict[str, object]) -> str:
        """An event whose id ends in `tail`."""
        head = _HEAD.format(id=self.id_name, series="00000000-0000", tail=tail, name=self.name, value=name)
        return head + json.dumps(self.put(fields), separators=(",", ":"))[1:]


def _as_segment(fields: dict[str, object]) -> dict[str, object]:
    sent = {"type": "track", "anonymousId": fields["visitor_id"], "integrations": {}}
    if "user_id" in fields:
        sent["userId"] = fields["user_id"]
    page = {"url": fields["page_url"], "title": fields["page_title"]}
    context: dict[str, object] = {"page": page, "library": {"name": "analytics.js", "version": "next-1.84.1"}}
    if "session_id" in fields:
        context["sessionId"] = fields["session_id"]
    sent["context"] = context
    return {**sent, "properties": _properties(fields)}


def _as_posthog(fields: dict[str, object]) -> dict[str, object]:
    own = {"$current_url": fields["page_url"], "title": fields["page_title"], "$device_id": fields["visitor_id"]}
    own |= {"$lib": "web", "$lib_version": "1.418.10", "$is_identified": "user_id" in fields}
    if "session_id" in fields:
        own["$session_id"] = fields["session_id"]
    return {"distinct_id": fields.get("user_id", fields["visitor_id"]), "properties": {**own, **_properties(fields)}}


def _properties(fields: dict[str, object]) -> dict[str, object]:
    """What a shop says of a product, under the names of the e-commerce spec."""
    names = {"product_id": "product_id", "product_category": "category", "brand": "brand", "price": "price"}
    names |= {"quantity": "quantity", "order_id": "order_id"}
    own = fields["properties"]
    assert isinstance(own, dict)
    return {name: fields[field] for field, name in names.items() if field in fields} | own


NATIVE = Form("/v1/events", EVENT_BYTES, "event_id", "name", lambda fields: fields)
FORMS = {
    "http": NATIVE,
    "segment": Form("/v1/batch", 560, "messageId", "event", _as_segment, b'{"batch":[', b"]}"),
    "posthog": Form("/batch/", 560, "uuid", "event", _as_posthog, b'{"batch":[', b"]}"),
}
"""{protocol: how it writes the same events}."""


def requests(key: str, events: int, *, bad: bool = False, form: Form = NATIVE) -> Iterator[bytes]:
    """Requests of so many events each, without end; no event id twice, in whichever process.

    If `bad`, every hundredth event has no name: there are so many hundreds of events in a request, at least one.

    Half of the visitors have sessions with ids of their own, a third are known users; all times are now.
    """
    bodies = texts(form).copy()
    if bad:
        bodies[BAD_EVERY // 2 :: BAD_EVERY, form.name_at] = ord("l")
    bodies = bodies.reshape(-1, events, form.event_bytes)
    length = len(form.begin) + events * form.event_bytes - 1 + len(form.end)
    basic = base64.b64encode(f"{key}:".encode()).decode()  # which every protocol takes
    head = (
        f"POST {form.path} HTTP/1.1\r\nhost: bench\r\nauthorization: Basic {basic}\r\n"
        f"content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    ).encode()
    own = os.urandom(2).hex()
    series_at, time_at = form.series_at, form.time_at
    for series in count(time.time_ns() // 1_000_000):
        name = np.frombuffer(f"{series % 2**32:08x}-{own}".encode(), np.uint8)
        for body in bodies:
            now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
            body[:, series_at : series_at + _SERIES_BYTES] = name
            body[:, time_at : time_at + _TIME_BYTES] = np.frombuffer(now.encode(), np.uint8)
            yield head + form.begin + body.tobytes()[:-1] + form.end


@cache
def texts(form: Form = NATIVE) -> np.ndarray:
    """EVENTS × the form's bytes, each event ending in blanks and a comma."""
    random = np.random.default_rng(7)
    visitors = random.integers(0, VISITORS, EVENTS).tolist()
    products = (random.zipf(1.3, EVENTS) % 5_000).tolist()
    names = random.choice(NAMES, EVENTS, p=ODDS).tolist()
    tails = [f"{text[:4]}-{text[4:8]}-{text[8:]}" for text in (random.bytes(10).hex() for _ in names)]
    events = [
        form.text(*_event(number, *one)).ljust(form.event_bytes - 1) + ","
        for number, one in enumerate(zip(tails, names, visitors, products, strict=True))
    ]
    return np.frombuffer("".join(events).encode(), np.uint8).reshape(EVENTS, form.event_bytes)


def _event(number: int, tail: str, name: str, visitor: int, product: int) -> tuple[str, str, dict[str, object]]:
    fields: dict[str, object] = {"visitor_id": f"visitor-{visitor * 2_654_435_761 % 2**32:08x}"}
    if visitor % 2:
        fields["session_id"] = f"session-{visitor:08d}"
    if visitor % 3 == 0:
        fields["user_id"] = f"user-{visitor:06d}"
    fields |= {"page_url": f"https://shop.example/p/{product}?ref=mail", "page_title": f"Running shoe {product}"}
    if name in {"product_view", "add_to_cart", "purchase"}:
        fields |= {"product_id": f"sku-{product:05d}", "product_category": f"shoes.running.{product % 50}"}
        fields |= {"brand": "acme", "price": product % 200 + 0.99, "quantity": 1}
    if name == "purchase":
        fields |= {"order_id": f"order-{number:08d}"}
    fields["properties"] = {"color": "blue", "size": 36 + product % 12}
    return tail, name, fields
