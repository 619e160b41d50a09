"""A session's way up the classes: after each event the class that its events until then would have."""

from __future__ import annotations

from itertools import groupby

import pyarrow as pa
from hypothesis import given, settings

from footfall.events.event import Event
from footfall.sessions.climb import COLUMNS, climb
from tests.sessions import oracle
from tests.sessions.engines import DEFAULT_CLASSES, DEFAULT_KINDS
from tests.sessions.streams import deduplicated, streams


def of_clients(stream: list[Event]) -> list[list[Event]]:
    """The events of each client's session, in their order."""
    theirs = [event for event in stream if event.session_id is not None and not event.is_bot]
    theirs.sort(key=lambda event: (event.project_id, event.session_id, event.ts_us, event.event_id))
    return [list(group) for _, group in groupby(theirs, key=lambda event: (event.project_id, event.session_id))]


def columns(events: list[Event]) -> pa.Table:
    """What `climb` reads of them."""
    return pa.table({name: [getattr(event, name) for event in events] for name in COLUMNS})


@settings(max_examples=60)
@given(streams())
def test_each_event_has_the_class_of_all_until_then(stream: list[Event]) -> None:
    """The oracle, asked anew after every event, names the same class, and the steps are where it changes."""
    for events in of_clients(deduplicated(stream)):
        way = climb(columns(events), taxonomy=DEFAULT_KINDS, classes=DEFAULT_CLASSES)
        asked = [oracle.sessions(events[: place + 1]) for place in range(len(events))]
        assert way.classes == [rows[0]["visitor_class"] if rows else None for rows in asked]
        changes = [
            (place, now, before)
            for place, (before, now) in enumerate(zip([None, *way.classes], way.classes, strict=False))
            if before != now
        ]
        assert [(step.place, step.visitor_class, step.previous) for step in way.steps] == changes


def test_a_session_without_an_event_that_counts_has_no_class() -> None:
    """Passive events alone are no session; nothing at all is no way."""
    scrolled = Event(project_id="default", event_id="1", name="scroll_depth", ts_us=1, received_us=1, session_id="a")
    assert climb(columns([scrolled]), taxonomy=DEFAULT_KINDS, classes=DEFAULT_CLASSES).classes == [None]
    assert climb(columns([]), taxonomy=DEFAULT_KINDS, classes=DEFAULT_CLASSES) == ([], [])
