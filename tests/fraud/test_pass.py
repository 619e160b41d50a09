"""Alerts in the live pass: kept with the checkpoint, readable at once, the same after any crash."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.events.event import Event
from footfall.fraud.batch import COLUMNS
from tests.fraud import oracle
from tests.fraud.streams import suspicious
from tests.live.passes import DEEDS, Deed, HandDriven, lived, readable

DEFAULTS = oracle.of_settings()


def alerts(driven: HandDriven) -> set[tuple[object, ...]]:
    """What readers see, bookkeeping left out."""
    rows = readable(driven.processor.snapshot(), "alerts")
    return {tuple(row[name] for name in COLUMNS) for row in rows}


@settings(max_examples=60)
@given(suspicious(), DEEDS, st.integers(1, 7))
def test_a_crash_at_any_step_replays_to_the_same_alerts(stream: list[Event], plan: list[Deed], size: int) -> None:
    """Killed between any two steps of a sealing, any number of times: the alerts of all events, each once."""
    with tempfile.TemporaryDirectory() as folder:
        driven = lived(Path(folder), stream, plan, size)
        assert alerts(driven) == oracle.alerts(stream, DEFAULTS)
        driven.seal()
        assert alerts(driven) == oracle.alerts(stream, DEFAULTS)
        driven.close()
