"""What was said of ids, as a table beside the events: by `alias` events, and by people who decided it.

Events are asked in Ibis (`told`); users are made one in Python (`links_of`), which no engine can, of the few rows that
say so. What follows for the events is in `people`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from footfall.events.linking import ALIAS, LINKS, PREVIOUS, PREVIOUS_VISITOR, Ruling, named
from footfall.metrics.filters.properties import json_text


def statements(events: ir.Table) -> ir.Table:
    """What `alias` events say: event_id, ts_us, user, previous, and whether that may be a user (`may_be_user`)."""
    aliases = events.filter(~events.is_bot, events.name == ALIAS, events.user_id.notnull())
    said = [
        aliases.select(
            "event_id",
            "ts_us",
            user="user_id",
            previous=json_text(aliases.properties, (key,)),
            may_be_user=ibis.literal(key == PREVIOUS),
        )
        for key in (PREVIOUS, PREVIOUS_VISITOR)
    ]
    both = ibis.union(*said)
    return both.filter(both.previous.notnull())


def told(events: ir.Table) -> ir.Table:
    """What follows of that: user, previous, is_user; each once.

    An id that was ever seen as a visitor's is a visitor's, and else, if it was seen as one, a user's. Of one that was
    seen as neither nothing follows, nor if a user's is meant by who may not speak for users.
    """
    said = statements(events).select("user", "previous", "may_be_user").distinct()
    people = events.filter(~events.is_bot)
    visitors, users = people.select(_id="visitor_id"), people.select(_id="user_id")
    of_visitor = said.semi_join(visitors, said.previous == visitors["_id"])
    meant = said.filter(said.may_be_user).anti_join(visitors, said.previous == visitors["_id"])
    of_user = meant.semi_join(users, meant.previous == users["_id"])
    listed = [
        part.select("user", "previous", is_user=ibis.literal(is_user))
        for is_user, part in ((False, of_visitor), (True, of_user.filter(of_user.user != of_user.previous)))
    ]
    return ibis.union(*listed).distinct()


def links_of(rows: Iterable[Mapping[str, Any]], ruling: Ruling) -> pa.Table:
    """The table `LINKS` of the rows of `told` and of what was decided.

    >>> rows = [{"user": "ann", "previous": "ann@old.example", "is_user": True}]
    >>> links_of(rows, Ruling()).to_pylist()[0]
    {'kind': 'user', 'id': 'ann@old.example', 'user': 'ann'}
    """
    merged, said = set(ruling.merged), []
    for row in rows:
        if not row["is_user"]:
            said.append((row["previous"], row["user"]))
        elif ruling.apart.isdisjoint((row["previous"], row["user"])):
            merged.add((row["previous"], row["user"]))
    users = named(merged)
    settled = [(visitor, user and users.get(user, user)) for visitor, user in ruling.visitors.items()]
    renamed = [(user, name) for user, name in users.items() if user != name]
    kinds = [("user", renamed), ("said", said), ("settled", settled)]
    listed = [(kind, one, user) for kind, pairs in kinds for one, user in pairs]
    columns = zip(*listed, strict=True) if listed else ((), (), ())
    return pa.Table.from_arrays([pa.array(list(column), pa.string()) for column in columns], schema=LINKS)
