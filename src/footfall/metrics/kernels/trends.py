"""Trends of events and people over the compact index: the twin of `metrics.trends.answer`, by person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from msgspec import structs

from footfall.events.kinds import Taxonomy
from footfall.lake.index.people import Numbers
from footfall.lake.index.whole import Whole
from footfall.metrics.calendar import Period
from footfall.metrics.kernels import asked
from footfall.metrics.kernels.asked import WHOLE, Parts, parts_of
from footfall.metrics.kernels.picked import Declined
from footfall.metrics.kernels.tally import Tally, tally
from footfall.metrics.splits import Part
from footfall.metrics.trends import Answer, Figure, Question, earlier, periods, settled

_COLUMNS = {"value": pa.int64(), "behind": pa.int64(), "split": pa.string(), "is_other": pa.bool_()}
_POINTS = pa.schema({"number": pa.int64(), **_COLUMNS})
_TOTALS = pa.schema(_COLUMNS)


def answer(whole: Whole, question: Question, *, taxonomy: Taxonomy, now_us: int) -> Answer:
    """The trend's tables, row by row as the definition's; raises `Declined`, and errors.BadRequest as it does."""
    wanted = settled(question, now_us)
    if wanted.figure not in {Figure.EVENTS, Figure.PEOPLE}:
        raise Declined("the index knows events and people alone")
    asked.check(wanted.scope, wanted.split)
    listed = periods(wanted)
    found = _tally(whole, wanted, taxonomy, listed)
    parts = WHOLE
    if wanted.split is not None:
        parts = parts_of(found.by_value(), found.texts)
    numbers = earlier(wanted).values()
    before = wanted.scope.calendar.periods(wanted.unit, min(numbers), max(numbers)) if numbers else None
    return Answer(
        points=_points(found, parts.listed, parts.of, listed, wanted.figure),
        totals=_totals(found, parts, wanted.figure),
        beside=None if before is None else _beside(whole, wanted, taxonomy, before, parts),
    )


def _tally(whole: Whole, wanted: Question, taxonomy: Taxonomy, listed: Sequence[Period]) -> Tally:
    begins = [period.begin_us for period in listed]
    return tally(whole, asked.pick(wanted.of, wanted.scope, taxonomy), begins, split=wanted.split)


def _beside(whole: Whole, wanted: Question, taxonomy: Taxonomy, before: Sequence[Period], parts: Parts) -> ir.Table:
    """The earlier periods, in the parts of now: what has none is *other*."""
    scope = structs.replace(wanted.scope, from_us=before[0].begin_us, before_us=before[-1].end_us)
    found = _tally(whole, structs.replace(wanted, scope=scope), taxonomy, before)
    if wanted.split is None:
        return _points(found, parts.listed, parts.of, before, wanted.figure)
    alone = {part.value: place for place, part in enumerate(parts.listed) if not part.is_other}
    listed = (*(part for part in parts.listed if not part.is_other), Part(is_other=True))
    of = np.array([alone.get(text, len(alone)) for text in (None, *found.texts)], dtype=np.int32)
    return _points(found, listed, of, before, wanted.figure)


def _points(found: Tally, parts: Sequence[Part], of: Numbers, listed: Sequence[Period], figure: Figure) -> ir.Table:
    """A row for each period and part in which something happened."""
    count = len(listed) * len(parts)
    groups = found.groups(of, len(parts), by_period=True)
    events = np.bincount(groups, found.events, minlength=count).astype(np.int64)
    people = found.distinct(groups, count)
    in_order = sorted(range(len(parts)), key=lambda place: parts[place].key)
    rows = [
        {"number": period.number, **_told(parts[place], figure, events[group], people[group])}
        for number, period in enumerate(listed)
        for place in in_order
        if events[group := number * len(parts) + place]
    ]
    return ibis.memtable(pa.Table.from_pylist(rows, schema=_POINTS))


def _totals(found: Tally, parts: Parts, figure: Figure) -> ir.Table:
    count = len(parts.listed)
    groups = found.groups(parts.of, count, by_period=False)
    events = np.bincount(groups, found.events, minlength=count).astype(np.int64)
    people = found.distinct(groups, count)
    rows = [
        _told(part, figure, events[place], people[place]) for place, part in enumerate(parts.listed) if events[place]
    ]
    return ibis.memtable(pa.Table.from_pylist(rows, schema=_TOTALS))


def _told(part: Part, figure: Figure, events: np.int64, people: np.int64) -> dict[str, Any]:
    value = int(people if figure is Figure.PEOPLE else events)
    return {"split": part.value, "is_other": part.is_other, "value": value, "behind": int(people)}
