"""Refused events counted: by reason and door in all, and by reason over time."""

from __future__ import annotations

import ibis.expr.types as ir

from footfall.metrics.periods import Range, period_table


def by_reason(rejected: ir.Table) -> ir.Table:
    """reason, source, count, first_us, last_us (their first and last arrival), and rejected_id of the newest.

    The most first.
    """
    counted = rejected.group_by("reason", "source").aggregate(
        count=rejected.count(),
        first_us=rejected.received_us.min(),
        last_us=rejected.received_us.max(),
        rejected_id=rejected.rejected_id.argmax(rejected.received_us),
    )
    return counted.order_by([counted["count"].desc(), counted.reason, counted.source])


def over_time(rejected: ir.Table, asked: Range) -> ir.Table:
    """begin_us, end_us, label, reason, count of every period that has any, by arrival, in order."""
    numbered = rejected.mutate(number=asked.number_of(rejected.received_us))
    counted = numbered.group_by("number", "reason").aggregate(count=numbered.count())
    named = counted.inner_join(period_table(asked.periods), "number")
    return named.select("begin_us", "end_us", "label", "reason", "count").order_by("begin_us", "reason")
