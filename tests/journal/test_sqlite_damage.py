"""A segment cut or overwritten anywhere gives whole commits, a clean start and a plain report, never an exception.

These cuts are harsher than any crash: what was synced is taken away. They stand for a disk or a copy that went wrong.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from footfall import errors
from footfall.journal.segment import PAGE_BYTES, blank
from footfall.journal.sqlite import SqliteJournal
from tests.journal.contract import EVERYTHING, payloads

FIRST = "0000000000000001.journal"
WRITTEN = [b"one", b"two" * 40, b"three" * 900, b"four" * 10, b"five" * 2_100]
FRAME = 24 + PAGE_BYTES


@dataclass(frozen=True)
class Original:
    """A journal as it was before the damage: its folder, and how long its log was after each commit."""

    folder: Path
    lengths: list[int]

    def copy_to(self, folder: Path) -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        return folder / FIRST


@pytest.fixture
def original(tmp_path: Path) -> Original:
    folder = tmp_path / "original"
    lengths = []
    journal = SqliteJournal(folder)
    for payload in WRITTEN:
        journal.append(payload, 1)
        lengths.append((folder / f"{FIRST}-wal").stat().st_size)
    journal.close()
    (folder / f"{FIRST}-shm").unlink()
    return Original(folder, lengths)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Thousands of expected reports are not worth keeping."""
    caplog.set_level(logging.CRITICAL)


def assert_goes_on(folder: Path, expected: list[bytes]) -> None:
    """The journal opens with exactly these payloads, takes another, and holds them all in the life after."""
    for payload in (b"after the damage", b"and again"):
        journal = SqliteJournal(folder)
        assert payloads(journal) == expected
        assert journal.end() == {0: len(expected)}
        assert journal.append(payload, 1) == len(expected) + 1
        expected = [*expected, payload]
        assert payloads(journal) == expected
        journal.close()


def some_of(size: int, marks: Iterable[int]) -> list[int]:
    """Cut points: both sides of every mark, and a sample of what lies between."""
    near = {mark + step for mark in marks for step in (-1, 0, 1)}
    return sorted(point for point in near | set(range(0, size, 509)) | set(range(0, 40, 3)) if 0 <= point < size)


def test_a_log_cut_anywhere_keeps_the_commits_before_the_cut(original: Original, tmp_path: Path) -> None:
    """Exactly those commits are left whose last byte lies before the cut."""
    size = original.lengths[-1]
    for point in some_of(size, [*original.lengths, *range(32, size, FRAME)]):
        log = original.copy_to(tmp_path / "cut").with_name(f"{FIRST}-wal")
        with log.open("r+b") as file:
            file.truncate(point)
        assert_goes_on(tmp_path / "cut", WRITTEN[: sum(length <= point for length in original.lengths)])


def test_a_database_cut_anywhere_loses_nothing(original: Original, tmp_path: Path) -> None:
    """All entries are in the log, so the database is made again, and what was left of it is kept aside."""
    for point in some_of(len(blank()), [PAGE_BYTES]):
        database = original.copy_to(tmp_path / "cut")
        with database.open("r+b") as file:
            file.truncate(point)
        journal = SqliteJournal(tmp_path / "cut")
        assert journal.recovered == (f"{FIRST} was cut; it was made again from its log",)
        journal.close()
        assert_goes_on(tmp_path / "cut", WRITTEN)
        assert [file.stat().st_size for file in (tmp_path / "cut").glob("*.damaged")] == ([point] if point else [])


def test_a_missing_database_loses_nothing(original: Original, tmp_path: Path) -> None:
    """A log whose database was deleted still holds its entries."""
    original.copy_to(tmp_path / "cut").unlink()
    assert_goes_on(tmp_path / "cut", WRITTEN)


@pytest.mark.parametrize("where", [0, 20, 100, PAGE_BYTES, PAGE_BYTES + 8])
def test_an_overwritten_database_loses_nothing(original: Original, tmp_path: Path, where: int) -> None:
    """Garbage in the database file, however SQLite words its complaint, is replaced, and kept aside."""
    database = original.copy_to(tmp_path / "cut")
    with database.open("r+b") as file:
        file.seek(where)
        file.write(b"\xa5" * 64)
    assert_goes_on(tmp_path / "cut", WRITTEN)


def test_a_cut_database_with_copied_back_entries_serves_whole_commits(tmp_path: Path) -> None:
    """Where SQLite had moved the log into the database, a cut leaves whole commits, and every hole is told."""
    written = [bytes([number]) * 700 for number in range(60)]
    with closing(SqliteJournal(tmp_path)) as journal:
        for payload in written:
            journal.append(payload, 1)
    with closing(sqlite3.connect(tmp_path / FIRST)) as program:
        program.execute("SELECT count(*) FROM entry")
    image = (tmp_path / FIRST).read_bytes()
    left = set()
    for number, point in enumerate(range(0, len(image), PAGE_BYTES // 2 + 1)):
        cut = tmp_path / f"cut{number}"
        cut.mkdir()
        (cut / FIRST).write_bytes(image[:point])
        with closing(SqliteJournal(cut)) as journal:
            found = {entry.offset: entry.payload for entry in journal.read(0, max_bytes=EVERYTHING)}
            assert journal.recovered
            holes = {offset for hole in journal.missing for offset in hole}
            end = max(found, default=0)
            assert found == {offset: written[offset - 1] for offset in range(1, end + 1) if offset not in holes}
            assert journal.append(b"on", 1) == end + 1
        with closing(SqliteJournal(cut)) as journal:
            assert payloads(journal) == [*found.values(), b"on"]
        left.add(len(found))
    assert len(left) > 5


@pytest.mark.slow
def test_every_single_byte_of_a_small_log_may_be_the_last(tmp_path: Path) -> None:
    """At each byte of two commits: the whole ones are there, and the next offset follows them."""
    folder = tmp_path / "original"
    with closing(SqliteJournal(folder)) as journal:
        journal.append(b"one", 1)
        first = (folder / f"{FIRST}-wal").stat().st_size
        journal.append(b"two", 1)
    log = (folder / f"{FIRST}-wal").read_bytes()
    for point in range(len(log)):
        (folder / f"{FIRST}-wal").write_bytes(log[:point])
        with closing(SqliteJournal(folder)) as journal:
            expected = [b"one"] if point >= first else []
            assert payloads(journal) == expected
            assert journal.end() == {0: len(expected)}


def test_a_flipped_byte_is_never_served(original: Original, tmp_path: Path) -> None:
    """A changed payload fails its checksum: the entries around it are served, and the hole is reported."""
    database = original.copy_to(tmp_path / "flipped")
    with closing(sqlite3.connect(database)) as program:
        program.execute("SELECT count(*) FROM entry")
    image = bytearray(database.read_bytes())
    image[image.index(b"two")] ^= 1
    database.write_bytes(image)
    with closing(SqliteJournal(tmp_path / "flipped")) as journal:
        assert payloads(journal) == [WRITTEN[0], *WRITTEN[2:]]
        assert journal.missing == (range(2, 3),)
        assert journal.append(b"on", 1) == 6


def test_a_hole_in_an_older_segment_is_passed_and_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What was acknowledged after the hole is still served; which offsets are gone is logged, and told once."""
    caplog.set_level(logging.INFO)
    with closing(SqliteJournal(tmp_path, segment_bytes=12_000)) as journal:
        for number in range(12):
            journal.append(bytes([number]) * 4_000, 1)
    firsts = sorted(int(file.stem) for file in tmp_path.glob("*.journal"))
    assert len(firsts) >= 4
    log = tmp_path / f"{firsts[1]:016d}.journal-wal"
    log.write_bytes(log.read_bytes()[:4_000])
    with closing(SqliteJournal(tmp_path)) as journal:
        lost = range(firsts[1], firsts[2])
        for _ in range(2):
            served = [entry.offset for entry in journal.read(0, max_bytes=EVERYTHING)]
            assert served == [offset for offset in range(1, 13) if offset not in lost]
        assert journal.missing == (lost,)
        assert caplog.text.count(f"entries {lost.start} to {lost.stop - 1} are lost") == 1
        assert journal.append(b"on", 1) == 13


def test_offsets_that_readers_remember_are_not_given_again(original: Original, tmp_path: Path) -> None:
    """A journal shorter than a saved position goes on behind that position, so the reader misses nothing new."""
    log = original.copy_to(tmp_path / "cut").with_name(f"{FIRST}-wal")
    log.write_bytes(log.read_bytes()[: original.lengths[1]])
    for _ in range(2):  # also when nothing was appended in the life that found it out
        journal = SqliteJournal(tmp_path / "cut", remembered=5)
        assert journal.end() == {0: 5}
        assert not journal.wait(5, timeout=0)
        assert "entries up to 5 have been read" in journal.recovered[0]
        journal.close()
    with closing(SqliteJournal(tmp_path / "cut", remembered=5)) as journal:
        assert journal.append(b"new", 1) == 6
        assert payloads(journal, 5) == [b"new"]
        assert payloads(journal) == [*WRITTEN[:2], b"new"]
        assert journal.missing == (range(3, 6),)


def test_a_saved_position_at_the_end_is_no_damage(original: Original, tmp_path: Path) -> None:
    """The ordinary start: readers had read everything."""
    original.copy_to(tmp_path / "whole")
    with closing(SqliteJournal(tmp_path / "whole", remembered=5)) as journal:
        assert not journal.recovered
        assert journal.append(b"new", 1) == 6


def test_damage_while_running_is_told_to_the_reader(tmp_path: Path) -> None:
    """When all that is left to read turned bad after the start, a read says so: a reader must not wait in vain."""
    with closing(SqliteJournal(tmp_path)) as journal:
        journal.append(b"marker" + b"x" * 8_000_000, 1)  # more than SQLite keeps in memory
    with closing(sqlite3.connect(tmp_path / FIRST)) as program:
        program.execute("SELECT count(*) FROM entry")
    with closing(SqliteJournal(tmp_path)) as journal:
        image = bytearray((tmp_path / FIRST).read_bytes())
        image[3_000_000] ^= 1
        (tmp_path / FIRST).write_bytes(image)
        with pytest.raises(errors.Unavailable, match="entries 1 to 1 are damaged"):
            journal.read(0, max_bytes=EVERYTHING)


def test_a_half_made_segment_is_cleared_away(original: Original, tmp_path: Path) -> None:
    """A crash while a segment is being made, or forgotten, leaves nothing that disturbs the next start."""
    original.copy_to(tmp_path / "half")
    (tmp_path / "half" / "0000000000000006.journal.new").write_bytes(blank()[:100])
    (tmp_path / "half" / "0000000000000000.journal-shm").write_bytes(b"\0" * 32_768)
    (tmp_path / "half" / "0000000000000000.journal-wal").write_bytes(b"")
    assert_goes_on(tmp_path / "half", WRITTEN)
    names = {file.name[:16] for file in (tmp_path / "half").iterdir()}
    assert names == {f"{first:016d}" for first in (1, 6, 7)}
