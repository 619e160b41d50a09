"""What becomes of PostHog's events: names, people, places, times; every wrapping that its clients have had."""

from __future__ import annotations

import base64
import gzip
import json
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.collect.lz_string import MOST_BYTES, unpack
from footfall.collect.protocols import at_the_door
from footfall.errors import BadRequest, TooLarge
from footfall.events.event import Event, Rejected
from tests.collect.door_client import NOW_US, PAGE, ask, open_door, stored
from tests.collect.protocols.samples import WHEN

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"
PLAIN = json.dumps({"api_key": "open-key", "event": "x", "distinct_id": "u1", "uuid": "e1"}).encode()
FORM = {"content-type": "application/x-www-form-urlencoded"}
BASE64 = base64.b64encode(PLAIN)
TOKEN = {"event": "x", "uuid": "e1", "properties": {"token": "open-key", "distinct_id": "u1"}}
LZ64 = b"N4IghgDglg+g1gUwJ4gFwgPYQQOwLSIoA0ICAbrgC5ogAeIJAJlAM6VQ4DGlMUjNAVwCMDEAIF8aCEQF8gA="
"""What lz-string 1.5 makes of PLAIN, without its blanks."""


def capture(event: str, properties: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """An event of a user."""
    return {
        "event": event,
        "distinct_id": "u1",
        "uuid": "e1",
        "timestamp": WHEN,
        "properties": properties or {},
        **more,
    }


def taken(
    *events: object, key: str = "open-key", path: str = "/batch/", **envelope: object
) -> tuple[list[Event], list[Rejected]]:
    """What a batch of these is stored as, sent with a public key unless another is said."""
    body = json.dumps({"api_key": key, "batch": events, **envelope}).encode()
    with open_door() as (door, journal):
        answer = ask(door, body, path=path, headers={"user-agent": BROWSER})
        assert (answer.status, answer.json()) == (200, {"status": "Ok"})
        return stored(journal)


def only(*events: object, **more: Any) -> Event:
    """The one event that these are stored as."""
    found, rejected = taken(*events, **more)
    assert not rejected
    (event,) = found
    return event


def properties(event: Event) -> Any:
    """Its properties, decoded."""
    return json.loads(event.properties or "{}")


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (capture("$pageview"), "page_view"),
        (capture("$pageleave"), "time_on_page"),
        (capture("$screen"), "screen_view"),
        (capture("$autocapture", {"$event_type": "click"}), "click"),
        (capture("$autocapture", {"$event_type": "submit"}), "form_submit"),
        (capture("$autocapture"), "$autocapture"),
        (capture("$web_vitals"), "web_vitals"),
        (capture("$exception"), "page_error"),
        (capture("Experiment Viewed"), "experiment_exposure"),
        (capture("$feature_flag_called"), "experiment_exposure"),
        (capture("$survey shown"), "$survey shown"),
        (capture("Order Completed"), "purchase"),
        (capture("Signed up"), "Signed up"),
    ],
)
def test_names(sent: dict[str, Any], name: str) -> None:
    """PostHog's own events are kinds where there is one, as are the e-commerce spec's; all else keeps its name."""
    assert only(sent).name == name


def test_a_page_of_a_browser() -> None:
    """Address, title, referrer, session, campaign and browser are columns; what else the client tells is context."""
    sent = {
        "$current_url": "https://shop.example/p/7",
        "$pathname": "/p/7",
        "title": "Shoe",
        "$referrer": "https://x.example/",
        "$session_id": "s1",
        "utm_source": "news",
        "$browser": "Firefox",
        "$os": "Linux",
        "$device_type": "Desktop",
        "$lib": "web",
        "$screen_width": 1920,
        "$raw_user_agent": BROWSER,
        "colour": "blue",
        "token": "open-key",
    }
    event = only(capture("$pageview", sent))
    assert (event.page_url, event.page_path, event.page_title) == ("https://shop.example/p/7", "/p/7", "Shoe")
    assert (event.referrer, event.session_id, event.utm_source) == ("https://x.example/", "s1", "news")
    assert (event.browser, event.os, event.device) == ("Firefox", "Linux", "desktop")
    assert properties(event) == {"colour": "blue"}
    assert json.loads(event.context or "") == {"$lib": "web", "$screen_width": 1920}
    assert only(capture("$pageview", {"$referrer": "$direct"})).referrer is None


def test_time_on_a_page_is_its_value() -> None:
    """Seconds that the client measured; what was clicked keeps its text."""
    assert only(capture("$pageleave", {"$prev_pageview_duration": 12.5})).value == 12.5
    assert properties(only(capture("$autocapture", {"$event_type": "click", "$el_text": "Buy"}))) == {
        "$event_type": "click",
        "$el_text": "Buy",
    }


@pytest.mark.parametrize(
    ("sent", "visitor", "user"),
    [
        (capture("x"), None, "u1"),
        (capture("x", {"$device_id": "u1"}), "u1", None),
        (capture("x", {"$device_id": "d1", "$is_identified": True}), "d1", "u1"),
        (capture("x", {"$is_identified": False}), "u1", None),
        (capture("x", {"$process_person_profile": False}), "u1", None),
        (capture("$identify", {"$anon_distinct_id": "d1"}), "d1", "u1"),
        ({"event": "x", "properties": {"distinct_id": "u1"}}, None, "u1"),
        (capture("$create_alias", {"alias": "u2", "distinct_id": "u1"}), None, "u2"),
    ],
)
def test_who_it_was(sent: dict[str, Any], visitor: str | None, user: str | None) -> None:
    """One id names a visitor until they are identified, and the user afterwards."""
    event = only(sent)
    assert (event.visitor_id, event.user_id) == (visitor, user)


def test_what_is_told_of_people() -> None:
    """Set and set once are traits, an alias tells a visitor's id before, a group its type, id and traits."""
    sent: dict[str, Any] = {"$set": {"plan": "pro"}, "$set_once": {"first": 1}}
    for event in (capture("$identify", sent), capture("$set", **sent), {"distinct_id": "u1", **sent}):
        told = only(event)
        assert (told.name, properties(told)) == ("identify", {"plan": "pro", "first": 1})
    alias = only(capture("$create_alias", {"alias": "u2", "distinct_id": "u1"}))
    assert (alias.name, properties(alias)) == ("alias", {"previous_visitor_id": "u1"})
    sent = {"$group_type": "company", "$group_key": "c1", "$group_set": {"seats": 5}}
    group = only(capture("$groupidentify", sent))
    assert (group.name, properties(group)) == ("group", {"group_type": "company", "group_id": "c1", "seats": 5})
    assert properties(only(capture("x", {"$set": {"a": 1}}))) == {"$set": {"a": 1}}


def test_only_a_server_key_may_say_where_somebody_is() -> None:
    """Address, agent and place are believed from a server key; from a page they are context, the address dropped."""
    sent = {"$ip": "203.0.113.9", "$raw_user_agent": "App/1", "$geoip_country_code": "DE", "$geoip_city_name": "Bonn"}
    server = only(capture("x", sent), key="server-key")
    assert (server.country, server.city) == ("DE", "Bonn")
    assert server.ip_hash is not None
    page = only(capture("x", sent))
    assert (page.country, page.city) == (None, None)
    assert json.loads(page.context or "") == {name: sent[name] for name in sent if name != "$ip"}


@pytest.mark.parametrize(
    ("event", "envelope", "seconds"),
    [
        ({"timestamp": "2026-09-21T14:13:00Z"}, {}, -20),
        ({"timestamp": "2026-09-21T12:00:00Z"}, {"sent_at": "2026-09-21T12:00:10Z"}, -10),
        ({"offset": 5_000}, {}, -5),
        ({"offset": 5_000}, {"sent_at": "2026-09-21T12:00:10Z"}, -5),
        (
            {"timestamp": "2026-09-21T14:13:00Z", "properties": {"$ignore_sent_at": True}},
            {"sent_at": "2026-09-21T12:00:10Z"},
            -20,
        ),
        ({}, {"sent_at": "soon"}, 0),
    ],
)
def test_times(event: dict[str, Any], envelope: dict[str, str], seconds: int) -> None:
    """By the client's clock, corrected by when it says that it sent this; or so long before it was sent."""
    sent = {"event": "x", "distinct_id": "u1", **event}
    assert only(sent, **envelope).ts_us == NOW_US + seconds * 1_000_000


@pytest.mark.parametrize(
    ("body", "query", "headers"),
    [
        (PLAIN, b"", {}),
        (b"[" + PLAIN + b"]", b"ver=1.2&ip=1&_=1790000000000", {"content-type": "text/plain"}),
        (json.dumps({"data": [json.loads(PLAIN)], "api_key": "open-key"}).encode(), b"", {}),
        (json.dumps([TOKEN]).encode(), b"", {}),
        (gzip.compress(PLAIN, mtime=0), b"compression=gzip-js&ver=1.418", {"content-type": "text/plain"}),
        (BASE64, b"compression=base64", {"content-type": "text/plain"}),
        (b"data=" + quote(BASE64).encode(), b"compression=base64", FORM),
        (b"compression=base64&data=" + quote(BASE64).encode(), b"", FORM),
        (b"data=" + quote(PLAIN).encode(), b"", FORM),
        (b"data=" + quote(base64.b64encode(gzip.compress(PLAIN, mtime=0))).encode(), b"compression=gzip", FORM),
        (b"data=" + quote(LZ64).encode(), b"compression=lz64", FORM),
        (b"", urlencode({"data": BASE64.decode(), "compression": "base64"}).encode(), {}),
        (b"", urlencode({"data": PLAIN.decode()}).encode(), {}),
    ],
    ids=[
        "plain",
        "array",
        "data",
        "token",
        "gzip-js",
        "base64",
        "form",
        "hint",
        "form-plain",
        "form-gzip",
        "lz64",
        "query",
        "query-plain",
    ],
)
def test_every_wrapping_gives_the_same_event(body: bytes, query: bytes, headers: dict[str, str]) -> None:
    """Plain, in a form, in Base64, compressed, behind the `?`: whatever a client has ever sent."""
    for method in ("POST", "GET") if not body else ("POST",):
        with open_door() as (door, journal):
            answer = ask(door, body, method=method, path="/e/", query=query, headers=headers)
            assert answer.status == 200, answer.body
            ((event,), _) = stored(journal)
            assert (event.project_id, event.event_id, event.name, event.user_id) == ("blog", "e1", "x", "u1")


VECTORS = {
    "": b"Q===",
    "a": b"IZA=",
    "abcabcabc": b"IYIwxqHkA===",
    "a" * 25: b"IY18WQ==",
    '{"event":"x","token":"abc"}' * 3: b"N4IgpgbmB2AuIC4QA8QBoSwPYGsaJAEMAjAYxAF9RIZ4lUNs9oCTyrwo4CHNd8kbSkA=",
    "äöü€😀" * 3: b"CcN4P4NQSLwbgAe6m3tGQ===",
}
"""{text: what lz-string 1.5 makes of it}."""


def test_lz_string_is_unpacked() -> None:
    """What the library itself packed, short and long, with repetitions and beyond ASCII."""
    assert {text: unpack(packed, 1_000).decode() for text, packed in VECTORS.items()} == {
        text: text for text in VECTORS
    }


@given(st.binary(max_size=200).map(base64.b64encode), st.integers(0, 50))
def test_lz_string_is_bounded(packed: bytes, most: int) -> None:
    """Any bytes end in so many characters at most, or in a clear refusal."""
    with suppress(BadRequest, TooLarge):
        assert len(unpack(packed, most).decode()) <= most
    with pytest.raises(TooLarge):
        unpack(b"A" * (MOST_BYTES + 1), most)


def test_recordings_are_refused_and_not_kept() -> None:
    """They are acknowledged, so that the client goes on; each is kept with its reason, without what it shows."""
    shown = {"$snapshot_data": [{"text": "a secret"}], "$session_id": "s1"}
    body = json.dumps([{"event": "$snapshot", "uuid": "e1", "properties": {**shown, "token": "open-key"}}] * 2).encode()
    with open_door() as (door, journal):
        answer = ask(door, gzip.compress(body, mtime=0), path="/s/", query=b"compression=gzip-js&beacon=1", headers={})
        assert (answer.status, answer.body) == (204, b"")
        events, rejected = stored(journal)
        assert (events, [one.reason for one in rejected]) == ([], ["unsupported", "unsupported"])
        assert "recordings" in rejected[0].detail
        assert "e1" in rejected[0].body
        assert all(b"a secret" not in entry.payload for entry in journal.read(0, max_bytes=1 << 30))
        assert door.counters.rejected == {"unsupported": 2}


@pytest.mark.parametrize("path", ["/flags", "/flags/", "/decide", "/decide/"])
def test_there_are_no_flags(path: str) -> None:
    """The answer is one that every client can read; nothing is stored, and a wrong key is told."""
    with open_door() as (door, journal):
        body = json.dumps({"api_key": "open-key", "distinct_id": "u1"}).encode()
        answer = ask(door, body, path=path, query=b"v=2", headers={}).json()
        assert (answer["flags"], answer["featureFlags"], answer["sessionRecording"]) == ({}, {}, False)
        assert answer["errorsWhileComputingFlags"] is False
        assert ask(door, body.replace(b"open", b"none"), path=path, headers={}).status == 401
        assert journal.end() == {0: 0}


def test_a_page_is_told_to_take_clicks() -> None:
    """Its client waits for an answer at a path in which the key stands; a wrong key and another path are told."""
    for key, status in (("open-key", 200), ("none", 401)):
        scope = at_the_door({"path": f"/array/{key}/config", "query_string": b"v=1"})
        assert scope is not None
        with open_door() as (door, journal):
            answer = ask(door, method="GET", path=scope["path"], query=scope["query_string"], headers={"origin": PAGE})
            assert (answer.status, answer.headers["access-control-allow-origin"]) == (status, PAGE)
            assert journal.end() == {0: 0}
            if status == 200:
                assert (answer.json()["autocapture_opt_out"], answer.json()["sessionRecording"]) == (False, False)
    assert at_the_door({"path": "/array/open-key/config.js", "query_string": b""}) is None


@pytest.mark.parametrize("body", [b"", b"5", b"hello", b'{"event"', b"data=", b"\x1f\x8b\x08", b"\xff"])
def test_a_body_that_can_not_be_read_says_why(body: bytes) -> None:
    """400 in PostHog's form, and nothing is kept."""
    with open_door() as (door, journal):
        answer = ask(door, body, path="/e/", headers={"authorization": "Bearer open-key"})
        assert (answer.status, answer.json()["type"]) == (400, "validation_error")
        assert answer.json()["detail"]
        assert journal.end() == {0: 0}


def test_a_busy_page_is_one_body() -> None:
    """posthog-js sends what three seconds brought as one body: all is taken, though others must send it in parts."""
    events = [
        capture("$pageview", {"$current_url": "https://shop.example/" + "x" * 50}, uuid=f"e{n}") for n in range(6_000)
    ]
    found, rejected = taken(*events)
    assert (len({event.event_id for event in found}), rejected) == (6_000, [])


def test_a_body_of_what_no_client_sends_is_refused() -> None:
    """More elements than events fit into the bytes of a body are 413, as a batch or bare."""
    many = b"[" + b"{}," * 50_000 + b"{}]"
    for body in (b'{"api_key": "open-key", "batch": %b}' % many, many):
        with open_door() as (door, journal):
            assert ask(door, body, path="/batch/").status == 413
            assert journal.end() == {0: 0}


def test_a_wrong_key_is_told_in_posthogs_form() -> None:
    """Clients show `detail`."""
    with open_door() as (door, _):
        answer = ask(door, PLAIN.replace(b"open", b"none"), path="/capture/", headers={})
        assert (answer.status, answer.json()["type"]) == (401, "authentication_error")
