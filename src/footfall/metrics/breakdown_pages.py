"""Pages: how often each was seen, where sessions began and ended, and what became of the sessions that saw it.

A page is named by its path, else its address, else its title; null when nothing names it. Entry and exit are the
first and the last page of a session within the range, by (`ts_us`, `event_id`), whatever the filter leaves of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import ibis
import ibis.expr.types as ir
from msgspec import structs

from footfall.events.kinds import Kind
from footfall.metrics.asked import Ground, Scope, Step
from footfall.metrics.breakdown_form import Answer, Keep
from footfall.metrics.visits import held_sessions, visits
from footfall.sessions.ops import within_int64

COUNTED: Final[Mapping[str, str]] = {
    "people": "people",
    "sessions": "sessions",
    "entries": "sessions",
    "exits": "sessions",
    "bounces": "sessions",
    "conversions": "sessions",
}
"""{figure that can be opened: what is counted}."""
_NAMES: Final = ("page_path", "page_url", "page_title")


def answer(ground: Ground, scope: Scope, _name: str, keep: Keep) -> Answer:
    """One row for each page, and all of them together.

    Columns:

    * `value`: the page; `views`, `share` (percentage of all views), `people`, `sessions` that saw it
    * `entries`, `exits`: sessions that began, that ended there; `exit_rate` (exits in percent of the views)
    * `bounces`: of the entries those whose session has no other event that counts; `bounce_rate` (of the entries)
    * `conversions`: sessions that saw it and have a purchase; `conversion_rate` (percentage of the sessions)
    * `revenue_micros` of the sessions that saw it: one session's is in every page of it
    """
    seen = keep(_seen(ground, scope))
    rows = _figures(seen, ["value"])
    share = rows["views"] * 100 / rows["views"].sum().over(ibis.window())
    return Answer(rows.mutate(share=share), _figures(seen, []))


def behind(ground: Ground, scope: Scope, _name: str, figure: str) -> ir.Table:
    """Columns `value` and `who`: the people, or sessions, that `figure` counts."""
    seen = _seen(ground, scope)
    if figure == "people":
        return seen.select("value", "who")
    wanted = {
        "sessions": ibis.literal(True),
        "entries": seen.is_entry,
        "exits": seen.is_exit,
        "bounces": seen.is_entry & seen.is_bounce,
        "conversions": seen.is_conversion,
    }
    return seen.filter(wanted[figure]).select("value", who="held")


def _seen(ground: Ground, scope: Scope) -> ir.Table:
    """The pages that each session and person in it saw in the scope: held, who, value, and how many `views`.

    With them whether the session began and ended with one of these, and what the session is.
    """
    everything = structs.replace(scope, where=None)
    marks = {"is_page": Step(kind=Kind.PAGE), "is_asked": Step(kind=Kind.PAGE, where=scope.where)}
    happened = visits(ground, everything, marks=marks, keep=_NAMES)
    pages = happened.filter(happened.is_page)
    along = {"group_by": "held", "order_by": ["ts_us", "event_id"]}
    placed = pages.mutate(
        value=ibis.coalesce(*(pages[name] for name in _NAMES)),
        is_first=pages.ts_us.lag().over(**along).isnull(),
        is_last=pages.ts_us.lead().over(**along).isnull(),
    )
    asked = placed.filter(placed.is_asked)
    seen = asked.group_by("held", "who", "value").aggregate(
        views=asked.count(), is_entry=asked.is_first.any(), is_exit=asked.is_last.any()
    )
    return seen.join(held_sessions(ground), "held").select(
        *seen.columns, "is_bounce", "is_conversion", "purchase_micros"
    )


def _figures(seen: ir.Table, keys: list[str]) -> ir.Table:
    viewed = seen.aggregate(
        by=keys,
        views=within_int64(seen["views"].sum().fill_null(0)),
        people=seen.who.nunique(),
        entries=seen.count(where=seen.is_entry).fill_null(0),  # Spark counts null where there is no row
        exits=seen.count(where=seen.is_exit).fill_null(0),
        bounces=seen.count(where=seen.is_entry & seen.is_bounce).fill_null(0),
    )
    once = seen.select(*keys, "held", "is_conversion", "purchase_micros").distinct()
    by_session = once.aggregate(
        by=keys,
        sessions=once.count(),
        conversions=once.count(where=once.is_conversion).fill_null(0),
        revenue_micros=within_int64(once.purchase_micros.sum().fill_null(0)),
    )
    if keys:
        both = viewed.join(by_session.rename(_value="value"), viewed["value"].identical_to(by_session["value"]))
        whole = both.drop("_value")
    else:
        whole = viewed.cross_join(by_session)
    return whole.mutate(
        exit_rate=whole.exits * 100 / whole["views"].nullif(0),
        bounce_rate=whole.bounces * 100 / whole.entries.nullif(0),
        conversion_rate=whole.conversions * 100 / whole.sessions.nullif(0),
    )
