"""Alerts in the live pass: kept with the checkpoint, readable at once, the same after any crash."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.events.event import Event
from footfall.fraud.batch import COLUMNS
from footfall.journal.memory import MemoryJournal
from tests.fraud import oracle
from tests.fraud.streams import suspicious
from tests.live.passes import STEPS, HandDriven, journalled, readable

DEFAULTS = oracle.of_settings()
deeds = st.lists(st.tuples(st.sampled_from(["work", "seal", "crash"]), st.integers(0, STEPS)), max_size=8)


def alerts(driven: HandDriven) -> set[tuple[object, ...]]:
    """What readers see, bookkeeping left out."""
    rows = readable(driven.processor.snapshot(), "alerts")
    return {tuple(row[name] for name in COLUMNS) for row in rows}


@settings(max_examples=60)
@given(suspicious(), deeds, st.integers(1, 7))
def test_a_crash_at_any_step_replays_to_the_same_alerts(
    stream: list[Event], plan: list[tuple[str, int]], size: int
) -> None:
    """Killed between any two steps of a sealing, any number of times: the alerts of all events, each once."""
    journal = MemoryJournal()
    batches = [stream[i : i + size] for i in range(0, len(stream), size)]
    with tempfile.TemporaryDirectory() as folder:
        driven = HandDriven(Path(folder), journal)
        for deed, steps in plan:
            if batches:
                journalled(journal, batches.pop(0))
            driven.work_off()
            if deed != "work":
                driven.seal(steps=steps if deed == "crash" else STEPS)
            if deed == "crash":
                driven.close()
                driven = HandDriven(Path(folder), journal)
        for batch in batches:
            journalled(journal, batch)
        driven.work_off()
        assert alerts(driven) == oracle.alerts(stream, DEFAULTS)
        driven.seal()
        assert alerts(driven) == oracle.alerts(stream, DEFAULTS)
        driven.close()
