"""Periods: exact by zoneinfo's own clock, over daylight saving, in every unit, in Python and on DuckDB."""

from __future__ import annotations

import doctest
import importlib
from datetime import timedelta
from itertools import pairwise

import duckdb
import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.errors import BadRequest
from footfall.events.time import DAY_US, HOUR_US, read_time
from footfall.metrics.calendar import MINUTE_US, Calendar, Unit
from tests.metrics.questions.plain_trends import label

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Asia/Kolkata", "Australia/Lord_Howe")
LONGEST_US = {Unit.MINUTE: DAY_US, Unit.HOUR: 40 * DAY_US}
FROM_US, BEFORE_US = read_time("1971-01-01"), read_time("2060-01-01")

instants = st.integers(FROM_US, BEFORE_US)
calendars = st.builds(Calendar, st.sampled_from(ZONES), st.integers(0, 6))


@settings(max_examples=60)
@given(calendars, st.sampled_from(list(Unit)), instants, st.floats(0, 1))
def test_periods_hold_their_range(calendar: Calendar, unit: Unit, from_us: int, share: float) -> None:
    """They begin with the one of the first instant, end with the one of the last, and leave nothing out between."""
    before_us = from_us + 1 + int(share * LONGEST_US.get(unit, 900 * DAY_US))
    listed = calendar.borders(unit, from_us, before_us)
    assert listed[0].begin_us <= from_us < listed[0].end_us
    assert listed[-1].begin_us < before_us <= listed[-1].end_us
    assert all(one.end_us == next_.begin_us for one, next_ in pairwise(listed))
    assert len({period.label for period in listed}) == len(listed)
    assert len(listed) <= calendar.count(unit, from_us, before_us) <= len(listed) + 1
    for period in (*listed[:3], *listed[-3:]):
        for ts_us in (period.begin_us, (period.begin_us + period.end_us) // 2, period.end_us - 1):
            assert calendar.number_of(ts_us, unit) == period.number


@settings(max_examples=60)
@given(st.sampled_from(ZONES[:3]), st.sampled_from(list(Unit)), instants)
def test_labels_are_what_the_clock_shows(zone: str, unit: Unit, ts_us: int) -> None:
    """By the zone's own local time, where clocks change by whole hours."""
    (period,) = Calendar(zone).borders(unit, ts_us, ts_us + 1)
    assert period.label == label(ts_us, unit.value, zone)


@given(calendars, instants)
def test_weeks_begin_on_their_day(calendar: Calendar, ts_us: int) -> None:
    """At midnight of it, seven days of the calendar apart."""
    (week,) = calendar.borders(Unit.WEEK, ts_us, ts_us + 1)
    begin, end = calendar.local(week.begin_us), calendar.local(week.end_us)
    assert (begin.weekday(), end.date() - begin.date()) == (calendar.week_starts, timedelta(7))


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("zone", ZONES[1:])
def test_columns_are_numbered_alike(zone: str, unit: Unit) -> None:
    """DuckDB puts every instant into the period that Python does, over all changes of the clock."""
    calendar = Calendar(zone, 6)
    step = 17 * DAY_US + 1_234_567_891
    around = [read_time("2026-03-29T01:00:00Z"), read_time("2025-10-04T15:30:00Z"), read_time("1999-10-31T02:31:00Z")]
    times = [
        *range(FROM_US, BEFORE_US, step),
        *(at + by * MINUTE_US - 1 for at in around for by in range(-200, 200, 7)),
    ]
    expression = ibis.table({"ts_us": "int64"}, name="instants")
    told = expression.select(number=calendar.period_of(expression.ts_us, unit))
    with duckdb.connect() as connection:
        connection.register("instants", pa.table({"ts_us": times}))
        rows = connection.sql(str(ibis.to_sql(told, dialect="duckdb"))).fetchall()
    assert [number for (number,) in rows] == [calendar.number_of(ts_us, unit) for ts_us in times]


@pytest.mark.parametrize(
    ("zone", "unit", "from_", "hours", "lengths"),
    [
        ("Europe/Berlin", Unit.DAY, "2026-03-28T23:00Z", 47, [23, 24]),
        ("Europe/Berlin", Unit.DAY, "2026-10-24T22:00Z", 49, [25, 24]),
        ("Europe/Berlin", Unit.HOUR, "2026-10-25T00:00Z", 3, [1, 1, 1]),
        ("Australia/Lord_Howe", Unit.HOUR, "2026-04-04T14:00Z", 2, [1, 0.5, 1]),
        ("Asia/Kolkata", Unit.HOUR, "2026-01-01T00:30Z", 2, [1, 1]),
        ("America/St_Johns", Unit.DAY, "2010-11-06T02:30Z", 49, [24, 25]),
        ("Pacific/Apia", Unit.DAY, "2011-12-29T10:00Z", 48, [24, 24]),
    ],
    ids=["spring", "autumn", "the hour twice", "half an hour", "half past", "midnight twice", "a day left out"],
)
def test_where_clocks_change(zone: str, unit: Unit, from_: str, hours: int, lengths: list[float]) -> None:
    """Days have 23 to 25 hours; an hour shown twice is two; a day whose midnight comes twice is one."""
    from_us = read_time(from_)
    listed = Calendar(zone).borders(unit, from_us, from_us + hours * HOUR_US)
    assert [(period.end_us - period.begin_us) / HOUR_US for period in listed] == lengths


@pytest.mark.parametrize("zone", ["Europe/Berln", "", "../etc/passwd", "Europe", "\0"])
def test_a_zone_that_is_none(zone: str) -> None:
    """It is told, with the nearest one where there is one."""
    with pytest.raises(BadRequest, match="there is no time zone"):
        Calendar(zone)
    with pytest.raises(BadRequest, match="weeks begin on a day from 0"):
        Calendar("UTC", 7)


def test_examples_in_the_definition_hold() -> None:
    """The worked example beside the rule is true."""
    failed, tried = doctest.testmod(importlib.import_module("footfall.metrics.calendar"))
    assert tried
    assert not failed
