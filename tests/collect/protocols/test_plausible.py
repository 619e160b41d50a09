"""What becomes of Plausible's events: names, pages, goals, money, and visitors who are told without cookies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from footfall.events.event import Event, Rejected
from footfall.events.time import DAY_US
from tests.collect.door_client import NOW_US, PAGE, ask, open_door, stored
from tests.collect.protocols.samples import AGENT

URL = "https://shop.example/p/7?utm_source=news"


def taken(*messages: dict[str, Any], key: str = "open-key", query: bytes = b"", **more: Any) -> list[Event]:
    """What these requests are stored as, sent by a page that says a public key."""
    events, rejected = kept(*messages, key=key, query=query, **more)
    assert not rejected
    return events


def kept(
    *messages: dict[str, Any],
    key: str = "open-key",
    query: bytes = b"",
    headers: dict[str, str] | None = None,
    **more: Any,
) -> tuple[list[Event], list[Rejected]]:
    """The same, and what is kept of the refused ones."""
    now_us = more.pop("now_us", NOW_US)
    sent = {"content-type": "text/plain", "user-agent": AGENT} | (headers or {})
    with open_door(now_us=lambda: now_us) as (door, journal):
        for message in messages:
            body = json.dumps(message).encode()
            answer = ask(door, body, path="/api/event", query=query or b"key=" + key.encode(), headers=sent, **more)
            assert (answer.status, answer.body) == (202, b"ok")
        return stored(journal)


def test_a_page_view_in_short_and_in_long_keys() -> None:
    """The script's short keys and the API's long ones say the same."""
    short = {"n": "pageview", "u": URL, "d": "shop.example", "r": "https://x.example/", "p": {"plan": "pro"}, "w": 1280}
    long = {"name": "pageview", "url": URL, "domain": "shop.example", "referrer": "https://x.example/"}
    for message in (short, {**long, "props": '{"plan": "pro"}', "screen_width": 1280}):
        (event,) = taken(message)
        assert (event.name, event.page_url, event.referrer) == ("page_view", URL, "https://x.example/")
        assert json.loads(event.properties or "") == {"plan": "pro"}
        assert json.loads(event.context or "") == {"screen_width": 1280, "domain": "shop.example"}


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("Outbound Link: Click", "click_outbound"),
        ("File Download", "download"),
        ("Form: Submission", "form_submit"),
        ("Purchase", "purchase"),
        ("Add to Cart", "add_to_cart"),
        ("Signup", "Signup"),
    ],
)
def test_goals_that_spell_a_kind_are_of_that_kind(sent: str, name: str) -> None:
    """A goal's title counts as the kind that it names; any other name stays as it was sent."""
    assert taken({"n": sent, "u": URL})[0].name == name


@pytest.mark.parametrize(
    "revenue", [{"currency": "usd", "amount": "1322.22"}, '{"currency": "USD", "amount": 1322.22}']
)
def test_revenue_is_money(revenue: object) -> None:
    """Exact to the last digit, as an object and as the text of one."""
    (event,) = taken({"n": "Purchase", "u": URL, "$": revenue})
    assert (event.amount_micros, event.currency) == (1_322_220_000, "USD")


def test_a_page_that_is_left_tells_how_long_and_how_far_it_was_read() -> None:
    """Milliseconds in view are seconds on the page; the depth is an event of its own, of the same page and visitor."""
    spent, scrolled = taken({"n": "engagement", "u": URL, "e": 12_345, "sd": 80, "event_id": "x"})
    assert (spent.name, spent.value, spent.event_id) == ("time_on_page", 12.345, "x")
    assert (scrolled.name, scrolled.value, scrolled.event_id) == ("scroll_depth", 80, "x:scroll")
    assert (scrolled.visitor_id, scrolled.page_url) == (spent.visitor_id, URL)
    (alone,) = taken({"n": "engagement", "u": URL, "e": 1, "sd": 255})
    assert alone.name == "time_on_page", "255 is a page that can't be scrolled"


def test_a_visitor_is_one_address_and_agent_for_a_day() -> None:
    """The same person has one id today; another tomorrow, by another browser or address, and in another project."""
    message = {"n": "pageview", "u": URL}
    first, again = taken(message, message)
    assert first.visitor_id == again.visitor_id
    others = [
        taken(message, now_us=NOW_US + DAY_US),
        taken(message, headers={"user-agent": "Other/1"}),
        taken(message, client="203.0.113.10"),
        taken(message, key="public-key", headers={"origin": PAGE}),
    ]
    ids = {first.visitor_id, *(event.visitor_id for (event,) in others)}
    assert len(ids) == 5
    assert None not in ids


def test_a_server_says_for_whom_it_sends() -> None:
    """With a server key the forwarded address and agent are the visitor's; from a page the header is nobody's word."""
    message = {"n": "pageview", "u": URL}
    one, other = (
        taken(message, key="server-key", headers={"x-forwarded-for": f"198.51.100.{last}, 10.0.0.1"})[0]
        for last in (1, 2)
    )
    assert one.visitor_id != other.visitor_id
    assert one.ip_hash != other.ip_hash
    plain, forged = (taken(message, headers=headers)[0] for headers in ({}, {"x-forwarded-for": "198.51.100.1"}))
    assert (plain.visitor_id, plain.ip_hash) == (forged.visitor_id, forged.ip_hash)


def test_a_server_that_says_nobody_is_told_so() -> None:
    """Its own address is no visitor's: the event is kept with its reason, and the answer says that it was dropped."""
    with open_door() as (door, journal):
        body = json.dumps({"n": "pageview", "u": URL}).encode()
        answer = ask(door, body, path="/api/event", headers={"x-write-key": "server-key", "user-agent": "curl/8"})
        assert (answer.status, answer.headers["x-plausible-dropped"]) == (202, "1")
        assert [one.reason for one in stored(journal)[1]] == ["no-owner"]


def test_the_domain_may_be_the_key() -> None:
    """For clients that can't give their address a parameter; it is then kept nowhere."""
    with open_door() as (door, journal):
        body = json.dumps({"n": "pageview", "u": URL, "d": "open-key"}).encode()
        assert ask(door, body, path="/api/event", headers={"user-agent": AGENT}).status == 202
        ((event,), _) = stored(journal)
        assert (event.project_id, event.context) == ("blog", None)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "no-name"),
        ({"n": 5}, "bad-field"),
        ({"n": "x", "p": "{"}, "bad-field"),
        ({"n": "x", "$": [1]}, "bad-field"),
    ],
)
def test_what_is_no_event_is_kept_with_its_reason(fields: dict[str, Any], reason: str) -> None:
    """No name, or something else where an object must stand."""
    events, (rejected,) = kept({"u": URL, **fields})
    assert (events, rejected.reason) == ([], reason)


@pytest.mark.parametrize("body", [b"", b"5", b"{", b"\xff", b'"x"', b"{}]"])
def test_a_body_that_can_not_be_read_says_why(body: bytes) -> None:
    """400 with what is wrong under `errors`, as Plausible says it."""
    with open_door() as (door, journal):
        answer = ask(door, body, path="/api/event", query=b"key=open-key", headers={})
        assert (answer.status, list(answer.json()["errors"])) == (400, ["bad-request"])
        assert journal.end() == {0: 0}
