"""What clients of each protocol send, by which the contract suite holds every protocol to the same promises."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, NamedTuple

WHEN: Final = "2026-09-21T13:30:00Z"
ADDRESS: Final = "198.51.100.77"
"""An address that messages state; it may stand nowhere."""

AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


class Sample(NamedTuple):
    """Requests of one protocol, as `POST` to `path`."""

    path: str
    message: Callable[[int], object]
    """A good message of this number, one event; it states `ADDRESS` where its protocol has a place for it."""
    body: Callable[[Sequence[object]], bytes]
    """The body of these messages."""
    bad: object
    """A message that is refused alone."""
    key: Callable[[str], Mapping[str, str]]
    """The headers that state a write key; the protocol's body has none."""
    success: int = 200
    retried: Collection[int] = (429, 503)
    """Statuses on which its clients send a body again."""
    media: str = "application/json"


def basic(key: str) -> dict[str, str]:
    """Basic credentials whose user is the key."""
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def _native(number: int) -> object:
    return {"name": "view", "visitor_id": "v1", "event_id": f"e{number}", "timestamp": WHEN}


def _segment(number: int) -> object:
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"e{number}",
        "anonymousId": "v1",
        "timestamp": WHEN,
        "context": {"ip": ADDRESS},
        "properties": {"product_id": "p1"},
    }


def _posthog(number: int) -> object:
    return {
        "event": "$pageview",
        "uuid": f"e{number}",
        "distinct_id": "v1",
        "timestamp": WHEN,
        "properties": {"$current_url": "https://shop.example/p/7", "$ip": ADDRESS},
    }


def for_somebody(key: str) -> dict[str, str]:
    """The key, and for whom a server with that key sends."""
    return {"x-write-key": key, "user-agent": AGENT, "x-forwarded-for": ADDRESS}


def _plausible(number: int) -> object:
    return {"n": "pageview", "u": "https://shop.example/v1", "event_id": f"e{number}", "p": {"plan": "pro"}}


def _umami(number: int) -> object:
    payload = {"website": "site", "url": "/v1", "event_id": f"e{number}", "data": {"plan": "pro"}}
    return {"type": "event", "payload": {**payload, "ip": ADDRESS, "hostname": "shop.example"}}


def _ga4(number: int) -> object:
    params = {"session_id": "1", "event_id": f"e{number}", "items": [{"item_id": "p1"}]}
    return {"name": "view_item", "timestamp_micros": 1_790_000_000_000_000, "params": params}


def _ga4_body(messages: Sequence[object]) -> bytes:
    return json.dumps({"client_id": "v1", "ip_override": ADDRESS, "events": messages}).encode()


def _behavior(number: int) -> object:
    return {
        "eventType": "page_view",
        "category": "engagement",
        "sessionId": "v1",
        "id": f"e{number}",
        "properties": {"url": "/quote/auto"},
        "context": {"ip": ADDRESS, "device": "desktop"},
        "metadata": {"form": "a"},
    }


def _snowplow(number: int) -> object:
    described = {"schema": "iglu:com.acme/quote-request/jsonschema/1-0-0", "data": {"plan": "pro"}}
    outer = {"schema": "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0", "data": described}
    ids = {"e": "ue", "eid": f"e{number}", "duid": "v1", "aid": "app", "p": "web", "dtm": "1790000000000"}
    return {**ids, "ip": ADDRESS, "ue_pr": json.dumps(outer)}


SAMPLES: Final[Mapping[str, Sample]] = {
    "http": Sample(
        path="/v1/events",
        message=_native,
        body=lambda messages: json.dumps(messages).encode(),
        bad={"name": "view", "ip": ADDRESS},
        key=lambda key: {"x-write-key": key},
        success=202,
    ),
    "segment": Sample(
        path="/v1/batch",
        message=_segment,
        body=lambda messages: json.dumps({"batch": messages}).encode(),
        bad={"type": "charge", "context": {"ip": ADDRESS}},
        key=basic,
    ),
    "posthog": Sample(
        path="/batch/",
        message=_posthog,
        body=lambda messages: json.dumps({"batch": messages}).encode(),
        bad={"event": "$snapshot", "distinct_id": "v1", "properties": {"$ip": ADDRESS}},
        key=lambda key: {"authorization": f"Bearer {key}"},
        retried=(500, 503),
    ),
    "behavior": Sample(
        path="/api/behavior/events",
        message=_behavior,
        body=lambda messages: json.dumps(messages).encode(),
        bad={"category": "engagement", "context": {"ip": ADDRESS}},
        key=lambda key: {"x-write-key": key},
        success=202,
    ),
    "plausible": Sample(
        path="/api/event",
        message=_plausible,
        body=lambda messages: json.dumps(messages).encode(),
        bad={"u": "https://shop.example/"},
        key=for_somebody,
        success=202,
        media="text/plain",
    ),
    "umami": Sample(
        path="/api/batch",
        message=_umami,
        body=lambda messages: json.dumps(messages).encode(),
        bad={"type": "charge", "payload": {"ip": ADDRESS}},
        key=for_somebody,
    ),
    "ga4": Sample(
        path="/mp/collect",
        message=_ga4,
        body=_ga4_body,
        bad={"params": {"session_id": "1"}},
        key=lambda key: {"x-write-key": key},
        success=204,
    ),
    "snowplow": Sample(
        path="/com.snowplowanalytics.snowplow/tp2",
        message=_snowplow,
        body=lambda messages: json.dumps({"schema": "iglu:x", "data": messages}).encode(),
        bad={"e": "zz", "duid": "v1", "ip": ADDRESS},
        key=lambda key: {"x-write-key": key},
    ),
}
"""{name of a protocol: its sample}."""
