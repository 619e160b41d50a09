"""Events in the scope with both of those who are counted: the session that holds each, and the person whose it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import ibis.expr.types as ir
from msgspec import structs

from footfall.metrics.asked import Ground, Scope, Step, activity
from footfall.metrics.people import joined, with_person

_IDS: Final = ("user_id", "visitor_id", "session_id")


def visits(
    ground: Ground,
    scope: Scope,
    *,
    split: str | None = None,
    marks: Mapping[str, Step] | None = None,
    keep: Sequence[str] = (),
) -> ir.Table:
    """What `asked.activity` gives, with `held` (the session's id) beside `who` (the person), whoever is counted.

    Events that no session holds are left out.
    """
    by_session = structs.replace(scope, by="session")
    happened = activity(ground, by_session, split=split, marks=marks, keep=(*_IDS, *keep))
    return with_person(happened.rename(held="who"), joined(ground.ever, ground.links)).drop(*_IDS)


def held_sessions(ground: Ground) -> ir.Table:
    """What of the sessions is summed up for whoever visited in them.

    Columns: held, visitor_class, length_us, purchases, purchase_micros, is_bounce (one event that counts),
    is_conversion (a purchase).
    """
    sessions = ground.sessions
    return sessions.select(
        "visitor_class",
        held="session_id",
        length_us=sessions.session_end - sessions.session_start,
        purchases="purchase_count",
        purchase_micros="purchase_micros",
        is_bounce=sessions.total_events == 1,
        is_conversion=sessions.purchase_count > 0,
    )
