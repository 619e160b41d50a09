"""The processor and the lake thread: what was acknowledged is readable exactly once, whatever crashed on the way."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.events.event import Event, Rejected
from footfall.journal.memory import MemoryJournal
from footfall.settings import Settings
from tests.live.passes import DEEDS, Deed, HandDriven, journalled, lived, readable, rows
from tests.sessions import oracle
from tests.sessions.equality import assert_same
from tests.sessions.streams import BEGIN_US, HOUR_US, deduplicated, streams


def check(driven: HandDriven, stream: list[Event]) -> None:
    """Readers see each event once, and the oracle's sessions."""
    kept = deduplicated(stream)
    snapshot = driven.processor.snapshot()
    ids = sorted((row["project_id"], row["event_id"]) for row in rows(snapshot, "events").to_pylist())
    assert ids == sorted((event.project_id, event.event_id) for event in kept)
    assert_same(readable(snapshot, "sessions"), oracle.sessions(kept), names=("live", "oracle"))


@settings(max_examples=60)
@given(streams(), DEEDS, st.integers(1, 7))
def test_a_crash_at_any_step_replays_to_the_same_state(stream: list[Event], plan: list[Deed], size: int) -> None:
    """Killed between any two steps of a sealing, any number of times: no event lost, none twice, the same sessions."""
    with tempfile.TemporaryDirectory() as folder:
        driven = lived(Path(folder), stream, plan, size)
        check(driven, stream)
        driven.seal()
        check(driven, stream)
        driven.close()


def visit(name: str, at_us: int, received_us: int, **fields: object) -> Event:
    """An event of visitor v."""
    known: dict[str, object] = {"visitor_id": "v", "event_id": f"{name}{at_us}{received_us}"} | fields
    ts_us, received_us = BEGIN_US + at_us, BEGIN_US + received_us
    return Event(project_id="default", name=name, ts_us=ts_us, received_us=received_us, **known)  # type: ignore[arg-type]


def test_what_left_the_memory_is_corrected_within_the_lateness_and_counted_as_late_after_it(tmp_path: Path) -> None:
    """A session closed and evicted takes an event 20 h after its last arrival, and none 30 h after that."""
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal)
    journalled(journal, [visit("view", 0, 0)])
    journalled(journal, [visit("view", 2 * HOUR_US, 2 * HOUR_US, visitor_id="other")])
    driven.work_off()
    driven.seal()
    assert "v:default/v" not in driven.live.processor._state.sessions
    journalled(journal, [visit("cart", 60_000_000, 20 * HOUR_US)])
    driven.work_off()
    (mine,) = (row for row in readable(driven.processor.snapshot(), "sessions") if row["owner"] == "v:v")
    assert (mine["total_events"], mine["cart_count"], mine["visitor_class"]) == (2, 1, "browser")
    journalled(journal, [visit("view", 50 * HOUR_US, 50 * HOUR_US, visitor_id="other")])
    driven.work_off()
    driven.seal()
    journalled(journal, [visit("purchase", 120_000_000, 51 * HOUR_US)])
    driven.work_off()
    (mine,) = (row for row in readable(driven.processor.snapshot(), "sessions") if row["owner"] == "v:v")
    assert mine["purchase_count"] == 0
    assert driven.processor._state.counters.late == 1
    assert rows(driven.processor.snapshot(), "events").num_rows == 5
    driven.seal()
    (kept,) = driven.live._state_file.load(["v:default/v"]).values()
    assert (len(kept.sessions), len(kept.elsewhere)) == (0, 1)
    driven.close()


def test_duplicates_are_found_after_a_restart(tmp_path: Path) -> None:
    """The ids that the checkpoint remembers count in the next life."""
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal)
    event = visit("view", 0, 0)
    journalled(journal, [event])
    driven.work_off()
    driven.seal()
    driven.close()
    driven = HandDriven(tmp_path, journal)
    journalled(journal, [replace(event, received_us=BEGIN_US + HOUR_US)])
    driven.work_off()
    assert rows(driven.processor.snapshot(), "events").num_rows == 1
    assert driven.processor._state.counters.duplicates == 1
    driven.close()


def test_the_journal_forgets_only_what_a_checkpoint_holds(tmp_path: Path) -> None:
    """Until the checkpoint is written, everything can be replayed."""
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal)
    journalled(journal, [visit("view", 0, 0)])
    driven.work_off()
    driven.seal(steps=3)
    assert journal.start() == {0: 0}
    driven.close()
    driven = HandDriven(tmp_path, journal)
    driven.work_off()
    driven.seal()
    assert journal.start() == {0: 1}
    driven.close()


def test_rejected_events_are_kept_once_over_a_crash(tmp_path: Path) -> None:
    """Killed after the lake took them and before the checkpoint: they are not written again."""
    journal = MemoryJournal()
    refused = Rejected(
        project_id="default", rejected_id="r", received_us=BEGIN_US, reason="no-name", detail="", source="http"
    )
    driven = HandDriven(tmp_path, journal)
    journalled(journal, [], [refused])
    driven.work_off()
    driven.seal(steps=3)
    driven.close()
    driven = HandDriven(tmp_path, journal)
    driven.work_off()
    assert rows(driven.processor.snapshot(), "rejected").num_rows == 1
    driven.close()


def test_the_tail_is_bounded_while_the_lake_refuses(tmp_path: Path) -> None:
    """A lake that takes nothing stops the processor, not the memory: what is not taken stays in the journal."""
    journal = MemoryJournal()
    small = Settings(lake_commit_rows=1_000, lake_commit_seconds=3600.0)
    driven = HandDriven(tmp_path, journal, small)
    for number in range(160):
        journalled(journal, [visit("view", i, i, event_id=f"{number}-{i}") for i in range(500)])
    for _ in range(20):
        driven.processor.turn()
    held = rows(driven.processor.snapshot(), "events").num_rows
    one_batch, bound = 16_384 + 500, 8_000
    assert bound <= held <= 2 * (bound + one_batch)
    assert driven.processor.offset < 160
    driven.close()


def test_a_sealing_without_anything_new_is_not_made(tmp_path: Path) -> None:
    """An idle installation writes nothing."""
    driven = HandDriven(tmp_path, MemoryJournal(), Settings(lake_commit_seconds=0.1))
    driven.processor.turn()
    assert driven.processor._sealing is None
    driven.close()
