"""Broken events among good ones: every good one is stored, every bad one is kept and listed with its reason."""

from __future__ import annotations

import gzip
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from footfall.events.reasons import Reason
from tests.crash.server import SEED, Server, serving

pytestmark = pytest.mark.crash

REQUESTS, EVENTS = 100, 200
POISON = 0.01
MEANINGS = {reason.value: reason.meaning for reason in Reason}
DAY_SECONDS = 86_400

Fields = dict[str, Any]
Break = Callable[[Fields], object]


def without(name: str) -> Break:
    """Leave a field out."""
    return lambda event: {key: value for key, value in event.items() if key != name}


def having(**fields: object) -> Break:
    """Put something else into fields."""
    return lambda event: event | fields


def later(days: int) -> Break:
    """Let it have happened on another day."""
    return lambda event: event | {"timestamp": event["timestamp"] + days * DAY_SECONDS}


BREAKS: dict[Reason, list[Break]] = {
    Reason.NOT_AN_OBJECT: [lambda event: event["event_id"], lambda event: [event["event_id"], {}]],
    Reason.NO_NAME: [without("name"), having(name=""), having(name=None)],
    Reason.NAME_TOO_LONG: [having(name="n" * 201), having(name="é" * 101)],
    Reason.NO_OWNER: [without("visitor_id"), having(visitor_id=" ")],
    Reason.BAD_TIME: [having(timestamp="yesterday"), having(timestamp={"seconds": 1})],
    Reason.IN_THE_FUTURE: [later(days=2)],
    Reason.TOO_OLD: [later(days=-401)],
    Reason.BAD_NUMBER: [having(price="cheap"), having(amount=1e300), having(quantity=1.5), having(value="1e999")],
    Reason.BAD_FIELD: [having(page_url={"no": "text"}), having(properties=[1]), having(properties={"x": "y" * 70_000})],
}


class Sent:
    """What was sent, and what has to become of it."""

    def __init__(self) -> None:
        self.good: set[str] = set()
        self.bad: dict[str, tuple[int, Reason]] = {}
        """{event id: its place in the request, why it is refused}."""

    def request(self, chance: random.Random, size: int, poison: float) -> tuple[list[object], list[tuple[int, Reason]]]:
        """Events of which a share is poison; and the faults that the answer has to name."""
        events: list[object] = []
        faults: list[tuple[int, Reason]] = []
        for place in range(size):
            event: Fields = {
                "event_id": f"id:{len(self.good) + len(self.bad)}:",
                "name": "product_view",
                "visitor_id": f"v{chance.randrange(99)}",
                "timestamp": time.time() - chance.randrange(3600),
                "price": "9.90",
            }
            if chance.random() < poison:
                reason = chance.choice(list(BREAKS))
                self.bad[event["event_id"]] = place, reason
                faults.append((place, reason))
                events.append(chance.choice(BREAKS[reason])(event))
            else:
                self.good.add(event["event_id"])
                events.append(event)
        return events, faults


def body(events: list[object], number: int) -> tuple[bytes, dict[str, str]]:
    """The request in one of the forms that the door takes."""
    if number % 3 == 0:
        return "\n".join(map(json.dumps, events)).encode(), {"content-type": "application/x-ndjson"}
    plain = json.dumps(events).encode()
    if number % 3 == 1:
        return gzip.compress(plain), {"content-type": "application/json", "content-encoding": "gzip"}
    return plain, {"content-type": "application/json"}


def listed(server: Server, **filters: object) -> list[Fields]:
    """Everything that `/v1/rejected` lists, page after page."""
    items: list[Fields] = []
    cursor: dict[str, object] = {}
    while True:
        page = server.get("/v1/rejected", limit=100, **filters, **cursor)
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = {"cursor": page["next"]}


def test_every_reason_is_tried() -> None:
    """A reason that is added later has to be tried here too; others come from protocols, files and people's wishes."""
    assert BREAKS.keys() == set(Reason) - {Reason.UNSUPPORTED, Reason.NO_CONSENT, Reason.NOT_KEPT}


def test_poison_is_refused_alone_and_kept(tmp_path: Path) -> None:
    """All of the good ones are stored, once; all of the bad ones are answered and listed with place and reason."""
    chance = random.Random(SEED)
    sent = Sent()
    with serving(tmp_path / "data") as server, httpx.Client(timeout=30) as client:
        key = server.post("/v1/keys", {"kind": "public", "origins": ["*"]})["secret"]
        offset = 0
        for number in range(REQUESTS):
            events, faults = sent.request(chance, EVENTS, POISON if number else 1.0)
            content, headers = body(events, number)
            answer = client.post(f"{server.address}/v1/events", content=content, headers={"x-write-key": key} | headers)
            assert answer.status_code == 202, answer.text
            receipt = answer.json()
            assert [(fault["index"], fault["reason"]) for fault in receipt["errors"]] == faults
            assert all(fault["detail"] for fault in receipt["errors"])
            assert (receipt["accepted"], receipt["rejected"]) == (len(events) - len(faults), len(faults))
            offset = receipt["offset"]
        items = listed(server, after=offset)
        assert server.stored() == dict.fromkeys(sent.good, 1)
        assert_told(server, items, sent)


def assert_told(server: Server, items: list[Fields], sent: Sent) -> None:
    """The list names all that was bad and nothing else, with place, reason and what was sent."""
    bodies = dict(server.sql("SELECT rejected_id, body FROM rejected"))
    ids = [re.findall("id:[0-9]+:", bodies[item["rejected_id"]])[0] for item in items]
    assert sorted(ids) == sorted(sent.bad)
    for event_id, item in zip(ids, items, strict=True):
        assert (item["line"] - 1, item["reason"]) == sent.bad[event_id]
        assert (item["source"], item["meaning"]) == ("http", MEANINGS[item["reason"]])
        assert item["detail"]
    for reason, count in Counter(reason for _, reason in sent.bad.values()).items():
        assert len(listed(server, reason=reason.value)) == count
    one = server.get(f"/v1/rejected/{items[0]['rejected_id']}")
    assert one["body"] == bodies[items[0]["rejected_id"]]
