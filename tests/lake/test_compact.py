"""Maintenance: replacing, merging small files and deleting old ones, seen from the files themselves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.errors import Unavailable
from footfall.lake import compact as merging
from footfall.lake.heavy import OutOfMemory
from footfall.lake.lake import Lake
from footfall.lake.layout import DAY_US
from footfall.lake.merge import Merged, Task, merge
from tests.lake.reading import ids, parquet_files, stored
from tests.lake.rows import NOON, State, events, sessions


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(tmp_path / "lake")


def actions(folder: Path, table: str, version: int) -> list[dict[str, dict[str, object]]]:
    entry = folder / table / "_delta_log" / f"{version:020}.json"
    return [json.loads(line) for line in entry.read_text().splitlines()]


def visible(rows: pa.Table) -> dict[str, int]:
    """{session id: revision} as readers must see it, in plain Python."""
    newest: dict[str, tuple[int, bool]] = {}
    for row in rows.select(["session_id", "revision", "deleted"]).to_pylist():
        if row["session_id"] not in newest or newest[row["session_id"]][0] < row["revision"]:
            newest[row["session_id"]] = (row["revision"], row["deleted"])
    return {name: revision for name, (revision, deleted) in newest.items() if not deleted}


def test_replace_swaps_all_rows_in_one_entry(lake: Lake, tmp_path: Path) -> None:
    """One log entry removes every old file and adds the new ones; the version is noted."""
    for version in (1, 2):
        lake.commit("sessions", sessions([(f"s:{version}", NOON, 1, False)]), app_id="live", version=version)
    fresh = [sessions([("s:new", NOON, 9, False)]), sessions([("s:newer", NOON + DAY_US, 9, False)])]
    assert lake.replace("sessions", iter(fresh), app_id="rebuild", version=1)
    assert ids(tmp_path / "lake", "sessions", "session_id") == ["s:new", "s:newer"]
    kinds = [next(iter(action)) for action in actions(tmp_path / "lake", "sessions", 3)]
    assert sorted(kinds) == ["add", "add", "commitInfo", "remove", "remove", "txn"]
    assert lake.replace("sessions", iter(fresh), app_id="rebuild", version=1) is None


def test_replace_reads_a_stream(lake: Lake, tmp_path: Path) -> None:
    """A RecordBatchReader, which Ibis and DuckDB give, is taken as it is."""
    rows = events(range(10))
    reader = pa.RecordBatchReader.from_batches(rows.schema, rows.to_batches(max_chunksize=3))
    assert lake.replace("events", reader, app_id="rebuild", version=1)
    assert len(ids(tmp_path / "lake")) == 10


def test_a_replacement_that_breaks_off_changes_nothing(lake: Lake, tmp_path: Path) -> None:
    """When the rows stop with an error the old ones are all there, and no new file is left."""
    lake.commit("events", events([1]), app_id="live", version=1)
    before = parquet_files(tmp_path / "lake")

    def rows() -> Sequence[pa.Table]:
        raise Unavailable("the engine broke off")

    with pytest.raises(Unavailable):
        lake.replace("events", (rows()[0] for _ in range(1)), app_id="rebuild", version=1)
    assert (ids(tmp_path / "lake"), parquet_files(tmp_path / "lake")) == (["1"], before)


def test_rows_committed_during_a_replacement_stay(lake: Lake, tmp_path: Path) -> None:
    """What is committed while a replacement is written is not among the rows that it replaces."""
    lake.commit("events", events(["old"]), app_id="live", version=1)

    def rows() -> Sequence[pa.Table]:
        lake.commit("events", events(["meanwhile"]), app_id="live", version=2)
        return [events(["new"])]

    lake.replace("events", (table for _ in range(1) for table in rows()), app_id="rebuild", version=1)
    assert ids(tmp_path / "lake") == ["meanwhile", "new"]


def test_small_files_become_one_with_the_same_rows(lake: Lake, tmp_path: Path) -> None:
    """Merging keeps every row, says in the log that no data changed, and leaves other partitions alone."""
    for version in range(1, 6):
        lake.commit("events", events([version, f"b{version}"]), app_id="live", version=version)
    lake.commit("events", events(["other"], ts_us=NOON + DAY_US), app_id="live", version=6)
    before = stored(tmp_path / "lake", "events").sort_by("event_id")
    (change,) = lake.compact("events")
    assert (len(change.removed), len(change.added)) == (5, 1)
    assert stored(tmp_path / "lake", "events").sort_by("event_id").equals(before)
    moved = [action for action in actions(tmp_path / "lake", "events", 7) if "commitInfo" not in action]
    assert {next(iter(action.values()))["dataChange"] for action in moved} == {False}
    assert list(lake.compact("events")) == []


def test_large_files_are_not_merged(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a row group's rows are whole; small ones are merged up to so many rows at a time."""
    monkeypatch.setattr(merging, "ROW_GROUP_ROWS", 10)
    monkeypatch.setattr(merging, "MERGED_ROWS", 12)
    lake.commit("events", events(range(10)), app_id="live", version=1)
    for version in range(2, 10):
        lake.commit("events", events(range(version * 100, version * 100 + 3)), app_id="live", version=version)
    list(lake.compact("events"))
    assert sorted(file.rows for file in lake.files("events")) == [10, 12, 12]


def test_merged_rows_lie_in_the_tables_order(lake: Lake, tmp_path: Path) -> None:
    """However few they are: questions then skip what they need not read, and like lies beside like."""
    for version in range(1, 5):
        lake.commit("events", events(range(9), name=f"n{version % 2}"), app_id="live", version=version)
    list(lake.compact("events"))
    found = stored(tmp_path / "lake", "events").select(["name", "visitor_id", "ts_us"]).to_pylist()
    assert found == sorted(found, key=lambda row: tuple(row.values()))


def test_a_large_file_is_not_written_anew_for_a_few_rows(lake: Lake) -> None:
    """Files are merged with their like, so a row is written anew a few times, not with every few that come."""
    lake.commit("events", events(range(1000)), app_id="live", version=1)
    for version in range(2, 8):
        lake.commit("events", events(range(version * 1000, version * 1000 + 20)), app_id="live", version=version)
    list(lake.compact("events"))
    assert sorted(file.rows for file in lake.files("events")) == [120, 1000]


def test_what_needs_too_much_memory_is_merged_in_parts(lake: Lake, tmp_path: Path) -> None:
    """When the process that merges must not take as much as a group needs, halves of it are merged."""
    for version in range(1, 9):
        lake.commit("events", events([version]), app_id="live", version=version)

    def narrow(task: Task) -> Merged:
        if len(task.files) > 3:
            raise OutOfMemory("too much")
        return merge(task)

    list(lake.compact("events", by=narrow))
    assert sorted(file.rows for file in lake.files("events")) == [2, 2, 2, 2]
    assert ids(tmp_path / "lake") == [str(version) for version in range(1, 9)]


STATES = st.lists(
    st.tuples(
        st.sampled_from(["s:a", "s:b", f"v:c@{NOON}", f"v:d@{NOON + DAY_US}"]),
        st.sampled_from([NOON, NOON + DAY_US]),
        st.booleans(),
    ),
    min_size=1,
    max_size=24,
)


@settings(max_examples=25)
@given(states=STATES, cut=st.integers(0, 24), held=st.integers(0, 3))
def test_merging_sessions_changes_nothing_that_readers_see(
    tmp_path_factory: pytest.TempPathFactory, states: list[tuple[str, int, bool]], cut: int, held: int
) -> None:
    """Superseded rows and settled tombstones may go; a session neither comes back to life nor vanishes.

    The last rows are not committed yet (in any order of revisions), as after an import that overtook the tail.
    """
    found: list[State] = [
        (name, int(name.split("@")[1]) if "@" in name else start, revision, deleted)
        for revision, (name, start, deleted) in enumerate(states, 1)
    ]
    first, rest = found[:cut], found[cut:]
    tail, committed = sessions(rest[:held]), [*first, *rest[held:]]
    folder = tmp_path_factory.mktemp("lake")
    lake = Lake.open(folder)
    for version, state in enumerate(committed, 1):
        lake.commit("sessions", sessions([state]), app_id="live", version=version)

    def everything() -> pa.Table:
        rows = stored(folder, "sessions")
        return pa.concat_tables([rows.cast(tail.schema), tail]) if rows.num_rows else tail

    before = visible(everything())
    list(merging.compact(lake._tables["sessions"], pending=tail.column("session_id"), fewest=2))
    assert visible(everything()) == before


def test_settled_tombstones_go(lake: Lake, tmp_path: Path) -> None:
    """Where nothing older of an id is left anywhere, its tombstone goes too, and the log says data changed."""
    for version, deleted in enumerate((False, False, False, True), 1):
        lake.commit("sessions", sessions([("s:a", NOON, version, deleted)]), app_id="live", version=version)
    list(lake.compact("sessions"))
    assert stored(tmp_path / "lake", "sessions").num_rows == 0
    moved = [action for action in actions(tmp_path / "lake", "sessions", 5) if "remove" in action]
    assert [action["remove"]["dataChange"] for action in moved] == [True] * 4


def test_a_tombstone_stays_while_an_older_row_lies_in_another_day(lake: Lake, tmp_path: Path) -> None:
    """A client session whose start moved has rows in two days: the tombstone must outlive the older one."""
    lake.commit("sessions", sessions([("s:a", NOON + DAY_US, 1, False)]), app_id="live", version=1)
    for revision in range(2, 6):
        lake.commit("sessions", sessions([("s:a", NOON, revision, True)]), app_id="live", version=revision)
    list(lake.compact("sessions"))
    assert visible(stored(tmp_path / "lake", "sessions")) == {}
    assert stored(tmp_path / "lake", "sessions").num_rows == 2


def test_vacuum_deletes_only_what_no_young_version_has(lake: Lake, tmp_path: Path) -> None:
    """Files that were merged away lately stay for readers elsewhere; orphans and older ones go."""
    for version in range(1, 5):
        lake.commit("events", events([version]), app_id="live", version=version)
    list(lake.compact("events"))
    orphan = tmp_path / "lake" / "events" / "project_id=shop" / "day=2024-10-04" / "left-by-a-crash.parquet"
    orphan.write_bytes(b"PAR1")
    assert lake.vacuum("events", 3600) == 1
    assert not orphan.exists()
    assert len(parquet_files(tmp_path / "lake")) == 5
    kept = next(path for path in parquet_files(tmp_path / "lake") if path not in {f.path for f in lake.files("events")})
    assert lake.vacuum("events", 0, keep=lambda: [kept]) == 3
    assert lake.vacuum("events", 0) == 1
    assert ids(tmp_path / "lake") == ["1", "2", "3", "4"]
    with pytest.raises(ValueError, match="remembers 2 hours"):
        lake.vacuum("events", 3 * 3600)


def test_vacuum_leaves_files_that_are_being_committed(lake: Lake, tmp_path: Path) -> None:
    """A file that is written but not in the log yet is nobody's litter."""

    def rows() -> Sequence[pa.Table]:
        return [events(["first"]), events(["second"])]

    table = lake._tables["events"]
    with table._draft() as draft:
        table._write(draft, table._parts(rows()[0]))
        assert lake.vacuum("events", 0) == 0
        table._commit(draft, (), version=None, changes_data=True)
    assert ids(tmp_path / "lake") == ["first"]
