"""Imports are exact: whatever crashes, whatever is repeated, however exports overlap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from footfall.errors import BadRequest, NotFound
from footfall.events.record import Record
from footfall.imports import Options, Outcome, Progress, chunks, column_map, send, service
from footfall.imports.models import State
from footfall.imports.readers import BY_NAME
from footfall.imports.service import Imports
from tests.imports.storage import Crash, DirectApi, LakeStorage

HEADER = "time,event,user_id,price\n"


def row(second: int, user: str, price: str = "") -> str:
    return f"2019-10-01 00:00:{second:02},view,{user},{price}\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Thirteen rows: ten different ones, one of them three times, and one broken."""
    path = tmp_path / "log.csv"
    rows = [row(second, f"u{second % 3}") for second in range(10)] + [row(4, "u1")] + ["broken\n"] + [row(4, "u1")]
    path.write_text(HEADER + "".join(rows))
    return path


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LakeStorage:
    """An empty store; a chunk has four rows."""
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 4)
    (tmp_path / "data").mkdir()
    storage = LakeStorage(tmp_path / "data")
    monkeypatch.setattr(service, "write_private", storage.write_private)
    return storage


def import_into(storage: LakeStorage, path: Path, options: Options = BY_NAME) -> Outcome:
    """As a new process would: nothing is known but what lasts."""
    return send(DirectApi(Imports(storage)), path, column_map(None, [], []), options=options)


def figures(outcome: Outcome) -> tuple[int, int, int, int]:
    return outcome.read, outcome.stored, outcome.duplicate, outcome.rejected


def booked(storage: LakeStorage) -> tuple[int, ...]:
    """What the books say: received, duplicates, rejected, bots."""
    rows = storage.rows("books")
    assert {row["way"] for row in rows} == {"files"}
    return tuple(sum(row[name] for row in rows) for name in ("received", "duplicates", "rejected", "bots"))


def stored_users(storage: LakeStorage) -> Counter[str]:
    return Counter(event["user_id"] for event in storage.rows("events"))


def test_equal_rows_are_events_of_their_own(storage: LakeStorage, log: Path) -> None:
    """Three equal rows are three events; the broken one is kept with its line."""
    assert figures(import_into(storage, log)) == (13, 12, 0, 1)
    assert stored_users(storage) == {"u0": 4, "u1": 5, "u2": 3}
    assert len({event["event_id"] for event in storage.rows("events")}) == 12
    [broken] = storage.rows("rejected")
    assert (broken["line"], broken["reason"], broken["body"]) == (13, "not-an-object", "broken")
    assert broken["detail"] == "row has 1 of 4 columns"


def test_importing_again_adds_nothing(storage: LakeStorage, log: Path) -> None:
    """The same file, or its rows in another order: all are duplicates, and the broken row is kept once."""
    import_into(storage, log)
    again = import_into(storage, log)
    assert (again.run, *figures(again)) == (2, 13, 0, 12, 1)
    header, *rows = log.read_text().splitlines(keepends=True)
    shuffled = log.with_name("other.csv")
    shuffled.write_text("".join([header, *reversed(rows)]))
    assert figures(import_into(storage, shuffled)) == (13, 0, 12, 1)
    assert len(storage.rows("events")) == 12
    assert len(storage.rows("rejected")) == 1


def test_projects_may_give_their_imports_the_same_name(storage: LakeStorage) -> None:
    """The name of an import is its project's own: no other is stopped by it, goes on with it or learns of it."""
    imports = Imports(storage)
    ours = imports.begin("ours", "same", "our log")
    with pytest.raises(NotFound):
        imports.state("theirs", "same")
    theirs = imports.begin("theirs", "same", "their log")
    assert (ours.label, theirs.label) == ("our log", "their log")
    assert imports.state("ours", "same") == ours
    assert ours.app_id != theirs.app_id


def test_an_overlapping_export_adds_what_is_new(storage: LakeStorage, log: Path) -> None:
    """Of an export that begins in the middle and goes further, only the further rows are stored."""
    import_into(storage, log)
    rows = log.read_text().splitlines(keepends=True)
    later = log.with_name("later.csv")
    later.write_text("".join([HEADER, *rows[5:11], row(30, "u9"), row(30, "u9")]))
    assert figures(import_into(storage, later)) == (8, 2, 6, 0)
    assert stored_users(storage)["u9"] == 2


def test_the_parts_of_a_folder_are_one_log(storage: LakeStorage, tmp_path: Path) -> None:
    """Equal rows in two parts are two events; the broken row of a part has its own file and line."""
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "1.csv").write_text(HEADER + row(1, "a") + row(2, "b"))
    (folder / "2.csv").write_text(HEADER + row(1, "a") + "x\n")
    assert figures(import_into(storage, folder)) == (4, 3, 0, 1)
    [broken] = storage.rows("rejected")
    assert (broken["source"], broken["line"]) == ("2.csv", 3)


def test_ids_of_the_file_are_kept_and_count_once(storage: LakeStorage, tmp_path: Path) -> None:
    """Rows that state their id need no other: a second row with it, here or in another chunk, is a duplicate."""
    path = tmp_path / "ids.csv"
    rows = [f"2019-10-01 00:00:{n:02},view,u,e{n % 6}\n" for n in range(12)]
    path.write_text("time,event,user_id,event_id\n" + "".join(rows))
    assert figures(import_into(storage, path)) == (12, 6, 6, 0)
    assert sorted(event["event_id"] for event in storage.rows("events")) == [f"e{n}" for n in range(6)]


def test_a_sender_is_told_how_far_it_is(storage: LakeStorage, log: Path) -> None:
    """Rows grow chunk by chunk; once all are in, it is said that sessions are being computed."""
    told: list[Progress] = []
    send(DirectApi(Imports(storage)), log, column_map(None, [], []), progress=told.append)
    assert [(now.rows, now.computing) for now in told] == [(4, False), (8, False), (12, False), (13, False), (13, True)]
    assert told[-1].done == told[-1].size == log.stat().st_size


def test_large_rows_come_in_smaller_chunks(storage: LakeStorage, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk that the server would refuse is parted, down to single rows, with the same outcome."""
    parted: list[int] = []
    store = Imports.store

    def noted(self: Imports, project_id: str, import_id: str, chunk: int, record: Record) -> State:
        parted.append(len(record.events) + len(record.rejected))
        return store(self, project_id, import_id, chunk, record)

    monkeypatch.setattr(Imports, "store", noted)
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1)
    assert figures(import_into(storage, log)) == (13, 12, 0, 1)
    assert parted == [1] * 13
    assert figures(import_into(storage, log)) == (13, 0, 12, 1)


def test_every_touched_owner_is_computed_anew(storage: LakeStorage, log: Path) -> None:
    """At the end, the owners of what this run stored, and no others."""
    import_into(storage, log)
    assert storage.owners == ["u:u0", "u:u1", "u:u2"]
    storage.owners.clear()
    more = log.with_name("more.csv")
    more.write_text(HEADER + row(1, "u1") + row(50, "u7"))
    import_into(storage, more)
    assert storage.owners == ["u:u7"]


def test_owners_of_a_large_import_are_looked_up_in_shares(
    storage: LakeStorage, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them once."""
    monkeypatch.setattr(service, "_EVENTS_OF_A_SHARE", 4)
    import_into(storage, log)
    assert sorted(storage.owners) == ["u:u0", "u:u1", "u:u2"]


def test_a_crash_at_any_step_changes_nothing_in_the_end(
    storage: LakeStorage, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before or after anything that lasts, the same command again completes the import with exact counts."""
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 7)
    import_into(storage, log)
    last = storage.steps  # behind the last thing that lasts the import is finished
    for crash_at in range(1, last):
        folder = tmp_path / f"crash-{crash_at}"
        folder.mkdir()
        hurt = LakeStorage(folder)
        monkeypatch.setattr(service, "write_private", hurt.write_private)
        hurt.crash_at = crash_at
        with pytest.raises(Crash):
            import_into(hurt, log)
        assert figures(import_into(hurt, log)) == (13, 12, 0, 1), crash_at
        events = hurt.rows("events")
        assert len({event["event_id"] for event in events}) == len(events) == 12
        assert len(hurt.rows("rejected")) == 1
        assert set(hurt.owners) == {"u:u0", "u:u1", "u:u2"}
        assert booked(hurt) == (13, 0, 1, 0), crash_at
        hurt.crash_at = None
        import_into(hurt, log)  # all of it again: the broken row, too, was kept before
        assert booked(hurt) == (26, 13, 1, 0), crash_at


def test_a_file_that_is_cut_off_gives_what_it_has(storage: LakeStorage, tmp_path: Path) -> None:
    """Its rows are stored and their sessions computed before the error is told."""
    path = tmp_path / "a.parquet"
    path.write_bytes(b"")
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "1.csv").write_text(HEADER + "".join(row(n, "a") for n in range(6)))
    (folder / "2.parquet").write_bytes(b"cut")
    with pytest.raises(BadRequest, match=r"2\.parquet can't be read"):
        import_into(storage, folder)
    assert stored_users(storage) == {"a": 6}
    assert storage.owners == ["u:a"]


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text(path.read_text() + row(40, "u5")),
        lambda path: path.touch(),
    ],
)
def test_a_changed_file_is_another_import(storage: LakeStorage, log: Path, change: Callable[[Path], object]) -> None:
    """A file that changed after a crash is read from its beginning, and still nothing counts twice."""
    storage.crash_at = 9
    with pytest.raises(Crash):
        import_into(storage, log)
    change(log)
    import_into(storage, log)
    users = stored_users(storage)
    del users["u5"]
    assert users == {"u0": 4, "u1": 5, "u2": 3}
