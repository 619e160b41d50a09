"""Who is who, slowly and obviously, from the words of the decision page: by walking from id to id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from footfall.events.event import Event
from footfall.events.linking import Decision


def persons(events: Iterable[Event], decisions: Sequence[Decision] = ()) -> dict[str, str]:
    """{event_id: person} of everybody's events but bots'."""
    theirs = [event for event in events if not event.is_bot]
    users = _users(theirs, decisions)
    visitors = _visitors(theirs, decisions, users)
    return {event.event_id: _person(event, users, visitors) for event in theirs}


def _person(event: Event, users: dict[str, str], visitors: dict[str, str]) -> str:
    if event.user_id is not None:
        return "u:" + users.get(event.user_id, event.user_id)
    if event.visitor_id is not None:
        return "u:" + visitors[event.visitor_id] if event.visitor_id in visitors else "v:" + event.visitor_id
    return "s:" + (event.session_id or "")


def _statements(events: Sequence[Event]) -> list[tuple[str, str, bool]]:
    """(other id, user, whether the other is a user)."""
    visitors, users = {event.visitor_id for event in events}, {event.user_id for event in events}
    found = []
    for event in events:
        if event.name == "alias" and event.user_id is not None:
            said = msgspec.json.decode(event.properties or "{}")
            for key in ("previous_id", "previous_visitor_id"):
                other = said.get(key)
                if other in visitors:
                    found.append((other, event.user_id, False))
                elif other in users and key == "previous_id":
                    found.append((other, event.user_id, True))
    return found


def _users(events: Sequence[Event], decisions: Sequence[Decision]) -> dict[str, str]:
    """{user: the one who gives the person the name}."""
    apart = {one.who[2:] for one in decisions if one.verdict == "split" and one.who.startswith("u:")}
    ways = {
        (other, user)
        for other, user, is_user in _statements(events)
        if is_user and other not in apart and user not in apart
    }
    for one in decisions:
        if one.into is not None and one.who.startswith("u:"):
            pair = (one.who[2:], one.into[2:])
            later = [each for each in decisions if each.verdict == "split" and _when(each) > _when(one)]
            if not any(each.who == "u:" + user for each in later for user in pair):
                ways.add(pair)
    ways = {(one, other) for one, other in ways if one != other}
    return {user: _name(_reached(user, ways), ways) for pair in ways for user in pair}


def _reached(user: str, ways: set[tuple[str, str]]) -> set[str]:
    reached, waiting = {user}, [user]
    while waiting:
        here = waiting.pop()
        for pair in ways:
            if here in pair:
                new = set(pair) - reached
                reached |= new
                waiting += new
    return reached


def _name(group: set[str], ways: set[tuple[str, str]]) -> str:
    last = sorted(user for user in group if not any(before == user for before, _ in ways))
    return last[0] if last else min(group)


def _visitors(events: Sequence[Event], decisions: Sequence[Decision], users: dict[str, str]) -> dict[str, str]:
    """{visitor: the user whom it is}."""
    found = {}
    for visitor in {event.visitor_id for event in events if event.visitor_id is not None}:
        decided = sorted((one for one in decisions if one.who == "v:" + visitor), key=_when)
        seen = {event.user_id for event in events if event.visitor_id == visitor and event.user_id is not None}
        seen |= {user for other, user, is_user in _statements(events) if other == visitor and not is_user}
        if decided:
            seen = set() if decided[-1].into is None else {decided[-1].into[2:]}
        persons = {users.get(user, user) for user in seen}
        if len(persons) == 1:
            (found[visitor],) = persons
    return found


def _when(one: Decision) -> tuple[int, str]:
    return one.decided_us, one.decision_id
