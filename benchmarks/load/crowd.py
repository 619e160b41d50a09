"""A crowd that comes and goes: some are there at a time, each for some events, and new ones take their places.

Clients send at a pace, whatever the answers. What is sent is as in `traffic`, but for the visitors, who are as many as
one likes.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import accumulate

from msgspec import Struct

from benchmarks.harness import Disagreement
from benchmarks.load.clients import Tally
from benchmarks.load.traffic import NAMES, ODDS

_ODDS = tuple(accumulate(ODDS))
_SENDERS = 8
_WITH_PRODUCTS = {"product_view", "add_to_cart", "purchase"}


class Crowd(Struct, frozen=True):
    """What to send, and how."""

    port: int
    key: str
    requests: int
    """How many of them."""
    events: int
    """A request."""
    there: int
    """Visitors who are there at a time."""
    staying: int | None
    """Events after which a visitor leaves, on average; None when nobody does."""
    events_a_second: float | None = None
    """The pace; None for as fast as it goes."""
    each_once: bool = False
    """An event of each visitor in turn, for all to come."""
    gone: int = 0
    """Visitors who have left before it begins."""


def push(crowd: Crowd) -> Tally:
    """Send it all, wait for the last answers, say what they were."""
    own, tally = os.urandom(4).hex(), Tally(began=time.monotonic())
    numbers = iter(range(crowd.requests))
    with ThreadPoolExecutor(_SENDERS) as senders:
        for each in senders.map(lambda _: _send(crowd, own, numbers, tally.began), range(_SENDERS)):
            tally.add(each)
    return tally


def _send(crowd: Crowd, own: str, numbers: Iterator[int], began: float) -> Tally:
    """Send the next request that nobody else has sent, until there is none."""
    tally, connection = Tally(), http.client.HTTPConnection("127.0.0.1", crowd.port, timeout=60)
    headers = {"authorization": f"Bearer {crowd.key}", "content-type": "application/json"}
    for number in numbers:
        due = time.monotonic()
        if crowd.events_a_second is not None:
            due = began + number * crowd.events / crowd.events_a_second
            time.sleep(max(0.0, due - time.monotonic()))
        connection.request("POST", "/v1/events", body(crowd, own, number), headers)
        response = connection.getresponse()
        answer = response.read()
        if response.status != 202:
            raise Disagreement(f"{response.status}: {answer[:500].decode(errors='replace')}")
        receipt = json.loads(answer)
        tally.accepted += receipt["accepted"]
        tally.offset = max(tally.offset, receipt["offset"])
        tally.milliseconds.append((time.monotonic() - due) * 1000)
    connection.close()
    return tally


def body(crowd: Crowd, own: str, number: int) -> bytes:
    """The request `number`; `own` makes its ids different from those of any other crowd."""
    chance, first = random.Random(number), number * crowd.events
    now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    gone = crowd.gone + (0 if crowd.staying is None else first // crowd.staying)
    names = chance.choices(NAMES, cum_weights=_ODDS, k=crowd.events)
    texts = (
        _event(f"{own}-{first + place:012x}", now, name, gone + visitor, chance.randrange(5_000))
        for place, name in enumerate(names)
        for visitor in (first + place if crowd.each_once else chance.randrange(crowd.there),)
    )
    return f"[{','.join(texts)}]".encode()


def _event(event_id: str, now: str, name: str, visitor: int, product: int) -> str:
    session = f'"session_id":"session-{visitor:08d}",' if visitor % 2 else ""
    user = f'"user_id":"user-{visitor:06d}",' if visitor % 3 == 0 else ""
    bought = ""
    if name in _WITH_PRODUCTS:
        bought = (
            f'"product_id":"sku-{product:05d}","product_category":"shoes.running.{product % 50}","brand":"acme",'
            f'"price":{product % 200 + 0.99},"quantity":1,'
        )
    order = f'"order_id":"order-{event_id}",' if name == "purchase" else ""
    return (
        f'{{"event_id":"{event_id}","timestamp":"{now}","name":"{name}",'
        f'"visitor_id":"visitor-{visitor * 2_654_435_761 % 2**32:08x}",{session}{user}{bought}{order}'
        f'"page_url":"https://shop.example/p/{product}?ref=mail","page_title":"Running shoe {product}",'
        f'"properties":{{"color":"blue","size":{36 + product % 12}}}}}'
    )
