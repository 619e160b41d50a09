"""Retention: of those who began in a period, how many were active in the first, second, … period after it.

Source: the contract's *retention*. What cohorts earn stands in `lifetime`.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir
from msgspec import Struct, structs

from footfall.errors import BadRequest
from footfall.metrics.asked import ANY, Ground, Scope, Step, activity, check_filters, format_step
from footfall.metrics.calendar import Period, Unit
from footfall.metrics.filters import text as filters
from footfall.metrics.lifetime import earned, lifetime, takings
from footfall.metrics.periods import Range, period_table, settled
from footfall.metrics.splits import UNKNOWN, Part, parted, told

MOST_AFTER: Final = 100
MOST_CELLS: Final = 50_000
UNITS: Final = (Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR)


class Cohorts(StrEnum):
    """In which cohorts somebody is."""

    FIRST = "first"
    """In that of the first event ever, be it before the range, which then has nobody of them."""
    ACTIVE = "active"
    """In that of every period of the range with such an event."""


class Question(Struct, frozen=True, kw_only=True):
    """Retention. Cohorts lie in the scope's range of time; those in them are followed until now."""

    scope: Scope
    """Without a beginning or an end, `periods.settled` says what is meant."""
    unit: Unit = Unit.WEEK
    """Length of cohorts and of periods after them: days or longer."""
    periods: int = 8
    """Periods after a cohort's own, which is number 0."""
    cohorts: Cohorts = Cohorts.FIRST
    first: Step = ANY
    """What makes a cohort; *first ever* means the first of these, for which the scope's filter holds."""
    back: Step = ANY
    """What counts as active; in the cohort's own period only from its member's first event on."""
    split: str | None = None
    """A property: its value at the event that made the member."""
    money: bool = False
    """Whether what the cohorts earned is asked for, too."""


class Cell(Struct, frozen=True, kw_only=True):
    """A number of the answer: people (or sessions) of a cohort, or those of them active in a period after it."""

    cohort: int
    """`begin_us` of the cohort's period."""
    period: int | None = None
    """From 0 on; the whole cohort when None."""
    part: Part | None = None
    """All parts when None."""
    buyers: bool = False
    """Instead of the active those of them who bought something."""


class Answer(NamedTuple):
    """The retention's tables; `split` is null for the unknown, and for all others together (`is_other`).

    A cell whose period has not ended at `ground.now_us` is null in every column: nobody knows it yet.
    """

    cohorts: ir.Table
    """A row for each part, most people first, and cohort, in order of time: `split`, `is_other`, `begin_us`, `end_us`,
    `label`, `size` (people, those so far when it is `unfinished`)."""
    cells: ir.Table
    """For each of those a row for each period from 0 on: `split`, `is_other`, `begin_us`, `period`, `people` (active
    ones) and `share` (percentage of the cohort; null without people in it)."""
    overall: ir.Table
    """For each part and period the `share` over all cohorts whose period has ended, the whole sum divided once."""
    money: ir.Table | None
    """Rows as `cells`: `buyers`, `purchases`, `revenue_micros`, `refund_micros` (in the project's currency), and
    `lifetime_micros`: revenue less refunds from period 0 on to this one, by person of the cohort."""


def answer(ground: Ground, question: Question, *, keep: Callable[[ir.Table], ir.Table] = lambda table: table) -> Answer:
    """The retention. `keep` is given steps that several tables are made of, which an engine may work out once.

    Raises `errors.BadRequest` for a question beyond the limits.

    Ann comes on the first day and on the second, Bob on the first only; the third day has not ended:

    >>> import pyarrow
    >>> from footfall.events.event import Event
    >>> from footfall.events.kinds import Taxonomy
    >>> from footfall.events.schema import EVENTS, to_batch
    >>> from footfall.events.time import DAY_US
    >>> from footfall.sessions.schema import SESSIONS
    >>> rows = [
    ...     Event(project_id="shop", event_id=f"{at}", name="page_view", ts_us=at, received_us=0, user_id=who)
    ...     for at, who in [(0, "ann"), (1, "bob"), (DAY_US, "ann")]
    ... ]
    >>> events = ibis.memtable(pyarrow.Table.from_batches([to_batch(rows, EVENTS)]))
    >>> ground = Ground(events, ibis.memtable(SESSIONS.empty_table()), Taxonomy(), now_us=2 * DAY_US)
    >>> asked = Question(scope=Scope(from_us=0, before_us=DAY_US), unit=Unit.DAY, periods=2)
    >>> [(row["period"], row["people"], row["share"]) for row in answer(ground, asked).cells.to_pyarrow().to_pylist()]
    [(0, 2, 100.0), (1, 1, 50.0), (2, None, None)]
    >>> behind(ground, asked, Cell(cohort=0, period=1)).to_pyarrow().to_pylist()
    [{'who': 'u:ann'}]
    """
    span = span_of(question, ground.now_us)
    if _is_alike(ground, question):
        met = keep(_met(ground, question, span))
        members, returns = keep(_first_met(met, span)), met.filter(met.number.notnull()).drop("begin_us")
    else:
        members, returns = keep(_members(ground, question, span)), _returns(ground, question, span)
    sizes = keep(_sizes(members, question, span))
    active = _theirs(members, returns, question)
    counted = keep(_cells(active, sizes, question, span, ground.now_us))
    cells = _in_order(counted, "begin_us", "period")
    return Answer(
        cohorts=_cohorts(sizes, ground.now_us),
        cells=cells.select(
            "split", "is_other", "begin_us", "period", "people", share=cells.people * 100 / cells["size"].nullif(0)
        ),
        overall=_overall(counted),
        money=_money(ground, question, span, members, counted) if question.money else None,
    )


def behind(ground: Ground, question: Question, cell: Cell) -> ir.Table:
    """The people (or sessions) behind a number: column `who`, a row each."""
    span = span_of(question, ground.now_us)
    cohort = next((period for period in span.periods if period.begin_us == cell.cohort), None)
    if cohort is None:
        raise BadRequest("no cohort of the retention begins then; ask with a `begin_us` that it gives")
    members = _members(ground, question, span)
    found = members.filter(members.cohort == cohort.number)
    if cell.part is not None:
        found = found.filter(found.part == cell.part.key)
    if cell.period is None:
        return found.select("who")
    _check_over(question, span, cohort, cell.period, ground.now_us)
    if cell.buyers:
        theirs = _theirs(found, _takings(ground, question, span), question)
        theirs = theirs.filter(theirs.is_sale)
    else:
        theirs = _theirs(found, _returns(ground, question, span), question)
    return theirs.filter(theirs.period == cell.period).select("who").distinct()


def told_as_text(question: Question) -> str:
    """The question in words: `retention by week (UTC) of those whose first event ever was *, active with purchase`."""
    scope = question.scope
    began = "whose first event ever was" if question.cohorts is Cohorts.FIRST else "with"
    clauses = [
        f"retention by {question.unit.value} ({scope.zone}) of those {began} {format_step(question.first)}",
        f"active with {format_step(question.back)}",
        f"where {filters.format(scope.where)}" if scope.where is not None else "",
        f"split by {question.split}" if question.split is not None else "",
        "counted by session" if scope.by == "session" else "",
    ]
    return ", ".join(filter(None, clauses))


def check(question: Question) -> None:
    """Raise `errors.BadRequest` for a question that is beyond a limit."""
    if question.unit not in UNITS:
        raise BadRequest(
            f"cohorts are of a {', '.join(UNITS[:-1])} or {UNITS[-1].value}, not of a {question.unit.value}"
        )
    if not 1 <= question.periods <= MOST_AFTER:
        raise BadRequest(f"cohorts are followed for 1 to {MOST_AFTER} periods, not {question.periods}")
    check_filters(question.scope.where, question.first.where, question.back.where)


def _check_over(question: Question, span: Range, cohort: Period, period: int, now_us: int) -> None:
    """Raise `errors.BadRequest` for a cell that there is not, or not yet."""
    if not 0 <= period <= question.periods:
        raise BadRequest(f"the retention has periods 0 to {question.periods}, not {period}")
    ends = {known.number: known.end_us for known in span.longer(question.periods).periods}
    if ends.get(cohort.number + period, now_us + 1) > now_us:
        raise BadRequest(f"period {period} of the cohort {cohort.label} has not ended: nobody knows yet who is in it")


def span_of(question: Question, now_us: int) -> Range:
    """The question's cohorts; raises `errors.BadRequest` beyond a limit."""
    check(question)
    span = settled(question.scope, question.unit, now_us)
    cells = len(span.periods) * (question.periods + 1)
    if cells > MOST_CELLS:
        raise BadRequest(
            f"{len(span.periods):,} cohorts followed for {question.periods} periods have {cells:,} cells, and "
            f"{MOST_CELLS:,} are the most; take a shorter range, longer periods, or fewer of them"
        )
    return span


def _members(ground: Ground, question: Question, span: Range) -> ir.Table:
    """A row for each member of each cohort: who, cohort (number of the period), begin_us (of the first event), part."""
    marks, split = {"begins": question.first}, question.split
    if question.cohorts is Cohorts.FIRST:
        # Everything that ever happened: who came before the range is in none of its cohorts.
        ever = ground._replace(events=ground.ever)
        happened = activity(ever, structs.replace(span.scope, from_us=None), split=split, marks=marks)
        first = _first(happened.filter(happened.begins), "who")
        begun = first.filter(first.begin_us >= span.from_us)
        found = begun.mutate(cohort=span.number_of(begun.begin_us))
    else:
        happened = activity(ground, span.scope, split=split, marks=marks)
        placed = happened.filter(happened.begins)
        found = _first(placed.mutate(cohort=span.number_of(placed.ts_us)), "who", "cohort")
    return found.mutate(part=ibis.literal(UNKNOWN)) if split is None else parted(found)


def _is_alike(ground: Ground, question: Question) -> bool:
    """Whether what makes a member is what counts as active, so that one pass over the events tells both."""
    is_same = question.first == question.back and question.cohorts is Cohorts.FIRST
    return is_same and question.split is None and ground.first_events is None


def _met(ground: Ground, question: Question, span: Range) -> ir.Table:
    """who, number (of a period, null before them all), begin_us, ts_us: when they were first and last active in it."""
    after = span.longer(question.periods)
    happened = activity(ground, structs.replace(after.scope, from_us=None), marks={"returns": question.back})
    active = happened.filter(happened.returns)
    is_in = active.ts_us >= after.from_us
    number = after.number_of(is_in.ifelse(active.ts_us, after.from_us))
    placed = active.select("who", "ts_us", number=is_in.ifelse(number, ibis.null("int64")))
    return placed.group_by("who", "number").aggregate(begin_us=placed.ts_us.min(), ts_us=placed.ts_us.max())


def _first_met(met: ir.Table, span: Range) -> ir.Table:
    """The members as `_members` has them."""
    first = met.group_by("who").aggregate(begin_us=met.begin_us.min())
    begun = first.filter(first.begin_us >= span.from_us, first.begin_us < span.before_us)
    return begun.mutate(cohort=span.number_of(begun.begin_us), part=ibis.literal(UNKNOWN))


def _first(happened: ir.Table, *keys: str) -> ir.Table:
    """When each first did something, and the split of that event, by (`ts_us`, `event_id`)."""
    order = ibis.struct({"ts_us": happened.ts_us, "event_id": happened.event_id})
    split = {"split": happened.split.argmin(order)} if "split" in happened.columns else {}
    return happened.group_by(*keys).aggregate(begin_us=happened.ts_us.min(), **split)


def _returns(ground: Ground, question: Question, span: Range) -> ir.Table:
    """who, number (of a period), ts_us: when they were last active in it."""
    after = span.longer(question.periods)
    happened = activity(ground, after.scope, marks={"returns": question.back})
    active = happened.filter(happened.returns)
    placed = active.select("who", "ts_us", number=after.number_of(active.ts_us))
    return placed.group_by("who", "number").aggregate(ts_us=placed.ts_us.max())


def _takings(ground: Ground, question: Question, span: Range) -> ir.Table:
    """The sales and refunds of the range and after it, with the number of their period."""
    after = span.longer(question.periods)
    found = takings(ground, after.scope)
    return found.mutate(number=after.number_of(found.ts_us))


def _theirs(members: ir.Table, happened: ir.Table, question: Question) -> ir.Table:
    """What the members did in their cohort's period, from their first event on, and in those after it: `period`.

    `happened` has who, ts_us and number; of the rest every column stays.
    """
    others = happened.rename(doer="who")
    since = others.number - members.cohort
    both = members.join(
        others,
        [members.who == others.doer, since >= 0, since <= question.periods, others.ts_us >= members.begin_us],
    )
    return both.mutate(period=both.number - both.cohort)


def _sizes(members: ir.Table, question: Question, span: Range) -> ir.Table:
    """A row for each part and cohort: part, of_part (people), cohort, begin_us, end_us, label, size."""
    if question.split is None:
        whole = ibis.literal(UNKNOWN).name("part").as_table()
        parts = whole.mutate(of_part=ibis.literal(0, type="int64"))
    else:
        parts = members.group_by("part").aggregate(of_part=members.count())
    counted = members.group_by("part", "cohort").aggregate(size=members.count())
    frame = parts.cross_join(period_table(span.periods).rename(cohort="number"))
    both = frame.left_join(counted, ["part", "cohort"])
    return both.select(*frame.columns, size=both["size"].fill_null(0))


def _cells(active: ir.Table, sizes: ir.Table, question: Question, span: Range, now_us: int) -> ir.Table:
    """`sizes` for each period after them, with `is_over` and `people` (null where it is not)."""
    counted = active.group_by("part", "cohort", "period").aggregate(active=active.count())
    periods = ibis.range(question.periods + 1).unnest().name("period").as_table()
    frame = sizes.cross_join(periods.select(period=periods.period.cast("int64")))
    ends = period_table(span.longer(question.periods).periods).select(cell_number="number", cell_end_us="end_us")
    frame = frame.left_join(ends, frame.cohort + frame.period == ends.cell_number)
    both = frame.left_join(counted, ["part", "cohort", "period"])
    is_over = (both.cell_end_us <= now_us).fill_null(False)
    return both.select(*sizes.columns, "period", is_over=is_over, people=is_over.ifelse(both.active.fill_null(0), None))


def _cohorts(sizes: ir.Table, now_us: int) -> ir.Table:
    rows = _in_order(sizes, "begin_us")
    return rows.select("split", "is_other", "begin_us", "end_us", "label", "size", unfinished=rows.end_us > now_us)


def _overall(cells: ir.Table) -> ir.Table:
    over = cells.filter(cells.is_over)
    rows = over.group_by("part", "of_part", "period").aggregate(
        share=over.people.sum() * 100 / over["size"].sum().nullif(0)
    )
    return _in_order(rows, "period").select("split", "is_other", "period", "share")


def _money(ground: Ground, question: Question, span: Range, members: ir.Table, cells: ir.Table) -> ir.Table:
    found = earned(_theirs(members, _takings(ground, question, span), question))
    both = cells.left_join(found, ["part", "cohort", "period"])
    figures = {name: both.is_over.ifelse(both[name].fill_null(0), None) for name in _EARNED}
    rows = lifetime(both.select(*cells.columns, **figures))
    told_of = _in_order(rows, "begin_us", "period")
    return told_of.select(
        *("split", "is_other", "begin_us", "period", *_EARNED),
        lifetime_micros=told_of.is_over.ifelse(told_of.lifetime_micros, None),
    )


_EARNED = ("buyers", "purchases", "revenue_micros", "refund_micros")


def _in_order(rows: ir.Table, *columns: str) -> ir.Table:
    """Parts with most people first, the others last; within a part by `columns`."""
    whole = told(rows)
    return whole.order_by("is_other", whole.of_part.desc(), whole.split.asc(nulls_first=False), *columns)
