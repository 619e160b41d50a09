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
    ends = keep(_ends(seen, ground))
    rows, total = (_figures(_asked(seen), ends, ground, keys) for keys in (["value"], []))
    return Answer(rows.mutate(share=rows["views"] * 100 / rows["views"].sum().over(ibis.window())), total)


def behind(ground: Ground, scope: Scope, _name: str, figure: str) -> ir.Table:
    """Columns `value` and `who`: the people, or sessions, that `figure` counts."""
    seen = _seen(ground, scope)
    if figure in {"entries", "exits", "bounces"}:
        ends = _ends(seen, ground)
        end = "last" if figure == "exits" else "first"
        wanted = [ends[end]["is_asked"], *([ends.is_bounce] if figure == "bounces" else [])]
        return ends.filter(wanted).select(value=ends[end]["value"], who="held")
    asked = _asked(seen)
    if figure == "people":
        return asked.select("value", "who")
    held = asked.join(held_sessions(ground), "held")
    return (held.filter(held.is_conversion) if figure == "conversions" else held).select("value", who="held")


def _seen(ground: Ground, scope: Scope) -> ir.Table:
    """The pages that each session and person in it saw in the scope's range: held, who, value.

    With them `views` for which the filter holds, and the `first` and `last` view of any: ts_us, event_id, is_asked.
    """
    everything = structs.replace(scope, where=None)
    marks = {"is_page": Step(kind=Kind.PAGE), "is_asked": Step(kind=Kind.PAGE, where=scope.where)}
    happened = visits(ground, everything, marks=marks, keep=_NAMES)
    pages = happened.filter(happened.is_page)
    view = ibis.struct({"ts_us": pages.ts_us, "event_id": pages.event_id, "is_asked": pages.is_asked})
    named = pages.mutate(value=ibis.coalesce(*(pages[name] for name in _NAMES)), view=view)
    return named.group_by("held", "who", "value").aggregate(
        views=named.count(where=named.is_asked).fill_null(0),  # Spark counts null where there is no row
        first=named["view"].min(),
        last=named["view"].max(),
    )


def _asked(seen: ir.Table) -> ir.Table:
    """What was seen with the filter."""
    return seen.filter(seen["views"] > 0)


def _ends(seen: ir.Table, ground: Ground) -> ir.Table:
    """Each session's `first` and `last` view (ts_us, event_id, is_asked, value), with what the session is."""
    placed = {
        end: ibis.struct(
            {
                "ts_us": seen[end]["ts_us"],
                "event_id": seen[end]["event_id"],
                "is_asked": seen[end]["is_asked"],
                "value": seen["value"],
            }
        )
        for end in ("first", "last")
    }
    found = seen.group_by("held").aggregate(first=placed["first"].min(), last=placed["last"].max())
    return found.join(held_sessions(ground), "held")


def _figures(seen: ir.Table, ends: ir.Table, ground: Ground, keys: list[str]) -> ir.Table:
    viewed = seen.aggregate(by=keys, views=within_int64(seen["views"].sum().fill_null(0)), people=seen.who.nunique())
    once = seen.select(*keys, "held").distinct().join(held_sessions(ground), "held")
    by_session = once.aggregate(
        by=keys,
        sessions=once.count(),
        conversions=once.count(where=once.is_conversion).fill_null(0),
        revenue_micros=within_int64(once.purchase_micros.sum().fill_null(0)),
    )
    begun = ends.filter(ends["first"]["is_asked"]).mutate(value=ends["first"]["value"])
    ended = ends.filter(ends["last"]["is_asked"]).mutate(value=ends["last"]["value"])
    entries = begun.aggregate(by=keys, entries=begun.count(), bounces=begun.count(where=begun.is_bounce).fill_null(0))
    whole = viewed
    for part in (by_session, entries, ended.aggregate(by=keys, exits=ended.count())):
        whole = _beside(whole, part, keys)
    return whole.mutate(
        exit_rate=whole.exits * 100 / whole["views"].nullif(0),
        bounce_rate=whole.bounces * 100 / whole.entries.nullif(0),
        conversion_rate=whole.conversions * 100 / whole.sessions.nullif(0),
    )


def _beside(whole: ir.Table, part: ir.Table, keys: list[str]) -> ir.Table:
    """`whole` with the figures of `part`, 0 where it has no such value."""
    if not keys:
        return whole.cross_join(part)
    both = whole.left_join(part.rename(_value="value"), whole["value"].identical_to(part["value"]))
    return both.select(*whole.columns, **{name: both[name].fill_null(0) for name in part.columns if name != "value"})
