"""Sessions to look at: pages of them, filtered and sorted, one of them, and the events of one.

Pages go on from a *place* in the order (the last row's figure and id), so a page costs the same
however deep it lies, and rows that come or go meanwhile move nothing. How a place travels as a
cursor is the API's affair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from footfall.errors import BadRequest
from footfall.sessions.schema import BOOKKEEPING, SESSIONS

if TYPE_CHECKING:
    import ibis.expr.types as ir

FIGURES = tuple(
    field.name
    for field in SESSIONS
    if field.type in (pa.int64(), pa.float64()) and field.name not in (*BOOKKEEPING, "clauses")
)
"""Columns of whole numbers or doubles that pages can be sorted by and limited in."""


class Filters(Struct, frozen=True, kw_only=True):
    """Which sessions are wanted: those for which everything that is given holds."""

    visitor_class: tuple[str, ...] = ()
    """One of these classes."""
    user_id: str | None = None
    """This user is among the session's users."""
    owner: str | None = None
    """`s:`, `v:` or `u:` and the id."""
    started_from_us: int | None = None
    started_before_us: int | None = None
    ended_from_us: int | None = None
    ended_before_us: int | None = None
    at_least: Mapping[str, int | float] = {}
    """{figure: the least value}; a null figure is no value. Money is in millionths."""
    at_most: Mapping[str, int | float] = {}
    """{figure: the greatest value}."""
    has_purchase: bool | None = None


class Order(Struct, frozen=True):
    """By which figure a page is sorted; nulls stand last either way, equal figures in order of session_id."""

    figure: str = "session_start"
    descending: bool = True


class Place(Struct, frozen=True, array_like=True):
    """Where a page ended: the last row's figure (by which it is sorted) and id."""

    figure: str
    value: int | float | None
    session_id: str


NEWEST_FIRST = Order()
EVERYTHING = Filters()


def page(
    sessions: ir.Table,
    filters: Filters = EVERYTHING,
    order: Order = NEWEST_FIRST,
    *,
    limit: int,
    after: Place | None = None,
) -> ir.Table:
    """At most `limit` sessions of one project that `filters` lets through, in `order`, from behind `after` on.

    Raises `errors.BadRequest` for a figure that does not exist and for a place in another order.
    """
    figure = sessions[_known(order.figure)]
    conditions = _conditions(sessions, filters)
    if after is not None:
        conditions.append(_behind(sessions, order, after))
    sort = figure.desc if order.descending else figure.asc
    found = sessions.filter(conditions) if conditions else sessions
    return found.order_by(sort(nulls_first=False), "session_id").limit(limit)


def place_of(row: Mapping[str, Any], order: Order = NEWEST_FIRST) -> Place:
    """The place of a page's row, to go on behind it."""
    return Place(order.figure, row[order.figure], row["session_id"])


def one(sessions: ir.Table, session_id: str) -> ir.Table:
    """The session of this id, or no row."""
    return sessions.filter(sessions.session_id == session_id)


def events_of(
    events: ir.Table, session: Mapping[str, Any], *, after: tuple[int, str] | None = None, limit: int | None = None
) -> ir.Table:
    """The events of a session's row, passive ones too, in order of (ts_us, event_id).

    The owner's id is asked for by its own column, so that Parquet's statistics can leave files out.
    `after` is the (ts_us, event_id) of the last event of the page before.
    """
    kind, _, who = str(session["owner"]).partition(":")
    ids = {"s": "session_id", "v": "visitor_id", "u": "user_id"}
    stronger = list(ids.values())[: list(ids).index(kind)]
    found = events.filter(
        events[ids[kind]] == who,
        *(events[name].isnull() for name in stronger),
        ~events.is_bot,
        events.ts_us.between(session["session_start"], session["session_end"]),
    )
    if after is not None:
        ts_us, event_id = _number(after[0]), after[1]
        found = found.filter((found.ts_us > ts_us) | ((found.ts_us == ts_us) & (found.event_id > event_id)))
    ordered = found.order_by("ts_us", "event_id")
    return ordered if limit is None else ordered.limit(limit)


TRAIL = (
    *("ts_us", "event_id", "name", "order_id", "product_id", "product_category", "price_micros", "quantity"),
    *("page_path", "page_url", "page_title", "channel", "utm_campaign", "referrer"),
    *("country", "region", "city", "device", "browser", "os"),
)
"""Columns of events that a session's trail is drawn from."""


def events_of_some(events: ir.Table, rows: Sequence[Mapping[str, Any]], *, most: int) -> ir.Table:
    """`session_id` and `TRAIL` of the events of some sessions' rows, of each the `most` first; see `events_among`.

    One look at the events, however many sessions.
    """
    import ibis

    from footfall.sessions.batch import owner

    found = events.filter(
        ~events.is_bot,
        events.ts_us.between(min(row["session_start"] for row in rows), max(row["session_end"] for row in rows)),
        owner(events).isin(sorted({row["owner"] for row in rows})),
    )
    named = ("session_id", "owner", "session_start", "session_end")
    held = ibis.memtable(pa.Table.from_pylist([{name: row[name] for name in named} for row in rows]))
    whose = found.select(*TRAIL, _owner=owner(found))
    within = [whose["_owner"] == held.owner, whose.ts_us.between(held.session_start, held.session_end)]
    theirs = whose.inner_join(held, within).select("session_id", *TRAIL)
    of_each = {"group_by": "session_id", "order_by": ["ts_us", "event_id"]}
    placed = theirs.mutate(place=ibis.row_number().over(**of_each))
    return placed.filter(placed.place < most).drop("place").order_by("session_id", "ts_us", "event_id")


def events_among(events: pa.Table, session: Mapping[str, Any]) -> pa.Table:
    """Those of one session among what `events_of_some` found."""
    return events.filter(pc.equal(events["session_id"], session["session_id"]))


def _conditions(sessions: ir.Table, wanted: Filters) -> list[ir.BooleanValue]:
    start, end = sessions.session_start, sessions.session_end
    conditions = [
        *([sessions.visitor_class.isin(wanted.visitor_class)] if wanted.visitor_class else []),
        *([sessions.users.contains(wanted.user_id)] if wanted.user_id is not None else []),
        *([sessions.owner == wanted.owner] if wanted.owner is not None else []),
        *([start >= wanted.started_from_us] if wanted.started_from_us is not None else []),
        *([start < wanted.started_before_us] if wanted.started_before_us is not None else []),
        *([end >= wanted.ended_from_us] if wanted.ended_from_us is not None else []),
        *([end < wanted.ended_before_us] if wanted.ended_before_us is not None else []),
        *(sessions[_known(figure)] >= _number(least) for figure, least in wanted.at_least.items()),
        *(sessions[_known(figure)] <= _number(most) for figure, most in wanted.at_most.items()),
    ]
    if wanted.has_purchase is not None:
        bought = sessions.purchase_count > 0
        conditions.append(bought if wanted.has_purchase else ~bought)
    return conditions


def _behind(sessions: ir.Table, order: Order, after: Place) -> ir.BooleanValue:
    if after.figure != order.figure:
        raise BadRequest(f"this page goes on in order of {after.figure}, not of {order.figure}; begin without a cursor")
    figure, later_id = sessions[order.figure], sessions.session_id > after.session_id
    if after.value is None:
        return figure.isnull() & later_id
    if isinstance(after.value, float) and not figure.type().is_floating():
        raise BadRequest(f"{after.value} is no value of {order.figure}, a whole number; begin without a cursor")
    import ibis

    value = ibis.literal(_number(after.value), type=figure.type())
    further = figure < value if order.descending else figure > value
    return further | ((figure == value) & later_id) | figure.isnull()


def _number(value: float) -> float:
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise BadRequest(f"{value} is beyond the range of every figure; give a smaller number")
    return value


def _known(figure: str) -> str:
    if figure in FIGURES:
        return figure
    near = get_close_matches(figure, FIGURES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(FIGURES)}"
    raise BadRequest(f"sessions have no figure {figure!r}; {hint}")
