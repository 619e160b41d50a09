"""The periods of a question's range, as a table that any engine can join; what a period is stands in `calendar`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import ibis
import ibis.expr.types as ir

from footfall.errors import BadRequest
from footfall.metrics.asked import MOST_PERIODS, Scope
from footfall.metrics.calendar import Period, Unit

_ROWS: Final = "array<struct<begin_us: int64, end_us: int64, label: string, number: int64>>"


def range_of(scope: Scope) -> tuple[int, int]:
    """When the question's range begins and ends; raises `errors.BadRequest` when it is open."""
    if scope.from_us is None or scope.before_us is None:
        raise BadRequest("periods need a range of time: say `from` and `before`")
    return scope.from_us, scope.before_us


def periods_of(scope: Scope, unit: Unit) -> list[Period]:
    """The periods of the question's range, in order; raises `errors.BadRequest` when there are too many."""
    from_us, before_us = range_of(scope)
    count = scope.calendar.count(unit, from_us, before_us)
    if count > MOST_PERIODS:
        raise BadRequest(
            f"the range has {count:,} periods of a {unit.value}, and {MOST_PERIODS:,} are the most; "
            "ask for longer ones, or for a shorter range"
        )
    return scope.calendar.borders(unit, from_us, before_us)


def number_of(ts_us: ir.IntegerColumn, scope: Scope, unit: Unit) -> ir.IntegerColumn:
    """The number of the period of each instant of the question's range."""
    return scope.calendar.period_of(ts_us, unit, *range_of(scope)).cast("int64")


def period_table(periods: Sequence[Period]) -> ir.Table:
    """begin_us, end_us, label and number of each period, on any engine."""
    rows = ibis.literal([period._asdict() for period in periods], type=_ROWS).unnest().name("period").as_table()
    return rows.select(**{name: rows.period[name] for name in Period._fields})
