"""Periods of a calendar: minutes to years in any time zone, weeks beginning on any day, exact over daylight saving.

A zone's changes of the clock are looked up once, in Python; what an engine then does is arithmetic of whole numbers
and dates without a zone, so that every engine puts an event into the same period. No figure is computed here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import ibis
import ibis.expr.types as ir
from msgspec import Struct

from footfall.errors import BadRequest
from footfall.events.time import DAY_US, HOUR_US, SECOND_US

MINUTE_US: Final = 60 * SECOND_US
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_KNOWN_DAYS: Final = 131 * 366
"""Changes of the clock are known from 1970 up to 2101; before and behind that time the nearest offset holds."""

_FAR: Final = 2**62


class Unit(StrEnum):
    """How long a period is."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_CLOCK_US: Final = {Unit.MINUTE: MINUTE_US, Unit.HOUR: HOUR_US}
_MONTHS: Final = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}


class Period(NamedTuple):
    """One period: from `begin_us` on, before `end_us` (µs since the epoch, UTC)."""

    begin_us: int
    end_us: int
    label: str
    """Its beginning in local time, as far as the unit tells: `2026`, `2026-Q1`, `2026-03-29T03:00+02:00`."""
    number: int
    """What `Calendar.period_of` gives for its instants; that of the period behind it is one greater."""


class _Rule(NamedTuple):
    """How instants from `begin_us` to the next rule's are numbered: by the local time, UTC + `offset_us`."""

    begin_us: int
    offset_us: int
    shift: int
    """Added to the number; an hour that the clock shows twice is two."""
    least: int | None
    """No number is below it: a day whose midnight comes twice begins once."""


class Calendar(Struct, frozen=True):
    """The calendar of one zone (a name of the IANA database); weeks begin on day `week_starts`, 0 is Monday.

    Raises `errors.BadRequest` for a zone or a day that is none.
    """

    zone: str = "UTC"
    week_starts: int = 0

    def __post_init__(self) -> None:
        _changes(self.zone)
        if not 0 <= self.week_starts <= 6:
            raise BadRequest(f"weeks begin on a day from 0 (Monday) to 6 (Sunday), not {self.week_starts}")

    def borders(self, unit: Unit, from_us: int, before_us: int) -> list[Period]:
        """The periods, whole and in order, that hold the instants from `from_us` on and before `before_us`.

        On 29 March 2026 Berlin's clocks went from 2 to 3, and the day had 23 hours:

        >>> from footfall.events.time import read_time
        >>> noon = read_time("2026-03-29T12:00Z")
        >>> (day,) = Calendar("Europe/Berlin").borders(Unit.DAY, noon, noon + 1)
        >>> day.label, (day.end_us - day.begin_us) // HOUR_US
        ('2026-03-29', 23)
        """
        if before_us <= from_us:
            return []
        first, last = self.number_of(from_us, unit), self.number_of(before_us - 1, unit)
        begins = list(self._begins(unit, first, last + 1))
        return [
            Period(begin, end, self._label(unit, number, begin), number)
            for number, (begin, end) in enumerate(pairwise(begins), first)
            if begin < end  # a day that a zone left out has no instant
        ]

    def count(self, unit: Unit, from_us: int, before_us: int) -> int:
        """How many periods `borders` lists, or a few more; told in no time however many they are."""
        if before_us <= from_us:
            return 0
        return self.number_of(before_us - 1, unit) - self.number_of(from_us, unit) + 1

    def number_of(self, ts_us: int, unit: Unit) -> int:
        """The number of the period that holds an instant."""
        rules = _rules(self.zone, self.week_starts, unit)
        place = bisect_right(rules, ts_us, key=_begin_of) - 1
        return _numbered(unit, ts_us, rules[max(place, 0)], self.week_starts)

    def period_of(
        self, ts: ir.IntegerColumn, unit: Unit, from_us: int | None = None, before_us: int | None = None
    ) -> ir.IntegerColumn:
        """The number of the period that holds each instant; exact where the instant is in the range.

        Days, months and years are counted from 1970-01-01, weeks from the one that holds it; an hour or minute that
        the clock shows twice is two. A range spares the engine the clock's changes outside of it.
        """
        rules = _rules(self.zone, self.week_starts, unit)
        first = 0 if from_us is None else max(bisect_right(rules, from_us, key=_begin_of) - 1, 0)
        last = len(rules) if before_us is None else max(bisect_right(rules, before_us - 1, key=_begin_of), first + 1)
        needed = rules[first:last]
        local = ts + _in_steps(ts, [(rule.begin_us, rule.offset_us) for rule in needed])
        number = _local_column(unit, local, self.week_starts)
        number = number + _in_steps(ts, [(rule.begin_us, rule.shift) for rule in needed])
        if all(rule.least is None for rule in needed):
            return number
        least = [(rule.begin_us, -_FAR if rule.least is None else rule.least) for rule in needed]
        return ibis.greatest(number, _in_steps(ts, least))

    def a_year_before(self, period: Period, unit: Unit) -> int | None:
        """The number of the period that stood at the same place of the calendar a year before; None without one.

        A day has its date's, 29 February none; a week the one of 52 weeks before, which begins on the same day; an
        hour or minute the one that the clock showed at the same time of that date.
        """
        if unit in _MONTHS:
            return period.number - 12 // _MONTHS[unit]
        if unit is Unit.WEEK:
            return period.number - 52
        local = self.local(period.begin_us)
        try:
            earlier = local.replace(year=local.year - 1)
        except ValueError:
            return None
        if unit is Unit.DAY:
            return (earlier.date() - _EPOCH.date()).days
        ts_us = (earlier - _EPOCH) // _MICROSECOND
        was_shown = self.local(ts_us).replace(tzinfo=None) == earlier.replace(tzinfo=None)
        return self.number_of(ts_us, unit) if was_shown else None

    def instant(self, local: datetime) -> int:
        """When the zone's clock showed a time without a zone: the first time that it did, in µs since the epoch.

        What it never showed, as it was put forward, counts on from before the change.
        """
        return (local.replace(tzinfo=ZoneInfo(self.zone)) - _EPOCH) // _MICROSECOND

    def local(self, ts_us: int) -> datetime:
        """What the zone's clock and calendar show at an instant."""
        return (_EPOCH + _MICROSECOND * ts_us).astimezone(ZoneInfo(self.zone))

    def periods(self, unit: Unit, first: int, last: int) -> list[Period]:
        """The periods with the numbers `first` to `last`, both included."""
        begin_us, last_us = self._begins(unit, first, first), self._begins(unit, last + 1, last + 1)
        return self.borders(unit, *begin_us, *last_us)

    def _begins(self, unit: Unit, first: int, last: int) -> Iterator[int]:
        """When the periods with these numbers begin, both included: the first instant that has the number, or more."""
        rules = _rules(self.zone, self.week_starts, unit)
        ends = [change.begin_us for change in rules[1:]]
        place = 0
        for number in range(first, last + 1):
            while place < len(ends) and _numbered(unit, ends[place] - 1, rules[place], self.week_starts) < number:
                place += 1
            rule = rules[place]
            begin_us = _local_begin(unit, number - rule.shift, self.week_starts) - rule.offset_us
            yield max(begin_us, rule.begin_us) if place else begin_us

    def _label(self, unit: Unit, number: int, begin_us: int) -> str:
        if unit in _CLOCK_US:
            rules = _rules(self.zone, self.week_starts, unit)
            offset_us = rules[max(bisect_right(rules, begin_us, key=_begin_of) - 1, 0)].offset_us
            local = _EPOCH + _MICROSECOND * (begin_us + offset_us)
            sign, minutes = "-" if offset_us < 0 else "+", abs(offset_us) // MINUTE_US
            return f"{local:%Y-%m-%dT%H:%M}{sign}{minutes // 60:02d}:{minutes % 60:02d}"
        day = _EPOCH.date() + timedelta(_local_begin(unit, number, self.week_starts) // DAY_US)
        match unit:
            case Unit.MONTH:
                return f"{day:%Y-%m}"
            case Unit.QUARTER:
                return f"{day.year:04d}-Q{(day.month + 2) // 3}"
            case Unit.YEAR:
                return f"{day.year:04d}"
            case _:
                return day.isoformat()


def _begin_of(rule: _Rule) -> int:
    return rule.begin_us


@lru_cache(maxsize=256)
def _changes(zone: str) -> tuple[tuple[int, int], ...]:
    """(From when on in µs, offset of local time from UTC in µs) of a zone: at each change of its clock, and before."""
    try:
        known = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = get_close_matches(zone, available_timezones(), n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else "zones are named as in 'Europe/Berlin'"
        raise BadRequest(f"there is no time zone {zone[:100]!r}; {hint}") from error

    if zone == "UTC":
        return ((0, 0),)

    def offset_us(ts_us: int) -> int:
        offset = (_EPOCH + _MICROSECOND * ts_us).astimezone(known).utcoffset()
        return 0 if offset is None else offset // _MICROSECOND

    found = [(0, offset_us(0))]
    for day in range(_KNOWN_DAYS):
        low, high = day * DAY_US, (day + 1) * DAY_US
        if offset_us(high) == found[-1][1]:
            continue
        while high - low > SECOND_US:  # clocks change at whole seconds
            middle = (low + high) // 2 // SECOND_US * SECOND_US
            low, high = (middle, high) if offset_us(middle) == found[-1][1] else (low, middle)
        found.append((high, offset_us(high)))
    return tuple(found)


@lru_cache(maxsize=256)
def _rules(zone: str, week_starts: int, unit: Unit) -> tuple[_Rule, ...]:
    """How the zone's instants are numbered, from one change of the clock to the next."""
    (begin_us, offset_us), *changes = _changes(zone)
    rules = [_Rule(begin_us, offset_us, 0, None)]
    for change_us, changed_us in changes:
        reached = _numbered(unit, change_us - 1, rules[-1], week_starts)
        raw = _numbered(unit, change_us, _Rule(change_us, changed_us, 0, None), week_starts)
        if unit in _CLOCK_US:
            rules.append(_Rule(change_us, changed_us, reached + 1 - raw, None))
        else:
            rules.append(_Rule(change_us, changed_us, 0, reached if raw < reached else None))
    return tuple(rules)


def _numbered(unit: Unit, ts_us: int, rule: _Rule, week_starts: int) -> int:
    """The number of the period of an instant that the rule is for."""
    number = _local_number(unit, ts_us + rule.offset_us, week_starts) + rule.shift
    return number if rule.least is None else max(number, rule.least)


def _local_number(unit: Unit, local_us: int, week_starts: int) -> int:
    """The number of the period of a local time, µs since 1970-01-01 of the local calendar."""
    if unit in _CLOCK_US:
        return local_us // _CLOCK_US[unit]
    day = local_us // DAY_US
    if unit is Unit.DAY:
        return day
    if unit is Unit.WEEK:
        return (day - _first_weekday(week_starts)) // 7
    on = _EPOCH.date() + timedelta(day)
    return ((on.year - 1970) * 12 + on.month - 1) // _MONTHS[unit]


def _local_column(unit: Unit, local: ir.IntegerColumn, week_starts: int) -> ir.IntegerColumn:
    """`_local_number` of each local time of a column."""
    if unit in _CLOCK_US:
        return _floored(local, _CLOCK_US[unit])
    day = _floored(local, DAY_US)
    if unit is Unit.DAY:
        return day
    if unit is Unit.WEEK:
        return _floored(day - _first_weekday(week_starts), 7)
    on = ibis.literal(_EPOCH.date()) + day.as_interval("D")
    month = ((on.year() - 1970) * 12 + on.month() - 1).cast("int64")
    return month if unit is Unit.MONTH else _floored(month, _MONTHS[unit])


def _in_steps(ts: ir.IntegerColumn, steps: list[tuple[int, int]]) -> ir.IntegerValue:
    """The value that holds at each instant: each from its time on, the first one before it, too."""
    changes = [(begin, value) for (_, before), (begin, value) in pairwise(steps) if value != before]
    values = [steps[0][1], *(value for _, value in changes)]
    until = [(ts < begin, value) for (begin, _), value in zip(changes, values, strict=False)]
    last = ibis.literal(values[-1], type="int64")
    return ibis.cases(*until, else_=last) if until else last


def _local_begin(unit: Unit, number: int, week_starts: int) -> int:
    """The local time, µs since 1970-01-01 of the local calendar, at which a period begins."""
    if unit in _CLOCK_US:
        return number * _CLOCK_US[unit]
    if unit is Unit.DAY:
        return number * DAY_US
    if unit is Unit.WEEK:
        return (number * 7 + _first_weekday(week_starts)) * DAY_US
    year, month = divmod(number * _MONTHS[unit], 12)
    return (date(1970 + year, month + 1, 1) - _EPOCH.date()).days * DAY_US


def _first_weekday(week_starts: int) -> int:
    """The day, counted from 1970-01-01 (a Thursday), on which the week began that holds it."""
    return -((3 - week_starts) % 7)


def _floored(numbers: ir.IntegerColumn, by: int) -> ir.IntegerColumn:
    """Whole division, downwards: engines divide in doubles, and give `%` the dividend's sign."""
    return ((numbers - ((numbers % by) + by) % by) / by).cast("int64")
