"""How many different users groups of sessions have: every user of a session counts, not only its last one."""

from __future__ import annotations

import ibis.expr.types as ir


def unique_users(sessions: ir.Table, keys: tuple[str, ...]) -> ir.Table:
    """The columns `keys` and `unique_users`; groups whose sessions have no known user have no row.

    A session of a visitor whom nobody knows has no user: it adds a session to its group, not a user.
    """
    people = sessions.select(*keys, _user=sessions.users.unnest())
    return people.group_by(keys).aggregate(unique_users=people["_user"].nunique())


def with_unique_users(groups: ir.Table, sessions: ir.Table, keys: tuple[str, ...]) -> ir.Table:
    """`groups`, one row for each combination of `keys` in `sessions`, with the column `unique_users`."""
    joined = groups.left_join(unique_users(sessions, keys), keys)
    return joined.select(*groups.columns, unique_users=joined.unique_users.fill_null(0))
