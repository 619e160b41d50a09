"""Whose event it is when people are counted: one place, so that every metric counts the same people.

Source: the contract's *Person*: visitors and users are joined when reading, so that sessions never move. What is said
of ids by `alias` events and by decisions stands in `links`.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


def person(events: ir.Table) -> ir.StringColumn:
    """`u:` + user id, else `v:` + visitor id, else `s:` + session id: the best that an event says of its person.

    A visitor who becomes known counts as two until visitors and users are joined (`with_person`).
    """
    return ibis.coalesce("u:" + events.user_id, "v:" + events.visitor_id, "s:" + events.session_id)


def ever(events: ir.Table, first_events: ir.Table | None) -> ir.Table:
    """`events`, and what is left of those before them: of whoever was there before, and who is who."""
    return events if first_events is None else ibis.union(events, first_events)


def joined(events: ir.Table, links: ir.Table | None) -> ir.Table:
    """Who is somebody else: id, who; a row for each visitor who is a user, and for each user who is another one.

    A function of the set of events and of `links` (`links.LINKS`; None: nothing was said), whatever their order; events
    of bots say nothing. A visitor is a person when all users that it was ever seen with, or was said to be, are that
    person. One that several people share stays a person of its own: which of them its unknown visits were, nobody can
    tell, and it never makes one person of them.

    >>> import pyarrow
    >>> from footfall.events.linking import Ruling
    >>> from footfall.metrics.links import links_of
    >>> visitors, users = ["v1", "v1", "v2", "v3", "v3", "v4"], ["ann", None, "ann", "ann", "bob", None]
    >>> columns = {"visitor_id": visitors, "user_id": users, "is_bot": [False] * 6}
    >>> events = ibis.memtable(pyarrow.table(columns))
    >>> sorted(tuple(row.values()) for row in joined(events, None).to_pyarrow().to_pylist())
    [('v:v1', 'u:ann'), ('v:v2', 'u:ann')]
    >>> links = ibis.memtable(links_of([], Ruling(merged=frozenset({("bob", "ann")}))))
    >>> sorted(tuple(row.values()) for row in joined(events, links).to_pyarrow().to_pylist())
    [('u:bob', 'u:ann'), ('v:v1', 'u:ann'), ('v:v2', 'u:ann'), ('v:v3', 'u:ann')]
    """
    known = events.filter(~events.is_bot, events.visitor_id.notnull(), events.user_id.notnull())
    seen = known.select(visitor="visitor_id", user="user_id")
    if links is None:
        return _of_one(seen)
    said = links.filter(links.kind == "said").select(visitor="id", user="user")
    settled = links.filter(links.kind == "settled").select(visitor="id", user="user")
    users = links.filter(links.kind == "user").select(_user="id", _name="user")
    pairs = ibis.union(seen, said)
    found = pairs.left_join(users, pairs.user == users["_user"])
    named = found.select("visitor", user=ibis.coalesce(found["_name"], found.user))
    by_hand = settled.filter(settled.user.notnull()).select(id="v:" + settled.visitor, who="u:" + settled.user)
    renamed = users.select(id="u:" + users["_user"], who="u:" + users["_name"])
    return ibis.union(_of_one(named.anti_join(settled, "visitor")), by_hand, renamed)


def _of_one(pairs: ir.Table) -> ir.Table:
    """The visitors that have but one user: id, who."""
    users = pairs.group_by("visitor").aggregate(user=pairs.user.min(), other=pairs.user.max())
    one = users.filter(users.user == users.other)
    return one.select(id="v:" + one.visitor, who="u:" + one.user)


def with_person(events: ir.Table, known: ir.Table) -> ir.Table:
    """`events` with the column `who`: `u:` + user id, the visitor's one included, else `v:`, else `s:` and the id.

    `known` are `joined` of all the project's events ever, not only of these.
    """
    return as_one(events.mutate(who=person(events)), known)


def as_one(rows: ir.Table, known: ir.Table) -> ir.Table:
    """`rows` whose column `who` (`u:`, `v:` or `s:` and an id) names the person that the id is one of.

    >>> import pyarrow
    >>> rows = ibis.memtable(pyarrow.table({"who": ["v:v1", "v:v2"]}))
    >>> known = ibis.memtable(pyarrow.table({"id": ["v:v1"], "who": ["u:ann"]}))
    >>> sorted(as_one(rows, known).to_pyarrow()["who"].to_pylist())
    ['u:ann', 'v:v2']
    """
    others = known.select(_id="id", _who="who")
    found = rows.left_join(others, rows.who == others["_id"])
    return found.mutate(who=ibis.coalesce(found["_who"], found.who)).drop("_id", "_who")
