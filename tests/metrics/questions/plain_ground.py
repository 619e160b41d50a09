"""Whose event it is, slowly and obviously, from the words of the contract: by person, joined, or by session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from footfall.events.event import Event
from tests.sessions.oracle import GAP_US, KINDS, cut, figures, owner, visitor_class


def told(events: Sequence[Event], *, by: str = "person", passive: bool = False) -> dict[str, list[Event]]:
    """{who: their events, in order of (ts_us, event_id)} of one project's events without duplicates.

    Those that count, and the passive ones, too, when they are wanted; by session only what a session holds.
    """
    names = people(events) if by == "person" else _sessions_of(events)
    found: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(events, key=place):
        if event.event_id in names and (passive or counts(event)):
            found[names[event.event_id]].append(event)
    return dict(found)


def place(event: Event) -> tuple[int, str]:
    return event.ts_us, event.event_id


def counts(event: Event) -> bool:
    return KINDS.get(event.name) != "passive"


def people(events: Iterable[Event]) -> dict[str, str]:
    """{event_id: person}: a visitor with exactly one user ever seen is that user."""
    theirs = [event for event in events if not event.is_bot]
    users: dict[str, set[str]] = defaultdict(set)
    for event in theirs:
        if event.visitor_id is not None and event.user_id is not None:
            users[event.visitor_id].add(event.user_id)
    return {event.event_id: _person(event, users) for event in theirs}


def _person(event: Event, users: dict[str, set[str]]) -> str:
    known = users.get(event.visitor_id or "", set())
    if event.user_id is not None:
        return "u:" + event.user_id
    if len(known) == 1:
        return "u:" + next(iter(known))
    return "v:" + event.visitor_id if event.visitor_id is not None else "s:" + (event.session_id or "")


def sessions(events: Iterable[Event]) -> dict[str, list[Event]]:
    """{session_id: its events, passive ones too} of the sessions with an event that counts."""
    owners: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if not event.is_bot:
            owners[owner(event)].append(event)
    found = {}
    for who, theirs in owners.items():
        theirs.sort(key=place)
        for part in [theirs] if who.startswith("s:") else cut(theirs, GAP_US):
            if any(map(counts, part)):
                found[who if who.startswith("s:") else f"{who}@{part[0].ts_us}"] = part
    return found


def _sessions_of(events: Iterable[Event]) -> dict[str, str]:
    """{event_id: session_id}."""
    return {event.event_id: session_id for session_id, part in sessions(events).items() for event in part}


def classes(events: Iterable[Event]) -> dict[str, str]:
    """{event_id: class of its session}."""
    return {
        event.event_id: visitor_class(figures(part))["visitor_class"]
        for part in sessions(events).values()
        for event in part
    }
