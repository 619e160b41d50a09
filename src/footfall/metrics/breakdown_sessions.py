"""Sessions by what each came with: its channel, campaign, country, device, …, each session under one value.

A session's value is the first that is known of it, by (`ts_us`, `event_id`), among its events in the scope; null when
none tells it. Its figures are those of the whole session, so the rows add up to the sessions' own sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import ibis
import ibis.expr.types as ir

from footfall.metrics.asked import Ground, Scope
from footfall.metrics.breakdown_form import Answer, Keep
from footfall.metrics.filters.properties import CLASS
from footfall.metrics.visits import held_sessions, visits
from footfall.sessions.ops import within_int64

COUNTED: Final[Mapping[str, str]] = {
    "sessions": "sessions",
    "people": "people",
    "bounces": "sessions",
    "conversions": "sessions",
}
"""{figure that can be opened: what is counted}."""


def answer(ground: Ground, scope: Scope, name: str, keep: Keep) -> Answer:
    """One row for each value of the property `name`, and all sessions in the scope.

    Columns:

    * `value`; `sessions` with an event in the scope, `share` (percentage of all of these), `people` in them
    * `bounces`: sessions with one event that counts; `bounce_rate` (percentage of the sessions)
    * `conversions`: sessions with a purchase; `conversion_rate` (percentage of the sessions)
    * `purchases`, `revenue_micros`: of these sessions
    * `avg_duration_minutes`: the whole sum of µs divided once
    """
    visited = keep(_visited(ground, scope, name))
    sums = keep(_sums(_held(visited)))
    people = visited.group_by("value").aggregate(people=visited.who.nunique())
    both = sums.left_join(people.rename(_value="value"), sums["value"].identical_to(people["value"])).drop("_value")
    together = sums.aggregate(**{figure: sums[figure].sum().fill_null(0) for figure in sums.columns[1:]})
    rows, total = _figures(both), _figures(together)
    return Answer(
        rows.mutate(share=rows.sessions * 100 / rows.sessions.sum().over(ibis.window())),
        total.cross_join(visited.aggregate(people=visited.who.nunique())),
    )


def behind(ground: Ground, scope: Scope, name: str, figure: str) -> ir.Table:
    """Columns `value` and `who`: the people, or sessions, that `figure` counts."""
    visited = _visited(ground, scope, name)
    if figure == "people":
        return visited.select("value", "who")
    held = _held(visited)
    wanted = {"sessions": ibis.literal(True), "bounces": held.is_bounce, "conversions": held.is_conversion}
    return held.filter(wanted[figure]).select("value", who="held")


def _visited(ground: Ground, scope: Scope, name: str) -> ir.Table:
    """One row for each session and person in it: who, value (the session's), and what `held_sessions` tells of it."""
    if name == CLASS:
        people = visits(ground, scope).select("held", "who").distinct()
        return people.join(held_sessions(ground), "held").rename(value="visitor_class")
    events = visits(ground, scope, split=name)
    told = ibis.struct({"ts_us": events.ts_us, "event_id": events.event_id, "value": events.split})
    pairs = events.group_by("held", "who").aggregate(told=told.min(where=events.split.notnull()))
    first = pairs.group_by("held").aggregate(first=pairs.told.min())
    both = pairs.select("held", "who").join(first, "held").join(held_sessions(ground), "held")
    return both.mutate(value=both["first"]["value"]).drop("first", "visitor_class")


def _held(visited: ir.Table) -> ir.Table:
    """One row for each session: held, value, and the figures that are summed."""
    return visited.drop("who").distinct()


def _sums(held: ir.Table) -> ir.Table:
    """Of each value: what all of its sessions have together, as wide as the engine adds up."""
    return held.group_by("value").aggregate(
        sessions=held.count(),
        bounces=held.count(where=held.is_bounce).fill_null(0),  # Spark counts null where there is no row
        conversions=held.count(where=held.is_conversion).fill_null(0),
        purchases=held.purchases.sum().fill_null(0),
        revenue_micros=held.purchase_micros.sum().fill_null(0),
        length_us=held.length_us.sum().fill_null(0),
    )


def _figures(sums: ir.Table) -> ir.Table:
    whole = sums.mutate(**{name: within_int64(sums[name]) for name in ("purchases", "revenue_micros", "length_us")})
    sessions = whole.sessions.nullif(0)
    return whole.mutate(
        bounce_rate=whole.bounces * 100 / sessions,
        conversion_rate=whole.conversions * 100 / sessions,
        avg_duration_minutes=whole.length_us / (sessions * 60_000_000),
    ).drop("length_us")
