"""Retention over the compact index: the twin of `metrics.retention.answer` by first event, of people, without money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from msgspec import structs
from numpy.typing import NDArray

from footfall.events.kinds import Taxonomy
from footfall.events.time import DAY_US
from footfall.lake.index.people import Numbers
from footfall.lake.index.whole import Whole
from footfall.metrics.calendar import Period
from footfall.metrics.kernels import asked
from footfall.metrics.kernels.asked import WHOLE, Parts, parts_of
from footfall.metrics.kernels.latest import Latest
from footfall.metrics.kernels.picked import Declined, Pick, Texts
from footfall.metrics.kernels.presence import Presence, periods_of
from footfall.metrics.periods import Range
from footfall.metrics.retention import Answer, Cohorts, Question, span_of

Int64s = NDArray[np.int64]
_MOST_ROWS: Final = 200_000
_FEW: Final = 16
"""Fewer than one in so many people are sorted quicker than flagged."""
_NEVER: Final = 1 << 62
_NOBODY: Final = -1
_PART = {"split": pa.string(), "is_other": pa.bool_()}
_COHORTS = pa.schema(
    {
        **_PART,
        "begin_us": pa.int64(),
        "end_us": pa.int64(),
        "label": pa.string(),
        "size": pa.int64(),
        "unfinished": pa.bool_(),
    }
)
_CELLS = pa.schema({**_PART, "begin_us": pa.int64(), "period": pa.int64(), "people": pa.int64(), "share": pa.float64()})
_OVERALL = pa.schema({**_PART, "period": pa.int64(), "share": pa.float64()})


def answer(whole: Whole, question: Question, *, taxonomy: Taxonomy, now_us: int) -> Answer:
    """The retention's tables, row by row as the definition's; raises `Declined`, and errors.BadRequest as it does."""
    if question.money or question.cohorts is not Cohorts.FIRST:
        raise Declined("the index knows neither money nor cohorts of every period")
    if whole.is_cut:
        raise Declined("the index does not know who was there on days that were removed")
    asked.check(question.scope, question.split)
    span = span_of(question, now_us)
    after = span.longer(question.periods)
    ever = structs.replace(span.scope, from_us=None)
    if question.first == question.back and question.split is None:
        later = structs.replace(after.scope, from_us=None)
        met = _met(whole, asked.pick(question.first, later, taxonomy), _Borders.of(span, after))
        members = _began(whole, met, span)
    else:
        members = _members(whole, asked.pick(question.first, ever, taxonomy), span, question.split)
        back = asked.pick(question.back, after.scope, taxonomy)
        met = _met(whole, back, _Borders.of(after, after), members.begin_us)
    cells = _Cells.of(members, met, question, span=span, after=after, now_us=now_us)
    return Answer(
        cohorts=_table(cells.cohorts(now_us), _COHORTS),
        cells=_table(cells.cells(), _CELLS),
        overall=_table(cells.overall(), _OVERALL),
        money=None,
    )


def _table(rows: Iterator[dict[str, Any]], schema: pa.Schema) -> ir.Table:
    return ibis.memtable(pa.Table.from_pylist(list(rows), schema=schema))


class _Members(NamedTuple):
    """Of each person the cohort."""

    cohort: Numbers
    """Its place among the periods; `_NOBODY` for who is in none."""
    begin_us: Int64s | None
    """Of the first event, where that is asked for."""
    part: Numbers
    parts: Parts


def _members(whole: Whole, first: Pick, span: Range, split: str | None) -> _Members:
    begin_us = np.full(whole.people, _NEVER, dtype=np.int64)
    for number in first.parts(whole):  # in the order of their days
        new = (begin_us > whole.parts[number].day * DAY_US)[whole.persons[number]]
        for found in first.of_part(whole, number):
            theirs = found.where(new[found.who])
            first_ones = theirs.where(theirs.runs)
            np.minimum.at(begin_us, first_ones.people, first_ones.ts_us)
    borders = np.array([period.begin_us for period in span.periods], dtype=np.int64)
    cohort = (np.searchsorted(borders, begin_us, "right") - 1).astype(np.int32)
    cohort[(begin_us < span.from_us) | (begin_us == _NEVER)] = _NOBODY
    part, parts = np.zeros(whole.people, dtype=np.int32), WHOLE
    if split is not None:
        mine = cohort != _NOBODY
        texts = Texts(split)
        of = Latest(np.where(mine, begin_us, -_NEVER), texts, first=True)
        for found in first.chosen(whole):
            of.see(found)
        values = of.values() + 1
        parts = parts_of(np.bincount(values[mine], minlength=len(texts.texts) + 1), texts.texts)
        part = parts.of[values]
    return _Members(cohort, begin_us, part, parts)


class _Borders(NamedTuple):
    """Cells of time in their order, each of one period; the first cell is all time before the range."""

    begins: Int64s
    """When each cell begins, µs since the epoch."""
    period: list[int]
    """Of each cell the place among the periods; −1 of the first."""

    @classmethod
    def of(cls, span: Range, after: Range) -> _Borders:
        """The periods of `after`, cut where `span` begins and ends."""
        periods = np.array([period.begin_us for period in after.periods], dtype=np.int64)
        begins = np.unique([max([span.from_us, *periods[:1]]), span.before_us, *periods[1:]])
        places = (np.searchsorted(periods, begins, "right") - 1).tolist()
        return cls(np.append(-_NEVER, begins), [_NOBODY, *places])


class _Met(NamedTuple):
    """Who was there in which cells of time."""

    borders: _Borders
    people: list[list[Numbers]]
    """Of each cell; some of them may be named several times."""

    def by_period(self) -> Iterator[tuple[int, Numbers]]:
        """The place of each period in which anybody was, rising, and who was there."""
        of: defaultdict[int, list[Numbers]] = defaultdict(list)
        for period, people in zip(self.borders.period, self.people, strict=True):
            if period != _NOBODY:
                of[period] += people
        yield from ((period, np.concatenate(people)) for period, people in of.items() if people)


def _met(whole: Whole, events: Pick, borders: _Borders, since_us: Int64s | None = None) -> _Met:
    """Who did what is picked, at or after their own instant of `since_us`."""
    met: list[list[Numbers]] = [[] for _ in borders.begins]
    for number in events.parts(whole):
        person = whole.persons[number]
        first, count = periods_of(whole.parts[number], borders.begins)
        presence = Presence(count, len(person))
        for found in events.of_part(whole, number):
            heeded = found if since_us is None else found.where(found.ts_us >= since_us[found.people])
            later = borders.begins[first + 1 : first + count]
            presence.see(np.searchsorted(later, heeded.ts_us, "right") if count > 1 else None, heeded.who)
        cell, who = presence.pairs()
        for place, people in enumerate(np.split(person[who], np.searchsorted(cell, np.arange(1, count))), start=first):
            met[place].append(people)
    return _Met(borders, met)


def _began(whole: Whole, met: _Met, span: Range) -> _Members:
    """The cohorts when what makes one is what counts as active: the first cell in which somebody was tells it."""
    unmet = _NOBODY - 1
    cohort = np.full(whole.people, unmet, dtype=np.int32)
    begins = met.borders.begins.tolist()
    for begin_us, period, all_people in zip(begins, met.borders.period, met.people, strict=True):
        for people in all_people:
            new = people[cohort[people] == unmet]
            cohort[new] = period if span.from_us <= begin_us < span.before_us else _NOBODY
    cohort[cohort == unmet] = _NOBODY
    return _Members(cohort, None, np.zeros(whole.people, dtype=np.int32), WHOLE)


class _Cells(NamedTuple):
    """The figures of parts, cohorts and periods after them."""

    parts: Parts
    listed: Sequence[Period]
    size: Int64s
    """Shape (parts, cohorts)."""
    people: Int64s
    """Shape (parts, cohorts, periods)."""
    is_over: NDArray[np.bool_]
    """Shape (cohorts, periods)."""

    @classmethod
    def of(cls, members: _Members, met: _Met, question: Question, *, span: Range, after: Range, now_us: int) -> _Cells:
        """What is counted; raises `Declined`."""
        parts, cohorts, periods = len(members.parts.listed), len(span.periods), question.periods
        if parts * cohorts * (periods + 1) > _MOST_ROWS:
            raise Declined("the answer has very many cells, and the engine streams them")
        cell = np.where(members.cohort == _NOBODY, parts * cohorts, members.part * cohorts + members.cohort)
        people = np.zeros((parts, cohorts, periods + 1), dtype=np.int64)
        for period, there in met.by_period():
            counted = _counted(cell, _distinct(there, len(cell)), parts, cohorts)
            those = np.arange(max(period - periods, 0), min(period + 1, cohorts))
            people[:, those, period - those] = counted[:, those]
        ends = {period.number: period.end_us for period in after.periods}
        is_over = [
            [ends.get(period.number + later, now_us + 1) <= now_us for later in range(periods + 1)]
            for period in span.periods
        ]
        return cls(
            parts=members.parts,
            listed=span.periods,
            size=_counted(cell, slice(None), parts, cohorts),
            people=people,
            is_over=np.array(is_over, dtype=bool).reshape(cohorts, periods + 1),
        )

    def cohorts(self, now_us: int) -> Iterator[dict[str, Any]]:
        """A row for each part and cohort."""
        for number, part in enumerate(self.parts.listed):
            for place, period in enumerate(self.listed):
                yield {
                    "split": part.value,
                    "is_other": part.is_other,
                    "begin_us": period.begin_us,
                    "end_us": period.end_us,
                    "label": period.label,
                    "size": int(self.size[number, place]),
                    "unfinished": period.end_us > now_us,
                }

    def cells(self) -> Iterator[dict[str, Any]]:
        """A row for each part, cohort and period after it."""
        for number, part in enumerate(self.parts.listed):
            for (place, later), is_over in np.ndenumerate(self.is_over):
                size, people = int(self.size[number, place]), int(self.people[number, place, later])
                yield {
                    "split": part.value,
                    "is_other": part.is_other,
                    "begin_us": self.listed[place].begin_us,
                    "period": later,
                    "people": people if is_over else None,
                    "share": people * 100 / size if is_over and size else None,
                }

    def overall(self) -> Iterator[dict[str, Any]]:
        """A row for each part and period that is over for at least one cohort."""
        for number, part in enumerate(self.parts.listed):
            for later in np.flatnonzero(self.is_over.any(axis=0)).tolist():
                over = self.is_over[:, later]
                people, size = int(self.people[number, over, later].sum()), int(self.size[number, over].sum())
                yield {
                    "split": part.value,
                    "is_other": part.is_other,
                    "period": later,
                    "share": people * 100 / size if size else None,
                }


def _counted(cell: Int64s, whose: Numbers | NDArray[np.intp] | slice, parts: int, cohorts: int) -> Int64s:
    """How many of those people each part and cohort has."""
    return np.bincount(cell[whose], minlength=parts * cohorts + 1)[:-1].reshape(parts, cohorts)


def _distinct(people: Numbers, count: int) -> Numbers | NDArray[np.intp]:
    """Each of them once; their numbers are below `count`."""
    if len(people) < count // _FEW:
        return np.unique(people)
    met = np.zeros(count, dtype=bool)
    met[people] = True
    return np.flatnonzero(met)
