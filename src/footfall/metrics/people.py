"""Whose event it is when people are counted: one place, so that every metric counts the same people."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


def person(events: ir.Table) -> ir.StringColumn:
    """`u:` + user id, else `v:` + visitor id, else `s:` + session id: the best that an event says of its person.

    A visitor who becomes known counts as two until visitors and users are joined when reading.
    """
    return ibis.coalesce("u:" + events.user_id, "v:" + events.visitor_id, "s:" + events.session_id)
