"""How far back a relative range reaches, at every instant of every zone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.errors import BadRequest
from footfall.metrics.calendar import Calendar
from footfall.metrics.last import begin_of_last

ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Africa/Cairo")
INSTANTS = st.integers(1_230_768_000_000_000, 1_893_456_000_000_000)
"""From 2009 to 2029."""


@given(zone=st.sampled_from(ZONES), now=INSTANTS, days=st.integers(1, 400))
def test_days_begin_with_a_day_and_hold_the_present_one(zone: str, now: int, days: int) -> None:
    """The first instant of the day that lies so many days, less one, before today; weeks are seven days."""
    calendar = Calendar(zone)
    begin = begin_of_last(f"{days}d", calendar, now)
    assert begin <= now
    wanted = calendar.local(now).date() - timedelta(days=days - 1)
    shown = calendar.local(begin)
    was_skipped = calendar.local(begin - 1).date() != wanted - timedelta(days=1)  # the zone left a day out
    assert was_skipped or (shown.date() == wanted and calendar.local(begin - 1).date() < wanted)
    assert begin_of_last(f"{days}w", calendar, now) == begin_of_last(f"{7 * days}d", calendar, now)


@given(zone=st.sampled_from(ZONES), now=INSTANTS, hours=st.integers(1, 999))
def test_hours_are_as_long_as_they_are(zone: str, now: int, hours: int) -> None:
    """Whatever the zone's clock does meanwhile, to the minute; the same within a minute."""
    calendar = Calendar(zone)
    begin = begin_of_last(f"{hours}h", calendar, now)
    assert 0 <= now - begin - hours * 3_600_000_000 < 60_000_000
    assert begin == begin_of_last(f"{60 * hours}m", calendar, now - now % 60_000_000)


@pytest.mark.parametrize("text", ["", "0d", "7", "d", "-1d", "1.5h", "7 d", "7D", "1y", "100000d", "٧d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """With what would be one."""
    with pytest.raises(BadRequest, match="such as 24h or 28d"):
        begin_of_last(text, Calendar("UTC"), 0)
