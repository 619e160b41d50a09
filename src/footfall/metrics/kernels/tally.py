"""How often something happened, and to whom, by period and value: what trends are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.lake.index.whole import Whole
from footfall.metrics.kernels.picked import Chosen, Declined, Pick, Texts
from footfall.metrics.kernels.presence import Presence, distinct, periods_of

Int64s = NDArray[np.int64]
_MOST_CELLS: Final = 1 << 23
_MOST_FLAGS: Final = 1 << 26
"""Pairs of group and person for which a table of flags is quicker than sorting."""


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
        if count * self.people <= _MOST_FLAGS:
            met = np.zeros((count, self.people), dtype=bool)
            met.ravel()[keys] = True
            counts: Int64s = met.sum(axis=1)
            return counts
        return np.bincount(distinct(keys) // self.people, minlength=count)


def tally(whole: Whole, events: Pick, begins_us: Sequence[int], *, split: str | None = None) -> Tally:
    """The picked events, which lie in the periods that begin then; raises `Declined`."""
    begins, numbers = np.array(begins_us, dtype=np.int64), events.parts(whole)
    texts = None if split is None else Texts(split)
    if texts is not None:
        for number in numbers:
            texts.table(whole.parts[number])
    values = 1 if texts is None else len(texts.texts) + 1
    if len(begins) * values > _MOST_CELLS:
        raise Declined("the split has too many values")
    counts = np.zeros(len(begins) * values, dtype=np.int64)
    people = max(whole.people, 1)
    keys = [np.empty(0, dtype=np.int64)]
    for number in numbers:
        person = whole.persons[number]
        first, periods = periods_of(whole.parts[number], begins)
        begin, bound = first * values, periods * values
        presence = Presence(bound, len(person))
        for found in events.of_part(whole, number):
            local = _cells(found, begins[first : first + periods], texts, values)
            counts[begin : begin + bound] += np.bincount(local, minlength=bound)
            presence.see(local, found.who)
        cell, who = presence.pairs()
        cell += begin
        cell *= people
        cell += person[who]
        keys.append(cell)
    pairs = distinct(np.concatenate(keys))
    borders = np.searchsorted(pairs, np.arange(len(counts) + 1) * people)
    cells = np.repeat(np.arange(len(counts)), np.diff(borders))
    told = () if texts is None else texts.texts
    return Tally(values, counts, cells, pairs - cells * people, people, told)


def _cells(found: Chosen, begins: Int64s, texts: Texts | None, values: int) -> Int64s:
    """The cell of each event, counted from the first one of the periods that begin then."""
    local = np.zeros(len(found), dtype=np.int64) if texts is None else texts.above(found)
    if len(begins) > 1:
        local += (np.searchsorted(begins, found.ts_us, "right") - 1) * values
    return local
