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
from footfall.metrics.visits import held_sessions, visits
from footfall.sessions.ops import within_int64

COUNTED: Final[Mapping[str, str]] = {
    "sessions": "sessions",
    "people": "people",
    "bounces": "sessions",
    "conversions": "sessions",
}
"""{figure that can be opened: what is counted}."""


def rows(ground: Ground, scope: Scope, name: str) -> ir.Table:
    """One row for each value of the property `name`.

    Columns:

    * `value`; `sessions` with an event in the scope, `share` (percentage of all of these), `people` in them
    * `bounces`: sessions with one event that counts; `bounce_rate` (percentage of the sessions)
    * `conversions`: sessions with a purchase; `conversion_rate` (percentage of the sessions)
    * `purchases`, `revenue_micros`: of these sessions
    * `avg_duration_minutes`: the whole sum of µs divided once
    """
    visited = _visited(ground, scope, name)
    found = _figures(_held(visited, ground), ["value"])
    people = visited.group_by("value").aggregate(people=visited.who.nunique())
    both = found.left_join(people.rename(_value="value"), found["value"].identical_to(people["value"]))
    whole = both.drop("_value")
    return whole.mutate(share=whole.sessions * 100 / whole.sessions.sum().over(ibis.window()))


def total(ground: Ground, scope: Scope, name: str) -> ir.Table:
    """The figures of `rows`, of all sessions in the scope."""
    visited = _visited(ground, scope, name)
    return _figures(_held(visited, ground), []).cross_join(visited.aggregate(people=visited.who.nunique()))


def behind(ground: Ground, scope: Scope, name: str, figure: str) -> ir.Table:
    """Columns `value` and `who`: the people, or sessions, that `figure` counts."""
    visited = _visited(ground, scope, name)
    if figure == "people":
        return visited.select("value", "who")
    held = _held(visited, ground)
    wanted = {"sessions": ibis.literal(True), "bounces": held.is_bounce, "conversions": held.is_conversion}
    return held.filter(wanted[figure]).select("value", who="held")


def _visited(ground: Ground, scope: Scope, name: str) -> ir.Table:
    """One row for each session and person in it: held (the session's id), who, value (the session's)."""
    events = visits(ground, scope, split=name)
    place = ibis.struct({"ts_us": events.ts_us, "event_id": events.event_id})
    values = events.group_by("held").aggregate(value=events.split.argmin(place, where=events.split.notnull()))
    people = events.select("held", "who").distinct()
    return people.join(values, "held")


def _held(visited: ir.Table, ground: Ground) -> ir.Table:
    """One row for each session: held, value, and the figures that are summed."""
    return visited.select("held", "value").distinct().join(held_sessions(ground), "held")


def _figures(held: ir.Table, keys: list[str]) -> ir.Table:
    summed = held.aggregate(
        by=keys,
        sessions=held.count(),
        bounces=held.count(where=held.is_bounce).fill_null(0),  # Spark counts null where there is no row
        conversions=held.count(where=held.is_conversion).fill_null(0),
        purchases=within_int64(held.purchases.sum().fill_null(0)),
        revenue_micros=within_int64(held.purchase_micros.sum().fill_null(0)),
        length_us=within_int64(held.length_us.sum().fill_null(0)),
    )
    sessions = summed.sessions.nullif(0)
    return summed.mutate(
        bounce_rate=summed.bounces * 100 / sessions,
        conversion_rate=summed.conversions * 100 / sessions,
        avg_duration_minutes=summed.length_us / (sessions * 60_000_000),
    ).drop("length_us")
