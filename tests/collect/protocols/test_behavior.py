"""What becomes of behavior events: one or many, their pages, contexts, people, and values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from footfall.events.event import Event
from footfall.events.time import read_time
from tests.collect.door_client import Answer, ask, open_door, stored
from tests.collect.protocols.samples import AGENT, WHEN

PATH = "/api/behavior/events"


def only(message: object, *, key: str = "open-key") -> Event:
    """The one event that this is stored as."""
    with open_door() as (door, journal):
        headers = {"x-write-key": key, "user-agent": AGENT}
        assert ask(door, json.dumps(message).encode(), path=PATH, headers=headers).json()["accepted"] == 1
        ((event,), _) = stored(journal)
        return event


def event(name: str = "page_view", **more: Any) -> dict[str, Any]:
    """An event of a session."""
    return {"eventType": name, "category": "engagement", "sessionId": "session-123", **more}


def test_a_page_view_of_a_lead() -> None:
    """The document's own example: session, lead, category and page are columns; the device is, the agent said it."""
    said = {"userAgent": AGENT, "country": "US", "device": "desktop", "theme": "dark"}
    page = {"url": "/quote/auto", "title": "Auto Insurance Quote", "step": 1}
    stored_event = only(event(leadId="lead-456", properties=page, context=said, timestamp=WHEN), key="server-key")
    assert (stored_event.name, stored_event.category) == ("page_view", "engagement")
    assert (stored_event.session_id, stored_event.user_id) == ("session-123", "lead-456")
    assert (stored_event.page_url, stored_event.page_title) == ("/quote/auto", "Auto Insurance Quote")
    assert (stored_event.device, stored_event.country) == ("desktop", "US")
    assert stored_event.ts_us == read_time(WHEN)
    assert json.loads(stored_event.properties or "") == {"step": 1}
    assert json.loads(stored_event.context or "")["theme"] == "dark"


def test_value_and_metadata() -> None:
    """The number is the event's value, what is said of it metadata; `page` is an object of its own."""
    stored_event = only(event("form_submit", value=12.5, metadata={"form": "a"}, page={"url": "https://x.example/q"}))
    assert (stored_event.value, stored_event.metadata) == (12.5, '{"form":"a"}')
    assert stored_event.page_url == "https://x.example/q"


def test_what_an_event_says_itself_counts_first() -> None:
    """A field beside is not overwritten by an object's; that stays where it was sent."""
    stored_event = only(event(pageUrl="https://x.example/1", properties={"url": "https://x.example/2"}))
    assert stored_event.page_url == "https://x.example/1"
    assert json.loads(stored_event.properties or "") == {"url": "https://x.example/2"}


def test_a_page_may_not_say_where_somebody_is() -> None:
    """With a public key country and address in the context are nobody's word; the address is not even kept."""
    stored_event = only(event(context={"country": "US", "ip": "198.51.100.9"}))
    assert stored_event.country is None
    assert json.loads(stored_event.context or "") == {"country": "US"}


def test_an_event_without_a_session_is_a_visitors_without_cookies() -> None:
    """It is the same one's as the next from that address and agent."""
    nobody = {"eventType": "page_view"}
    first, second = only(nobody), only(nobody)
    assert first.visitor_id
    assert first.visitor_id == second.visitor_id


def test_many_events_and_a_bad_one() -> None:
    """An array is read event by event; the answer says how many were taken, and which was not."""
    with open_door() as (door, journal):
        body = json.dumps([event(), {"category": "intent"}, event("click")]).encode()
        answer: Answer = ask(door, body, path=PATH, headers={"x-write-key": "open-key"})
        said = answer.json()
        assert (answer.status, said["accepted"], [one["index"] for one in said["errors"]]) == (202, 2, [1])
        assert [one.name for one in stored(journal)[0]] == ["page_view", "click"]


@pytest.mark.parametrize("name", ["write_key", "writeKey"])
def test_the_key_may_stand_in_the_event(name: str) -> None:
    """It says whose the event is and is kept nowhere."""
    with open_door() as (door, journal):
        body = json.dumps(event() | {name: "open-key"}).encode()
        assert ask(door, body, path=PATH, headers={}).status == 202
        ((stored_event,), _) = stored(journal)
        assert stored_event.project_id == "blog"
        assert "open-key" not in str(stored_event)
