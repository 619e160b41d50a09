"""The funnel over the compact index: the twin of `metrics.funnel.answer`, in loose order and by person."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import ibis
import numpy as np
import pyarrow as pa
from msgspec import structs
from numpy.typing import NDArray

from footfall.events.kinds import Taxonomy
from footfall.lake.index.whole import Whole
from footfall.metrics.funnel import WAITS_US, Answer, Order, Question, check
from footfall.metrics.kernels import asked
from footfall.metrics.kernels.asked import WHOLE, Parts, parts_of
from footfall.metrics.kernels.chains import Chains, chains
from footfall.metrics.kernels.picked import Declined
from footfall.metrics.order_statistics import MEDIAN, P90
from footfall.metrics.periods import Range, settled

Int64s = NDArray[np.int64]
_STEPS = pa.schema(
    {
        "split": pa.string(),
        "is_other": pa.bool_(),
        "step": pa.int64(),
        "people": pa.int64(),
        "of_first": pa.float64(),
        "of_before": pa.float64(),
        "dropped": pa.int64(),
        "first_median_us": pa.int64(),
        "first_p90_us": pa.int64(),
        "before_median_us": pa.int64(),
        "before_p90_us": pa.int64(),
        "waits": pa.list_(pa.int64()),
    }
)
_TREND = pa.schema(
    {
        "begin_us": pa.int64(),
        "end_us": pa.int64(),
        "label": pa.string(),
        "split": pa.string(),
        "is_other": pa.bool_(),
        "entered": pa.int64(),
        "converted": pa.int64(),
        "rate": pa.float64(),
        "unfinished": pa.bool_(),
    }
)


def answer(whole: Whole, question: Question, *, taxonomy: Taxonomy, now_us: int) -> Answer:
    """The funnel's tables, row by row as the definition's; raises `Declined`, and errors.BadRequest as it does."""
    check(question)
    trended = None if question.unit is None else settled(question.scope, question.unit, now_us)
    scope = question.scope if trended is None else trended.scope
    asked.check(scope, question.split)
    if question.order is not Order.LOOSE:
        raise Declined("the index does not know what happened between")
    until = None if scope.before_us is None else scope.before_us + question.within_us
    later = structs.replace(scope, before_us=until)
    first, *others = question.steps
    picks = [asked.pick(first, scope, taxonomy), *(asked.pick(step, later, taxonomy) for step in others)]
    found = _Found(chains(whole, picks, within_us=question.within_us, split=question.split), len(picks))
    return Answer(
        steps=ibis.memtable(pa.Table.from_pylist(list(_steps(found)), schema=_STEPS)),
        trend=trended
        and ibis.memtable(pa.Table.from_pylist(list(_trend(found, trended, question, now_us)), schema=_TREND)),
    )


class _Waits(NamedTuple):
    """How long it took those of one part from one step to another."""

    median_us: int | None = None
    p90_us: int | None = None
    binned: list[int] | None = None
    """As `Answer.steps` has them."""


class _Found:
    """Everybody's chain, part by part."""

    def __init__(self, found: Chains, steps: int) -> None:
        self.steps = steps
        people = np.flatnonzero(found.depth)
        self._people, self._reached = people, found.reached
        self.depth = found.depth[people]
        self.parts: Parts = WHOLE
        self.part = np.zeros(len(people), dtype=np.int32)
        if found.split is not None:
            values = found.split[people] + 1
            self.parts = parts_of(np.bincount(values, minlength=len(found.texts) + 1), found.texts)
            self.part = self.parts.of[values]

    @property
    def begun_us(self) -> Int64s:
        """When each chain began."""
        begun: Int64s = self._reached[0][self._people]
        return begun

    def people(self, depth: int) -> Int64s:
        """Of each part how many came so far."""
        if len(self.parts.listed) == 1:
            return np.array([np.count_nonzero(self.depth >= depth)])
        return np.bincount(self.part[self.depth >= depth], minlength=len(self.parts.listed))

    def waits(self, step: int) -> list[list[_Waits]]:
        """Of the time from the first step, and of that from the one before: of each part what is told of it."""
        came = np.flatnonzero(self.depth >= step)
        cuts = [0, len(came)]
        if len(self.parts.listed) != 1:
            came = came[np.argsort(self.part[came], kind="stable")]
            cuts = np.searchsorted(self.part[came], np.arange(len(self.parts.listed) + 1)).tolist()
        whose = self._people[came]
        now = self._reached[step - 1][whose]
        return [
            [_waited(waits[begin:end]) for begin, end in pairwise(cuts)]
            for waits in (now - self._reached[since][whose] for since in (0, step - 2))
        ]


def _waited(times: Int64s) -> _Waits:
    """The nearest ranks, as `order_statistics.percentiles` has them, and the bins. Sorting costs as much as ranking."""
    rising = np.sort(times)
    binned = np.diff(np.searchsorted(rising, WAITS_US, "left"), prepend=0, append=len(rising)).tolist()
    if not len(rising):
        return _Waits(binned=binned)
    median, p90 = (int(rising[-(-len(rising) * percent // 100) - 1]) for percent in (MEDIAN, P90))
    return _Waits(median, p90, binned)


def _steps(found: _Found) -> Iterator[dict[str, Any]]:
    people = [found.people(step) for step in range(1, found.steps + 1)]
    nothing = [_Waits()] * len(found.parts.listed)
    first, before = zip((nothing, nothing), *map(found.waits, range(2, found.steps + 1)), strict=True)
    for place, part in enumerate(found.parts.listed):
        mine = [int(counted[place]) for counted in people]
        for step, (now, then) in enumerate(zip(mine, [None, *mine], strict=False)):
            yield {
                "split": part.value,
                "is_other": part.is_other,
                "step": step + 1,
                "people": now,
                "of_first": now * 100 / mine[0] if step and mine[0] else None,
                "of_before": now * 100 / then if then else None,
                "dropped": None if then is None else then - now,
                "first_median_us": first[step][place].median_us,
                "first_p90_us": first[step][place].p90_us,
                "before_median_us": before[step][place].median_us,
                "before_p90_us": before[step][place].p90_us,
                "waits": before[step][place].binned,
            }


def _trend(found: _Found, trended: Range, question: Question, now_us: int) -> Iterator[dict[str, Any]]:
    begins = np.array([period.begin_us for period in trended.periods], dtype=np.int64)
    period = np.searchsorted(begins, found.begun_us, "right") - 1
    cells = period * len(found.parts.listed) + found.part
    count = len(begins) * len(found.parts.listed)
    entered = np.bincount(cells, minlength=count)
    converted = np.bincount(cells[found.depth == found.steps], minlength=count)
    for number, each in enumerate(trended.periods):
        until_us = min(each.end_us, trended.before_us) + question.within_us
        for place, part in enumerate(found.parts.listed):
            cell = number * len(found.parts.listed) + place
            yield {
                "begin_us": each.begin_us,
                "end_us": each.end_us,
                "label": each.label,
                "split": part.value,
                "is_other": part.is_other,
                "entered": int(entered[cell]),
                "converted": int(converted[cell]),
                "rate": int(converted[cell]) * 100 / int(entered[cell]) if entered[cell] else None,
                "unfinished": until_us > now_us,
            }
