"""Visitors without cookies: events that name nobody, where the operator allows them."""

from __future__ import annotations

import json
from typing import Any

from footfall.enrich.entrance import Entrance, Terms
from footfall.events.event import Event
from tests.collect.door_client import NOW_US, PUBLIC, SERVER, ask, open_door, stored

DAY_US = 86_400_000_000
TODAY = NOW_US // DAY_US
FIREFOX, CHROME = PUBLIC | {"user-agent": "Firefox"}, PUBLIC | {"user-agent": "Chrome"}


def visitors(*requests: tuple[dict[str, Any], dict[str, str], str], **changed: Any) -> list[Event]:
    """The events of requests: what is sent beside the name, headers, address."""
    keys = {day: bytes([day % 256]) * 32 for day in (TODAY - 1, TODAY, TODAY + 1)}
    entrance = Entrance(b"s" * 32, Terms(**{"cookieless": True, **changed}), day_key=keys.get)
    with open_door(entrance=entrance) as (door, journal):
        for event, headers, address in requests:
            assert ask(door, json.dumps({"name": "view", **event}).encode(), headers=headers, client=address)
        events, rejected = stored(journal)
        assert {one.reason for one in rejected} <= {"no-owner"}
        return events


def test_one_browser_is_one_visitor_for_a_day() -> None:
    """Address and user agent tell visitors apart; on another day nobody is known again."""
    yesterday = {"ts_us": NOW_US - DAY_US}
    found = visitors(
        ({}, FIREFOX, "203.0.113.9"),
        ({}, FIREFOX, "::ffff:203.0.113.9"),
        ({}, CHROME, "203.0.113.9"),
        ({}, FIREFOX, "203.0.113.10"),
        (yesterday, FIREFOX, "203.0.113.9"),
        ({}, {"x-write-key": "open-key", "user-agent": "Firefox"}, "203.0.113.9"),
    )
    ids = [event.visitor_id for event in found]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 5


def test_who_names_an_id_is_known_by_that() -> None:
    """Nothing is added to it."""
    (event,) = visitors(({"user_id": "u"}, FIREFOX, "203.0.113.9"))
    assert (event.visitor_id, event.user_id) == (None, "u")


def test_a_server_states_whose_event_it_is() -> None:
    """By address and user agent; without an address nobody is known, for its own is nobody's."""
    stated = {"ip": "203.0.113.9", "user_agent": "Firefox"}
    server, page = visitors((stated, SERVER, "10.0.0.1"), ({}, SERVER, "10.0.0.1"), ({}, FIREFOX, "203.0.113.9"))
    assert server.visitor_id == page.visitor_id


def test_days_whose_key_is_gone_know_nobody() -> None:
    """Such an event is refused, and kept with that reason."""
    assert visitors(({"ts_us": NOW_US - 2 * DAY_US}, FIREFOX, "203.0.113.9")) == []


def test_it_is_the_operator_s_choice() -> None:
    """Unless it is asked for, an event that names nobody is refused."""
    assert visitors(({}, FIREFOX, "203.0.113.9"), cookieless=False) == []
