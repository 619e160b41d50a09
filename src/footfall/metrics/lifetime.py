"""What cohorts earn: the sales and refunds of their members, period by period, and what a member has brought by then.

Who is in a cohort stands in `retention`, what a sale is in `sales`.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from footfall.events.kinds import Kind
from footfall.metrics.asked import Ground, Scope, activity
from footfall.metrics.kinds import is_of
from footfall.metrics.sales import own_money, refunds, sales_of
from footfall.sessions.ops import within_int64


def takings(ground: Ground, scope: Scope) -> ir.Table:
    """Sales and refunds among the scope's events: who, ts_us, is_sale, amount_micros.

    The amount is null when it was not stated, or is not in the project's currency.
    """
    bought = sales_of(ground.events, ground.sessions, ground.taxonomy)
    returned = refunds(ground.events, ground.taxonomy)
    parts = (
        rows.select(
            event_id=rows.event_id.cast("string"),  # a union wants the same types, which may be null or not
            ts_us=rows.ts_us.cast("int64"),
            is_sale=ibis.literal(is_sale),
            amount_micros=own_money(rows),
        )
        for rows, is_sale in ((bought, True), (returned, False))
    )
    counting = activity(ground, scope)
    told = is_of(counting, ground.taxonomy, Kind.PURCHASE) | is_of(counting, ground.taxonomy, Kind.REFUND)
    happened = counting.filter(told).select("event_id", "ts_us", "who")
    return ibis.union(*parts).join(happened, ["event_id", "ts_us"]).select("who", "ts_us", "is_sale", "amount_micros")


def earned(theirs: ir.Table) -> ir.Table:
    """For each part, cohort and period after it: buyers, purchases, revenue_micros, refund_micros.

    `theirs` are the `takings` of members: who, part, cohort, period, is_sale, amount_micros.
    """
    return theirs.group_by("part", "cohort", "period").aggregate(
        buyers=theirs.who.nunique(where=theirs.is_sale),
        purchases=theirs.count(where=theirs.is_sale),
        revenue_micros=within_int64(theirs.amount_micros.sum(where=theirs.is_sale).fill_null(0)),
        refund_micros=within_int64(theirs.amount_micros.sum(where=~theirs.is_sale).fill_null(0)),
    )


def lifetime(cells: ir.Table) -> ir.Table:
    """`cells` with `lifetime_micros`: revenue less refunds from period 0 on to this one, by person of the cohort.

    `cells` has a row for each part, cohort and period: `size`, `revenue_micros`, `refund_micros`. Null where nobody
    is in the cohort; where a sum is null, so is what builds on it.
    """
    net = cells.revenue_micros.cast("decimal(38, 0)") - cells.refund_micros.cast("decimal(38, 0)")
    until_now = net.sum().over(group_by=["part", "cohort"], order_by="period", rows=(None, 0))
    return cells.mutate(lifetime_micros=within_int64(until_now) / cells["size"].nullif(0))
