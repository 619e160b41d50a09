"""When a report is due: at an hour of the project's zone, once a day, week or month, whatever its clocks do."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple, get_args
from zoneinfo import ZoneInfo

from footfall.notices.models import Every, Schedule
from footfall.store.days import Weekday

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1)


class Due(NamedTuple):
    """A report that is due."""

    at_us: int
    missed: int
    """How many that were due before it were never made."""


class Span(NamedTuple):
    """The whole days that a report tells of, and as many before them; µs since the epoch."""

    from_us: int
    before_us: int
    earlier_us: int
    """Where the time begins that it is compared with; that ends at `from_us`."""
    label: str


def next_due(schedule: Schedule, zone: str, after_us: int) -> int:
    """The first time after `after_us` (µs since the epoch) that the schedule's hour comes.

    An hour that a day has twice counts at its first time; one that it has not, an hour later by its clock.

    >>> from footfall.events.time import read_time, write_time
    >>> every_day = Schedule(name="n", what="question", definition="q", every=Every.DAY, hour=2)
    >>> write_time(next_due(every_day, "Europe/Berlin", read_time("2026-03-29T00:00Z")))
    '2026-03-29T01:00:00Z'
    """
    day = _local(after_us, zone).date() - _DAY
    while (found := _at(day, schedule.hour, zone)) <= after_us or not _is_of(schedule, day):
        day += _DAY
    return found


def due(schedule: Schedule, zone: str, reported_us: int, now_us: int) -> Due | None:
    """The newest report that is due after the one of `reported_us`; None when none is."""
    at_us, missed = next_due(schedule, zone, reported_us), -1
    found = None
    while at_us <= now_us:
        found, missed = at_us, missed + 1
        at_us = next_due(schedule, zone, at_us)
    return None if found is None else Due(found, missed)


def span(every: Every, zone: str, at_us: int) -> Span:
    """What a report of `at_us` tells of: the day before, the seven days before, or the month before."""
    end = _local(at_us, zone).date()
    if every is Every.MONTH:
        end = end.replace(day=1)
        begin = _month_before(end)
        earlier, label = _month_before(begin), f"{begin:%B %Y}"
    else:
        days = 1 if every is Every.DAY else 7
        begin, earlier = end - days * _DAY, end - 2 * days * _DAY
        label = f"{begin:%Y-%m-%d}" if days == 1 else f"{begin:%Y-%m-%d} to {end - _DAY:%Y-%m-%d}"
    return Span(_at(begin, 0, zone), _at(end, 0, zone), _at(earlier, 0, zone), label)


def _is_of(schedule: Schedule, day: date) -> bool:
    match schedule.every:
        case Every.DAY:
            return True
        case Every.WEEK:
            return day.weekday() == get_args(Weekday).index(schedule.weekday)
        case Every.MONTH:
            return day.day == min(schedule.day, monthrange(day.year, day.month)[1])


def _month_before(first: date) -> date:
    return (first - _DAY).replace(day=1)


def _at(day: date, hour: int, zone: str) -> int:
    """When the clock of the zone shows the hour on that day; what it never shows counts on from before the change."""
    return (datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone)) - _EPOCH) // _MICROSECOND


def _local(us: int, zone: str) -> datetime:
    return (_EPOCH + _MICROSECOND * us).astimezone(ZoneInfo(zone))
