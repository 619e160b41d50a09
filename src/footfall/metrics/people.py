"""Whose event it is when people are counted: one place, so that every metric counts the same people.

Source: the contract's *Person*: visitors and users are joined when reading, so that sessions never move.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


def person(events: ir.Table) -> ir.StringColumn:
    """`u:` + user id, else `v:` + visitor id, else `s:` + session id: the best that an event says of its person.

    A visitor who becomes known counts as two until visitors and users are joined (`with_person`).
    """
    return ibis.coalesce("u:" + events.user_id, "v:" + events.visitor_id, "s:" + events.session_id)


def joined(events: ir.Table) -> ir.Table:
    """The visitors who are one user: visitor_id, user_id, a row for each visitor with exactly one user ever seen.

    A function of the set of events, whatever their order; events of bots say nothing. A browser that several users
    share stays a person of its own: which of them its unknown visits were, nobody can tell.

    >>> import pyarrow
    >>> visitors, users = ["v1", "v1", "v2", "v3", "v3", "v4"], ["ann", None, "ann", "ann", "bob", None]
    >>> columns = {"visitor_id": visitors, "user_id": users, "is_bot": [False] * 6}
    >>> events = ibis.memtable(pyarrow.table(columns))
    >>> sorted((row["visitor_id"], row["user_id"]) for row in joined(events).to_pyarrow().to_pylist())
    [('v1', 'ann'), ('v2', 'ann')]
    """
    known = events.filter(~events.is_bot, events.visitor_id.notnull(), events.user_id.notnull())
    users = known.group_by("visitor_id").aggregate(user_id=known.user_id.min(), other_id=known.user_id.max())
    return users.filter(users.user_id == users.other_id).select("visitor_id", "user_id")


def with_person(events: ir.Table, known: ir.Table) -> ir.Table:
    """`events` with the column `who`: `u:` + user id, the visitor's one included, else `v:`, else `s:` and the id.

    `known` are `joined` of all the project's events ever, not only of these.
    """
    users = known.select(_visitor="visitor_id", _user="user_id")
    found = events.left_join(users, [events.visitor_id == users["_visitor"]])
    who = ibis.coalesce("u:" + found.user_id, "u:" + found["_user"], "v:" + found.visitor_id, "s:" + found.session_id)
    return found.mutate(who=who).drop("_visitor", "_user")
