"""When reports are due: every day, week or month once, whatever the clocks of a zone do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.dashboards import What
from footfall.events.time import read_time, write_time
from footfall.notices.hours import due, next_due, span
from footfall.notices.models import Every, Schedule

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Havana",
    "Asia/Beirut",
]
DAY_US = 86_400_000_000
BEGIN_US, END_US = read_time("2020-01-01T00:00Z"), read_time("2030-01-01T00:00Z")


def schedule(every: Every = Every.DAY, hour: int = 8, **other: object) -> Schedule:
    given = {"name": "n", "what": What.QUESTION, "definition": "q", "every": every, "hour": hour, **other}
    return Schedule(**given)  # type: ignore[arg-type]


def local(us: int, zone: str) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).astimezone(ZoneInfo(zone))


@given(st.sampled_from(ZONES), st.integers(0, 23), st.integers(BEGIN_US, END_US))
def test_a_daily_report_is_due_once_a_day(zone: str, hour: int, after_us: int) -> None:
    """Sixty times in a row: sixty days in a row, at the hour, or behind it on a day that has not got it."""
    days, at_us = [], after_us
    for _ in range(60):
        later_us = next_due(schedule(hour=hour), zone, at_us)
        assert later_us > at_us
        at = local(later_us, zone)
        assert at.hour == hour or at.hour == (hour + 1) % 24, at
        days.append(at.date())
        at_us = later_us
    assert [later - earlier for earlier, later in pairwise(days)] == [timedelta(days=1)] * 59


@given(st.sampled_from(ZONES), st.integers(0, 23), st.integers(1, 31), st.integers(BEGIN_US, END_US))
def test_a_monthly_report_is_due_once_a_month(zone: str, hour: int, day: int, after_us: int) -> None:
    """Twelve in a row are of twelve months in a row, on the day or the month's last."""
    months, at_us = [], after_us
    for _ in range(12):
        at_us = next_due(schedule(Every.MONTH, hour, day=day), zone, at_us)
        at = local(at_us, zone)
        months.append(at.year * 12 + at.month)
        assert at.day == day or (at + timedelta(days=1)).day == 1
    assert months == list(range(months[0], months[0] + 12))


@given(st.sampled_from(ZONES), st.integers(0, 6), st.integers(BEGIN_US, END_US))
def test_a_weekly_report_tells_of_the_seven_days_before_it(zone: str, weekday: int, after_us: int) -> None:
    """On its weekday; its days end with the one before it, and those that it is compared with end where it begins."""
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    at_us = next_due(schedule(Every.WEEK, weekday=names[weekday]), zone, after_us)
    told = span(Every.WEEK, zone, at_us)
    assert local(at_us, zone).weekday() == weekday
    assert local(told.before_us, zone).date() == local(at_us, zone).date()
    assert local(told.before_us, zone).date() - local(told.from_us, zone).date() == timedelta(days=7)
    assert local(told.from_us, zone).date() - local(told.earlier_us, zone).date() == timedelta(days=7)


@pytest.mark.parametrize(
    ("day", "hour", "at"),
    [
        ("2026-03-29", 1, "2026-03-29T00:00:00Z"),
        ("2026-03-29", 2, "2026-03-29T01:00:00Z"),  # 02:00 is not there: at 03:00, which is when it would have been
        ("2026-03-29", 3, "2026-03-29T01:00:00Z"),
        ("2026-10-25", 2, "2026-10-25T00:00:00Z"),  # twice there: the first time
    ],
    ids=str,
)
def test_hours_that_a_day_lacks_or_has_twice(day: str, hour: int, at: str) -> None:
    """In Berlin, on the days on which its clocks change."""
    found = next_due(schedule(hour=hour), "Europe/Berlin", read_time(f"{day}T00:00+01:00") - 10_800_000_000)
    assert write_time(found) == at


def test_what_was_missed_is_due_once() -> None:
    """After three days without a server one report is due, the newest, and says that two were not made."""
    found = due(schedule(), "UTC", read_time("2026-11-01T08:00Z"), read_time("2026-11-04T12:00Z"))
    assert found == (read_time("2026-11-04T08:00Z"), 2)
    assert due(schedule(), "UTC", read_time("2026-11-04T08:00Z"), read_time("2026-11-05T07:59Z")) is None


def test_a_month_is_told_of_as_a_whole() -> None:
    """On whatever day the report of it is sent."""
    told = span(Every.MONTH, "Europe/Berlin", read_time("2026-11-15T08:00Z"))
    assert [write_time(us) for us in told[:3]] == [
        "2026-09-30T22:00:00Z",
        "2026-10-31T23:00:00Z",
        "2026-08-31T22:00:00Z",
    ]
    assert told.label == "October 2026"
