"""One file of the SQLite journal: its layout, and how it is made, written, read, cut back, mended and removed.

Which files there are, and when a new one begins, is the concern of `sqlite.py`.

A segment is three files: `N.journal`, the database; `N.journal-wal`, its write-ahead log; `N.journal-shm`, an index of
the log that SQLite makes anew when it is missing. The database is written once, without entries, and every commit lives
in the log: it is never copied back ("checkpointed"), for that would write everything two to four times. So a database
file that was cut or overwritten is simply made again. Where SQLite did copy the log back (it does so when a program
that we do not control closes the file), the database holds the entries, and both forms read the same.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import sqlite3
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from footfall import errors

FORMAT: Final = 1
APPLICATION: Final = 0x466F6F74  # "Foot", in the file's header: `file` and SQLite tell a journal from other databases
PAGE_BYTES: Final = 8192  # 15 % less CPU than 4096 for commits over 100 kB; larger ones only burden small commits
MAX_PAYLOAD_BYTES: Final = 512 * 1024 * 1024  # SQLite's own limit for a value lies near 1 GB

_TABLE = """
CREATE TABLE entry (
    offset   INTEGER PRIMARY KEY,
    count    INTEGER NOT NULL, -- events in this entry
    events   INTEGER NOT NULL, -- events in all entries of the journal up to and with this one
    bytes    INTEGER NOT NULL, -- payload bytes, likewise
    checksum INTEGER NOT NULL,
    payload  BLOB NOT NULL
)
"""
_INSERT = "INSERT INTO entry (offset, count, events, bytes, checksum, payload) VALUES (?, ?, ?, ?, ?, ?)"
_SELECT = """
SELECT offset, count, events, bytes, checksum, payload FROM entry WHERE offset > ? AND offset <= ? ORDER BY offset
"""
_BEFORE = """
SELECT events - count, bytes - length(payload) FROM entry WHERE offset > ? AND offset <= ? ORDER BY offset LIMIT 1
"""
_COVERED = struct.Struct("<Bqqqq")
_LOG_HEADER_BYTES = 32
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Totals(NamedTuple):
    """Events and payload bytes of all entries up to and with some offset."""

    events: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Row:
    """One commit as it stands in a segment; the totals include it."""

    offset: int
    count: int
    totals: Totals
    payload: bytes

    def checksum(self) -> int:
        head = _COVERED.pack(FORMAT, self.offset, self.count, *self.totals)
        return zlib.crc32(self.payload, zlib.crc32(head))


class Damaged(Exception):
    """A segment can't be read any further: its bytes are not what was written."""


def refusal(error: OSError | sqlite3.Error, doing: str) -> errors.Unavailable:
    """What to answer when the medium refuses: the reason in plain words, and when to try again."""
    full = isinstance(error, OSError) and error.errno in _FULL
    if full or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return errors.Unavailable(
            f"the journal could not {doing}: the disk is full; free some space and it goes on by itself", retry_after=5
        )
    return errors.Unavailable(
        f"the journal could not {doing}: the disk answered {str(error)!r}; it goes on by itself once the disk does",
        retry_after=2,
    )


class Writer:
    """The one connection that appends to a segment; every `write` is a transaction of its own, synced."""

    def __init__(self, path: Path) -> None:
        self._log = log_of(path)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA wal_autocheckpoint = 0")
        except sqlite3.Error:
            self._connection.close()
            raise

    def write(self, row: Row) -> None:
        """Return once the row is on the medium."""
        self._connection.execute(_INSERT, (row.offset, row.count, *row.totals, row.checksum(), row.payload))

    def log_bytes(self) -> int:
        """The log's length; after a successful write that is the length which has been synced."""
        return self._log.stat().st_size

    def close(self) -> None:
        """Let go of the files. The log stays only if a `Reader` is open; the last writer would copy it back."""
        self._connection.close()


class Reader:
    """A connection that only reads, and so leaves a segment's log where it is when it is the last to close.

    Raises `errors.Unavailable` when the medium does not answer, `Damaged` when it answers nonsense and
    `errors.Conflict` when a newer Footfall wrote the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._judged():
            self._connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False)
        try:
            with self._judged():
                # First, for anything else would refuse a file that was cut; with this it is read as far as it goes.
                self._connection.execute("PRAGMA writable_schema = ON")
                self._connection.execute("PRAGMA synchronous = OFF")  # nothing is written, so nothing needs a sync
                application = self._connection.execute("PRAGMA application_id").fetchone()[0]
                written_by = self._connection.execute("PRAGMA user_version").fetchone()[0]
            if application == APPLICATION and written_by > FORMAT:
                raise errors.Conflict(
                    f"{path.name} is in format {written_by} of a newer Footfall; this one reads up to format {FORMAT}: "
                    "start the newer version on this folder"
                )
        except BaseException:
            self._connection.close()
            raise

    def rows(self, after: int, upto: int) -> Iterator[Row]:
        """The rows with `after` < offset ≤ `upto`, in order; those with a wrong checksum are left out and told last."""
        unsound = []
        with self._judged(), contextlib.closing(self._connection.execute(_SELECT, (after, upto))) as found:
            for offset, count, events, total_bytes, checksum, payload in found:
                row = Row(offset, count, Totals(events, total_bytes), payload)
                if _sound(row, checksum):
                    yield row
                else:
                    unsound.append(offset)
        if unsound:
            raise Damaged(f"{self.path.name}: wrong checksums at offsets {unsound}")

    def before(self, after: int, upto: int) -> Totals | None:
        """The totals before the first entry with `after` < offset ≤ `upto`, if there is one."""
        with self._judged():
            found = self._connection.execute(_BEFORE, (after, upto)).fetchone()
        return None if found is None else Totals(*found)

    def close(self) -> None:
        self._connection.close()

    @contextlib.contextmanager
    def _judged(self) -> Iterator[None]:
        """Tell bytes that are wrong (reading again can't help) from a medium that does not answer (it can)."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
            if code & 0xFF in _DAMAGE:
                raise Damaged(f"{self.path.name}: {error}") from error
            raise refusal(error, f"read {self.path.name}") from error


def _sound(row: Row, checksum: int) -> bool:
    try:
        return row.checksum() == checksum
    except (TypeError, struct.error):  # damage can turn a number into text
        return False


@functools.cache
def blank() -> bytes:
    """The database file of a segment: the table without entries, marked as one that has a write-ahead log."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute(_TABLE)
        image = bytearray(connection.serialize())
    image[18] = image[19] = 2  # https://www.sqlite.org/fileformat.html#file_format_version_numbers
    return bytes(image)


def create(path: Path) -> None:
    """Write a segment without entries, whole and synced under its name, or not at all (OSError)."""
    draft = path.with_name(path.name + ".new")
    try:
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(file, blank())
            os.fsync(file)
        finally:
            os.close(file)
        if draft.stat().st_size != len(blank()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # a short write is how a disk says that it is full
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def log_of(path: Path) -> Path:
    """The write-ahead log of a segment."""
    return path.with_name(path.name + "-wal")


def index_of(path: Path) -> Path:
    """SQLite's index of that log."""
    return path.with_name(path.name + "-shm")


def length(path: Path) -> int:
    """The bytes of one file, 0 when it is not there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def weight(path: Path) -> int:
    """The bytes that a segment takes on the medium, its index left out, which comes and goes."""
    return length(path) + length(log_of(path))


def cut_log(path: Path, keep: int) -> None:
    """Shorten the log to its first `keep` bytes, so that what follows them never comes back after a restart.

    No connection may be open: each would go on with its own idea of the log's length.
    """
    file = os.open(log_of(path), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.ftruncate(file, keep)
        os.fsync(file)
    finally:
        os.close(file)


def mend(path: Path) -> bool:
    """Replace a database file that is not blank by one that is, if its log may hold the entries; say whether it did.

    The old file stays beside it, as `….damaged`. Nothing may have the segment open.
    """
    held = length(path)
    if length(log_of(path)) <= _LOG_HEADER_BYTES or (held == len(blank()) and path.read_bytes() == blank()):
        return False
    if held:
        path.rename(_aside(path))
    create(path)
    return True


def set_aside(path: Path) -> None:
    """Keep a segment under a name at which nothing looks, `….damaged`: no part of it can be read."""
    aside = _aside(path)
    path.rename(aside)
    log_of(path).rename(log_of(aside))
    index_of(path).unlink(missing_ok=True)
    sync_folder(path.parent)


def _aside(path: Path) -> Path:
    name = f"{path.name}.damaged"
    taken = sum(1 for _ in path.parent.glob(f"{name}*"))
    return path.with_name(f"{name}.{taken}" if taken else name)


def remove(path: Path) -> None:
    """Unlink a segment. The caller syncs the folder.

    The database goes first: SQLite then sees that the file was taken away, and no close copies the log back.
    """
    for file in (path, log_of(path), index_of(path)):
        file.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make names that appeared in or vanished from `folder` durable."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
