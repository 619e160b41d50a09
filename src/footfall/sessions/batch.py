"""Sessions of the whole `events` table as one Ibis expression, for any engine.

What a figure is stands in `figures` and `classes`; here stands only which events are one session.
The live pass (`footfall.live`) gives the same rows event by event.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from footfall.events.kinds import Kind, Taxonomy
from footfall.sessions.classes import Classes
from footfall.sessions.figures import AGGREGATES, GAP_US, Fold, How, Over, derive
from footfall.sessions.ops import HALF, IBIS, within_int64
from footfall.sessions.schema import BOOKKEEPING, SESSIONS

COLUMNS = tuple(name for name in SESSIONS.names if name not in BOOKKEEPING)
"""The columns that `sessions` gives, in this order."""


def owner(events: ir.Table) -> ir.StringColumn:
    """Whose events these are: `s:` + session id, else `v:` + visitor id, else `u:` + user id."""
    return ibis.coalesce("s:" + events.session_id, "v:" + events.visitor_id, "u:" + events.user_id)


def sessions(events: ir.Table, *, taxonomy: Taxonomy, classes: Classes, gap_us: int = GAP_US) -> ir.Table:
    """Every session of `events` (columns of `events.schema.EVENTS`, no duplicates), as rows of `COLUMNS`.

    Events of bots are left out. An owner with a client's session id has one session; another's begins anew
    after more than `gap_us` without an event. Passive events lengthen and bridge a session, but a session
    without an event that counts does not appear.
    """
    cut = ibis.union(_client_sessions(events, taxonomy), _gap_sessions(events, taxonomy, gap_us))
    return _classified(_folded(_sales_once(cut)), classes)


def sessions_of(
    events: ir.Table, owners: ir.Table, *, taxonomy: Taxonomy, classes: Classes, gap_us: int = GAP_US
) -> ir.Table:
    """The sessions of some owners only; `owners` has the columns project_id and owner."""
    theirs = events.mutate(_owner=owner(events)).semi_join(
        owners.select("project_id", _owner="owner"), ["project_id", "_owner"]
    )
    return sessions(theirs.drop("_owner"), taxonomy=taxonomy, classes=classes, gap_us=gap_us)


def share(rows: ir.Table, owners: ir.StringColumn, number: int, of: int) -> ir.Table:
    """The rows of every `of`-th owner or so; the shares 0 … `of` − 1 hold each owner's rows once, and together.

    A batch of sessions keeps what it sorts in memory; share by share it needs that much less. Which owner falls
    into which share is the engine's affair.
    """
    return rows.filter(((owners.hash() % of) + of) % of == number)


def _client_sessions(events: ir.Table, taxonomy: Taxonomy) -> ir.Table:
    """Events with a client's session id: one session an owner, so nothing is cut (`cut_us` is null)."""
    theirs = _with_earlier_sale(events.filter(events.session_id.notnull()), taxonomy)
    return theirs.mutate(cut_us=ibis.null("int64"))


def _gap_sessions(events: ir.Table, taxonomy: Taxonomy, gap_us: int) -> ir.Table:
    """Events of visitors and users; `cut_us` is when the event's session begins."""
    theirs = _with_earlier_sale(events.filter(events.session_id.isnull()), taxonomy)
    by_owner = {"group_by": ["project_id", "owner"], "order_by": "ts_us"}
    since = theirs.ts_us - theirs.ts_us.lag().over(**by_owner)
    starts = theirs.mutate(start_us=(since <= gap_us).ifelse(ibis.null("int64"), theirs.ts_us))
    # A range, not rows: events of one instant are peers, whichever of them the engine calls the first.
    until_now = ibis.range_window(**by_owner, following=0)
    return starts.mutate(cut_us=starts.start_us.max().over(until_now)).drop("start_us")


def _with_earlier_sale(events: ir.Table, taxonomy: Taxonomy) -> ir.Table:
    """The columns that sessions need, and `earlier_us`: when the same owner last bought the same order.

    Only the few purchases with an order are sorted for it. Each part reads `events` for itself: a shared
    step would be kept whole in memory by engines that materialize what is used twice.
    """
    ordered = _is(Kind.PURCHASE, events, taxonomy) & events.order_id.notnull()
    sales = _narrow(events.filter(ordered), taxonomy)
    of_order = ibis.window(group_by=["project_id", "owner", "order_id"], order_by=["ts_us", "event_id"])
    others = _narrow(events.filter(~ordered), taxonomy)
    return ibis.union(
        sales.mutate(earlier_us=sales.ts_us.lag().over(of_order).cast("int64")).drop("order_id"),
        others.mutate(earlier_us=ibis.null("int64")).drop("order_id"),
    )


def _narrow(events: ir.Table, taxonomy: Taxonomy) -> ir.Table:
    people = events.filter(~events.is_bot)
    return people.select(
        "project_id",
        "ts_us",
        "event_id",
        "user_id",
        "product_id",
        "product_category",
        "order_id",
        owner=owner(people),
        kind=_kind(people, taxonomy),
        amount_micros=people.currency.isnull().ifelse(people.amount_micros, None),
    )


_TOLD_APART = (Kind.PASSIVE, *dict.fromkeys(fold.over for fold in AGGREGATES.values() if isinstance(fold.over, Kind)))


def _kind(events: ir.Table, taxonomy: Taxonomy) -> ir.StringValue:
    """The event's kind where a figure tells it apart, else `other`."""
    return ibis.cases(*((_is(kind, events, taxonomy), kind.value) for kind in _TOLD_APART), else_=Kind.OTHER.value)


def _is(kind: Kind, events: ir.Table, taxonomy: Taxonomy) -> ir.BooleanValue:
    names = taxonomy.names(kind)
    return events.name.isin(names) if names else ibis.literal(False)


def _sales_once(events: ir.Table) -> ir.Table:
    """A second purchase of an order in one session is no sale: it counts as an event of no particular kind."""
    again = events.earlier_us.notnull() & (events.cut_us.isnull() | (events.earlier_us >= events.cut_us))
    return events.mutate(kind=again.ifelse(Kind.OTHER.value, events.kind))


def _folded(events: ir.Table) -> ir.Table:
    named = events.user_id.notnull()
    found = events.group_by("project_id", "owner", "cut_us").aggregate(
        **{name: _aggregate(events, fold) for name, fold in AGGREGATES.items()},
        users=events.user_id.collect(where=named),
        user_id=events.user_id.argmax(ibis.struct({"ts_us": events.ts_us, "event_id": events.event_id}), where=named),
    )
    return found.filter(found.total_events > 0)


def _aggregate(events: ir.Table, fold: Fold) -> ir.Value:
    where = _over(events, fold.over)
    if fold.how is How.COUNT:
        return events.count(where=where)
    assert fold.column is not None
    column = events[fold.column]
    match fold.how:
        case How.MIN:
            return column.min(where=where)
        case How.MAX:
            return column.max(where=where)
        case How.SUM:
            return within_int64(column.sum(where=where).fill_null(0), HALF)
        case How.DISTINCT:
            return column.nunique(where=where)


def _over(events: ir.Table, over: Over | Kind) -> ir.BooleanValue | None:
    if over is Over.ALL:
        return None
    if over is Over.COUNTING:
        return events.kind != Kind.PASSIVE.value
    return events.kind == over.value


def _classified(found: ir.Table, classes: Classes) -> ir.Table:
    none = ibis.literal([], type="array<string>")
    whole = found.mutate(
        users=found.users.unique().sort().fill_null(none),
        session_id=found.cut_us.isnull().ifelse(found.owner, found.owner + "@" + found.session_start.cast("string")),
    )
    figured = whole.mutate(**derive(_columns(whole), IBIS))
    verdict = classes.classify(_columns(figured), IBIS)
    rules = list(enumerate(classes.rules))
    judged = figured.mutate(
        visitor_class=verdict.number.cases(*((place, rule.name) for place, rule in rules)),
        score=verdict.number.cases(*((place, rule.score) for place, rule in rules)),
        clauses=verdict.clauses,
        rules_version=ibis.literal(classes.version),
    )
    return judged.select(**{name: judged[name].cast(_TYPES[name]) for name in COLUMNS})


def _columns(table: ir.Table) -> Mapping[str, ir.Column]:
    return {name: table[name] for name in table.columns}


_TYPES = ibis.Schema.from_pyarrow(SESSIONS)
