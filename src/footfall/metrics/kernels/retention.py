"""Retention over the compact index: the twin of `metrics.retention.answer` by first event, of people, without money."""

from __future__ import annotations

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
_MOST_FLAGS: Final = 200_000_000
"""A byte each."""
_MOST_ROWS: Final = 200_000
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
    if (question.periods + 1) * whole.people > _MOST_FLAGS:
        raise Declined("so many people and periods take too much memory")
    ever = structs.replace(span.scope, from_us=None)
    members = _members(whole, asked.pick(question.first, ever, taxonomy), span, question.split)
    after = span.longer(question.periods)
    back = asked.pick(question.back, after.scope, taxonomy)
    active = _active(whole, back, members, after, question.periods, is_same=question.back == question.first)
    cells = _Cells.of(members, active, span=span, after=after, now_us=now_us)
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
    """Its place among the periods; −1 for who is in none."""
    begin_us: Int64s
    """Of the first event."""
    part: Numbers
    parts: Parts


def _members(whole: Whole, first: Pick, span: Range, split: str | None) -> _Members:
    begin_us = np.full(whole.people, _NEVER, dtype=np.int64)
    for pieces in first.by_part(whole):
        new = (begin_us > pieces[0].part.day * DAY_US)[pieces[0].person]  # the parts stand in the order of their days
        for found in pieces:
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


def _active(
    whole: Whole, back: Pick, members: _Members, after: Range, periods: int, *, is_same: bool
) -> NDArray[np.bool_]:
    """Shape (periods + 1, people): who was active so many periods after the cohort's.

    `is_same` says that they come back by what they began with: none of it can then be earlier.
    """
    active = np.zeros((periods + 1, whole.people), dtype=bool)
    borders = np.array([period.begin_us for period in after.periods], dtype=np.int64)
    for pieces in back.by_part(whole):
        part, person = pieces[0].part, pieces[0].person
        first, count = periods_of(part, borders)
        presence = Presence(count, len(person))
        for found in pieces:
            if not is_same:
                found = found.where(found.ts_us >= members.begin_us[found.people])  # noqa: PLW2901
            several = borders[first : first + count] if count > 1 else None
            presence.see(several if several is None else np.searchsorted(several, found.ts_us, "right") - 1, found.who)
        period, who = presence.pairs()
        people = person[who]
        cohort = members.cohort[people]
        since = period + first - cohort
        counts = (cohort != _NOBODY) & (since >= 0) & (since <= periods)
        active[since[counts], people[counts]] = True
    return active


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
    def of(cls, members: _Members, active: NDArray[np.bool_], *, span: Range, after: Range, now_us: int) -> _Cells:
        parts, cohorts, periods = len(members.parts.listed), len(span.periods), len(active) - 1
        if parts * cohorts * (periods + 1) > _MOST_ROWS:
            raise Declined("the answer has very many cells, and the engine streams them")
        cell = np.where(members.cohort == _NOBODY, parts * cohorts, members.part * cohorts + members.cohort)
        size = np.bincount(cell, minlength=parts * cohorts + 1)[:-1].reshape(parts, cohorts)
        counted = [np.bincount(cell[those], minlength=parts * cohorts + 1)[:-1] for those in active]
        ends = {period.number: period.end_us for period in after.periods}
        is_over = [
            [ends.get(period.number + later, now_us + 1) <= now_us for later in range(periods + 1)]
            for period in span.periods
        ]
        return cls(
            parts=members.parts,
            listed=span.periods,
            size=size,
            people=np.stack(counted, axis=-1).reshape(parts, cohorts, periods + 1),
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
