"""The periods of a question's range, as a table that any engine can join; what a period is stands in `calendar`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir
from msgspec import structs

from footfall.errors import BadRequest
from footfall.events.time import read_time
from footfall.metrics.asked import MOST_PERIODS, Scope
from footfall.metrics.calendar import Period, Unit

USUAL: Final = 30
"""Periods of a range whose beginning nobody said."""

_EARLIEST_US: Final = read_time("0002-01-02T00:00:00Z")
_LATEST_US: Final = read_time("9998-01-01T00:00:00Z")
"""A period that holds the first or the last instant of a range may reach a year, and a day of a zone, beyond it."""
_ROWS: Final = "array<struct<begin_us: int64, end_us: int64, label: string, number: int64>>"


class Range(NamedTuple):
    """A scope with its range said, and the periods, whole, that hold it, in order."""

    scope: Scope
    unit: Unit
    from_us: int
    before_us: int
    periods: list[Period]

    def number_of(self, ts_us: ir.IntegerColumn) -> ir.IntegerColumn:
        """The number of the period of each instant of the range."""
        return self.scope.calendar.period_of(ts_us, self.unit, self.from_us, self.before_us).cast("int64")

    def longer(self, periods: int) -> Range:
        """From the beginning of the first period on, with so many periods more; they may lie in the future."""
        if not self.periods:
            return self
        first, last = self.periods[0].number, self.periods[-1].number + periods
        with within_the_calendar():
            whole = self.scope.calendar.periods(self.unit, first, last)
        from_us, before_us = whole[0].begin_us, whole[-1].end_us
        scope = structs.replace(self.scope, from_us=from_us, before_us=before_us)
        return Range(scope, self.unit, from_us, before_us, whole)


def settled(scope: Scope, unit: Unit, now_us: int) -> Range:
    """The scope's range: without an end until the end of the present period, without a beginning `USUAL` periods.

    Raises `errors.BadRequest` when it has more than `MOST_PERIODS` periods, or lies beyond all calendars.
    """
    calendar = scope.calendar
    with within_the_calendar():
        from_us, before_us = _ends(scope, unit, now_us)
        check_years(from_us, before_us)
        count = calendar.count(unit, from_us, before_us)
        if count > MOST_PERIODS:
            raise BadRequest(
                f"the range has {count:,} periods of a {unit.value}, and {MOST_PERIODS:,} are the most; "
                "take longer ones, or a shorter range"
            )
        asked = structs.replace(scope, from_us=from_us, before_us=before_us)
        return Range(asked, unit, from_us, before_us, calendar.borders(unit, from_us, before_us))


def _ends(scope: Scope, unit: Unit, now_us: int) -> tuple[int, int]:
    """When the range begins and ends."""
    calendar, from_us, before_us = scope.calendar, scope.from_us, scope.before_us
    if before_us is None:
        (present,) = calendar.borders(unit, now_us, now_us + 1)
        before_us = max(present.end_us, from_us or present.end_us)
    if from_us is None:
        last = calendar.number_of(before_us - 1, unit)
        from_us = calendar.periods(unit, last - USUAL + 1, last)[0].begin_us
    return from_us, before_us


def check_years(from_us: int, before_us: int) -> None:
    """Raise OverflowError for a range whose periods can't all be written as times."""
    if from_us < _EARLIEST_US or before_us > _LATEST_US:
        raise OverflowError("the range reaches beyond the years that have four digits")


@contextmanager
def within_the_calendar() -> Iterator[None]:
    """Tells of periods that no calendar has; raises `errors.BadRequest`."""
    try:
        yield
    except (OverflowError, ValueError) as error:
        raise BadRequest("the periods reach beyond the years 1 to 9999; say another range, or fewer periods") from error


def period_table(periods: Sequence[Period]) -> ir.Table:
    """begin_us, end_us, label and number of each period, on any engine."""
    rows = ibis.literal([period._asdict() for period in periods], type=_ROWS).unnest().name("period").as_table()
    return rows.select(**{name: rows.period[name] for name in Period._fields})
