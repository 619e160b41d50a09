"""Sessions too old to change, of which only the extents are known: which events would have belonged to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.sessions.saved import Interval

Ints = NDArray[np.int64]


class Past(NamedTuple):
    """The extents of one owner's old sessions, at least one."""

    extents: tuple[Interval, ...]
    starts: Ints
    """Rising."""
    reach: Ints
    """The latest end of a session that started then or earlier."""

    @classmethod
    def of(cls, extents: tuple[Interval, ...]) -> Past:
        """The past that `extents`, in any order, make up."""
        starts, ends = np.array(sorted((extent.start_us, extent.end_us) for extent in extents), np.int64).T
        return cls(extents, starts, np.maximum.accumulate(ends))


def near_one(pasts: Sequence[Past], whose: Ints, ts: Ints, gap_us: int) -> NDArray[np.bool_]:
    """Which events, at `ts` and of `pasts[whose[i]]`, lie no more than `gap_us` before, behind or within a session."""
    sizes = np.array([len(past.starts) for past in pasts], np.int64)
    starts, reach = (np.concatenate([past[column] for past in pasts]) for column in (1, 2))
    ends = np.cumsum(sizes)[whose]
    begins = ends - sizes[whose]
    at = _last_up_to(starts, begins, ends, ts + gap_us)
    near: NDArray[np.bool_] = (at >= begins) & (ts - reach[np.maximum(at, 0)] <= gap_us)
    return near


def _last_up_to(values: Ints, begins: Ints, ends: Ints, limits: Ints) -> Ints:
    """The last place from `begins[i]` to before `ends[i]` with a value up to `limits[i]`, else the one before all."""
    low, high = begins - 1, ends.copy()
    while (open_ := high - low > 1).any():
        middle = np.where(open_, (low + high) >> 1, begins)
        up_to = values[middle] <= limits
        low, high = np.where(open_ & up_to, middle, low), np.where(open_ & ~up_to, middle, high)
    return low
