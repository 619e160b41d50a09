"""The SQLite journal keeps the contract; its segments turn over, go, and are never copied back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from footfall import errors
from footfall.journal.base import Journal
from footfall.journal.segment import MAX_PAYLOAD_BYTES, blank
from footfall.journal.sqlite import SqliteJournal
from tests.journal.contract import EVERYTHING, DurableContract, payloads

SMALL = 20_000


class TestContract(DurableContract):
    """On disk, in segments of 20 kB."""

    def open_in(self, folder: Path) -> Journal:
        return SqliteJournal(folder, segment_bytes=SMALL)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], SqliteJournal]]:
    """Opens the journal in the test's folder, as often as wanted."""
    journals: list[SqliteJournal] = []

    def open_again() -> SqliteJournal:
        if journals:
            journals[-1].close()
        journals.append(SqliteJournal(tmp_path, segment_bytes=SMALL))
        return journals[-1]

    yield open_again
    for journal in journals:
        journal.close()


def segments(folder: Path) -> list[int]:
    """The first offsets that the segments' names tell."""
    return sorted(int(file.stem) for file in folder.glob("*.journal"))


def test_a_full_segment_is_followed_by_the_next(opened: Callable[[], SqliteJournal], tmp_path: Path) -> None:
    """Names tell first offsets, a segment is over its bound by one commit at most, reads cross over."""
    journal = opened()
    written = [bytes([number]) * 3_000 for number in range(60)]
    for payload in written:
        journal.append(payload, 1)
    firsts = segments(tmp_path)
    assert len(firsts) > 5
    assert firsts[0] == 1
    assert payloads(journal) == written
    for first in firsts:
        assert payloads(journal, first - 1) == written[first - 1 :]
    assert max(file.stat().st_size for file in tmp_path.glob("*-wal")) < SMALL + 20_000


def test_forgetting_unlinks_whole_segments(opened: Callable[[], SqliteJournal], tmp_path: Path) -> None:
    """Files of forgotten segments are gone, with logs and indexes, also for the next life."""
    journal = opened()
    for _ in range(60):
        journal.append(b"x" * 3_000, 1)
    firsts = segments(tmp_path)
    journal.forget({0: firsts[3] - 1})
    assert segments(tmp_path) == firsts[3:]
    assert {file.name[:16] for file in tmp_path.iterdir()} == {f"{first:016d}" for first in firsts[3:]}
    assert opened().start() == {0: firsts[3] - 1}


def test_an_offset_is_never_given_twice_even_when_all_is_forgotten(opened: Callable[[], SqliteJournal]) -> None:
    """An empty journal remembers where it was."""
    journal = opened()
    for _ in range(5):
        journal.append(b"x" * SMALL, 1)
    journal.forget({0: 5})
    assert opened().append(b"y", 1) == 6


def test_rotate_lets_everything_be_forgotten(opened: Callable[[], SqliteJournal], tmp_path: Path) -> None:
    """After `rotate` and one more commit, nothing of what was there before is on the disk."""
    journal = opened()
    journal.append(b"somebody's secret", 1)
    journal.rotate()
    journal.append(b"z", 1)
    journal.forget({0: 1})
    assert payloads(journal, 1) == [b"z"]
    assert not any(b"secret" in file.read_bytes() for file in tmp_path.iterdir())


def test_nothing_is_written_twice(opened: Callable[[], SqliteJournal], tmp_path: Path) -> None:
    """Neither a full segment nor closing copies a log back into its database: that would double what is written."""
    journal = opened()
    for _ in range(30):
        journal.append(b"x" * 3_000, 1)
    journal.close()
    databases = list(tmp_path.glob("*.journal"))
    assert len(databases) > 1
    assert all(file.read_bytes() == blank() for file in databases)


def test_a_segment_that_sqlite_copied_back_reads_the_same(opened: Callable[[], SqliteJournal], tmp_path: Path) -> None:
    """An operator may look into a segment with the sqlite3 program, whose closing moves the log into the database."""
    journal = opened()
    written = [bytes([number]) * 3_000 for number in range(10)]
    for payload in written:
        journal.append(payload, 1)
    journal.close()
    for file in tmp_path.glob("*.journal"):
        with closing(sqlite3.connect(file)) as program:
            program.execute("SELECT count(*) FROM entry")
    assert not list(tmp_path.glob("*-wal"))
    journal = opened()
    assert payloads(journal) == written
    assert journal.append(b"on", 1) == 11
    assert not journal.recovered
    assert not journal.missing


def test_size_is_what_the_files_hold(opened: Callable[[], SqliteJournal], tmp_path: Path) -> None:
    """Databases and logs together, in this life and the next; the indexes come and go and are left out."""
    journal = opened()
    for _ in range(20):
        journal.append(b"x" * 3_000, 1)
    held = sum(file.stat().st_size for file in tmp_path.iterdir() if not file.name.endswith("-shm"))
    assert journal.size() == opened().size() == held


def test_lag_is_right_from_everywhere(opened: Callable[[], SqliteJournal]) -> None:
    """The running totals agree across segments and lives, at each position."""
    counts = [number % 7 for number in range(40)]
    for life in range(4):
        living = opened()
        for count in counts[life * 10 : life * 10 + 10]:
            living.append(b"x" * (100 * count), count)
    journal = opened()
    for position in range(41):
        left = counts[position:]
        assert journal.lag({0: position}) == (len(left), sum(left), 100 * sum(left))


def test_a_payload_beyond_the_limit_is_refused(opened: Callable[[], SqliteJournal]) -> None:
    """A commit that SQLite can't hold is refused in words, and the next one is stored."""

    class Huge(bytes):
        def __len__(self) -> int:
            return MAX_PAYLOAD_BYTES + 1

    journal = opened()
    with pytest.raises(errors.TooLarge, match="split it"):
        journal.append(Huge(), 1)
    assert journal.append(b"x", 1) == 1


def test_a_newer_format_is_refused_not_misread(opened: Callable[[], SqliteJournal], tmp_path: Path) -> None:
    """A journal written by a later version stops the start with what to do, and stays as it is."""
    opened().append(b"x", 1)
    opened().close()
    (file,) = tmp_path.glob("*.journal")
    with closing(sqlite3.connect(file)) as later:
        later.execute("PRAGMA user_version = 2")
    with pytest.raises(errors.Conflict, match="newer Footfall"):
        SqliteJournal(tmp_path)
    assert [other.name for other in tmp_path.glob("*.journal*") if "damaged" in other.name] == []


def test_other_files_in_the_folder_are_left_alone(opened: Callable[[], SqliteJournal], tmp_path: Path) -> None:
    """Only names of the journal's own form are read or removed."""
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "old.journal").write_text("mine too")
    journal = opened()
    journal.append(b"x", 1)
    assert len(journal.read(0, max_bytes=EVERYTHING)) == 1
    assert (tmp_path / "notes.txt").read_text() + (tmp_path / "old.journal").read_text() == "minemine too"
