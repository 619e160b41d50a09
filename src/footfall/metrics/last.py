"""How far back "the last 28 days" reach: by the clock for minutes and hours, by the calendar for days and weeks."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Final

from footfall.errors import BadRequest
from footfall.metrics.calendar import Calendar

_LAST: Final = re.compile(r"([1-9][0-9]{0,4})([smhdw])", re.ASCII)
_MINUTE_US: Final = 60_000_000
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600}
_DAYS: Final = {"d": 1, "w": 7}


def begin_of_last(text: str, calendar: Calendar, now_us: int) -> int:
    """When the time begins that `text` says and that goes on until now, in µs since the epoch.

    Of days and weeks it begins with a day of the calendar's zone, and the present day is the last one: `1d` is today.
    Shorter ones count back from the present minute, so that a question that is asked again within it is the same.

    >>> noon = Calendar("Europe/Berlin").instant(datetime(2026, 3, 29, 12))
    >>> [Calendar("Europe/Berlin").local(begin_of_last(one, Calendar("Europe/Berlin"), noon)).isoformat()
    ...  for one in ("1d", "2w", "90m")]
    ['2026-03-29T00:00:00+01:00', '2026-03-16T00:00:00+01:00', '2026-03-29T10:30:00+02:00']
    """
    found = _LAST.fullmatch(text.strip())
    if found is None:
        raise BadRequest(
            f"last: {text[:100]!r} is no time; write a whole number and s, m, h, d or w, such as 24h or 28d"
        )
    number, unit = int(found[1]), found[2]
    if unit in _SECONDS:
        return now_us - now_us % _MINUTE_US - number * _SECONDS[unit] * 1_000_000
    first = calendar.local(now_us).date() - timedelta(days=number * _DAYS[unit] - 1)
    return calendar.instant(datetime.combine(first, time()))
