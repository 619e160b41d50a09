"""The schedule of a load with a rate: which event is due when, whatever became late; told the time by its caller.

The schedule never waits for a slow server: what could not be sent in time is sent late, and its lateness is counted
from when it was due (no coordinated omission; G. Tene, How NOT to Measure Latency, 2015).
"""

from __future__ import annotations

from bisect import bisect_left
from math import floor
from typing import Final

_BOUNDS_MS: Final = tuple(1.25**power for power in range(80))
"""Upper ends of the buckets, from 1 ms to over 12 hours, each a quarter wider than the one before."""


_ROUNDING: Final = 1e-6
"""Of an event's interval: a clock that was set to an event's time must find it due."""
ONE_BY_ONE: Final = 20.0
"""Up to so many events a second each is sent by itself; above it, what is due is sent together."""
_MOST_AT_ONCE: Final = 500
_TOGETHER_SECONDS: Final = 0.01
"""Least pause between two requests that are sent together."""


class Pace:
    """Events numbered from 0, one every 1/`rate` seconds from `begun` on (seconds of any clock)."""

    def __init__(self, rate: float, begun: float) -> None:
        self.rate = rate
        self.begun = begun

    def due_at(self, number: int) -> float:
        """When event `number` is due."""
        return self.begun + number / self.rate

    def step(self, now: float, done: int, last: int | None = None) -> tuple[int, float]:
        """(up to which event to send at `now`, seconds to wait when there is none), `done` having been sent.

        `last` is how many there are in all.
        """
        together = self.rate > ONE_BY_ONE
        due = max(done, floor((now - self.begun) * self.rate + _ROUNDING) + 1)
        until = min(due, done + (_MOST_AT_ONCE if together else 1), due if last is None else last)
        pause = max(self.due_at(until) - now, _TOGETHER_SECONDS if together else 0.0)
        return until, pause


class Lateness:
    """Counts delays in buckets: constant memory, and percentiles at most a quarter too high."""

    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS_MS) + 1)
        self.most_ms = 0.0

    def add(self, ms: float, count: int = 1) -> None:
        """Count `count` delays of `ms`."""
        self._counts[bisect_left(_BOUNDS_MS, ms)] += count
        self.most_ms = max(self.most_ms, ms)

    def percentile(self, percent: float) -> float:
        """The ms that `percent` of the delays do not exceed; 0 when there were none.

        >>> late = Lateness()
        >>> late.add(3, 99), late.add(700)
        (None, None)
        >>> late.percentile(50) < 4, late.percentile(100)
        (True, 700)
        """
        wanted = sum(self._counts) * percent / 100
        sofar = 0
        for count, bound in zip(self._counts, (*_BOUNDS_MS, self.most_ms), strict=True):
            sofar += count
            if count and sofar >= wanted:
                return min(bound, self.most_ms)
        return 0.0
