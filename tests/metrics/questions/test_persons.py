"""Lists of people: equal to plain Python over any events, page by page, and whole for each one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings

from footfall.errors import BadRequest
from footfall.events.event import Event
from footfall.metrics.asked import Scope
from footfall.metrics.filters.text import parse
from footfall.metrics.persons import (
    Place,
    Question,
    Sort,
    events_of,
    ids_of,
    newest_events,
    page,
    people,
    place_of,
    sessions_of,
)
from tests.metrics import plain_report
from tests.metrics.plain_report import shop_streams
from tests.metrics.questions import plain_ground
from tests.metrics.questions.asking import GROUND, Asked, Rows, project
from tests.sessions.engines import on_duckdb
from tests.sessions.oracle import figures, visitor_class

SOME = Scope(where=parse('not country = "FR"'))


def asked(event: Event) -> bool:
    """Whether the event is in the scope `SOME`, in Python."""
    return event.country != "FR"


def plain(events: Sequence[Event]) -> dict[str, dict[str, Any]]:
    """{who: row} in plain Python, of the scope `SOME`."""
    names, sessions = plain_ground.people(events), plain_ground.sessions(events)
    sales = {event.event_id for event in plain_report.sold(events) if event.name != "order_item"}
    rows: dict[str, dict[str, Any]] = defaultdict(
        lambda: {"events": 0, "times": [], "held": {}, "purchases": 0, "revenue_micros": 0}
    )
    for session_id, part in sessions.items():
        for event in part:
            if plain_ground.counts(event) and asked(event):
                row = rows[names[event.event_id]]
                row["events"] += 1
                row["times"].append(event.ts_us)
                row["held"][session_id] = part
                if event.event_id in sales:
                    row["purchases"] += 1
                    row["revenue_micros"] += plain_report.own([event])
    return {who: _row(who, row) for who, row in rows.items()}


def _row(who: str, row: dict[str, Any]) -> dict[str, Any]:
    newest = max(row["held"], key=lambda held: (row["held"][held][0].ts_us, held.encode()))
    return {
        "who": who,
        "first_us": min(row["times"]),
        "last_us": max(row["times"]),
        "events": row["events"],
        "sessions": len(row["held"]),
        "visitor_class": visitor_class(figures(row["held"][newest]))["visitor_class"],
        "purchases": row["purchases"],
        "revenue_micros": row["revenue_micros"],
    }


@cache
def ready() -> Asked:
    return Asked.of({sort: people(GROUND, Question(scope=SOME, sort=sort)) for sort in Sort})


@settings(max_examples=15)
@given(shop_streams())
def test_they_equal_plain_python(stream: list[Event]) -> None:
    """Every person once, with every figure, in each order: several users on one visitor, ties, filtered events."""
    events = project(stream)
    wanted = plain(events)
    columns = {Sort.LAST_SEEN: "last_us", Sort.FIRST_SEEN: "first_us", Sort.REVENUE: "revenue_micros"}
    for sort, rows in ready().rows(events).items():
        column = columns.get(Sort(sort), sort)
        assert rows == sorted(wanted.values(), key=lambda row: (-row[column], row["who"].encode())), sort


def user(who: str, *names: str, begins: int = 0) -> list[Event]:
    """Events of one user, a minute apart."""
    return [
        Event(
            project_id="default",
            event_id=f"{who}-{begins + place}",
            name=name,
            ts_us=(begins + place) * 60_000_000,
            received_us=0,
            user_id=who,
            amount_micros=5_000_000 if name == "purchase" else None,
        )
        for place, name in enumerate(names)
    ]


PEOPLE = [event for number in range(7) for event in user(f"u{number}", *["view"] * (1 + number % 3))]


def rows(question: Question, events: Sequence[Event], **options: Any) -> Rows:
    return Asked.of({"page": page(GROUND, question, **options)}).rows(events, on_duckdb()(events))["page"]


@pytest.mark.parametrize("sort", [Sort.EVENTS, Sort.LAST_SEEN])
def test_pages_join_without_a_gap(sort: Sort) -> None:
    """Page by page everybody comes once, in the order of the whole, ties included."""
    question = Question(scope=Scope(), sort=sort)
    whole = [row["who"] for row in rows(question, PEOPLE, limit=100)]
    found: list[str] = []
    place = None
    while part := rows(question, PEOPLE, limit=2, after=place):
        found += [row["who"] for row in part]
        place = place_of(part[-1], sort)
    assert found == whole
    assert len(set(whole)) == 7


def test_search_and_class() -> None:
    """Part of the id in any case, and the class of the newest session."""
    events = [*user("Ann", "view"), *user("annika", "view", "add_to_cart"), *user("bob", "view")]
    assert [row["who"] for row in rows(Question(scope=Scope(), search="ANN"), events, limit=9)] == ["u:annika", "u:Ann"]
    browsers = Question(scope=Scope(), search="ann", visitor_class="browser")
    assert [row["who"] for row in rows(browsers, events, limit=9)] == ["u:annika"]
    assert rows(Question(scope=Scope(), search="%"), events, limit=9) == []


def test_a_place_in_another_order_is_refused() -> None:
    """The error says what to do."""
    with pytest.raises(BadRequest, match="without a cursor"):
        page(GROUND, Question(scope=Scope()), limit=1, after=Place(Sort.EVENTS, 1, "u:a"))


def test_one_person_whole() -> None:
    """All ids, all events newest first and page by page, all sessions: also of the visitor who became known."""
    before = [
        Event(project_id="default", event_id="0", name="view", ts_us=0, received_us=0, visitor_id="phone"),
        Event(project_id="default", event_id="1", name="scroll_depth", ts_us=1, received_us=0, visitor_id="phone"),
        Event(
            project_id="default", event_id="2", name="login", ts_us=2, received_us=0, visitor_id="phone", user_id="ann"
        ),
    ]
    events = [*before, *user("ann", "view", begins=600), *user("bob", "view")]
    theirs = events_of(GROUND, "u:ann")
    asked = Asked.of(
        {
            "newest": newest_events(theirs, limit=2),
            "older": newest_events(theirs, limit=9, before=(2, "2")),
            "ids": ids_of(theirs),
            "sessions": sessions_of(GROUND, "u:ann", limit=9),
        }
    )
    found = asked.rows(events, on_duckdb()(events))
    assert [row["event_id"] for row in found["newest"]] == ["ann-600", "2"]
    assert [row["event_id"] for row in found["older"]] == ["1", "0"]
    assert [(row["kind"], row["id"]) for row in found["ids"]] == [("visitor", "phone"), ("user", "ann")]
    assert [row["session_start"] for row in found["sessions"]] == [600 * 60_000_000, 0]
