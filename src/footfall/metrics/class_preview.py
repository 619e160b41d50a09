"""Which class every session would have under other rules or kinds, beside the one that it has.

Rule: what a rebuild with them would make of it. Other thresholds are applied to the figures that sessions have. Owners
of an event whose kind changes, or that came too late for its session, are computed anew from all their events, by the
definition of all sessions (`sessions.batch`); then some sessions vanish and others come to be.
Example: with 12 events instead of 10 for an engaged shopper, one of 11 events goes from engaged_shopper to browser.
"""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from footfall.events.kinds import Taxonomy
from footfall.sessions import batch
from footfall.sessions.classes import Classes
from footfall.sessions.ops import IBIS

_OWNER = ("project_id", "owner")


class Wanted(NamedTuple):
    """The other rules, and the sessions that are asked about: those that begin within [from_us, before_us)."""

    taxonomy: Taxonomy
    classes: Classes
    gap_us: int
    moved: tuple[str, ...] = ()
    """Names of events that have another kind than sessions were folded by."""
    all_anew: bool = False
    """Nothing is known of what sessions were folded by."""
    from_us: int | None = None
    before_us: int | None = None


def anew(events: ir.Table, wanted: Wanted) -> ir.Table:
    """Owners whose sessions their figures do not tell, each once, with how many events they have (`n`).

    Whoever has no event in the time that is asked about has no session that begins then, and is left out.
    """
    people = events.filter(~events.is_bot)
    owned = people.select("project_id", "ts_us", "name", "late", owner=batch.owner(people))
    found = owned
    if not wanted.all_anew:
        other = owned.filter(owned.late.fill_null(False) | owned.name.isin(wanted.moved))
        found = found.semi_join(other.distinct(on=_OWNER), _OWNER)
    if (asked := _asked(owned.ts_us, wanted)) is not None:
        found = found.semi_join(owned.filter(asked).distinct(on=_OWNER), _OWNER)
    return found.group_by(*_OWNER).aggregate(n=found.count())


def by_figures(sessions: ir.Table, owners: ir.Table | None, wanted: Wanted) -> ir.Table:
    """Sessions of everybody but `owners`: session_id, session_start, `present` and `then`."""
    others = sessions if owners is None else sessions.anti_join(owners, _OWNER)
    asked = _begun(others, wanted)
    verdict = wanted.classes.classify({name: asked[name] for name in asked.columns}, IBIS)
    names = ((place, rule.name) for place, rule in enumerate(wanted.classes.rules))
    return asked.select("session_id", "session_start", present=asked.visitor_class, then=verdict.number.cases(*names))


def by_events(events: ir.Table, sessions: ir.Table, owners: ir.Table, wanted: Wanted) -> ir.Table:
    """The same of `owners`; `present` is null where a session comes to be, `then` where it vanishes."""
    fresh = batch.sessions_of(
        events, owners, taxonomy=wanted.taxonomy, classes=wanted.classes, gap_us=wanted.gap_us
    ).select("session_id", "session_start", then="visitor_class")
    seen = sessions.semi_join(owners, _OWNER).select("session_id", "session_start", present="visitor_class")
    both = fresh.outer_join(seen, "session_id", rname="{name}_seen")
    found = both.select(
        session_id=ibis.coalesce(both.session_id, both.session_id_seen),
        session_start=ibis.coalesce(both.session_start, both.session_start_seen),
        present=both.present,
        then=both.then,
    )
    return _begun(found, wanted)


def cells(judged: ir.Table) -> ir.Table:
    """How many sessions go from one class to another, or stay: present, then, sessions."""
    return judged.group_by("present", "then").aggregate(sessions=judged.count())


def examples(judged: ir.Table, most: int) -> ir.Table:
    """The newest `most` sessions of each cell that changes: present, then, session_id, session_start."""
    changed = judged.filter(~judged.present.identical_to(judged.then))
    place = ibis.row_number().over(
        ibis.window(group_by=["present", "then"], order_by=[changed.session_start.desc(), changed.session_id])
    )
    return changed.mutate(place=place).filter(lambda ranked: ranked.place < most).drop("place")


def _begun(sessions: ir.Table, wanted: Wanted) -> ir.Table:
    asked = _asked(sessions.session_start, wanted)
    return sessions if asked is None else sessions.filter(asked)


def _asked(times: ir.IntegerValue, wanted: Wanted) -> ir.BooleanValue | None:
    """Whether they lie in the time that is asked about; None where that is all time."""
    bounds = []
    if wanted.from_us is not None:
        bounds.append(times >= wanted.from_us)
    if wanted.before_us is not None:
        bounds.append(times < wanted.before_us)
    return reduce(and_, bounds) if bounds else None
