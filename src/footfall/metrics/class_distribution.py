"""Class distribution: in tumbling windows over the end of sessions, how many were of each class.

Source: the contract's *class distribution* (`segment_distribution` in outside names).
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from footfall.metrics.users import with_unique_users
from footfall.sessions.figures import GAP_US
from footfall.sessions.ops import within_int64

WINDOW_US = 5 * 60_000_000
"""Default width of a window."""

LATENESS_US = 24 * 3_600_000_000
"""Default time after its own that an event may arrive and still correct live sessions."""

_KEYS = ("project_id", "window_start", "visitor_class")


def class_distribution(
    sessions: ir.Table,
    *,
    now_us: int,
    links: ir.Table | None = None,
    lateness_us: int = LATENESS_US,
    gap_us: int = GAP_US,
    window_us: int = WINDOW_US,
    from_us: int | None = None,
    before_us: int | None = None,
) -> ir.Table:
    """One row for each window and class that has sessions, in order of time, then of the class's name.

    Windows are multiples of `window_us` since the epoch; only those that begin at or after `from_us` and
    before `before_us` are given. Columns:

    * `project_id`, `window_start`, `window_end` (µs since the epoch, the end exclusive), `visitor_class`
    * `session_count`, `unique_users` (who is one person by `links` counts once)
    * `total_revenue_micros`: purchases of these sessions, in millionths; 0 when none
    * `avg_duration_minutes`: the whole sum of µs divided once
    * `share`: percentage of the window's sessions
    * `open`: whether a session in the window may still move at `now_us`. Its last event lies before
      `window_end`; one that would move it lies at most `gap_us` later and arrives at most `lateness_us`
      after that. (A client that goes on with an old session id moves that session whenever it does.)

    Two sessions of 1 and 2 minutes, 19.99 in all, and one of another class:

    >>> import pyarrow
    >>> sessions = ibis.memtable(pyarrow.table({
    ...     "project_id": ["shop"] * 3, "visitor_class": ["browser", "browser", "bouncer"],
    ...     "session_start": [0, 60_000_000, 120_000_000], "session_end": [60_000_000, 180_000_000, 120_000_000],
    ...     "purchase_micros": [19_990_000, 0, 0], "users": [["ann", "bob"], ["ann"], []],
    ... }))
    >>> bouncer, browser = class_distribution(sessions, now_us=0).to_pyarrow().to_pylist()
    >>> browser["session_count"], browser["unique_users"], browser["total_revenue_micros"]
    (2, 2, 19990000)
    >>> browser["avg_duration_minutes"], round(browser["share"], 2), round(bouncer["share"], 2), browser["open"]
    (1.5, 66.67, 33.33, True)
    """
    placed = sessions.mutate(window_start=_floored(sessions.session_end, window_us))
    if from_us is not None:
        placed = placed.filter(placed.window_start >= from_us)
    if before_us is not None:
        placed = placed.filter(placed.window_start < before_us)
    groups = placed.group_by(_KEYS).aggregate(
        session_count=placed.count(),
        total_revenue_micros=within_int64(placed.purchase_micros.sum()),
        length_us=within_int64((placed.session_end - placed.session_start).sum()),
    )
    whole = with_unique_users(groups, placed, _KEYS, links)
    window = ibis.window(group_by=["project_id", "window_start"])
    ends = whole.window_start + window_us
    return whole.select(
        "project_id",
        "window_start",
        "visitor_class",
        "session_count",
        "unique_users",
        "total_revenue_micros",
        window_end=ends,
        avg_duration_minutes=whole.length_us / (whole.session_count * 60_000_000),
        share=whole.session_count * 100 / whole.session_count.sum().over(window),
        open=ends + (gap_us + lateness_us) > now_us,
    ).order_by("project_id", "window_start", "visitor_class")


def _floored(column: ir.IntegerColumn, width: int) -> ir.IntegerColumn:
    """The multiple of `width` at or below each number, before 1970 too: engines give `%` the dividend's sign."""
    return column - ((column % width) + width) % width
