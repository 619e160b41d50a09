"""The books: what arrived and what became of it, and what is kept of it now, both by arrival.

What was counted when it arrived (the table `books`) and what is kept (`events`, `rejected`) are two countings of one
thing: received − duplicates − rejected is what was stored, and but for what was removed since it is there.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import ibis.expr.types as ir

from footfall.events.time import DAY_US
from footfall.lake.books import FATES
from footfall.metrics.periods import Range

LATE_DAYS: Final = (1, 2, 7, 30)
"""Borders between events that are late by little and by much."""


def by_way(books: ir.Table, asked: Range) -> ir.Table:
    """way, then a sum for each of `FATES`; of what arrived in the range."""
    return _summed(_within(books, books.begin_us, asked), "way").order_by("way")


def over_time(books: ir.Table, asked: Range) -> ir.Table:
    """The `number` of each period, then a sum for each of `FATES`; periods in which nothing arrived are left out."""
    found = _within(books, books.begin_us, asked)
    return _summed(found.mutate(number=asked.number_of(found.begin_us)), "number").order_by("number")


def kept(events: ir.Table, asked: Range) -> ir.Table:
    """One row: events kept of what arrived in the range, of these bots' and late ones (`late`), and how late.

    `late_0` is how many of the late ones arrived less than a day after they happened, `late_1` those before two days,
    and so on, as `LATE_DAYS` has the borders.
    """
    found = _within(events, events.received_us, asked)
    late = found.late.fill_null(False)
    delay = found.received_us - found.ts_us
    borders = [-(2**62), *(days * DAY_US for days in LATE_DAYS), 2**62]
    parts = {
        f"late_{place}": found.count(where=late & (delay >= low) & (delay < high))
        for place, (low, high) in enumerate(pairwise(borders))
    }
    return found.aggregate(
        events=found.count(), bots=found.count(where=found.is_bot), late=found.count(where=late), **parts
    )


def span(events: ir.Table) -> ir.Table:
    """One row: how many `events` are kept, and when the first and the last of them happened; 0 without any."""
    return events.aggregate(
        events=events.count(), first_us=events.ts_us.min().fill_null(0), last_us=events.ts_us.max().fill_null(0)
    )


def refused(rejected: ir.Table, asked: Range) -> ir.Table:
    """reason, count, last_us (the newest arrival) of what was refused in the range and is kept, the most first."""
    found = _within(rejected, rejected.received_us, asked)
    counted = found.group_by("reason").aggregate(count=found.count(), last_us=found.received_us.max())
    return counted.order_by([counted["count"].desc(), counted.reason])


def _within(table: ir.Table, at_us: ir.IntegerColumn, asked: Range) -> ir.Table:
    return table.filter(at_us >= asked.from_us, at_us < asked.before_us)


def _summed(books: ir.Table, name: str) -> ir.Table:
    return books.group_by(name).aggregate(**{fate: books[fate].sum().cast("int64") for fate in FATES})
