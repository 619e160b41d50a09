"""What a filter means: equal to plain Python for any filter over any events, and never null."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.events.event import Event
from footfall.metrics.filters.conditions import condition
from footfall.metrics.filters.model import Compare, Filter, Op
from footfall.metrics.filters.text import parse
from tests.metrics.filters.plain_filters import compares, filters, happenings, is_so
from tests.sessions.engines import DEFAULT_KINDS, EVENTS_TABLE, Run, compiled


def judging(wanted: list[Filter]) -> Run:
    """A column for each filter, ready to run."""
    columns = {str(place): condition(one, EVENTS_TABLE, DEFAULT_KINDS) for place, one in enumerate(wanted)}
    return compiled(EVENTS_TABLE.select("event_id", **columns))


def assert_judged(wanted: list[Filter], events: list[Event]) -> None:
    """Every filter holds of the events of which Python says so."""
    rows = {row.pop("event_id"): row for row in judging(wanted)(events).to_pylist()}
    for event in events:
        for place, one in enumerate(wanted):
            assert rows[event.event_id][str(place)] is is_so(one, event, {}), (one, event)


@settings(max_examples=10)
@given(st.lists(compares(), min_size=10, max_size=15), happenings(least=10, most=20))
def test_comparisons_equal_plain_python(wanted: list[Filter], events: list[Event]) -> None:
    """Every op, of texts, numbers, money, times and JSON, of values that are there and that are not."""
    assert_judged(wanted, events)


@settings(max_examples=6)
@given(st.lists(filters(), min_size=5, max_size=8), happenings(least=10, most=20))
def test_filters_equal_plain_python(wanted: list[Filter], events: list[Event]) -> None:
    """All, any and not of them: true or false, whatever is unknown."""
    assert_judged(wanted, events)


@cache
def unknown() -> Event:
    """An event that says nothing but who and when."""
    return Event(project_id="default", event_id="1", name="waved", ts_us=0, received_us=0, user_id="ann")


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('country = "DE"', False),
        ('country != "DE"', False),
        ('not country = "DE"', True),
        ('not country != "DE"', True),
        ('country not in ("DE")', False),
        ("country missing", True),
        ("not country exists", True),
        ("properties.n > 1 or properties.n <= 1", False),
        ('kind = "other" and not is_bot = true', True),
    ],
)
def test_the_unknown_compares_false(text: str, holds: bool) -> None:
    """With every op but `missing`; `not` of it is true."""
    (row,) = judging([parse(text)])([unknown()]).to_pylist()
    assert row["0"] is holds


HOSTILE = ("'; DROP TABLE events; --", '" OR 1=1 --', "a' OR 'a'='a", "\\'", "$1", "?", "{0}", "%s", "/*", "\r\n")


@pytest.mark.parametrize("op", [Op.IS, Op.CONTAINS, Op.STARTS, Op.ENDS])
def test_values_are_data(op: Op) -> None:
    """Whatever a value says, it is compared and never run; nor are the keys of JSON."""
    events = [
        Event(project_id="default", event_id=text, name="n", ts_us=0, received_us=0, country=text) for text in HOSTILE
    ]
    rows = judging([Compare("country", op, text) for text in HOSTILE])(events).to_pylist()
    for place, text in enumerate(HOSTILE):
        wanted = {event.event_id for event in events if is_so(Compare("country", op, text), event, {})}
        assert {row["event_id"] for row in rows if row[str(place)]} == wanted
    keys = ["$[*]", "a' || 'b", "*", "--", "/a", "$a"]
    judging([parse(f'properties."{key}" = "x"') for key in keys if "'" not in key])(events)
