"""Who was there in which cells of a day, each pair once: what is counted of it stands in `tally` and `retention`."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.events.time import DAY_US
from footfall.lake.index.part import Part

Int64s = NDArray[np.int64]
_MOST_FLAGS: Final = 1 << 23
"""Pairs of cell and who for which a table of flags is quicker than sorting."""


def periods_of(part: Part, begins: Int64s) -> tuple[int, int]:
    """The first of the periods (places in `begins`) that hold the part's events, and how many they are."""
    day_us = part.day * DAY_US
    ends = np.searchsorted(begins, (day_us, day_us + DAY_US - 1), "right").tolist()
    first, last = (max(end - 1, 0) for end in ends)
    return first, last - first + 1


class Presence:
    """Pairs of a cell and a who of one part."""

    def __init__(self, cells: int, people: int) -> None:
        """Both are numbered from 0 on, and below these."""
        self._cells = cells
        self._people = people
        is_small = cells * people <= _MOST_FLAGS
        self._met = np.zeros(cells * people, dtype=bool) if is_small else None
        self._seen = [np.empty(0, dtype=np.int64)]

    def see(self, cells: Int64s | None, who: Int64s) -> None:
        """Note where everybody was; `cells` are used up, None is the first one for all."""
        keys = who
        if cells is not None:
            cells *= self._people
            cells += who
            keys = cells
        if self._met is None:
            self._seen.append(keys)
        else:
            self._met[keys] = True

    def pairs(self) -> tuple[Int64s, Int64s]:
        """The cells, rising, and who was there."""
        keys = distinct(np.concatenate(self._seen)) if self._met is None else np.flatnonzero(self._met)
        borders = np.searchsorted(keys, np.arange(self._cells + 1) * self._people)
        cells = np.repeat(np.arange(self._cells), np.diff(borders))
        return cells, keys - cells * self._people


def distinct(keys: Int64s) -> Int64s:
    """Each key once, rising; sorting is quicker than numpy's own way."""
    rising = np.sort(keys)
    found: Int64s = rising[np.append(np.ones(min(len(rising), 1), dtype=bool), rising[1:] != rising[:-1])]
    return found
