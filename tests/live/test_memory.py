"""What the live pass holds is bounded: what leaves the memory early comes back, and readers see no difference."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event
from footfall.journal.base import Entry
from footfall.journal.memory import MemoryJournal
from footfall.lake.lake import Lake
from footfall.live import processor as the_processor
from footfall.node.live import LivePass
from tests.fraud import oracle as fraud_oracle
from tests.fraud.streams import suspicious
from tests.fraud.test_pass import DEFAULTS, alerts
from tests.live.passes import DEEDS, KEY, SETTINGS, Deed, HandDriven, journalled, lived, readable
from tests.live.test_processor import check, visit
from tests.sessions.streams import streams

SECOND_US = 1_000_000
HARDLY_ANY = st.sampled_from([2, 1_000, 2_000, 4_000])
"""Bytes: of nobody, or of a few."""


@settings(max_examples=30)
@given(streams(), DEEDS, st.integers(1, 7), HARDLY_ANY)
def test_sessions_that_leave_early_are_the_same(stream: list[Event], plan: list[Deed], size: int, room: int) -> None:
    """Where hardly a session fits into the memory, over any crash: the sessions of all events, as with room for all."""
    tight = replace(SETTINGS, sessions_memory_bytes=room)
    with tempfile.TemporaryDirectory() as folder:
        driven = lived(Path(folder), stream, plan, size, tight)
        check(driven, stream)
        driven.seal()
        check(driven, stream)
        driven.close()


@settings(max_examples=30)
@given(suspicious(), DEEDS, st.integers(1, 7), HARDLY_ANY)
def test_trails_that_leave_early_raise_the_same_alerts(
    stream: list[Event], plan: list[Deed], size: int, room: int
) -> None:
    """Where hardly a trail fits into the memory, over any crash: the alerts of all events, each once."""
    tight = replace(SETTINGS, trails_memory_bytes=room)
    with tempfile.TemporaryDirectory() as folder:
        driven = lived(Path(folder), stream, plan, size, tight)
        assert alerts(driven) == fraud_oracle.alerts(stream, DEFAULTS)
        driven.seal()
        assert alerts(driven) == fraud_oracle.alerts(stream, DEFAULTS)
        driven.close()


def visits(number: int, *, of: int) -> list[Event]:
    """An event of each of so many visitors, a second after the one before."""
    now_us = number * SECOND_US
    return [
        visit("view", now_us, now_us, visitor_id=f"visitor-{visitor:06d}", event_id=f"{number}-{visitor}")
        for visitor in range(of)
    ]


def test_the_longest_idle_leave_first(tmp_path: Path) -> None:
    """Of sessions that do not fit those stay that something arrived for last; the others come back when they go on."""
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal, replace(SETTINGS, sessions_memory_bytes=30_000, trails_memory_bytes=30_000))
    for number, event in enumerate(visits(0, of=100)):
        at_us = event.ts_us + number * SECOND_US
        journalled(journal, [replace(event, ts_us=at_us, received_us=at_us)])
    driven.work_off()
    driven.seal()
    sessions = driven.processor._state.sessions
    held = [f"v:default/visitor-{visitor:06d}" in sessions for visitor in range(100)]
    assert held == sorted(held)
    assert 0 < sum(held) < 100
    journalled(journal, visits(200, of=100))
    driven.work_off()
    seen = readable(driven.processor.snapshot(), "sessions")
    assert sorted(str(row["owner"]) for row in seen) == [f"v:visitor-{visitor:06d}" for visitor in range(100)]
    assert {row["total_events"] for row in seen} == {2}
    driven.close()


def test_a_burst_over_the_budget_holds_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times as many visitors as fit, twice: never much more is held than may be, and nobody is forgotten."""
    bound, visitors, batch = 400_000, 6_000, 250
    monkeypatch.setattr(the_processor, "_BATCH_EVENTS", batch)
    journal, most = MemoryJournal(), dict.fromkeys(("sessions", "trails"), 0)
    budget = replace(SETTINGS, sessions_memory_bytes=bound, trails_memory_bytes=bound)
    live = LivePass(tmp_path, journal=journal, lake=Lake.open(tmp_path / "lake"), settings=budget, key=KEY)
    take = live.processor._take

    def watched(entries: list[Entry]) -> None:
        take(entries)
        state = live.processor._state
        most["sessions"] = max(most["sessions"], state.sessions.bytes)
        most["trails"] = max(most["trails"], *(feature.bytes for feature in state.features))

    monkeypatch.setattr(live.processor, "_take", watched)
    live.start()
    for number in (0, 1):
        events = visits(number, of=visitors)
        for begin in range(0, visitors, batch // 2):
            journalled(journal, events[begin : begin + batch // 2])
    assert live.processor.wait_for(journal.end()[0], timeout=60)
    of_a_batch = 1_000 * batch
    assert all(0.75 * bound < held <= bound + of_a_batch for held in most.values()), most
    seen = readable(live.processor.snapshot(), "sessions")
    assert len(seen) == visitors
    assert np.unique([row["total_events"] for row in seen]).tolist() == [2]
    assert live.stop(flush=False)
