"""What readers see while others write: every row exactly once, all tables at the same moment."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from footfall.errors import Unavailable
from footfall.lake.lake import Lake
from footfall.lake.view import Snapshot, View
from tests.lake.rows import NOON, events, rejected, sessions


@pytest.fixture
def view(tmp_path: Path) -> View:
    return View(Lake.open(tmp_path / "lake"))


def seen(snapshot: Snapshot, table: str = "events") -> list[str]:
    """Ids of all rows of a snapshot, files and tail, sorted."""
    column = {"events": "event_id", "sessions": "session_id", "rejected": "rejected_id"}[table]
    held = [pq.ParquetFile(file.path).read(columns=[column]).column(0) for file in snapshot.files[table]]
    return sorted(name for part in (*held, snapshot.tail[table].column(column)) for name in part.to_pylist())


def test_the_tail_is_seen_before_during_and_after_its_commit(view: View) -> None:
    """Appended rows are visible at once, stay so while they are a sealed unit, and after it is committed."""
    view.append("events", events([1]))
    assert seen(view.snapshot()) == ["1"]
    sealed = view.seal()
    view.append("events", events([2]))
    assert seen(view.snapshot()) == ["1", "2"]
    view.commit(sealed, app_id="live", version=1)
    after = view.snapshot()
    assert seen(after) == ["1", "2"]
    assert [file.rows for file in after.files["events"]] == [1]
    assert after.tail["events"].column("event_id").to_pylist() == ["2"]


def test_a_snapshot_never_changes(view: View) -> None:
    """What was taken stays as it was, whatever is appended, committed, merged or replaced later."""
    view.append("events", events([1]))
    early = view.snapshot()
    view.commit(view.seal(), app_id="live", version=1)
    for version in range(2, 6):
        view.commit_rows("events", events([version]), app_id="live", version=version)
    middle = view.snapshot()
    view.compact("events")
    view.replace("events", [events(["new"])], app_id="rebuild", version=1)
    view.vacuum("events", 0)
    assert (seen(early), seen(middle)) == (["1"], ["1", "2", "3", "4", "5"])
    assert seen(view.snapshot()) == ["new"]


def test_vacuum_deletes_when_the_last_snapshot_is_gone(view: View, tmp_path: Path) -> None:
    """Files are kept for the snapshots that are held, and for no longer."""
    for version in range(1, 5):
        view.commit_rows("events", events([version]), app_id="live", version=version)
    held = view.snapshot().with_rows("sessions", sessions([("s:live", NOON, 1, False)]))
    view.compact("events")
    assert view.vacuum("events", 0) == 0
    assert seen(held) == ["1", "2", "3", "4"]
    del held
    assert view.vacuum("events", 0) == 4
    assert seen(view.snapshot()) == ["1", "2", "3", "4"]


def test_rows_of_several_tables_come_and_move_together(view: View) -> None:
    """A batch's events, sessions and rejected appear in one moment, and a failing table leaves all in the tail."""
    view.extend({"events": events([1]), "sessions": sessions([("s:a", NOON, 1, False)]), "rejected": rejected([1])})
    state = view.snapshot()
    assert [seen(state, table) for table in ("events", "sessions", "rejected")] == [["1"], ["s:a"], ["1"]]
    view.commit(view.seal(), app_id="live", version=1)
    after = view.snapshot()
    assert [len(after.files[table]) for table in ("events", "sessions", "rejected")] == [1, 1, 1]


def test_a_commit_that_fails_halfway_is_finished_by_the_next_try(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tables, the second refused by the disk: readers see each row once before, between and after."""
    view.extend({"events": events([1]), "rejected": rejected([1])})
    sealed = view.seal()
    real = os.fsync

    def broken(descriptor: int) -> None:
        if "/rejected/" in os.fsdecode(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(5, "Input/output error")
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        with pytest.raises(Unavailable):
            view.commit(sealed, app_id="live", version=1)
    assert (view.committed("events", "live"), view.committed("rejected", "live")) == (1, None)
    assert (seen(view.snapshot()), seen(view.snapshot(), "rejected")) == (["1"], ["1"])
    view.commit_rows("events", events([2]), app_id="import", version=1)
    assert seen(view.snapshot()) == ["1", "2"]
    view.commit(sealed, app_id="live", version=1)
    assert (seen(view.snapshot()), seen(view.snapshot(), "rejected")) == (["1", "2"], ["1"])
    assert view.snapshot().tail["events"].num_rows == 0


def test_a_unit_that_an_earlier_life_committed_is_not_seen_twice(view: View, tmp_path: Path) -> None:
    """After a restart the same rows may be replayed under the same version: the files win."""
    view.append("events", events([1]))
    view.commit(view.seal(), app_id="live", version=5)
    again = View(Lake.open(tmp_path / "lake"))
    again.append("events", events([1]))
    again.commit(again.seal(), app_id="live", version=5)
    assert seen(again.snapshot()) == ["1"]


def test_replace_keeps_the_tail(view: View) -> None:
    """Replacing is of committed rows; rows that are in no file yet stay as they are."""
    view.commit_rows("sessions", sessions([("s:old", NOON, 1, False)]), app_id="live", version=1)
    view.append("sessions", sessions([("s:tail", NOON, 2, False)]))
    assert view.replace("sessions", [sessions([("s:new", NOON, 3, False)])], app_id="rebuild", version=1)
    assert seen(view.snapshot(), "sessions") == ["s:new", "s:tail"]
    assert not view.replace("sessions", [], app_id="rebuild", version=1)


def test_files_of_a_project_are_found_without_looking_at_others(view: View) -> None:
    """A snapshot gives each project its own files only."""
    for version, project in enumerate(("shop", "forms", "shop"), 1):
        view.commit_rows("events", events([version], project=project), app_id="live", version=version)
    snapshot = view.snapshot()
    assert [file.rows for file in snapshot.files_of("events", "shop")] == [1, 1]
    assert snapshot.files_of("events", "none") == ()
    assert len(snapshot.files_of("events", None)) == 3


def test_many_small_appends_stay_few_pieces(view: View) -> None:
    """A thousand appends of single rows keep their order and do not become a thousand chunks."""
    for number in range(1000):
        view.append("events", events([f"{number:04}"]))
    tail = view.snapshot().tail["events"]
    assert tail.column("event_id").to_pylist() == [f"{number:04}" for number in range(1000)]
    assert tail.column("event_id").num_chunks <= 12


def test_wrong_columns_are_refused_at_the_door(view: View) -> None:
    """Rows without a table's columns, or with nulls where there must be none, never get into the tail."""
    with pytest.raises(KeyError):
        view.append("events", pa.table({"event_id": ["1"]}))
    nameless = events([1]).set_column(2, "name", pa.array([None], pa.string()))
    with pytest.raises(ValueError, match="null"):
        view.append("events", nameless)


def test_readers_always_count_a_prefix(view: View) -> None:
    """While a writer appends, seals, commits and merges, every reader sees rows 1…n without gap or double.

    n never falls, and the sessions of the same moment are those of the same n.
    """
    total, failures, done = 150, [], threading.Event()

    def read() -> None:
        last = 0
        while not done.is_set() or last < total:
            snapshot = view.snapshot()
            found = [int(name) for name in seen(snapshot)]
            marks = [int(name.removeprefix("s:")) for name in seen(snapshot, "sessions")]
            if sorted(found) != list(range(1, len(found) + 1)) or sorted(marks) != sorted(found) or len(found) < last:
                failures.append((sorted(found), sorted(marks), last))
                return
            last = len(found)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, total + 1):
        view.extend({"events": events([number]), "sessions": sessions([(f"s:{number}", NOON, 1, False)])})
        if number % 10 == 0:
            view.commit(view.seal(), app_id="live", version=number)
        if number % 50 == 0:
            view.compact("events")
            view.vacuum("events", 0)
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []


def test_a_file_that_is_not_shown_yet_is_not_merged(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    """Merging while only the events of a unit are committed shows no row twice, then or later."""
    for version in range(1, 5):
        view.commit_rows("events", events([version]), app_id="live", version=version)
    view.extend({"events": events([5]), "rejected": rejected(["r"])})
    unit = view.seal()
    append = view._lake.append

    def refusing(table: str, *args: object, **kwargs: object) -> object:
        if table == "rejected":
            raise Unavailable("disk full")
        return append(table, *args, **kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(view._lake, "append", refusing)
        with pytest.raises(Unavailable):
            view.commit(unit, app_id="live", version=5)
    assert view.compact("events") == 4
    assert seen(view.snapshot()) == ["1", "2", "3", "4", "5"]
    view.commit(unit, app_id="live", version=5)
    assert seen(view.snapshot()) == ["1", "2", "3", "4", "5"]


def test_a_retired_view_changes_nothing_and_waits_for_those_who_do(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is being committed through it is in the lake before the next view is made; who comes later is refused."""
    append, begun, go_on = view._lake.append, threading.Event(), threading.Event()

    def slow(*args: object, **kwargs: object) -> object:
        begun.set()
        go_on.wait(5)
        return append(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(view._lake, "append", slow)
    writer = threading.Thread(
        target=view.commit_rows, args=("events", events([1])), kwargs={"app_id": "import", "version": 0}
    )
    writer.start()
    assert begun.wait(5)
    assert not view.retire(timeout=0.01)
    go_on.set()
    assert view.retire(timeout=5)
    writer.join()
    assert seen(View(view._lake).snapshot()) == ["1"]
    with pytest.raises(Unavailable, match="restarted"):
        view.commit_rows("events", events([2]), app_id="import", version=1)
    with pytest.raises(Unavailable, match="restarted"):
        view.compact("events")
