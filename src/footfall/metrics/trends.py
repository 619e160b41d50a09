"""Trends: one figure of events or of sessions over time, split by a property, beside an earlier time.

Here the figures are counted; how they are laid out as lines of periods stands in `lines`, what is unusual in
`anomalies`. Source: the contract's figures (sales, sessions, averages of aggregates) and its rule for days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir
from msgspec import Struct, structs

from footfall.errors import BadRequest
from footfall.events.kinds import Kind
from footfall.metrics.asked import ANY, Ground, Scope, Step, activity, check_filters, format_step, within
from footfall.metrics.calendar import Period, Unit
from footfall.metrics.filters import text as filters
from footfall.metrics.filters.model import FilterError
from footfall.metrics.filters.properties import CLASS, Type, check_split, find
from footfall.metrics.kinds import is_of
from footfall.metrics.periods import settled as ranged
from footfall.metrics.sales import own_money, sales_of
from footfall.metrics.splits import OTHER, UNKNOWN, Part, parted, told
from footfall.sessions.ops import within_int64


class Figure(StrEnum):
    """What is counted. Money and numbers are in millionths, shares in percent; averages are null without anything."""

    EVENTS = "events"
    PEOPLE = "people"
    """Distinct people (or sessions) with such an event."""
    PURCHASES = "purchases"
    """Sales: of one order in a session only the first purchase."""
    REVENUE = "revenue"
    """Their amounts in the project's currency."""
    AVERAGE_ORDER_VALUE = "average_order_value"
    """Revenue by purchase."""
    SUM = "sum"
    """Sum of a property of numbers or money; events without one, or beyond ±10⁹, are left out."""
    AVERAGE = "average"
    """The same sum, by the events that are in it."""
    SESSIONS = "sessions"
    """Sessions that began, and held such an event."""
    DURATION = "session_duration"
    """Minutes from the first to the last event, by session."""
    BOUNCES = "bounce_share"
    """Percentage of sessions with a single event that counts."""
    DEPTH = "events_a_session"
    """Events that count, by session."""
    CONVERSION = "conversion"
    """Percentage of sessions with a purchase."""


SALES: Final = frozenset({Figure.PURCHASES, Figure.REVENUE, Figure.AVERAGE_ORDER_VALUE})
NUMBERS: Final = frozenset({Figure.SUM, Figure.AVERAGE})
SESSIONS: Final = frozenset({Figure.SESSIONS, Figure.DURATION, Figure.BOUNCES, Figure.DEPTH, Figure.CONVERSION})
"""Figures of sessions, in the period in which they begin."""
MICRO: Final = frozenset({Figure.REVENUE, Figure.AVERAGE_ORDER_VALUE, *NUMBERS})
"""Figures in millionths."""
WHOLE: Final = frozenset({Figure.EVENTS, Figure.PEOPLE, Figure.PURCHASES, Figure.SESSIONS})
"""Figures that are counts; 0 where nothing happened."""
SUMS: Final = frozenset({Figure.REVENUE, Figure.SUM})
"""Figures that are sums; 0 where nothing happened, too."""


class Beside(StrEnum):
    """With which earlier time each period is compared."""

    BEFORE = "before"
    """As many periods right before the range."""
    YEAR = "year"
    """The same place of the calendar a year before (`Calendar.a_year_before`)."""


class Question(Struct, frozen=True, kw_only=True):
    """A trend."""

    scope: Scope = Scope()
    """Without a beginning or an end, `periods.settled` says what is meant."""
    figure: Figure = Figure.EVENTS
    of: Step = ANY
    """Which events; of a figure of sessions: an event that the session must hold."""
    property: str | None = None
    """What is summed or averaged."""
    unit: Unit = Unit.DAY
    split: str | None = None
    """A property: the event's value; a session's is that of its first event asked for."""
    beside: Beside | None = None


class Cell(Struct, frozen=True, kw_only=True):
    """A number of the answer: of one period or the whole range, of one part of a split or of all."""

    period: int | None = None
    """`begin_us` of the period; all of the range when None."""
    part: Part | None = None


class Answer(NamedTuple):
    """What was counted. `split` is null for the unknown and for all the others (`is_other`).

    `value` is a whole number for counts and sums, else a double; `behind` how many people stand behind it, sessions
    when the figure is one of sessions or the scope is by session.
    """

    points: ir.Table
    """number (of the period, `Calendar.period_of`), split, is_other, value, behind: no row where nothing happened."""
    totals: ir.Table
    """split, is_other, value, behind over the whole range; the part with most events (or sessions) first."""
    beside: ir.Table | None
    """As `points`, of the time that they are compared with; it has the same parts."""


def settled(question: Question, now_us: int) -> Question:
    """The question with its range said, checked: what `answer` answers. Raises `errors.BadRequest` beyond a limit."""
    _check(question)
    return structs.replace(question, scope=ranged(question.scope, question.unit, now_us).scope)


def periods(question: Question) -> list[Period]:
    """The periods of a `settled` question."""
    scope = question.scope
    assert scope.from_us is not None
    assert scope.before_us is not None
    return scope.calendar.borders(question.unit, scope.from_us, scope.before_us)


def earlier(question: Question) -> Mapping[int, int]:
    """{number of a period: number of the one that it is compared with} of a `settled` question."""
    listed = periods(question)
    match question.beside:
        case Beside.BEFORE if listed:
            back = listed[-1].number - listed[0].number + 1
            return {period.number: period.number - back for period in listed}
        case Beside.YEAR:
            calendar = question.scope.calendar
            found = {period.number: calendar.a_year_before(period, question.unit) for period in listed}
            return {number: before for number, before in found.items() if before is not None}
        case _:
            return {}


def told_as_text(question: Question) -> str:
    """The question in words: `people of kind:view by day (UTC), split by country`."""
    scope = question.scope
    subject = [
        question.figure.value.replace("_", " ") + (f" of {question.property}" if question.property else ""),
        f"of {format_step(question.of)}" if question.of != ANY else "",
        f"by {question.unit.value} ({scope.zone})",
    ]
    clauses = [
        f"where {filters.format(scope.where)}" if scope.where is not None else "",
        f"split by {question.split}" if question.split else "",
        "counted by session" if scope.by == "session" else "",
        {Beside.BEFORE: "beside the time before", Beside.YEAR: "beside the year before", None: ""}[question.beside],
    ]
    return ", ".join([" ".join(filter(None, subject)), *filter(None, clauses)])


def answer(ground: Ground, question: Question, *, keep: Callable[[ir.Table], ir.Table] = lambda table: table) -> Answer:
    """What happened in each period. `keep` is given the step that several tables are made of (Ibis' `cache`).

    Raises `errors.BadRequest` for a question beyond the limits. Two people look at tea, one of them on two days:

    >>> import pyarrow
    >>> from footfall.events.event import Event
    >>> from footfall.events.kinds import Taxonomy
    >>> from footfall.events.schema import EVENTS, to_batch
    >>> from footfall.events.time import DAY_US
    >>> from footfall.sessions.schema import SESSIONS as COLUMNS
    >>> rows = [
    ...     Event(project_id="shop", event_id=f"{at}", name="view", ts_us=at, received_us=at, user_id=who)
    ...     for at, who in [(0, "ann"), (1, "ann"), (2, "bob"), (DAY_US, "ann")]
    ... ]
    >>> events = ibis.memtable(pyarrow.Table.from_batches([to_batch(rows, EVENTS)]))
    >>> ground = Ground(events, ibis.memtable(COLUMNS.empty_table()), Taxonomy(), now_us=DAY_US)
    >>> people = answer(ground, Question(figure=Figure.PEOPLE))
    >>> [(row["number"], row["value"]) for row in people.points.to_pyarrow().to_pylist()]
    [(0, 2), (1, 1)]
    >>> people.totals.value.to_pyarrow().to_pylist()
    [2]
    """
    asked = settled(question, ground.now_us)
    rows = keep(_parted(_numbered(ground, asked), asked))
    beside = _earlier_question(asked)
    return Answer(
        points=told(_counted(rows, asked.figure, "number", "part").drop("rows").order_by("number", "part")),
        totals=_totals(rows, asked.figure),
        beside=None if beside is None else _beside(rows, _numbered(ground, beside), beside),
    )


def behind(ground: Ground, question: Question, cell: Cell) -> ir.Table:
    """The people (or sessions) behind a number: column `who`, a row each; as many as the number's `behind` says."""
    asked = settled(question, ground.now_us)
    rows = _parted(_numbered(ground, asked), asked)
    wanted = []
    if cell.part is not None:
        if asked.split is None:
            raise BadRequest("this question is not split, so no number is of one value; say `split`, or ask for all")
        wanted.append(rows.part == cell.part.key)
    if cell.period is not None:
        number = next((period.number for period in periods(asked) if period.begin_us == cell.period), None)
        if number is None:
            raise BadRequest(f"no period of the range begins then; each {asked.unit.value} says when it begins")
        wanted.append(rows.number == number)
    found = rows.filter(wanted) if wanted else rows
    return found.select("who").distinct()


def is_money(question: Question) -> bool:
    """Whether the figure is an amount in the project's currency."""
    if question.figure in NUMBERS:
        assert question.property is not None
        return find(question.property).type is Type.MONEY
    return question.figure in MICRO


def _check(question: Question) -> None:
    check_filters(question.scope.where, question.of.where)
    figure, wanted = question.figure, question.property
    if (figure in NUMBERS) != (wanted is not None):
        says = "needs a property, such as price" if wanted is None else "is not of a property; leave it out"
        raise BadRequest(f"the figure {figure.value!r} {says}")
    if wanted is not None and find(wanted).type not in {Type.NUMBER, Type.MONEY, Type.JSON}:
        raise FilterError(f"{wanted!r} is {find(wanted).type}, and only numbers and money have a sum")
    if question.split is not None:
        check_split(question.split)


def _numbered(ground: Ground, asked: Question) -> ir.Table:
    """What the figure is counted from, a row each: who, number (of the period), split (when asked for), and more."""
    scope = asked.scope
    rows = _begun(ground, asked) if asked.figure in SESSIONS else _events(ground, asked)
    number = scope.calendar.period_of(rows.ts_us, asked.unit, scope.from_us, scope.before_us)
    return rows.select(*(column for column in rows.columns if column in _OF_USE), number=number)


_OF_USE: Final = frozenset({"who", "split", "amount", "total_events", "purchase_count", "length_us"})
"""Columns that figures are counted from; an engine does not even read the others, such as ids."""


def _events(ground: Ground, asked: Question) -> ir.Table:
    """The events asked for; sales have their `amount` (null in another currency), and numbers theirs."""
    marked = activity(
        ground, asked.scope, split=asked.split, passive=True, marks={"asked": asked.of}, amount=asked.property
    )
    found = marked.filter(marked.asked)
    if asked.figure in NUMBERS:
        return found.filter(found.amount.notnull())
    if asked.figure in SALES:
        found = found.filter(is_of(found, ground.taxonomy, Kind.PURCHASE))
        bought = sales_of(ground.events, ground.sessions, ground.taxonomy)
        return found.inner_join(bought.select("event_id", amount=own_money(bought)), "event_id")
    return found


def _begun(ground: Ground, asked: Question) -> ir.Table:
    """The sessions asked for; their time is that at which they begin."""
    begun = within(ground.sessions, asked.scope, "session_start")
    rows = begun.select(
        *("total_events", "purchase_count"),
        who="session_id",
        ts_us="session_start",
        length_us=begun.session_end - begun.session_start,
        **({"split": begun.visitor_class} if asked.split == CLASS else {}),
    )
    if asked.of == ANY and asked.scope.where is None and asked.split in {None, CLASS}:
        return rows
    # A session that begins in the range goes on behind it.
    open_end = structs.replace(asked.scope, by="session", before_us=None)
    split = None if asked.split == CLASS else asked.split
    marked = activity(ground, open_end, split=split, passive=True, marks={"asked": asked.of})
    found = marked.filter(marked.asked)
    if split is None:
        return rows.semi_join(found, "who")
    place = ibis.struct({"ts_us": found.ts_us, "event_id": found.event_id})
    told_of = ibis.struct({"split": found.split})  # argmin passes over nulls, and an unknown value is one, too
    first = found.group_by("who").aggregate(first=told_of.argmin(place))
    both = rows.inner_join(first, "who")
    return both.mutate(split=both["first"]["split"]).drop("first")


def _parted(rows: ir.Table, asked: Question) -> ir.Table:
    """`rows` with the column `part` of the split; all are of one part without one."""
    return rows.mutate(part=ibis.literal(UNKNOWN)) if asked.split is None else parted(rows)


def _earlier_question(asked: Question) -> Question | None:
    """The question of the time that is compared with; None without one."""
    numbers = earlier(asked).values()
    if not numbers:
        return None
    listed = asked.scope.calendar.periods(asked.unit, min(numbers), max(numbers))
    scope = structs.replace(asked.scope, from_us=listed[0].begin_us, before_us=listed[-1].end_us)
    return structs.replace(asked, scope=scope, beside=None)


def _beside(rows: ir.Table, before: ir.Table, asked: Question) -> ir.Table:
    """The figures of the earlier time, in the parts that `rows` have now: what was in none of them is *other*."""
    if asked.split is None:
        placed = before.mutate(part=ibis.literal(UNKNOWN))
    else:
        alone = rows.filter(rows.part != OTHER).select("part").distinct().mutate(alone=True)
        named = before.mutate(part=("=" + before.split).fill_null(UNKNOWN)).drop("split")
        both = named.left_join(alone, "part")
        placed = both.mutate(part=both.alone.fill_null(False).ifelse(both.part, OTHER)).drop("part_right", "alone")
    return told(_counted(placed, asked.figure, "number", "part").drop("rows").order_by("number", "part"))


def _totals(rows: ir.Table, figure: Figure) -> ir.Table:
    counted = _counted(rows, figure, "part")
    order = (counted.part == OTHER, counted.rows.desc(), counted.part == UNKNOWN, counted.part)
    return told(counted.order_by(*order).drop("rows"))


def _counted(rows: ir.Table, figure: Figure, *keys: str) -> ir.Table:
    """The columns `keys`, value, behind, and `rows`: how many events (or sessions) there are."""
    return rows.group_by(keys).aggregate(
        value=_value(rows, figure),
        behind=rows.count() if figure in SESSIONS else rows.who.nunique(),
        rows=rows.count(),
    )


def _value(rows: ir.Table, figure: Figure) -> ir.NumericScalar:
    match figure:
        case Figure.PEOPLE:
            return rows.who.nunique()
        case Figure.EVENTS | Figure.PURCHASES | Figure.SESSIONS:
            return rows.count()
        case Figure.REVENUE | Figure.SUM:
            return _sum(rows.amount)
        case Figure.AVERAGE_ORDER_VALUE | Figure.AVERAGE:
            return _sum(rows.amount) / rows.count()
        case Figure.DURATION:
            return _sum(rows.length_us) / (rows.count() * 60_000_000)
        case Figure.BOUNCES:
            return rows.count(where=rows.total_events == 1) * 100 / rows.count()
        case Figure.DEPTH:
            return _sum(rows.total_events) / rows.count()
        case Figure.CONVERSION:
            return rows.count(where=rows.purchase_count > 0) * 100 / rows.count()


def _sum(column: ir.IntegerColumn) -> ir.IntegerScalar:
    return within_int64(column.sum().fill_null(0))
