"""What the lake promises of a commit: durable in the right order, once a version, whole or not at all."""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from footfall.errors import Conflict, Unavailable
from footfall.lake.delta import LOG_HOURS
from footfall.lake.lake import Lake
from footfall.lake.layout import DAY_US, EVENTS_LAYOUT, LAYOUTS
from footfall.lake.table import LakeTable, Version
from tests.lake.reading import ids, parquet_files, stored
from tests.lake.rows import NOON, events, rejected, sessions


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(tmp_path / "lake")


@pytest.fixture
def few_commits(monkeypatch: pytest.MonkeyPatch) -> int:
    """Commits after which there is a checkpoint; fewer than in earnest."""
    monkeypatch.setattr("footfall.lake.table.CHECKPOINT_COMMITS", 4)
    return 4


def opened(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}").readlink()


def log_entries(folder: Path, table: str = "events") -> list[Path]:
    return sorted((folder / table / "_delta_log").glob("*.json"))


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("events", events(range(5))),
        ("sessions", sessions([("v:a@1", NOON, 1, False), ("s:b", NOON + 1, 1, False)])),
        ("rejected", rejected(range(3))),
    ],
)
def test_other_readers_find_what_was_committed(lake: Lake, tmp_path: Path, table: str, rows: pa.Table) -> None:
    """A committed table reads back through deltalake with the same columns, types and rows."""
    assert lake.commit(table, rows, app_id="live", version=1)
    found = stored(tmp_path / "lake", table)
    assert found.schema.names == LAYOUTS[table].schema.names
    key = LAYOUTS[table].order[0]
    assert found.cast(rows.schema).sort_by(key).to_pylist() == rows.sort_by(key).to_pylist()


def test_columns_say_what_they_mean(lake: Lake, tmp_path: Path) -> None:
    """The Delta table carries the struct's descriptions, so that other tools show them."""
    del lake
    fields = {field.name: field for field in DeltaTable(str(tmp_path / "lake" / "events")).schema().fields}
    assert fields["ts_us"].metadata["comment"].startswith("When it happened")
    assert all(field.metadata.get("comment") for name, field in fields.items() if name != "day")


def test_rows_lie_in_the_partition_of_their_project_and_utc_day(lake: Lake) -> None:
    """Each file holds one project and one UTC day, also for times before 1970 and at midnight."""
    midnight = NOON - DAY_US // 2
    rows = pa.concat_tables(
        [
            events(["late"], ts_us=midnight - 1),
            events(["early"], ts_us=midnight),
            events(["other"], ts_us=midnight, project="forms"),
            events(["old"], ts_us=-1),
        ]
    )
    lake.commit("events", rows, app_id="live", version=1)
    found = {(file.project_id, file.day): (file.rows, file.min_us, file.max_us) for file in lake.files("events")}
    assert found == {
        ("shop", "2024-10-03"): (1, midnight - 1, midnight - 1),
        ("shop", "2024-10-04"): (1, midnight, midnight),
        ("forms", "2024-10-04"): (1, midnight, midnight),
        ("shop", "1969-12-31"): (1, -1, -1),
    }


def test_rows_of_a_large_file_are_sorted_for_later_questions(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a row group events lie by name, visitor (null first) and time, whatever order they came in."""
    monkeypatch.setattr("footfall.lake.layout.ROW_GROUP_ROWS", 39)
    nobody = events(["x"]).set_column(5, "visitor_id", pa.array([None], pa.string()))
    rows = pa.concat_tables([events(range(20), name="view"), nobody, events(range(20, 40), name="cart", step_us=-1)])
    lake.commit("events", rows, app_id="live", version=1)
    found = stored(tmp_path / "lake", "events").select(EVENTS_LAYOUT.order).to_pylist()
    keys = [(row["name"], row["visitor_id"] or "", row["ts_us"]) for row in found]
    assert keys == sorted(keys)


def test_a_version_is_committed_once(lake: Lake, tmp_path: Path) -> None:
    """The same version again, or an older one, does nothing, also after a restart; app ids are apart."""
    assert lake.commit("events", events([1]), app_id="live", version=7)
    assert not lake.commit("events", events([2]), app_id="live", version=7)
    again = Lake.open(tmp_path / "lake")
    assert not again.commit("events", events([2]), app_id="live", version=6)
    assert again.commit("events", events([3]), app_id="import", version=7)
    assert (again.committed("events", "live"), again.committed("events", "never")) == (7, None)
    assert again.committed("rejected", "live") is None
    assert ids(tmp_path / "lake") == ["1", "3"]


def test_no_rows_still_note_the_version(lake: Lake) -> None:
    """A commit of nothing makes no file, but its version is there."""
    assert lake.commit("rejected", rejected([]), app_id="live", version=3)
    assert (lake.committed("rejected", "live"), lake.files("rejected")) == (3, ())


def test_everything_is_synced_before_the_commit_returns(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Data file, then its folders up to the table, then the log entry, then the log's folder; the last one last."""
    root = tmp_path / "lake" / "events"
    synced: list[str] = []
    real = os.fsync

    def noting(descriptor: int) -> None:
        name = opened(descriptor).relative_to(root).as_posix()
        entry = root / "_delta_log" / "00000000000000000001.json"
        if not name.startswith("_delta_log"):
            assert not entry.exists(), f"{name} was synced after the log entry was written"
        synced.append("data" if name.endswith(".parquet") else name)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    lake.commit("events", events([1]), app_id="live", version=1)
    day = "project_id=shop/day=2024-10-04"
    assert synced == ["data", day, "project_id=shop", ".", "_delta_log/00000000000000000001.json", "_delta_log"]


def test_later_commits_sync_only_what_is_new(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders that are known to be durable are not synced again, but those whose names changed are."""
    lake.commit("events", events([1]), app_id="live", version=1)
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(opened(descriptor).name))
    lake.commit("events", events([2]), app_id="live", version=2)
    assert synced[0].endswith(".parquet")
    assert synced[1:] == ["day=2024-10-04", "00000000000000000002.json", "_delta_log"]


@pytest.mark.parametrize("failing", range(6))
def test_a_failed_sync_leaves_nothing_and_the_next_try_succeeds(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """Whichever of a commit's syncs fails, the commit is refused, no reader sees it, and it can be made again."""
    lake.commit("events", events([0]), app_id="live", version=1)
    real, calls = os.fsync, 0

    def full(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == failing + 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    rows = events([1], ts_us=NOON + DAY_US)  # a new day: new folders
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        if failing < 5:
            with pytest.raises(Unavailable, match="No space left"):
                lake.commit("events", rows, app_id="live", version=2)
    if failing < 5:
        assert ids(tmp_path / "lake") == ["0"]
        assert lake.committed("events", "live") == 1
        assert {file.path for file in lake.files("events")} == parquet_files(tmp_path / "lake")
    assert lake.commit("events", rows, app_id="live", version=2)
    assert ids(Path(tmp_path / "lake")) == ["0", "1"]


def test_a_commit_that_cannot_be_taken_back_is_never_confirmed(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the medium refuses everything each call says so; once it works again the table is as before."""
    with monkeypatch.context() as patch:

        def broken(descriptor: int) -> None:
            if "_delta_log" in str(opened(descriptor)):
                raise OSError(errno.EIO, "Input/output error")

        patch.setattr(os, "fsync", broken)
        with pytest.raises(Unavailable, match="Input/output error"):
            lake.commit("events", events([1]), app_id="live", version=1)
        with pytest.raises(Unavailable, match="taken back"):
            lake.committed("events", "live")
    assert lake.committed("events", "live") is None
    assert lake.commit("events", events([1]), app_id="live", version=1)
    assert ids(tmp_path / "lake") == ["1"]


def test_threads_commit_to_one_table(lake: Lake, tmp_path: Path) -> None:
    """Commits from several threads all arrive, each once."""

    def run(app: int) -> None:
        for version in range(1, 6):
            lake.commit("events", events([f"{app}-{version}"]), app_id=f"app{app}", version=version)

    threads = [threading.Thread(target=run, args=(app,)) for app in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ids(tmp_path / "lake") == sorted(f"{app}-{version}" for app in range(4) for version in range(1, 6))
    assert [lake.committed("events", f"app{app}") for app in range(4)] == [5] * 4


def test_a_commit_by_another_writer_is_kept(lake: Lake, tmp_path: Path) -> None:
    """An entry that another tool wrote meanwhile neither gets lost nor stops ours."""
    lake.commit("events", events([1]), app_id="live", version=1)
    rows = events([2]).append_column("day", pa.array(["2024-10-04"]))
    write_deltalake(str(tmp_path / "lake" / "events"), rows, mode="append")
    assert lake.commit("events", events([3]), app_id="live", version=2)
    found = DeltaTable(str(tmp_path / "lake" / "events")).to_pyarrow_table().column("event_id").to_pylist()
    assert sorted(found) == ["1", "2", "3"]


@pytest.mark.parametrize("left", [0, 1, 100, -1])
def test_a_last_log_entry_cut_short_is_removed(
    lake: Lake, tmp_path: Path, caplog: pytest.LogCaptureFixture, left: int
) -> None:
    """After a crash of the machine the last, never confirmed entry may be short or empty: it goes, loudly."""
    for version in (1, 2):
        lake.commit("events", events([version]), app_id="live", version=version)
    last = log_entries(tmp_path / "lake")[-1]
    last.write_bytes(last.read_bytes()[:left])
    with caplog.at_level(logging.ERROR):
        again = Lake.open(tmp_path / "lake")
    assert str(last) in caplog.text
    assert (again.committed("events", "live"), ids(tmp_path / "lake")) == (1, ["1"])
    assert again.commit("events", events([2]), app_id="live", version=2)
    assert ids(tmp_path / "lake") == ["1", "2"]


def test_an_entry_cut_between_its_actions_is_seen(lake: Lake, tmp_path: Path) -> None:
    """An entry that lost whole lines can be parsed; it says how many there should be."""
    lake.commit("events", events([1]), app_id="live", version=1)
    last = log_entries(tmp_path / "lake")[-1]
    last.write_bytes(b"".join(last.read_bytes().splitlines(keepends=True)[:-1]))
    assert Lake.open(tmp_path / "lake").committed("events", "live") is None
    assert ids(tmp_path / "lake") == []


def test_more_damage_than_a_crash_makes_is_refused(lake: Lake, tmp_path: Path) -> None:
    """Two damaged entries are no crash: nothing is removed beyond the last, and the error names the file."""
    for version in (1, 2):
        lake.commit("events", events([version]), app_id="live", version=version)
    for entry in log_entries(tmp_path / "lake")[-2:]:
        entry.write_bytes(b"")
    with pytest.raises(Conflict, match=r"00000000000000000001\.json"):
        Lake.open(tmp_path / "lake")


def test_a_table_whose_first_entry_was_cut_is_made_anew(tmp_path: Path) -> None:
    """A crash while a table is made leaves nothing that was promised."""
    Lake.open(tmp_path / "lake")
    log_entries(tmp_path / "lake")[0].write_bytes(b'{"commitInfo":{"oper')
    assert Lake.open(tmp_path / "lake").commit("events", events([1]), app_id="live", version=1)
    assert ids(tmp_path / "lake") == ["1"]


def test_the_log_is_summed_up(lake: Lake, tmp_path: Path, few_commits: int) -> None:
    """Every so many commits there is a checkpoint; opening from it shows the same."""
    for version in range(1, few_commits + 3):
        lake.commit("events", events([version]), app_id="live", version=version)
    log = tmp_path / "lake" / "events" / "_delta_log"
    assert list(log.glob("*.checkpoint.parquet"))
    again = Lake.open(tmp_path / "lake")
    assert set(again.files("events")) == set(lake.files("events"))
    assert again.committed("events", "live") == few_commits + 2


@pytest.mark.parametrize("damaged", ["checkpoint", "pointer", "both"])
def test_a_checkpoint_cut_short_is_done_without(lake: Lake, tmp_path: Path, few_commits: int, damaged: str) -> None:
    """A checkpoint that a crash cut short, or the pointer to it, goes; its entries are still there."""
    for version in range(1, few_commits + 3):
        lake.commit("rejected", rejected([version]), app_id="live", version=version)
    log = tmp_path / "lake" / "rejected" / "_delta_log"
    if damaged != "pointer":
        (checkpoint,) = log.glob("*.checkpoint.parquet")
        checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    if damaged != "checkpoint":
        (log / "_last_checkpoint").write_bytes(b"")
    again = Lake.open(tmp_path / "lake")
    assert set(again.files("rejected")) == set(lake.files("rejected"))
    assert again.commit("rejected", rejected(["new"]), app_id="live", version=1000)


def test_a_table_with_deletion_vectors_is_refused(tmp_path: Path) -> None:
    """A table that another tool gave features which Footfall would read wrongly is refused, by name."""
    Lake.open(tmp_path / "lake")
    entry = tmp_path / "lake" / "events" / "_delta_log" / "00000000000000000001.json"
    entry.write_text(
        '{"protocol":{"minReaderVersion":3,"minWriterVersion":7,'
        '"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors"]}}\n'
    )
    with pytest.raises(Conflict, match="deletionVectors"):
        Lake.open(tmp_path / "lake")


def test_a_newer_column_is_added_and_an_unknown_one_refused(tmp_path: Path) -> None:
    """A table from before a column existed gets it, null in old rows; one that knows more than us is refused."""
    columns = [column for column in EVENTS_LAYOUT.schema if column.name != "metadata"]
    plain = tuple(name for name in EVENTS_LAYOUT.plain if name != "metadata")
    older = replace(EVENTS_LAYOUT, schema=pa.schema(columns), plain=plain)
    folder = tmp_path / "lake"
    LakeTable(folder / "events", older).append(events([1]), Version("live", 1))
    lake = Lake.open(folder)
    assert [file.complete for file in lake.files("events")] == [False]
    assert lake.commit("events", events([2]), app_id="live", version=2)
    found = DeltaTable(str(folder / "events")).to_pyarrow_table().select(["event_id", "metadata"]).to_pylist()
    assert sorted(row["event_id"] for row in found if row["metadata"] is None) == ["1", "2"]
    assert [file.complete for file in Lake.open(folder).files("events")].count(True) == 1
    with pytest.raises(Conflict, match="metadata"):
        LakeTable(folder / "events", older)


def test_expired_entries_are_forgotten(lake: Lake, tmp_path: Path, few_commits: int) -> None:
    """Entries from before the log's memory go with the next checkpoint, and the table is as before."""
    long_ago = time.time() - (LOG_HOURS + 1) * 3600
    for version in range(1, few_commits + 1):
        lake.commit("events", events([version]), app_id="live", version=version)
    for entry in log_entries(tmp_path / "lake"):
        os.utime(entry, (long_ago, long_ago))
    for checkpoint in (tmp_path / "lake" / "events" / "_delta_log").glob("*.checkpoint.parquet"):
        os.utime(checkpoint, (long_ago, long_ago))
    for version in range(few_commits + 1, 2 * few_commits + 2):
        lake.commit("events", events([version]), app_id="live", version=version)
    assert len(log_entries(tmp_path / "lake")) <= few_commits + 2
    again = Lake.open(tmp_path / "lake")
    assert set(again.files("events")) == set(lake.files("events"))
    assert again.committed("events", "live") == 2 * few_commits + 1
