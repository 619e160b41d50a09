"""How many different users groups of sessions have: every user of a session counts, not only its last one.

Users who are one person count as one.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


def unique_users(sessions: ir.Table, keys: tuple[str, ...], links: ir.Table | None) -> ir.Table:
    """The columns `keys` and `unique_users`; groups whose sessions have no known user have no row.

    A session in which nobody was named has no user: it adds a session to its group, not a user. `links` says which
    users are one person (`events.linking.LINKS`; None: nothing was said).
    """
    people = sessions.select(*keys, user=sessions.users.unnest())
    if links is not None:
        names = links.filter(links.kind == "user").select(_id="id", _name="user")
        both = people.left_join(names, people.user == names["_id"])
        people = both.mutate(user=ibis.coalesce(both["_name"], both.user))
    return people.group_by(keys).aggregate(unique_users=people.user.nunique())


def with_unique_users(groups: ir.Table, sessions: ir.Table, keys: tuple[str, ...], links: ir.Table | None) -> ir.Table:
    """`groups`, one row for each combination of `keys` in `sessions`, with the column `unique_users`."""
    joined = groups.left_join(unique_users(sessions, keys, links), keys)
    return joined.select(*groups.columns, unique_users=joined.unique_users.fill_null(0))
