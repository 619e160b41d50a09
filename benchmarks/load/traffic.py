"""Requests as shops send them: bodies of events of 480 bytes, made once, and made new by writing over ids and times."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count

import numpy as np

EVENT_BYTES = 480
VISITORS = 33_000
EVENTS = 51_200
BAD_EVERY = 100
NAMES = ("page_view", "product_view", "click", "scroll_depth", "add_to_cart", "purchase", "search_query")
ODDS = (0.30, 0.40, 0.10, 0.10, 0.06, 0.02, 0.02)

_HEAD = '{{"event_id":"{series}-{tail}","timestamp":"2026-01-01T00:00:00.000Z","name":"{name}",'
_SERIES_AT, _SERIES_BYTES = len('{"event_id":"'), len("00000000-0000")
_TIME_AT = len('{"event_id":"00000000-0000-7000-8000-000000000000","timestamp":"')
_NAME_AT = _TIME_AT + len('2026-01-01T00:00:00.000Z","')
_TIME_BYTES = len("2026-01-01T00:00:00.000Z")


def requests(key: str, events: int, *, bad: bool = False) -> Iterator[bytes]:
    """Requests of so many events each, without end; no event id twice, in whichever process.

    If `bad`, every hundredth event has no name: there are so many hundreds of events in a request, at least one.

    Half of the visitors have sessions with ids of their own, a third are known users; all times are now.
    """
    bodies = texts().copy()
    if bad:
        bodies[BAD_EVERY // 2 :: BAD_EVERY, _NAME_AT] = ord("l")
    bodies = bodies.reshape(-1, events, EVENT_BYTES)
    length = events * EVENT_BYTES + 1
    head = (
        f"POST /v1/events HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {key}\r\n"
        f"content-type: application/json\r\ncontent-length: {length}\r\n\r\n["
    ).encode()
    own = os.urandom(2).hex()
    for series in count(time.time_ns() // 1_000_000):
        name = np.frombuffer(f"{series % 2**32:08x}-{own}".encode(), np.uint8)
        for body in bodies:
            now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
            body[:, _SERIES_AT : _SERIES_AT + _SERIES_BYTES] = name
            body[:, _TIME_AT : _TIME_AT + _TIME_BYTES] = np.frombuffer(now.encode(), np.uint8)
            yield head + body.tobytes()[:-1] + b"]"


@cache
def texts() -> np.ndarray:
    """EVENTS × EVENT_BYTES, each event ending in blanks and a comma."""
    random = np.random.default_rng(7)
    visitors = random.integers(0, VISITORS, EVENTS).tolist()
    products = (random.zipf(1.3, EVENTS) % 5_000).tolist()
    names = random.choice(NAMES, EVENTS, p=ODDS).tolist()
    tails = [f"{text[:4]}-{text[4:8]}-{text[8:]}" for text in (random.bytes(10).hex() for _ in names)]
    events = [
        _event(number, *one).ljust(EVENT_BYTES - 1) + ","
        for number, one in enumerate(zip(tails, names, visitors, products, strict=True))
    ]
    return np.frombuffer("".join(events).encode(), np.uint8).reshape(EVENTS, EVENT_BYTES)


def _event(number: int, tail: str, name: str, visitor: int, product: int) -> str:
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
    head = _HEAD.format(series="00000000-0000", tail=tail, name=name)
    return head + json.dumps(fields, separators=(",", ":"))[1:]
