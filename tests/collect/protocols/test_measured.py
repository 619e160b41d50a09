"""What clients send by themselves about time, errors, experiments and people is nobody's activity, in any protocol."""

from __future__ import annotations

import json
from typing import Any

import pytest

from footfall.collect.limits import DEFAULTS
from footfall.collect.protocols import PROTOCOLS
from footfall.events.kinds import Kind, Taxonomy
from tests.events.sources import PUBLIC

BY_NAME = {protocol.name: protocol for protocol in PROTOCOLS}
IGLU = "iglu:com.snowplowanalytics.snowplow"


def segment(kind: str, name: str = "", **more: Any) -> dict[str, Any]:
    """A message of a type."""
    return {"type": kind, "anonymousId": "v", **({"event": name} if name else {}), **more}


def posthog(name: str) -> dict[str, Any]:
    """An event."""
    return {"event": name, "distinct_id": "v", "properties": {"alias": "u"}}


def ga4(name: str) -> dict[str, Any]:
    """An event, with the client that an envelope names."""
    return {"name": name, "client_id": "c", "params": {}}


def snowplow(name: str) -> dict[str, Any]:
    """A self-describing event of a schema."""
    told = {"schema": f"{IGLU}/unstruct_event/jsonschema/1-0-0", "data": {"schema": f"{IGLU}/{name}/jsonschema/1-0-0"}}
    return {"e": "ue", "duid": "v", "ue_pr": json.dumps(told)}


SENT = [
    *(("segment", segment(kind, userId="u", previousId="v", groupId="g")) for kind in ("identify", "group", "alias")),
    *(("segment", segment("track", name)) for name in ("Experiment Viewed", "Application Crashed")),
    *(("posthog", posthog(f"${name}")) for name in ("identify", "set", "create_alias", "groupidentify")),
    *(("posthog", posthog(f"${name}")) for name in ("pageleave", "web_vitals", "exception", "feature_flag_called")),
    *(("ga4", ga4(name)) for name in ("session_start", "first_visit", "first_open", "user_engagement", "scroll")),
    ("ga4", ga4("app_exception")),
    ("snowplow", {"e": "pp", "duid": "v"}),
    *(("snowplow", snowplow(name)) for name in ("page_ping", "web_vitals", "application_error")),
    ("umami", {"type": "performance", "payload": {"id": "u", "lcp": 1}}),
    ("umami", {"type": "identify", "payload": {"id": "u", "data": {}}}),
    ("http", {"name": "consent", "user_id": "u", "properties": {"mode": "none"}}),
]


@pytest.mark.parametrize(("protocol", "message"), SENT, ids=[f"{at}-{name}" for at, (name, _) in enumerate(SENT)])
def test_what_is_measured_makes_no_session(protocol: str, message: dict[str, Any]) -> None:
    """Each becomes events of passive names alone."""
    reading = BY_NAME[protocol].again(json.dumps(message).encode(), DEFAULTS).read(PUBLIC, max_events=9)
    assert reading.rejected == []
    assert {Taxonomy().kind(event.name) for event in reading.events} == {Kind.PASSIVE}
