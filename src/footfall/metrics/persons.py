"""People to look at: pages of them, searched, filtered and sorted, and one of them with everything that is known.

Who a person is stands in `people`. A person's events here are those that count; a sale counts as `sales` says.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import ibis
import ibis.expr.types as ir
from msgspec import Struct

from footfall.errors import BadRequest
from footfall.events.kinds import Kind
from footfall.events.linking import USER, VISITOR
from footfall.metrics.asked import Ground, Scope
from footfall.metrics.kinds import is_of
from footfall.metrics.links import statements
from footfall.metrics.people import joined, with_person
from footfall.metrics.sales import own_money, sales_of
from footfall.metrics.visits import visits
from footfall.sessions.ops import within_int64

IDENTIFY: Final = "identify"
MOST_IDS: Final = 100
"""Ids that are listed of one person."""


class Sort(StrEnum):
    """By which figure people are listed, the greatest first; equal ones in order of `who`."""

    LAST_SEEN = "last_seen"
    FIRST_SEEN = "first_seen"
    EVENTS = "events"
    SESSIONS = "sessions"
    PURCHASES = "purchases"
    REVENUE = "revenue"


_COLUMNS: Final = {
    Sort.LAST_SEEN: "last_us",
    Sort.FIRST_SEEN: "first_us",
    Sort.EVENTS: "events",
    Sort.SESSIONS: "sessions",
    Sort.PURCHASES: "purchases",
    Sort.REVENUE: "revenue_micros",
}


class Question(Struct, frozen=True, kw_only=True):
    """Which people: those with an event in the scope, whose id holds `search`, whose newest session is of a class."""

    scope: Scope
    search: str | None = None
    """Part of the person's id, in any case of letters."""
    visitor_class: str | None = None
    sort: Sort = Sort.LAST_SEEN


class Place(Struct, frozen=True, array_like=True):
    """Where a page ended: the last person's figure, by which it is sorted, and id."""

    sort: Sort
    value: int
    who: str


def people(ground: Ground, question: Question) -> ir.Table:
    """One row for each person, in the order asked for.

    Columns: who, first_us, last_us, events, sessions, purchases, revenue_micros (in the project's currency), and
    visitor_class: of the newest session. All but the class are of the scope alone.

    >>> import pyarrow
    >>> from footfall.events.event import Event
    >>> from footfall.events.kinds import Taxonomy
    >>> from footfall.events.schema import EVENTS, to_batch
    >>> from footfall.sessions.batch import sessions
    >>> from footfall.sessions.classes import Classes
    >>> happened = [("ann", "view", None), ("bob", "view", None), ("ann", "purchase", 7)]
    >>> rows = [
    ...     Event(project_id="a", event_id=f"{n}", name=name, ts_us=n, received_us=n, user_id=who, amount_micros=paid)
    ...     for n, (who, name, paid) in enumerate(happened)
    ... ]
    >>> events = ibis.memtable(pyarrow.Table.from_batches([to_batch(rows, EVENTS)]))
    >>> held = sessions(events, taxonomy=Taxonomy(), classes=Classes())
    >>> with_ids = held.mutate(session_id=held.owner + "@" + held.session_start.cast("string"))
    >>> found = people(Ground(events, with_ids, Taxonomy(), now_us=0), Question(scope=Scope()))
    >>> for row in found.to_pyarrow().to_pylist():
    ...     row["who"], row["events"], row["purchases"], row["revenue_micros"], row["visitor_class"]
    ('u:ann', 2, 1, 7, 'browser')
    ('u:bob', 1, 0, 0, 'bouncer')
    """
    visited = visits(ground, question.scope)
    pairs = visited.group_by("who", "held").aggregate(
        first_us=visited.ts_us.min(), last_us=visited.ts_us.max(), events=visited.count()
    )
    with_class = pairs.join(ground.sessions.select("visitor_class", "session_start", held="session_id"), "held")
    newest = ibis.struct({"start": with_class.session_start, "held": with_class.held})
    met = with_class.group_by("who").aggregate(
        first_us=with_class.first_us.min(),
        last_us=with_class.last_us.max(),
        events=within_int64(with_class.events.sum()),
        sessions=with_class.count(),
        visitor_class=with_class.visitor_class.argmax(newest),
    )
    counted = sales_of(ground.events, ground.sessions, ground.taxonomy)
    buying = visited.filter(is_of(visited, ground.taxonomy, Kind.PURCHASE))
    bought = counted.select("event_id", money=own_money(counted)).join(buying.select("event_id", "who"), "event_id")
    by_sale = bought.group_by("who").aggregate(
        purchases=bought.count(), revenue_micros=within_int64(bought.money.sum().fill_null(0))
    )
    whole = met.left_join(by_sale, "who").drop("who_right")
    whole = whole.mutate(purchases=whole.purchases.fill_null(0), revenue_micros=whole.revenue_micros.fill_null(0))
    wanted = [
        *([whole.who.lower().contains(question.search.lower())] if question.search else []),
        *([whole.visitor_class == question.visitor_class] if question.visitor_class else []),
    ]
    found = whole.filter(wanted) if wanted else whole
    return found.order_by(found[_COLUMNS[question.sort]].desc(), "who")


def page(ground: Ground, question: Question, *, limit: int, after: Place | None = None) -> ir.Table:
    """At most `limit` people, from behind `after` on. Raises `errors.BadRequest` for a place in another order."""
    found = people(ground, question)
    if after is not None:
        if after.sort is not question.sort:
            raise BadRequest(
                f"this page goes on in order of {after.sort}, not of {question.sort}; begin without a cursor"
            )
        figure = found[_COLUMNS[question.sort]]
        found = found.filter((figure < after.value) | ((figure == after.value) & (found.who > after.who)))
    return found.limit(limit)


def place_of(row: dict[str, object], sort: Sort) -> Place:
    """The place of a page's row, to go on behind it."""
    value, who = row[_COLUMNS[sort]], row["who"]
    assert isinstance(value, int)
    assert isinstance(who, str)
    return Place(sort, value, who)


def events_of(ground: Ground, who: str) -> ir.Table:
    """All events of a person, passive ones too, bots' not; `who` is a row's of `people`. In no order."""
    events = with_person(ground.events.filter(~ground.events.is_bot), joined(ground.ever, ground.links))
    return events.filter(events.who == who).drop("who")


def newest_events(events: ir.Table, *, limit: int, before: tuple[int, str] | None = None) -> ir.Table:
    """At most `limit` of a person's events, newest first; `before` is the (ts_us, event_id) of the last one seen."""
    if before is not None:
        ts_us, event_id = before
        events = events.filter((events.ts_us < ts_us) | ((events.ts_us == ts_us) & (events.event_id < event_id)))
    return events.order_by(events.ts_us.desc(), events.event_id.desc()).limit(limit)


def ids_of(events: ir.Table) -> ir.Table:
    """The ids that a person's events name, at most `MOST_IDS`, the oldest first: kind (user, visitor), id, first_us."""
    named = ibis.union(
        *(
            events.filter(events[column].notnull()).select("ts_us", kind=ibis.literal(kind), id=events[column])
            for kind, column in (("user", "user_id"), ("visitor", "visitor_id"))
        )
    )
    found = named.group_by("kind", "id").aggregate(first_us=named.ts_us.min())
    return found.order_by("first_us", "kind", "id").limit(MOST_IDS)


def named_now(ground: Ground, who: str) -> ir.Table:
    """Who somebody is, if another one: `who`, a row or none."""
    known = joined(ground.ever, ground.links)
    return known.filter(known.id == who).select("who")


def joins_of(ground: Ground, events: ir.Table, who: str) -> ir.Table:
    """Which of a person's events first said that an id is theirs, at most `MOST_IDS`, the oldest first.

    Columns: id and user (`v:` or `u:` and the id), is_alias (else the visitor was seen with the user), event_id, ts_us.
    """
    known = joined(ground.ever, ground.links)
    both = events.filter(events.visitor_id.notnull(), events.user_id.notnull())
    seen = both.select("event_id", "ts_us", id="v:" + both.visitor_id, user="u:" + both.user_id, is_alias=False)
    told = statements(events)
    said = [
        told.select("event_id", "ts_us", id=ibis.literal(mark) + told.previous, user="u:" + told.user, is_alias=True)
        for mark in (USER, VISITOR)
    ]
    joining = ibis.union(seen, *said).semi_join(known.filter(known.who == who), "id")
    first = ibis.struct({"ts_us": joining.ts_us, "event_id": joining.event_id})
    found = joining.group_by("id", "user", "is_alias").aggregate(
        event_id=joining.event_id.argmin(first), ts_us=joining.ts_us.min()
    )
    return found.order_by("ts_us", "id", "user", "is_alias").limit(MOST_IDS)


def traits_of(events: ir.Table) -> ir.Table:
    """The `properties` (JSON) of a person's `identify` events, oldest first: a later value takes the place of one."""
    told = events.filter(events.name == IDENTIFY, events.properties.notnull())
    return told.order_by("ts_us", "event_id").select("properties")


def sessions_of(ground: Ground, who: str, *, limit: int) -> ir.Table:
    """The person's sessions, newest first: rows of `sessions`. Their classes, read backwards, are its class history."""
    theirs = visits(ground, Scope())
    held = theirs.filter(theirs.who == who).select(session_id="held").distinct()
    found = ground.sessions.semi_join(held, "session_id")
    return found.order_by(found.session_start.desc(), "session_id").limit(limit)
