"""When things happen: so many events in each stretch of time, by the hour of the day, the weekday and growth.

Every place keeps its own clock. The quotas are whole numbers that add up to all events exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Final, NamedTuple

import numpy as np

from footfall.events.time import DAY_US, HOUR_US
from footfall.generate.bulk.draws import Draws, Whole
from footfall.generate.bulk.options import Options
from footfall.generate.people import HOURS, PLACES, WEEKDAYS

BLOCK_EVENTS: Final = 100_000
"""At most about as many events are made at a time: what the memory holds."""
_FEWEST: Final = 2_000
"""A block is a day, unless that has fewer events than these."""
_GROWTH: Final = 300
"""By so many thousandths there is more at the end than at the beginning."""
_EPOCH_WEEKDAY: Final = 3
"""1970-01-01 was a Thursday."""


class Block(NamedTuple):
    """A stretch of time and how many events it has; `weights` are those of its slots and places, one after another."""

    number: int
    begin_us: int
    slot_us: int
    events: int
    weights: Whole

    @property
    def slots(self) -> int:
        """Stretches of `slot_us` that it consists of."""
        return len(self.weights) // len(PLACES)

    @property
    def end_us(self) -> int:
        """The microsecond after it."""
        return self.begin_us + self.slots * self.slot_us


class Rhythm:
    """All blocks of a world."""

    def __init__(self, options: Options) -> None:
        self._options = options
        hours = options.days * 24
        busiest = 4 * options.events // hours + 1  # no hour has four times the average
        self._slots_an_hour = -(-busiest // BLOCK_EVENTS)
        self._weights = _weights(options.begin_us, hours)

    def blocks(self) -> Iterator[Block]:
        """In the order of time; each has some events, together as many as the options say."""
        weights = [int(weight) for weight in self._weights.sum(axis=1) for _ in range(self._slots_an_hour)]
        total = sum(weights)
        due = [self._options.events * sofar // total for sofar in accumulate(weights)]
        most = min(BLOCK_EVENTS, max(_FEWEST, self._options.events // self._options.days))
        number = begin = given = 0
        for slot, following in enumerate((*due[1:], None), start=1):
            if due[slot - 1] > given and (following is None or following - given > most):
                yield self._block(number, begin, slot, due[slot - 1] - given)
                number, begin, given = number + 1, slot, due[slot - 1]

    def _block(self, number: int, first: int, last: int, events: int) -> Block:
        slot_us = HOUR_US // self._slots_an_hour
        rows = np.arange(first, last) // self._slots_an_hour
        return Block(number, self._options.begin_us + first * slot_us, slot_us, events, self._weights[rows].ravel())


def moments(block: Block, draws: Draws, count: int) -> tuple[Whole, Whole]:
    """When and where `count` sessions of a block begin: µs since the epoch, and places in `PLACES`."""
    ends = np.cumsum(block.weights)
    drawn = np.searchsorted(ends, draws.below("moment", int(ends[-1]), count), side="right")
    slots, places = np.divmod(drawn, len(PLACES))
    return block.begin_us + slots * block.slot_us + draws.below("within", block.slot_us, count), places


def _weights(begin_us: int, hours: int) -> Whole:
    """Of each hour (row) in each place (column)."""
    local = begin_us // HOUR_US + np.arange(hours)[:, None] + np.array([place.hours for place in PLACES])
    by_hour = np.array(HOURS)[local % 24]
    by_day = np.array(WEEKDAYS)[(local // (DAY_US // HOUR_US) + _EPOCH_WEEKDAY) % 7]
    growth = 1_000 + _GROWTH * np.arange(hours)[:, None] // hours
    weights: Whole = by_hour * by_day * growth * np.array([place.weight for place in PLACES])
    return weights
