"""Pages of sessions: every row once, in order, under any filter; and the events of one session."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.errors import BadRequest
from footfall.events.event import Event
from footfall.metrics.sessions import FIGURES, Filters, Order, Place, events_of, one, page, place_of
from footfall.sessions.batch import COLUMNS
from footfall.sessions.schema import SESSIONS
from tests.sessions import oracle
from tests.sessions.engines import EVENTS_TABLE, compiled
from tests.sessions.streams import BEGIN_US, HOUR_US, MINUTE_US, deduplicated, streams

SCHEMA = pa.schema([SESSIONS.field(name) for name in COLUMNS])
ROWS = ibis.table(ibis.Schema.from_pyarrow(SCHEMA), name="sessions")
VIEWS = "view_count"


def run(expression: ibis.Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The expression over `ROWS`, run on these sessions."""
    table = pa.Table.from_pylist([row | {"rules_version": ""} for row in rows], SCHEMA)
    found: list[dict[str, Any]] = compiled(expression)([], sessions=table).to_pylist()
    return found


def ids(rows: list[dict[str, Any]]) -> list[str]:
    """Their session ids, in order."""
    return [row["session_id"] for row in rows]


def project(stream: list[Event]) -> list[Event]:
    """One project's events, as a read sees them."""
    return [event for event in deduplicated(stream) if event.project_id == "default"]


@settings(max_examples=20)
@given(streams(), st.sampled_from(FIGURES), st.booleans(), st.integers(1, 4))
def test_pages_walk_through_every_session_once_in_order(
    stream: list[Event], figure: str, descending: bool, limit: int
) -> None:
    """Going on from the last row's place gives the whole order, without gaps or repeats, nulls last."""
    rows = oracle.sessions(project(stream))
    order = Order(figure, descending)
    known = [row for row in rows if row[figure] is not None]
    known.sort(key=lambda row: row["session_id"].encode())
    known.sort(key=lambda row: row[figure], reverse=descending)
    unknown = sorted((row for row in rows if row[figure] is None), key=lambda row: row["session_id"].encode())
    found: list[dict[str, Any]] = []
    while part := run(page(ROWS, order=order, limit=limit, after=place_of(found[-1], order) if found else None), rows):
        assert len(part) <= limit
        found += part
    assert ids(found) == ids([*known, *unknown])


def seen(name: str, at_us: int, **ids: str) -> Event:
    """An event `at_us` after the beginning."""
    known: dict[str, Any] = dict(ids)
    return Event(
        project_id="default", event_id=f"{name}{at_us}", name=name, ts_us=BEGIN_US + at_us, received_us=0, **known
    )


SESSIONS_OF_A_DAY = oracle.sessions(
    [
        seen("view", 0, visitor_id="a"),
        seen("purchase", 0, visitor_id="a", user_id="ann"),
        seen("view", HOUR_US, session_id="x", user_id="bob"),
        seen("view", HOUR_US + MINUTE_US, session_id="x", user_id="ann"),
        seen("click", 2 * HOUR_US, visitor_id="b"),
    ]
)
ANN, BOTH, ANONYMOUS = f"v:a@{BEGIN_US}", "s:x", f"v:b@{BEGIN_US + 2 * HOUR_US}"


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(), [ANN, BOTH, ANONYMOUS]),
        (Filters(visitor_class=("browser",)), [ANN, BOTH]),
        (Filters(visitor_class=("bouncer", "browser")), [ANN, BOTH, ANONYMOUS]),
        (Filters(user_id="ann"), [ANN, BOTH]),
        (Filters(user_id="bob"), [BOTH]),
        (Filters(owner="v:b"), [ANONYMOUS]),
        (Filters(started_from_us=BEGIN_US + HOUR_US), [BOTH, ANONYMOUS]),
        (Filters(started_before_us=BEGIN_US + HOUR_US), [ANN]),
        (Filters(ended_from_us=BEGIN_US + HOUR_US + MINUTE_US), [BOTH, ANONYMOUS]),
        (Filters(ended_before_us=BEGIN_US + HOUR_US + MINUTE_US), [ANN]),
        (Filters(at_least={VIEWS: 1}, at_most={"session_duration_minutes": 0.5}), [ANN]),
        (Filters(at_least={"engagement_rate": 0}), [BOTH]),
        (Filters(has_purchase=True), [ANN]),
        (Filters(has_purchase=False), [BOTH, ANONYMOUS]),
        (Filters(user_id="ann", has_purchase=False), [BOTH]),
    ],
)
def test_filters(filters: Filters, wanted: list[str]) -> None:
    """Each filter lets through what it names, together they narrow; bounds hold from, inclusive, to before."""
    oldest_first = Order("session_start", descending=False)
    assert ids(run(page(ROWS, filters, oldest_first, limit=10), SESSIONS_OF_A_DAY)) == wanted


def test_text_in_a_filter_is_text() -> None:
    """A quote in an id is part of the id, not of the question."""
    assert run(page(ROWS, Filters(user_id="' OR 1=1 --"), limit=10), SESSIONS_OF_A_DAY) == []


def test_one_session() -> None:
    """A session is found by its id, whatever is in it; another id finds nothing."""
    assert ids(run(one(ROWS, BOTH), SESSIONS_OF_A_DAY)) == [BOTH]
    assert run(one(ROWS, "s:y"), SESSIONS_OF_A_DAY) == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda: page(ROWS, order=Order("view_cuont"), limit=1),
        lambda: page(ROWS, Filters(at_least={"view_cuont": 1}), limit=1),
    ],
)
def test_unknown_figures_are_named_with_the_nearest_one(ask: Any) -> None:
    """A misspelt figure is an error that says which was meant."""
    with pytest.raises(BadRequest, match="did you mean 'view_count'"):
        ask()


@pytest.mark.parametrize(
    "place",
    [Place("score", 1, "x"), Place(VIEWS, 1.5, "x"), Place(VIEWS, 2**63, "x")],
)
def test_a_place_of_another_order_is_refused(place: Place) -> None:
    """A cursor of another sort, or one that was tampered with, is an error, not a wrong page."""
    with pytest.raises(BadRequest):
        page(ROWS, order=Order(VIEWS), limit=1, after=place)


@settings(max_examples=15)
@given(streams(max_events=25))
def test_the_events_of_every_session_are_its_own(stream: list[Event]) -> None:
    """Each of a project's events (but bots') is in exactly one session's list; lists are in order of time and id."""
    events = project(stream)
    rows = oracle.sessions(events)
    for row in rows[:5]:
        mine = sorted(
            (
                event
                for event in events
                if not event.is_bot
                and oracle.owner(event) == row["owner"]
                and row["session_start"] <= event.ts_us <= row["session_end"]
            ),
            key=lambda event: (event.ts_us, event.event_id.encode()),
        )
        listed = compiled(events_of(EVENTS_TABLE, row))(events)["event_id"].to_pylist()
        assert listed == [event.event_id for event in mine]
        assert oracle.figures(mine)["total_events"] == row["total_events"]


def test_pages_of_events() -> None:
    """Events of one instant are told apart by their ids when a page goes on."""
    events = [
        Event(project_id="default", event_id=name, name="view", ts_us=BEGIN_US, received_us=0, session_id="x")
        for name in ("c", "a", "b")
    ]
    (row,) = oracle.sessions(events)
    first = compiled(events_of(EVENTS_TABLE, row, limit=2))(events)["event_id"].to_pylist()
    rest = compiled(events_of(EVENTS_TABLE, row, limit=2, after=(BEGIN_US, "b")))(events)["event_id"].to_pylist()
    assert (first, rest) == (["a", "b"], ["c"])
