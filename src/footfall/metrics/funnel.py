"""The ordered funnel: how many took the first step, how many of them the next, and how long it took them.

Source: the contract's *ordered funnel*. Which chain of steps somebody took stands in `chains`; here, what is counted.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir
from msgspec import Struct, structs

from footfall.errors import BadRequest
from footfall.events.time import DAY_US, SECOND_US
from footfall.metrics.asked import MOST_STEPS, Ground, Scope, Step, activity, check_filters, format_step
from footfall.metrics.calendar import Period, Unit
from footfall.metrics.chains import chains
from footfall.metrics.filters import text as filters
from footfall.metrics.lengths import write_length
from footfall.metrics.order_statistics import MEDIAN, P90, percentiles
from footfall.metrics.periods import Range, period_table, settled
from footfall.metrics.splits import UNKNOWN, Part, parted, told

MOST_WITHIN_US: Final = 400 * DAY_US
WAITS_US: Final = (
    *(seconds * SECOND_US for seconds in (5, 10, 20, 30, 45)),
    *(minutes * 60 * SECOND_US for minutes in (1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 360, 720)),
    *(days * DAY_US for days in (1, 2, 3, 5, 7, 14, 30, 90)),
)
"""Where the bins of waits end, whatever was asked: each is told by a person, and any two answers have the same."""
_NEVER_US: Final = 1 << 62


class Order(StrEnum):
    """What may happen between two steps."""

    LOOSE = "loose"
    """Anything."""
    STRICT = "strict"
    """Nothing that counts."""


class Question(Struct, frozen=True, kw_only=True):
    """A funnel.

    The first step lies in the scope's range of time; the others lie within `within_us` of it, be it behind the
    range's end, so that whoever began late in the range has the same chance as the others.
    """

    scope: Scope
    """Of a trend without a beginning or an end, `periods.settled` says what is meant."""
    steps: tuple[Step, ...]
    within_us: int = 7 * DAY_US
    """The longest time from the first step to the last, that instant included."""
    order: Order = Order.LOOSE
    split: str | None = None
    """A property: its value at the first step of the chain."""
    unit: Unit | None = None
    """Length of the trend's periods; no trend without one."""


class Cell(Struct, frozen=True, kw_only=True):
    """A number of the answer: people (or sessions) at a step, of one part of a split, who began in one period."""

    step: int
    """From 1 on."""
    dropped: bool = False
    """Instead those who took the step before this one and not this one."""
    part: Part | None = None
    """All parts when None."""
    period: int | None = None
    """`begin_us` of a period of the trend; all of the range when None."""


class Answer(NamedTuple):
    """The funnel's tables; `split` is the part's value, null for the unknown and for all the others (`is_other`)."""

    steps: ir.Table
    """A row for each part and step, parts with most people first, steps in order:

    * `split`, `is_other`, `step` (from 1 on)
    * `people`: those who got there (sessions, when the scope is by session)
    * `of_first`, `of_before`: percentages of the first step and of the one before; null where that has nobody, and
      before the first
    * `dropped`: people of the step before who did not get here; null at the first
    * `first_median_us`, `first_p90_us`, `before_median_us`, `before_p90_us`: time from the first step and from the one
      before, along the chain (`order_statistics`: never interpolated); null at the first step and without people
    * `waits`: how many needed so long from the step before: at least one of `WAITS_US` and less than the next, in
      order; in the first bin less than the first of them, in the last at least the last. Null at the first step
    """
    trend: ir.Table | None
    """A row for each period of the range, in order, and part, when the question has a unit:

    * `begin_us`, `end_us`, `label`, `split`, `is_other`
    * `entered`: people whose chain began in the period; `converted`: those of them who took every step
    * `rate`: percentage; null without people
    * `unfinished`: whether somebody who began in the period can still get further, at `ground.now_us`
    """


def answer(ground: Ground, question: Question, *, keep: Callable[[ir.Table], ir.Table] = lambda table: table) -> Answer:
    """The funnel. `keep` is given the step that both tables are made of, which an engine may work out once.

    Raises `errors.BadRequest` for a question beyond the limits.

    Ann buys a minute after she saw the tea for the second time, Bob never does:

    >>> import pyarrow
    >>> from footfall.events.event import Event
    >>> from footfall.events.kinds import Taxonomy
    >>> from footfall.events.schema import EVENTS, to_batch
    >>> from footfall.sessions.schema import SESSIONS
    >>> happened = [(0, "ann", "view"), (60, "bob", "view"), (3600, "ann", "view"), (3660, "ann", "purchase")]
    >>> rows = [
    ...     Event(project_id="shop", event_id=f"{at}", name=name, ts_us=at * 1_000_000, received_us=0, user_id=who)
    ...     for at, who, name in happened
    ... ]
    >>> events = ibis.memtable(pyarrow.Table.from_batches([to_batch(rows, EVENTS)]))
    >>> ground = Ground(events, ibis.memtable(SESSIONS.empty_table()), Taxonomy(), now_us=0)
    >>> asked = Question(scope=Scope(), steps=(Step("view"), Step("purchase")))
    >>> for row in answer(ground, asked).steps.to_pyarrow().to_pylist():
    ...     row["step"], row["people"], row["of_first"], row["dropped"], row["first_median_us"]
    (1, 2, None, None, None)
    (2, 1, 50.0, 1, 60000000)
    >>> behind(ground, asked, Cell(step=2, dropped=True)).to_pyarrow().to_pylist()
    [{'who': 'u:bob'}]
    """
    asked, trended = settle(question, ground.now_us)
    found = keep(_parted(ground, asked))
    return Answer(steps=_steps(found, asked), trend=trended and _trend(found, asked, trended, ground.now_us))


def behind(ground: Ground, question: Question, cell: Cell) -> ir.Table:
    """The people (or sessions) behind a number: column `who`, a row each."""
    asked, trended = settle(question, ground.now_us)
    least = 2 if cell.dropped else 1
    if not least <= cell.step <= len(asked.steps):
        raise BadRequest(f"the funnel has steps {least} to {len(asked.steps)} to ask for, not {cell.step}")
    found = _parted(ground, asked)
    wanted = [found.depth == cell.step - 1] if cell.dropped else [found.depth >= cell.step]
    if cell.part is not None:
        wanted.append(found.part == cell.part.key)
    if cell.period is not None:
        period = _period(trended, cell.period)
        wanted += [found.reached_1 >= period.begin_us, found.reached_1 < period.end_us]
    return found.filter(wanted).select("who")


def told_as_text(question: Question) -> str:
    """The question in words: `funnel of view → purchase within 1w, split by country`."""
    scope = question.scope
    clauses = [
        f"funnel of {' → '.join(map(format_step, question.steps))} within {write_length(question.within_us)}",
        "in strict order" if question.order is Order.STRICT else "",
        f"by {question.unit.value} ({scope.zone})" if question.unit is not None else "",
        f"where {filters.format(scope.where)}" if scope.where is not None else "",
        f"split by {question.split}" if question.split is not None else "",
        "counted by session" if scope.by == "session" else "",
    ]
    return ", ".join(filter(None, clauses))


def check(question: Question) -> None:
    """Raise `errors.BadRequest` for a question that is beyond a limit."""
    if not 1 <= len(question.steps) <= MOST_STEPS:
        raise BadRequest(f"a funnel has 1 to {MOST_STEPS} steps, not {len(question.steps)}")
    check_filters(question.scope.where, *(step.where for step in question.steps))
    if not 0 < question.within_us <= MOST_WITHIN_US:
        raise BadRequest(f"a funnel's window is longer than nothing and at most {MOST_WITHIN_US // DAY_US} days")


def settle(question: Question, now_us: int) -> tuple[Question, Range | None]:
    """The question, checked, with the range of its trend if it has one."""
    check(question)
    if question.unit is None:
        return question, None
    trended = settled(question.scope, question.unit, now_us)
    return structs.replace(question, scope=trended.scope), trended


def _parted(ground: Ground, question: Question) -> ir.Table:
    """The chains of the funnel, with the `part` that each is of."""
    strict = question.order is Order.STRICT
    found = chains(_hits(ground, question), len(question.steps), within_us=question.within_us, strict=strict)
    return found.drop("split").mutate(part=ibis.literal(UNKNOWN)) if question.split is None else parted(found)


def _hits(ground: Ground, question: Question) -> ir.Table:
    """What happened in the range and one window behind it, and which steps it is; the first only within the range."""
    scope, before_us = question.scope, question.scope.before_us
    longer = scope if before_us is None else structs.replace(scope, before_us=before_us + question.within_us)
    marks = {f"hit_{number}": step for number, step in enumerate(question.steps, start=1)}
    loose = question.order is Order.LOOSE  # then nothing but steps is of use
    happened = activity(ground, longer, split=question.split, marks=marks, passive=loose)
    return happened if before_us is None else happened.mutate(hit_1=happened.hit_1 & (happened.ts_us < before_us))


def _steps(found: ir.Table, question: Question) -> ir.Table:
    numbers = _numbers(len(question.steps))
    reached = _reached(found, numbers)
    counted = percentiles(reached, ["part", "step"], ["first", "before"], {"median_us": MEDIAN, "p90_us": P90})
    waits = _waits(reached)
    frame = _parts(found, question).cross_join(numbers)
    both = (
        frame.left_join(counted, ["part", "step"]).drop("part_right", "step_right").left_join(waits, ["part", "step"])
    )
    rows = both.select(
        "part",
        "size",
        "step",
        *_TIMES,
        people=both.rows.fill_null(0),
        waits=ibis.array([both[name].fill_null(0) for name in waits.columns[2:]]),
    )
    along = ibis.window(group_by="part", order_by="step")
    before = rows.people.lag().over(along)
    first = rows.people.first().over(along)
    later = rows.step > 1
    whole = told(
        rows.mutate(
            of_first=later.ifelse(rows.people * 100 / first.nullif(0), None),
            of_before=rows.people * 100 / before.nullif(0),
            dropped=before - rows.people,
            **{time: later.ifelse(rows[time], None) for time in (*_TIMES, "waits")},
        )
    )
    ordered = whole.order_by("is_other", whole["size"].desc(), whole.split.asc(nulls_first=False), "step")
    return ordered.select("split", "is_other", "step", "people", "of_first", "of_before", "dropped", *_TIMES, "waits")


def _waits(reached: ir.Table) -> ir.Table:
    """A row for each part and step: how many waited before it for so long as each bin says, in its order."""
    bounds = itertools.pairwise((0, *WAITS_US, _NEVER_US))
    return reached.group_by("part", "step").aggregate(
        **{
            f"wait_{number}": reached.count(where=(reached.before >= least) & (reached.before < end))
            for number, (least, end) in enumerate(bounds)
        }
    )


_TIMES = ("first_median_us", "first_p90_us", "before_median_us", "before_p90_us")


def _numbers(steps: int) -> ir.Table:
    """The column `step`: 1 … `steps`."""
    numbers = ibis.range(1, steps + 1).unnest().name("step").as_table()
    return numbers.select(step=numbers.step.cast("int64"))


def _reached(found: ir.Table, numbers: ir.Table) -> ir.Table:
    """A row for each chain and step of it: part, step, and the time since the first step and since the one before."""
    taken = found.cross_join(numbers)
    taken = taken.filter(taken.step <= taken.depth)
    times = [column for column in found.columns if column.startswith("reached_")]
    at_us = ibis.cases(*((taken.step == number, taken[time]) for number, time in enumerate(times, start=1)))
    before = zip(range(2, len(times) + 1), times, strict=False)
    before_us = ibis.cases((taken.step == 1, taken.reached_1), *((taken.step == n, taken[time]) for n, time in before))
    return taken.select("part", "step", first=at_us - taken.reached_1, before=at_us - before_us)


def _parts(found: ir.Table, question: Question) -> ir.Table:
    """The parts of the answer, with their size; without a split there is one, even when nobody is in it."""
    if question.split is None:
        whole = ibis.literal(UNKNOWN).name("part").as_table()
        return whole.mutate(size=ibis.literal(0, type="int64"))
    return found.group_by("part").aggregate(size=found.count())


def _period(trended: Range | None, begin_us: int) -> Period:
    """The period of the trend that begins then."""
    for period in trended.periods if trended else ():
        if period.begin_us == begin_us:
            return period
    raise BadRequest("no period of the funnel's trend begins then; ask with a `begin_us` that the trend gives")


def _trend(found: ir.Table, question: Question, trended: Range, now_us: int) -> ir.Table:
    begun = found.mutate(number=trended.number_of(found.reached_1))
    counted = begun.group_by("number", "part").aggregate(
        entered=begun.count(), converted=begun.count(where=begun.depth == len(question.steps))
    )
    frame = period_table(trended.periods).cross_join(_parts(found, question))
    both = frame.left_join(counted, ["number", "part"])
    rows = both.select(*frame.columns, **{name: both[name].fill_null(0) for name in ("entered", "converted")})
    until_us = ibis.least(rows.end_us, trended.before_us) + question.within_us
    whole = told(rows.mutate(rate=rows.converted * 100 / rows.entered.nullif(0), unfinished=until_us > now_us))
    ordered = whole.order_by("begin_us", "is_other", whole["size"].desc(), whole.split.asc(nulls_first=False))
    return ordered.select(
        "begin_us", "end_us", "label", "split", "is_other", "entered", "converted", "rate", "unfinished"
    )
