"""What every question is about: whose events they are, what a filter sees of sessions and people, what is left out."""

from __future__ import annotations

import doctest
import importlib
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from msgspec.structs import asdict, replace

from footfall.events.event import Event
from footfall.events.kinds import Kind
from footfall.events.time import HOUR_US
from footfall.metrics.asked import Scope, Step, activity, noted
from footfall.metrics.filters.text import parse
from tests.metrics.filters.plain_filters import is_so
from tests.metrics.plain_report import shop_streams
from tests.metrics.questions import plain_ground
from tests.metrics.questions.asking import GROUND, NOW_US, Asked, world
from tests.sessions.engines import LateEvent
from tests.sessions.oracle import KINDS
from tests.sessions.streams import BEGIN_US

PLANS = (
    None,
    '{"plan":"pro"}',
    '{"plan":"team","size":{"seats":7}}',
    '{"plan":null}',
    "no json",
    '{"size":{"seats":2}}',
)


@cache
def many() -> list[Event]:
    """Hundreds of events; those that identify somebody tell a plan, or none."""
    return [
        replace(event, name="identify" if place % 5 == 0 else event.name, properties=PLANS[place % len(PLANS)])
        for place, event in enumerate(world(shop_streams(), 150))
    ]


def told(events: Sequence[Event]) -> dict[str, dict[str, Any]]:
    """{event_id: what is known of its session and its person}."""
    names, classes = plain_ground.people(events), plain_ground.classes(events)
    theirs: dict[str, list[Event]] = {}
    for event in sorted(events, key=plain_ground.place):
        if event.event_id in names:
            theirs.setdefault(names[event.event_id], []).append(event)
    return {
        event_id: {
            "class": classes.get(event_id),
            "person.first_seen": theirs[who][0].ts_us,
            "person.last_seen": theirs[who][-1].ts_us,
            "person.plan": newest(theirs[who], "plan"),
            "person.size.seats": newest(theirs[who], "size", "seats"),
        }
        for event_id, who in names.items()
    }


def newest(events: Sequence[Event], *keys: str) -> str | None:
    """The last value that the person's `identify` events have there, as text."""
    found = None
    for event in events:
        if event.name == "identify" and event.properties not in {None, "no json"}:
            value = json.loads(event.properties or "")
            for key in keys:
                value = value.get(key) if isinstance(value, dict) else None
            found = found if value is None else str(value)
    return found


WHERE = (
    'class = "browser"',
    'not class in ("browser", "bouncer") or country = "DE"',
    'person.plan = "pro"',
    "person.size.seats > 5",
    'not person.plan exists and class != "bouncer"',
    'person.plan contains "ea" or not person.size.seats <= 7',
)


@pytest.mark.parametrize("by", ["person", "session"])
@pytest.mark.parametrize("where", WHERE)
def test_filters_see_the_session_and_the_person(where: str, by: Any) -> None:
    """The final class of the session, and the newest traits of the person, of all the events that are asked about."""
    known, names = told(many()), plain_ground.people(many())
    if by == "session":
        names = {event.event_id: key for key, part in plain_ground.sessions(many()).items() for event in part}
    (rows,) = Asked.of({"activity": activity(GROUND, Scope(where=parse(where), by=by))}).rows(many()).values()
    assert {row["event_id"]: row["who"] for row in rows} == {
        event.event_id: names[event.event_id]
        for event in many()
        if event.event_id in names and plain_ground.counts(event) and is_so(parse(where), event, known[event.event_id])
    }
    assert rows, "there is something to compare"


def test_times_of_people() -> None:
    """Who was first seen at such a time, and last: over all time, not only in the range."""
    known, at = told(many()), "2025-10-01T00:30:00Z"
    scope = Scope(from_us=BEGIN_US, before_us=BEGIN_US + 2 * HOUR_US)
    asked = {
        name: activity(
            GROUND, Scope(from_us=scope.from_us, before_us=scope.before_us, where=parse(f'{name} >= "{at}"'))
        )
        for name in ("person.first_seen", "person.last_seen")
    }
    for name, rows in Asked.of(asked).rows(many()).items():
        assert {row["event_id"] for row in rows} == {
            event.event_id
            for event in many()
            if event.event_id in known and plain_ground.counts(event)
            if BEGIN_US <= event.ts_us < BEGIN_US + 2 * HOUR_US
            if known[event.event_id][name] >= BEGIN_US + HOUR_US // 2
        }


def test_splits_marks_and_columns() -> None:
    """The split as text, a column for each step, those of the event; passive events only where a step names them."""
    marks = {"views": Step(kind=Kind.VIEW), "scrolls": Step("scroll_depth")}
    rows = activity(GROUND, Scope(), split="price", marks=marks, keep=("country",), amount="quantity")
    (found,) = Asked.of({"activity": rows}).rows(many()).values()
    names = {event.event_id: event for event in many() if not event.is_bot}
    assert {row["event_id"] for row in found} == {
        key for key, event in names.items() if plain_ground.counts(event) or event.name == "scroll_depth"
    }
    prices = {None: None, 0: "0.00", 2_500_000: "2.50", 10**15: "1000000000.00"}
    for row in found:
        event = names[row["event_id"]]
        assert (row["views"], row["scrolls"]) == (KINDS.get(event.name) == "view", event.name == "scroll_depth")
        assert (row["split"], row["country"]) == (prices[event.price_micros], event.country)
        is_near = event.quantity is not None and abs(event.quantity) <= 10**9
        assert row["amount"] == (event.quantity * 1_000_000 if event.quantity is not None and is_near else None)


def test_what_was_left_out_is_counted() -> None:
    """Bots of the range, and late events, however long after they happened they came; whom the answer is about."""
    came = [
        LateEvent(**asdict(event)) if place % 3 == 0 and not event.is_bot else replace(event, received_us=NOW_US)
        for place, event in enumerate(many())
    ]
    scope = Scope(from_us=BEGIN_US, before_us=BEGIN_US + HOUR_US, where=parse('country = "DE"'))
    (rows,) = Asked.of({"noted": noted(GROUND, scope)}).rows(came).values()
    ranged = [event for event in came if BEGIN_US <= event.ts_us < BEGIN_US + HOUR_US]
    asked = [event for event in ranged if not event.is_bot and plain_ground.counts(event) and event.country == "DE"]
    names = plain_ground.people(came)
    assert rows == [
        {
            "events": len(asked),
            "people": len({names[event.event_id] for event in asked}),
            "bot_events": sum(event.is_bot for event in ranged),
            "late_events": sum(isinstance(event, LateEvent) for event in ranged),
        }
    ]


def test_examples_in_the_definition_hold() -> None:
    """The worked example of who is one person is true."""
    failed, tried = doctest.testmod(importlib.import_module("footfall.metrics.people"))
    assert tried
    assert not failed
