"""The customers of a bulk world as columns: where they live, what they like, when they came and when they left."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import pyarrow as pa

from footfall.events.time import DAY_US
from footfall.generate.bulk.columns import numbered
from footfall.generate.bulk.draws import Draws, Mask, Whole, lottery
from footfall.generate.bulk.options import Options
from footfall.generate.bulk.tables import Tables
from footfall.generate.people import DEVICES, PLACES

SEGMENTS: Final = ("vip", "loyal", "regular", "occasional")
_SHARES: Final = (5, 20, 35, 40)
_LEAVING: Final = np.array((6, 12, 22, 34))
"""Of a hundred customers of each segment so many leave for good in the course of a world."""
_NEW_PERCENT: Final = 25
DIGITS: Final = 8
"""Of a customer's number in `user_id`."""
NEVER: Final = np.iinfo(np.int64).max


class Population:
    """Customers by number, those of one place beside each other, the most loyal ones first."""

    def __init__(self, options: Options, tables: Tables) -> None:
        self._options = options
        self._tables = tables
        count, draws = options.customers, Draws(options.seed, "customers")
        places = np.sort(draws.chosen("place", lottery([place.weight for place in PLACES]), count))
        self.place = places
        self.first_of = np.searchsorted(places, np.arange(len(PLACES)))
        self.size_of = np.bincount(places, minlength=len(PLACES))
        rank = (np.arange(count) - self.first_of[places]) * 100 // np.maximum(self.size_of[places], 1)
        self.segment = np.searchsorted(np.cumsum(_SHARES), rank, side="right")
        self.taste = draws.chosen("taste", tables.tastes[0], count)
        self.device = draws.chosen("device", lottery([device.weight for device in DEVICES]), count)
        days = options.days
        is_new = draws.below("new", 100, count) < _NEW_PERCENT
        joined = np.where(is_new, draws.below("joined", days, count), 0)
        leaves = draws.below("leaves", 100, count) < _LEAVING[self.segment]
        left = draws.between("left", np.minimum(joined + 1, days - 1), days - 1, count)
        leaves &= left > joined
        self.is_new = is_new
        self.joined_us = options.begin_us + joined * DAY_US
        self.left_us = np.where(leaves, options.begin_us + left * DAY_US, NEVER)
        self._busy_until_us = np.zeros(count, np.int64)

    @property
    def churned(self) -> Mask:
        """Who leaves before the world ends."""
        left: Mask = self.left_us != NEVER
        return left

    def somebody(self, draws: Draws, places: Whole, begin_us: Whole, end_us: Whole) -> Whole:
        """A customer for each session, who lives there and is a customer all the while; -1 where none was found."""
        found = np.full(len(places), -1)
        sizes = self.size_of[places]
        for turn in range(3):
            number = self.first_of[places] + draws.low_ranks(f"customer {turn}", sizes)
            number = np.minimum(number, len(self.place) - 1)
            fits = (sizes > 0) & (self.joined_us[number] <= begin_us) & (end_us < self.left_us[number])
            found = np.where((found < 0) & fits, number, found)
        return found

    def one_thing_at_a_time(self, customers: Whole, begin_us: Whole, end_us: Whole, pause_us: int) -> Whole:
        """`customers` of sessions, -1 in place of those who are (or may be) busy with another one at that time.

        Must be called for one block after another.
        """
        known = np.flatnonzero(customers >= 0)
        known = known[np.lexsort((begin_us[known], customers[known]))]
        who = customers[known]
        # In seconds, and each customer far from the next, so that one running maximum serves all of them.
        origin = self._options.begin_us
        begins, ends = (begin_us[known] - origin) // 10**6, (end_us[known] + pause_us - origin) // 10**6 + 1
        apart = who * (1 << 30)
        busy = np.maximum.accumulate(apart + ends)
        before = np.concatenate((np.zeros(1, np.int64), busy[:-1])) - apart
        before = np.maximum(before, (self._busy_until_us[who] - origin) // 10**6)
        taken = begins <= before
        np.maximum.at(self._busy_until_us, who, end_us[known] + pause_us)
        free = customers.copy()
        free[known[taken]] = -1
        return free

    def table(self) -> pa.Table:
        """The truth about customers."""
        places = [PLACES[place] for place in range(len(PLACES))]
        begin = (self._options.begin - date(1970, 1, 1)) // timedelta(days=1)
        day = (self.left_us - self._options.begin_us) // DAY_US + begin
        joined = (self.joined_us - self._options.begin_us) // DAY_US + begin
        return pa.table(
            {
                "user_id": numbered(f"c{self._options.tag}-", np.arange(len(self.place)), digits=DIGITS),
                "segment": pa.array(SEGMENTS).take(pa.array(self.segment)),
                "favourite_category": pa.array(self._tables.world.categories).take(pa.array(self.taste)),
                "city": pa.array([place.city for place in places]).take(pa.array(self.place)),
                "country": pa.array([place.country for place in places]).take(pa.array(self.place)),
                "device": pa.array([device.device for device in DEVICES]).take(pa.array(self.device)),
                "joined_on": pa.array(joined.astype(np.int32), pa.date32(), mask=~self.is_new),
                "churned": pa.array(self.churned),
                "churned_on": pa.array(
                    np.where(self.churned, day, 0).astype(np.int32), pa.date32(), mask=~self.churned
                ),
            }
        )
