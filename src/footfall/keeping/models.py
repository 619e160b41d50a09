"""How long data are kept, and what was removed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from footfall.events.time import DAY_US

MOST_DAYS: Final = 36_500
_EPOCH: Final = date(1970, 1, 1)


class Limit(Struct, frozen=True):
    """From which UTC day on a project's data are kept."""

    days: int
    """Whole days before the present one."""
    day: int
    """The first day that is kept, in days since the epoch."""

    @property
    def from_us(self) -> int:
        """The begin of that day, µs since the epoch."""
        return self.day * DAY_US

    @property
    def date(self) -> str:
        """The day as `YYYY-MM-DD`."""
        return (_EPOCH + timedelta(days=self.day)).isoformat()


def limit_of(days: int, now_us: int) -> Limit | None:
    """The limit of data that are kept for `days`; None when they are for ever (0).

    A day is kept until `days` whole days have passed since its end:

    >>> from footfall.events.time import read_time
    >>> limit_of(30, read_time("2026-03-31T12:00Z")).date
    '2026-03-01'
    """
    return Limit(days, now_us // DAY_US - days) if days else None


class Removed(Struct, frozen=True, kw_only=True):
    """What went of a project because of its age, in all."""

    before: str
    """The first day that was kept when this was last done, `YYYY-MM-DD`."""
    at_us: int
    """When that was."""
    events: int = 0
    sessions: int = 0
    """Of sessions and alerts, as of all that changes, these are states: one has several of them until they merge."""
    alerts: int = 0
    rejected: int = 0

    def then(self, earlier: Removed) -> Removed:
        """This, and what had been removed before."""
        counts = {name: getattr(self, name) + getattr(earlier, name) for name in COUNTED}
        return Removed(before=max(self.before, earlier.before), at_us=self.at_us, **counts)


COUNTED: Final = ("events", "sessions", "alerts", "rejected")
"""Tables of which whole days go."""
