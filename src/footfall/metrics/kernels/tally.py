"""How often something happened, and to whom, by period and value: what trends are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.events.time import DAY_US
from footfall.lake.index.whole import Whole
from footfall.metrics.kernels.picked import Chosen, Declined, Pick, Texts

Int64s = NDArray[np.int64]
_MOST_CELLS: Final = 1 << 23
_MOST_FLAGS: Final = 1 << 23
"""Pairs of who and cell for which a table of flags is quicker than sorting."""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """What happened in each cell, period · `values` + value; a value is its number + 1, and 0 is null."""

    values: int
    events: Int64s
    """Of each cell."""
    cell: Int64s
    """Of each pair of a cell and a person who was in it; pairs are distinct."""
    person: Int64s
    people: int
    """Persons' numbers are below this."""
    texts: tuple[str, ...]
    """Values by their numbers."""

    def by_value(self) -> Int64s:
        """How many events each value has."""
        counts: Int64s = self.events.reshape(-1, self.values).sum(axis=0)
        return counts

    def groups(self, of_value: NDArray[np.int32], count: int, *, by_period: bool) -> Int64s:
        """The group of each cell, when each value is of one of `count` groups: one a period, or one in all."""
        cells = np.arange(len(self.events))
        group: Int64s = of_value[cells % self.values].astype(np.int64)
        return group + cells // self.values * count if by_period else group

    def distinct(self, groups: Int64s, count: int) -> Int64s:
        """How many different people each of `count` groups of cells has."""
        held = groups[self.events > 0]
        if len(held) and np.bincount(held).max() == 1:
            return np.bincount(groups[self.cell], minlength=count)
        keys = groups[self.cell] * self.people + self.person
        if count * self.people <= 8 * _MOST_FLAGS:
            met = np.zeros((count, self.people), dtype=bool)
            met.ravel()[keys] = True
            counts: Int64s = met.sum(axis=1)
            return counts
        return np.bincount(_distinct(keys) // self.people, minlength=count)


def tally(whole: Whole, events: Pick, begins_us: Sequence[int], *, split: str | None = None) -> Tally:
    """The picked events, which lie in the periods that begin then; raises `Declined`."""
    begins, chosen = np.array(begins_us, dtype=np.int64), list(events.together(whole))
    texts = None if split is None else Texts(split)
    if texts is not None:
        for found in chosen:
            texts.table(found.part)
    values = 1 if texts is None else len(texts.texts) + 1
    if len(begins) * values > _MOST_CELLS:
        raise Declined("the split has too many values")
    counts = np.zeros(len(begins) * values, dtype=np.int64)
    people = max(whole.people, 1)
    keys = [np.empty(0, dtype=np.int64)]
    for found in chosen:
        first, bound, local = _cells(found, begins, texts, values)
        begin = first * values
        counts[begin : begin + bound] += np.bincount(local, minlength=bound)
        cell, who = _pairs(local, bound, found)
        keys.append((cell + begin) * people + found.person[who])
    pairs = _distinct(np.concatenate(keys))
    cells = pairs // people
    told = () if texts is None else texts.texts
    return Tally(values, counts, cells, pairs - cells * people, people, told)


def _cells(found: Chosen, begins: Int64s, texts: Texts | None, values: int) -> tuple[int, int, Int64s]:
    """The first of the events' periods, and the cell of each, counted from that period's first, with their bound."""
    day_us = found.part.day * DAY_US
    ends = np.searchsorted(begins, (day_us, day_us + DAY_US - 1), "right").tolist()
    first, last = (max(end - 1, 0) for end in ends)
    local = np.zeros(len(found), dtype=np.int64) if texts is None else texts.of(found).astype(np.int64) + 1
    if last > first:
        local += (np.searchsorted(begins, found.ts_us, "right") - 1 - first) * values
    return first, (last - first + 1) * values, local


def _pairs(local: Int64s, bound: int, found: Chosen) -> tuple[Int64s, Int64s]:
    """Every pair of a cell and who was in it, once."""
    people = len(found.person)
    keys = local * people
    keys += found.who
    if bound * people <= _MOST_FLAGS:
        met = np.zeros(bound * people, dtype=bool)
        met[keys] = True
        keys = np.flatnonzero(met)
    else:
        keys = _distinct(keys)
    cells = keys // people
    return cells, keys - cells * people


def _distinct(keys: Int64s) -> Int64s:
    """Each key once, rising; sorting is quicker than numpy's own way."""
    rising = np.sort(keys)
    distinct: Int64s = rising[np.append(np.ones(min(len(rising), 1), dtype=bool), rising[1:] != rising[:-1])]
    return distinct
