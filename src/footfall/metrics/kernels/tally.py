"""How often something happened, and to whom, by period and value: what trends are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.events.time import DAY_US
from footfall.lake.index.people import Numbers
from footfall.lake.index.whole import Whole
from footfall.metrics.kernels.picked import Chosen, Declined, Pick, Texts

Int64s = NDArray[np.int64]
_MOST_VALUES: Final = 1 << 20
_MOST_FLAGS: Final = 1 << 23
"""Pairs of who and cell for which a table of flags is quicker than sorting."""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Cells in which something happened: a period (its place) and a value (its number + 1; 0 is null) each."""

    period: Int64s
    value: Int64s
    events: Int64s
    cell: Int64s
    """Of each pair of a cell and a person who was in it: the cell's place; pairs are distinct."""
    person: Int64s
    people: int
    """Persons' numbers are below this."""
    texts: tuple[str, ...]

    def distinct(self, groups: Int64s, count: int) -> Int64s:
        """How many different people each of `count` groups of cells has; `groups` says of which group a cell is."""
        keys = groups[self.cell] * self.people + self.person
        if count * self.people <= 8 * _MOST_FLAGS:
            met = np.zeros((count, self.people), dtype=bool)
            met.ravel()[keys] = True
            counts: Int64s = met.sum(axis=1)
            return counts
        keys = np.unique(keys)
        return np.bincount(keys // self.people, minlength=count)


def tally(whole: Whole, events: Pick, begins_us: Sequence[int], *, split: str | None = None) -> Tally:
    """The picked events, which lie in the periods that begin then; raises `Declined`."""
    begins = np.array(begins_us, dtype=np.int64)
    texts = Texts(split) if split is not None else None
    counted: dict[int, int] = defaultdict(int)
    cells, persons = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for found in events.together(whole):
        if not len(found):
            continue
        here = _Cells.of(found, begins, texts)
        numbers, counts = here.counted()
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            counted[number] += count
        cell, who = here.pairs(found)
        cells.append(cell)
        persons.append(found.person[who].astype(np.int64))
    known = np.array(sorted(counted), dtype=np.int64)
    keys = np.searchsorted(known, np.concatenate(cells)) * max(whole.people, 1) + np.concatenate(persons)
    keys = np.unique(keys)
    return Tally(
        period=known // _MOST_VALUES,
        value=known % _MOST_VALUES,
        events=np.array([counted[number] for number in known.tolist()], dtype=np.int64),
        cell=keys // max(whole.people, 1),
        person=keys % max(whole.people, 1),
        people=max(whole.people, 1),
        texts=() if texts is None else texts.texts,
    )


class _Cells(NamedTuple):
    """The cells of some events: period · `_MOST_VALUES` + value."""

    first: int
    """The first of their periods."""
    values: int
    """Values are below this."""
    local: Int64s
    """Of each event: (period − `first`) · `values` + value."""
    bound: int
    """`local` is below this."""

    @classmethod
    def of(cls, found: Chosen, begins: Int64s, texts: Texts | None) -> _Cells:
        value: Numbers | int = 0 if texts is None else texts.of(found) + 1
        values = 1 if texts is None else len(texts.texts) + 1
        if values > _MOST_VALUES:
            raise Declined("the split has too many values")
        day_us = found.part.day * DAY_US
        first, last = np.searchsorted(begins, (day_us, day_us + DAY_US - 1), "right").tolist()
        first, last = max(first - 1, 0), max(last - 1, 0)
        local = np.zeros(len(found), dtype=np.int64)
        if last > first:
            local += (np.searchsorted(begins, found.ts_us, "right") - 1 - first) * values
        local += value
        return cls(first, values, local, (last - first + 1) * values)

    def counted(self) -> tuple[Int64s, Int64s]:
        """The cells, and how many events each has."""
        if self.bound <= _MOST_FLAGS:
            counts = np.bincount(self.local, minlength=self.bound)
            met = np.flatnonzero(counts)
            return self._whole(met), counts[met]
        met, counts = np.unique(self.local, return_counts=True)
        return self._whole(met), counts

    def pairs(self, found: Chosen) -> tuple[Int64s, Int64s]:
        """Every pair of a cell and who was in it, once."""
        people = len(found.person)
        keys = self.local * people + found.who
        if self.bound * people <= _MOST_FLAGS:
            met = np.zeros(self.bound * people, dtype=bool)
            met[keys] = True
            keys = np.flatnonzero(met)
        else:
            keys = np.unique(keys)
        return self._whole(keys // people), keys % people

    def _whole(self, local: Int64s) -> Int64s:
        return (local // self.values + self.first) * _MOST_VALUES + local % self.values
