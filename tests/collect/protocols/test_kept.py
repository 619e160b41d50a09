"""What is kept of a refused message: enough to read it again, and nothing personal, wherever it was packed."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from footfall.collect.limits import DEFAULTS
from footfall.collect.protocols import PROTOCOLS
from tests.collect.door_client import ask, open_door, stored
from tests.collect.protocols.samples import ADDRESS, SAMPLES
from tests.collect.protocols.test_contract import sending
from tests.events.sources import PUBLIC

PHONE, MAIL = "+49 170 5550123", "ann@shop.example"
PERSONAL = {"ip": ADDRESS, "phone": PHONE, "email": MAIL}


def packed(value: object) -> str:
    """As Snowplow's trackers pack JSON."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "snowplow, packed": ("snowplow", {"e": "zz", "duid": "v1", "ue_px": packed(PERSONAL), "cx": packed([PERSONAL])}),
    "snowplow, as text": ("snowplow", {"e": "zz", "duid": "v1", "ue_pr": json.dumps(PERSONAL)}),
    "snowplow, text in packed text": ("snowplow", {"e": "zz", "ue_px": packed({"data": json.dumps(PERSONAL)})}),
    "snowplow, no Base64": ("snowplow", {"e": "zz", "ue_px": f"{ADDRESS} {PHONE} {MAIL}"}),
    "plausible, as text": ("plausible", {"n": 5, "u": "https://shop.example/", "p": json.dumps(PERSONAL)}),
    "ga4, among the parameters": ("ga4", {"params": {"ip_override": ADDRESS, "phone": PHONE, "email": MAIL}}),
    "segment, deep": ("segment", {"type": "no", "context": {"traits": [json.dumps({"a": PERSONAL})]}}),
    "posthog, deep": ("posthog", {"event": 5, "properties": {"$set": json.dumps([[PERSONAL]])}}),
}


@pytest.mark.parametrize("case", BAD)
def test_nothing_personal_is_kept(case: str) -> None:
    """Neither a raw address nor a mail address nor a telephone number, however often it was packed."""
    name, bad = BAD[case]
    sample = SAMPLES[name]
    with open_door() as (door, journal):
        assert ask(door, sample.body([bad]), path=sample.path, headers=sending(sample)).status == sample.success
        ((), (kept,)) = stored(journal)
    assert kept.body
    for personal in (ADDRESS, PHONE, MAIL, packed(PERSONAL), packed([PERSONAL])):
        assert personal not in kept.body
        assert personal not in kept.detail


MENDED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ga4": ({"params": {"session_id": "1"}}, {"name": "view_item"}),
    "snowplow": (
        {
            "e": "zz",
            "duid": "v1",
            "ue_px": packed(
                {
                    "schema": "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",
                    "data": {"schema": "iglu:com.acme/quote-request/jsonschema/1-0-0", "data": PERSONAL},
                }
            ),
        },
        {"e": "ue"},
    ),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_is_kept_can_be_read_again(name: str) -> None:
    """With what was wrong put right it is an event of the client that sent it."""
    bad, mending = MENDED[name]
    sample = SAMPLES[name]
    with open_door() as (door, journal):
        ask(door, sample.body([bad]), path=sample.path, headers=sending(sample))
        ((), (kept,)) = stored(journal)
    protocol = next(protocol for protocol in PROTOCOLS if protocol.name == name)
    message = json.dumps(json.loads(kept.body) | mending).encode()
    (event,) = protocol.again(message, DEFAULTS).read(PUBLIC, max_events=9).events
    assert event.visitor_id == "v1"
