"""What may go wrong between two lives of the live pass: replays behind the lake, odd owners, media that refuse."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from footfall.errors import Unavailable
from footfall.events.event import Rejected
from footfall.journal.memory import MemoryJournal
from footfall.journal.sqlite import SqliteJournal
from footfall.lake.lake import Lake
from footfall.live.committer import INCOMPLETE
from footfall.node.live import LivePass, known_offset, saved_offset
from footfall.settings import Settings
from tests.live.passes import KEY, SETTINGS, HandDriven, journalled, readable, rows
from tests.live.test_processor import visit
from tests.sessions.streams import BEGIN_US, HOUR_US


def refused(number: int) -> Rejected:
    """A refused event."""
    return Rejected(
        project_id="default", rejected_id=f"r{number}", received_us=BEGIN_US, reason="no_name", detail="", source="http"
    )


def test_no_table_loses_rows_when_crashes_leave_the_lakes_tables_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between two tables of a commit, and again while that is replayed: all rows are there."""
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal)
    for number in range(1, 6):
        journalled(journal, [visit("view", number, number)], [refused(number)])
    driven.work_off()
    append = driven.lake.append

    def refusing(table: str, *args: object, **kwargs: object) -> object:
        if table == "rejected":
            raise Unavailable("disk full")
        return append(table, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(driven.lake, "append", refusing)
    with pytest.raises(Unavailable):
        driven.seal()
    driven.close()
    hurried = HandDriven(tmp_path, journal)
    hurried.processor._sealed_at = float("-inf")
    hurried.processor._take(journal.read(0, max_bytes=1 << 20)[:3])
    if hurried.processor._seal_due():
        hurried.seal(steps=3)
    hurried.close()
    last = HandDriven(tmp_path, journal)
    last.work_off()
    snapshot = last.processor.snapshot()
    assert sorted(row["rejected_id"] for row in rows(snapshot, "rejected").to_pylist()) == [
        f"r{number}" for number in range(1, 6)
    ]
    assert rows(snapshot, "events").num_rows == 5
    last.close()


def test_a_journal_cut_before_the_lakes_end_takes_new_events_behind_it(tmp_path: Path) -> None:
    """Killed before the checkpoint, then the log is cut: what the lake has stays, and new events come behind it."""
    driven = HandDriven(tmp_path, MemoryJournal())
    for number in range(1, 7):
        journalled(driven.journal, [visit("view", number, number)])
    driven.work_off()
    driven.seal(steps=3)
    driven.close()
    assert (saved_offset(tmp_path), known_offset(tmp_path, driven.lake)) == (0, 6)
    with closing(SqliteJournal(tmp_path / "journal")) as journal:
        for number in range(1, 4):
            journalled(journal, [visit("view", number, number)])
    with closing(SqliteJournal(tmp_path / "journal", remembered=known_offset(tmp_path, driven.lake))) as journal:
        live = LivePass(tmp_path, journal=journal, lake=driven.lake, settings=SETTINGS, key=KEY)
        live.start()
        assert live.wait_recovered(30)
        live.processor.flush(timeout=30)
        assert journalled(journal, [visit("cart", 7, 7)]) == 7
        assert live.processor.wait_for(7, timeout=30)
        live.processor.flush(timeout=30)
        assert rows(live.processor.snapshot(), "events").num_rows == 7
        assert live.processor.definition == INCOMPLETE, "a rebuild is due, and /ready says so"
        assert live.stop(flush=False)
    assert saved_offset(tmp_path) == 7


def test_an_owner_with_a_zero_character_keeps_its_past(tmp_path: Path) -> None:
    """U+0000 in an id is a character as any other: a session that had left the memory goes on with all its events."""
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal)
    journalled(journal, [visit("view", 0, 0, session_id="a\0b")])
    journalled(journal, [visit("view", 0, 2 * HOUR_US, session_id="other")])
    driven.work_off()
    driven.seal()
    assert "s:default/a\0b" not in driven.processor._state.sessions
    journalled(journal, [visit("cart", 1, 3 * HOUR_US, session_id="a\0b")])
    driven.work_off()
    (mine,) = (row for row in readable(driven.processor.snapshot(), "sessions") if row["session_id"] == "s:a\0b")
    assert (mine["total_events"], mine["view_count"], mine["cart_count"]) == (2, 1, 1)
    driven.close()


def test_a_state_file_that_refuses_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk under state.db ends no thread: the commit waits, says why, and is made when there is room."""
    journal = MemoryJournal()
    live = LivePass(tmp_path, journal=journal, lake=Lake.open(tmp_path / "lake"), settings=SETTINGS, key=KEY)
    note = live._state_file.note_revision
    refusals = [sqlite3.OperationalError("database or disk is full")] * 2

    def refusing(revision: int) -> None:
        if refusals:
            raise refusals.pop()
        note(revision)

    monkeypatch.setattr(live._state_file, "note_revision", refusing)
    live.start()
    journalled(journal, [visit("view", 0, 0)])
    assert live.wait_recovered(5)
    live.processor.flush(timeout=10)
    assert (refusals, live.processor.dead) == ([], False)
    assert live.stop(flush=False)


def test_who_waits_for_a_pass_that_dies_is_told_at_once(tmp_path: Path) -> None:
    """A flush that is asked of a dead pass ends with the pass, not with its own patience."""
    journal = MemoryJournal()
    live = LivePass(tmp_path, journal=journal, lake=Lake.open(tmp_path / "lake"), settings=SETTINGS, key=KEY)
    live.start()
    journal.append(b"no record", 1)
    assert not live.processor.wait_for(1, timeout=5)
    told = threading.Event()

    def ask() -> None:
        with pytest.raises(Unavailable):
            live.processor.flush(timeout=600)
        told.set()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    assert live.stop(flush=False)
    assert told.wait(5)
    with pytest.raises(Unavailable):
        live.processor.call(lambda: None).result(5)


def test_a_row_that_is_due_outlives_a_lateness_shorter_than_the_gap(tmp_path: Path) -> None:
    """A session that is open for longer than events may be late is still readable after a restart."""
    settings = Settings(lake_commit_seconds=3600.0, session_gap_minutes=24 * 60, lateness_hours=1)
    journal = MemoryJournal()
    driven = HandDriven(tmp_path, journal, settings)
    journalled(journal, [visit("view", 0, 0)])
    journalled(journal, [visit("view", 0, 2 * HOUR_US, visitor_id="other")])
    driven.work_off()
    driven.seal()
    driven.close()
    again = HandDriven(tmp_path, journal, settings)
    assert sorted(str(row["owner"]) for row in readable(again.processor.snapshot(), "sessions")) == ["v:other", "v:v"]
    again.close()
