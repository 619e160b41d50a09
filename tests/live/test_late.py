"""Which events the live pass marks as late: those that it could not take into a session any more, and no others."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.events.event import Event
from footfall.settings import Settings
from tests.live.passes import DEEDS, Deed, lived, readable, rows
from tests.sessions import oracle
from tests.sessions.equality import assert_same
from tests.sessions.streams import HOUR_US, deduplicated, streams

LATE_AFTER_AN_HOUR = Settings(lake_commit_seconds=3600.0, lake_commit_rows=1_000_000, lateness_hours=1)


@settings(max_examples=60)
@given(streams(), DEEDS, st.integers(1, 7))
def test_late_is_what_a_session_lacks(stream: list[Event], plan: list[Deed], size: int) -> None:
    """Sessions are those of all events but the late ones, over any crashes; readers see which those are."""
    with tempfile.TemporaryDirectory() as folder:
        driven = lived(Path(folder), stream, plan, size, LATE_AFTER_AN_HOUR)
        snapshot = driven.processor.snapshot()
        told = {(row["project_id"], row["event_id"]): row["late"] for row in rows(snapshot, "events").to_pylist()}
        found = readable(snapshot, "sessions")
        counted = driven.processor._state.counters.late
        driven.close()
    kept = deduplicated(stream)
    late = [event for event in kept if told[event.project_id, event.event_id]]
    timely = [event for event in kept if event not in late]
    assert_same(found, oracle.sessions(timely), names=("live", "oracle without late events"))
    assert set(told.values()) <= {True, None}
    assert counted == len(late)
    for event in late:
        assert not event.is_bot
        assert any(is_long_past(event, other) for other in timely)


def is_long_past(event: Event, other: Event) -> bool:
    """Whether `other` is of the same owner, and came over the lateness before `event`."""
    same = (event.project_id, oracle.owner(event)) == (other.project_id, oracle.owner(other))
    return same and event.received_us - other.received_us > HOUR_US
