"""What becomes of sales in the days after them: some are reviewed, some come back."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from footfall.events.time import DAY_US, HOUR_US
from footfall.generate.bulk.draws import Draws, Whole
from footfall.generate.bulk.options import Options
from footfall.generate.bulk.population import Population
from footfall.generate.bulk.rhythm import Block
from footfall.generate.bulk.sessions import Due

_REVIEWED_PERCENT: Final = 12
_RETURNED_PERCENT: Final = 6
_MOST_OF: Final = 8
"""At most one event in so many of a block is about earlier sales."""


class Sold(NamedTuple):
    """Sales to customers that will come back."""

    due_us: Whole
    customer: Whole
    product: Whole
    key: Whole
    """Number of the order."""
    cents: Whole
    is_return: Whole
    """1 of returns, 0 of reviews."""


class Aftermath:
    """Remembers those sales until they are due; a few of a hundred, of a fortnight at most."""

    def __init__(self, options: Options, people: Population) -> None:
        self._options = options
        self._people = people
        self._waiting = Sold._make(np.zeros(0, np.int64) for _ in Sold._fields)

    def take(self, block: Block) -> tuple[Due, Sold]:
        """What is due in `block`; earlier sales come first, and what is too much for it is forgotten."""
        due = np.flatnonzero(self._waiting.due_us < block.end_us)
        taken = Sold._make(column[due] for column in self._waiting)
        self._waiting = Sold._make(np.delete(column, due) for column in self._waiting)
        first = np.argsort(taken.due_us, kind="stable")[: block.events // (3 * _MOST_OF)]
        taken = Sold._make(column[first] for column in taken)
        sale = np.arange(len(first))
        return Due(taken.due_us, taken.customer, taken.product, sale, taken.is_return == 1), taken

    def add(self, block: Block, ts_us: Whole, sold: Sold) -> None:
        """Decide what becomes of sales that were made at `ts_us`; `due_us` and `is_return` of `sold` are not read."""
        draws, count = Draws(self._options.seed, "aftermath", block.number), len(ts_us)
        fate = draws.below("fate", 100, count)
        returned = (fate >= _REVIEWED_PERCENT).astype(np.int64)
        due = ts_us + draws.between("days", 2 * DAY_US, 14 * DAY_US, count)
        due = np.maximum(due, block.end_us)
        until = np.minimum(self._people.left_us[sold.customer], self._options.end_us) - HOUR_US
        kept = np.flatnonzero((fate < _REVIEWED_PERCENT + _RETURNED_PERCENT) & (due < until))
        more = sold._replace(due_us=due, is_return=returned)
        self._waiting = Sold._make(np.append(old, new[kept]) for old, new in zip(self._waiting, more, strict=True))
