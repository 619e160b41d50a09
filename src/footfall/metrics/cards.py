"""What stands beside each of some people in a list: their newest session, and what it left in the cart.

Who a person is stands in `people`; a session's figures and its events in `sessions`.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from footfall.events.kinds import Kind, Taxonomy
from footfall.metrics.asked import Ground, Scope, counts, within
from footfall.metrics.people import joined, person
from footfall.sessions.batch import owner

Row: TypeAlias = Mapping[str, Any]
Run: TypeAlias = Callable[[ir.Table], pa.Table]

BASKET: Final = ("name", "price_micros", "quantity")
"""What `in_cart` reads of an event."""


def newest_sessions(ground: Ground, scope: Scope, who: Sequence[str], run: Run) -> list[Row]:
    """Of each of these people the session of their last event that counts in the scope's range.

    Rows of `sessions`, with `who`, in the order of `who`; none of somebody who did nothing then. What the scope says
    beyond its range is not asked. However many they are, three looks are taken, each with the ids that the one before
    found: an engine leaves most of a lake unread when it is told values, and nothing when it is told a join.

    >>> from footfall.events.event import Event
    >>> from footfall.events.schema import EVENTS, to_batch
    >>> from footfall.sessions.batch import sessions
    >>> from footfall.sessions.classes import Classes
    >>> happened = [(0, "ann", "view"), (7_200, "ann", "view"), (60, "bob", "view")]
    >>> rows = [
    ...     Event(project_id="a", event_id=f"{at}", name=name, ts_us=at * 1_000_000, received_us=0, user_id=who)
    ...     for at, who, name in happened
    ... ]
    >>> events = ibis.memtable(pa.Table.from_batches([to_batch(rows, EVENTS)]))
    >>> ground = Ground(events, sessions(events, taxonomy=Taxonomy(), classes=Classes()), Taxonomy(), now_us=0)
    >>> found = newest_sessions(ground, Scope(), ["u:ann", "u:eve"], ibis.Table.to_pyarrow)
    >>> [(row["who"], row["session_start"]) for row in found]
    [('u:ann', 7200000000)]
    """
    people = _ids(ground, who, run)
    last: dict[str, Row] = {}
    for row in run(_last_events(ground, scope, people)).to_pylist():
        if whose := people.get(row["person"]):
            last[whose] = max(last.get(whose, row), row, key=lambda one: (one["ts_us"], one["event_id"]))
    if not last:
        return []
    held = run(_sessions_of(ground, last.values())).to_pylist()
    return [{**session, "who": one} for one in who if one in last for session in held if _holds(session, last[one])]


def _ids(ground: Ground, who: Sequence[str], run: Run) -> dict[str, str]:
    """{what an event may say of its person: which of `who` that is}."""
    known = joined(ground.ever, ground.links)
    rows = run(known.filter(known.who.isin(who) | known.id.isin(who))).to_pylist()
    others = {row["id"]: row["who"] for row in rows}
    return {id_: one for id_, one in ({one: one for one in who} | others).items() if one in set(who)}


def _last_events(ground: Ground, scope: Scope, ids: Iterable[str]) -> ir.Table:
    """The last event that counts in the range of each `person` and `owner` that one of `ids` names: ts_us, event_id."""
    events = ground.events
    columns = {"u:": events.user_id, "v:": events.visitor_id, "s:": events.session_id}
    told_of = {mark: [one[2:] for one in ids if one.startswith(mark)] for mark in columns}
    named = functools.reduce(operator.or_, (columns[mark].isin(values) for mark, values in told_of.items()))
    ranged = within(events, scope)
    theirs = ranged.filter(named, ~ranged.is_bot, counts(ranged, ground.taxonomy))
    told = theirs.select("ts_us", "event_id", person=person(theirs), owner=owner(theirs))
    last = ibis.struct({"ts_us": told.ts_us, "event_id": told.event_id})
    return told.group_by("person", "owner").aggregate(ts_us=told.ts_us.max(), event_id=told.event_id.argmax(last))


def _sessions_of(ground: Ground, last: Iterable[Row]) -> ir.Table:
    """The sessions of the owners of these events that may hold one of them."""
    sessions, rows = ground.sessions, list(last)
    return sessions.filter(
        sessions.owner.isin(sorted({row["owner"] for row in rows})),
        sessions.session_start <= max(row["ts_us"] for row in rows),
        sessions.session_end >= min(row["ts_us"] for row in rows),
    )


def _holds(session: Row, event: Row) -> bool:
    within_it = session["session_start"] <= event["ts_us"] <= session["session_end"]
    return bool(session["owner"] == event["owner"] and within_it)


def in_cart(events: pa.Table, taxonomy: Taxonomy) -> int | None:
    """What a session's cart is worth after its events (`BASKET`, in order of time), in millionths.

    Price × quantity (one when it is not told) of what was put in since the last purchase, without what was taken out.
    None when nothing was put in since, or no price of it was told.

    >>> def cart(*happened):
    ...     columns = {name: [row[place] for row in happened] for place, name in enumerate(BASKET)}
    ...     return in_cart(pa.table(columns), Taxonomy())
    >>> cart(("add_to_cart", 5, 2), ("add_to_cart", 7, None), ("remove_from_cart", 5, 1))
    12
    >>> cart(("add_to_cart", 5, 2), ("purchase", None, None)), cart(("add_to_cart", None, 2))
    (None, None)
    """
    worth: int | None = None
    for name, price, quantity in zip(*(events[column].to_pylist() for column in BASKET), strict=True):
        kind = taxonomy.kind(name)
        if kind is Kind.PURCHASE:
            worth = None
        elif price is not None and kind is Kind.CART:
            worth = (worth or 0) + price * (1 if quantity is None else quantity)
        elif price is not None and kind is Kind.UNCART and worth is not None:
            worth = max(worth - price * (1 if quantity is None else quantity), 0)
    return worth
