"""The checkpoint of the live pass: one SQLite file that holds state and journal offsets, saved together.

A checkpoint is one transaction. Most add the sessions that changed as one block, which is quick; now and then the
blocks are folded into a row for each owner. From these rows a late event's session is loaded, long after it has left
the memory, so sessions may leave it only after a fold.
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, product
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec
from msgspec import Struct

from footfall.errors import Unavailable
from footfall.live.books import Entry
from footfall.live.feature import Kept
from footfall.live.kept import decode_kept, encode_kept, newest_parts
from footfall.live.step import Counters
from footfall.sessions.changed import ChangedSessions, decode_changed, packed, unpacked
from footfall.sessions.saved import LAYOUT, SavedOwner, decode_owner, encode_owner

_VERSION = 3
_READ = (2, 3)
"""Versions that are read: the second had no features' states."""
_SHARDS = 64
_ROWS_AT_ONCE = 5_000
_KEYS_AT_ONCE = 256
_MOST_BLOCK_BYTES = 256 << 20
_GIVEN_BACK_PAGES = 2_000
"""Free pages that the file loses at a time: what a few milliseconds allow."""
_STEPS_OF_A_BEAT = 100_000
"""Steps of SQLite's machine, some milliseconds."""
_NOBODY: Final[Mapping[str, SavedOwner]] = MappingProxyType({})
_NOTHING: Final[Mapping[str, Kept]] = MappingProxyType({})
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owners (
    owner TEXT PRIMARY KEY,
    shard INTEGER NOT NULL,
    row_due INTEGER NOT NULL,
    whole_us INTEGER,  -- the oldest last arrival of a session that is kept whole
    body BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS changed (number INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS kept (
    feature TEXT NOT NULL,
    key TEXT NOT NULL,
    until_us INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (feature, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept_changed (number INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS kept_until ON kept (until_us);
CREATE INDEX IF NOT EXISTS owners_with_rows_due ON owners (owner) WHERE row_due;
CREATE INDEX IF NOT EXISTS owners_by_whole ON owners (whole_us) WHERE whole_us IS NOT NULL;
"""
_BODIES = "SELECT owner, body FROM owners WHERE owner"
_STATES = "SELECT key, body FROM kept WHERE feature = ? AND key"
_KEPT = "SELECT body FROM kept WHERE feature = ? AND key = ?"
_EXPIRED = """
DELETE FROM kept WHERE (feature, key) IN (SELECT feature, key FROM kept WHERE until_us < ? LIMIT ?)"""


class Checkpoint(Struct, kw_only=True):
    """Where the live pass stood."""

    version: int = _VERSION
    layout: str = LAYOUT
    offsets: dict[int, int] = {}
    """Last journal offset of each partition that is in this state."""
    clock_us: int = 0
    revision: int = 0
    counters: Counters = msgspec.field(default_factory=Counters)
    books: list[Entry] = []
    """Quarters of an hour that are not over."""
    seen_runs: list[str] = []
    definition: str = ""
    """Version of the rules that sessions were folded by: gap and kinds."""


class StateFile:
    """`state.db` of a data folder. One thread saves, another loads."""

    def __init__(self, path: Path) -> None:
        self._reading = _connect(path)
        self._writing = _connect(path)
        self._loading = threading.Lock()
        self._writing.executescript(_SCHEMA)

    def restore(self) -> Checkpoint:
        """The last checkpoint, or an empty one. Raises `Unavailable` when another version of Footfall wrote it."""
        found = self._reading.execute("SELECT value FROM meta WHERE name = 'checkpoint'").fetchone()
        if found is None:
            return Checkpoint()
        checkpoint = msgspec.json.decode(found[0], type=Checkpoint)
        if checkpoint.version not in _READ or checkpoint.layout != LAYOUT:
            raise Unavailable("state.db was written by another version of Footfall; open the folder with that version")
        checkpoint.revision = max(checkpoint.revision, self._noted_revision())
        return checkpoint

    def owners_with_rows_due(self) -> dict[str, SavedOwner]:
        """Owners with a session whose newest state the lake does not have: what readers need after a start."""
        rows = self._reading.execute("SELECT owner, body FROM owners WHERE row_due")
        return {owner: decode_owner(body) for owner, body in rows}

    def load(self, owners: Sequence[str]) -> dict[str, SavedOwner]:
        """What is known of those of `owners` that were ever saved."""
        with self._loading:
            return {owner: decode_owner(body) for owner, body in self._found(_BODIES, (), owners)}

    def load_kept(self, feature: str, keys: Sequence[str]) -> dict[str, bytes]:
        """The states of those of a feature's `keys` that were ever saved."""
        with self._loading:
            return {key: unpacked(body) for key, body in self._found(_STATES, (feature,), keys)}

    def _found(self, select: str, given: tuple[str, ...], keys: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """What `select` has of the `keys`: many at once, because a question costs far more than a key in it.

        Not by SQLite's JSON functions: they cut a text off at U+0000, which an id may hold.
        """
        for begin in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[begin : begin + _KEYS_AT_ONCE]
            places = 1 << (len(some) - 1).bit_length()  # nine statements in all, which SQLite's connection remembers
            marks, nobody = ", ".join("?" * places), (None,) * (places - len(some))
            yield from self._reading.execute(f"{select} IN ({marks})", (*given, *some, *nobody))

    def books_since(self, since_us: int) -> int:
        """From which arrival on the books count: what was said at the first opening that asked, `since_us` at that."""
        with self._writing:
            self._writing.execute("INSERT OR IGNORE INTO meta VALUES ('books', ?)", [str(since_us).encode()])
        return int(self._writing.execute("SELECT value FROM meta WHERE name = 'books'").fetchone()[0])

    def note_revision(self, revision: int) -> None:
        """Make sure that no revision up to this one is given again, even if no checkpoint follows."""
        self._writing.execute("REPLACE INTO meta VALUES ('revision', ?)", [str(revision).encode()])

    def save(
        self,
        checkpoint: Checkpoint,
        changed: ChangedSessions,
        owners: Mapping[str, SavedOwner] = _NOBODY,
        kept: Mapping[str, Kept] = _NOTHING,
        *,
        fold: bool,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """Make a checkpoint durable, with the sessions and the features' states that changed since the last one.

        With `fold`, or when they are too large for a block, the rows of owners and states are brought up to date;
        `beat` is called all the while. `owners` replace what was known of them before `changed`; there may be some
        only with `fold`.
        """
        block, states = (b"", b"") if fold else (changed.encode(), encode_kept(kept))
        with self._writing:
            self._writing.execute("BEGIN IMMEDIATE")
            if fold or len(block) + len(states) > _MOST_BLOCK_BYTES:
                self._fold(beat)
                self._put(owners, beat)
                self._put(changed.saved(), beat)
                self._keep([kept], beat)
            else:
                self._writing.execute("INSERT INTO changed (body) VALUES (?)", [block])
                self._writing.execute("INSERT INTO kept_changed (body) VALUES (?)", [states])
            self._writing.execute("REPLACE INTO meta VALUES ('checkpoint', ?)", [msgspec.json.encode(checkpoint)])

    def fold(self) -> None:
        """Bring the rows of owners up to date, before any is read."""
        with self._writing:
            self._writing.execute("BEGIN IMMEDIATE")
            self._fold()

    def _fold(self, beat: Callable[[], None] = lambda: None) -> None:
        """The newest that the blocks say of each owner goes into its row."""
        known: set[str] = set()
        for (body,) in self._writing.execute("SELECT body FROM changed ORDER BY number DESC"):
            newest = decode_changed(body).saved(but=known)
            self._put(newest, beat)
            known |= newest.keys()
        self._writing.execute("DELETE FROM changed")
        blocks = self._writing.execute("SELECT body FROM kept_changed ORDER BY number")
        self._keep([decode_kept(body) for (body,) in blocks], beat)
        self._writing.execute("DELETE FROM kept_changed")

    def _keep(self, blocks: Sequence[Mapping[str, Kept]], beat: Callable[[], None]) -> None:
        """What the blocks, the oldest one first, say of each state goes into its row."""
        for feature in {feature for block in blocks for feature in block}:
            rows = (
                (feature, key, until_us, packed(body if whole else self._had(feature, key) + body))
                for key, until_us, whole, body in newest_parts(block[feature] for block in blocks if feature in block)
            )
            while some := list(islice(rows, _ROWS_AT_ONCE)):
                self._writing.executemany("REPLACE INTO kept VALUES (?, ?, ?, ?)", some)
                beat()

    def _had(self, feature: str, key: str) -> bytes:
        found = self._writing.execute(_KEPT, (feature, key)).fetchone()
        return b"" if found is None else unpacked(found[0])

    def _put(self, owners: Mapping[str, SavedOwner], beat: Callable[[], None]) -> None:
        rows = (_row(owner, owners[owner]) for owner in sorted(owners))  # neighbours on a page, which is read once
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            self._writing.executemany("REPLACE INTO owners VALUES (?, ?, ?, ?, ?)", some)
            beat()

    def shrink(self, before_us: int, *, clock_us: int, most: int = 20_000) -> None:
        """Keep only the extents of sessions whose last event arrived before `before_us`; of `most` owners at a time.

        States that have no use at `clock_us` go altogether, and the file gives some of its free pages back.
        """
        rows = self._writing.execute(
            "SELECT owner, body FROM owners WHERE whole_us < ? AND NOT row_due LIMIT ?", [before_us, most]
        ).fetchall()
        shrunk = [_row(owner, decode_owner(body).forgetting(before_us)) for owner, body in rows]
        with self._writing:
            self._writing.execute("BEGIN IMMEDIATE")
            self._writing.executemany("REPLACE INTO owners VALUES (?, ?, ?, ?, ?)", shrunk)
            self._writing.execute(_EXPIRED, [clock_us, most])
        # A script, because `execute` takes the first of many steps only, and each step frees one page.
        self._writing.executescript(f"PRAGMA incremental_vacuum({_GIVEN_BACK_PAGES})")

    def erase(self, owners: Sequence[str], keys: Sequence[str], *, beat: Callable[[], None] = lambda: None) -> None:
        """Forget owners, and what features keep of `keys`, and leave no byte of it in the file or its log.

        Nobody may save meanwhile; `beat` is called all the while.
        """
        with self._writing:
            self._writing.execute("BEGIN IMMEDIATE")
            self._fold(beat)
            self._writing.executemany("DELETE FROM owners WHERE owner = ?", [(owner,) for owner in owners])
            self._writing.executemany("DELETE FROM kept WHERE feature = ? AND key = ?", product(self._features(), keys))
        self._writing.set_progress_handler(beat, _STEPS_OF_A_BEAT)
        try:
            self._writing.execute("VACUUM")  # what was deleted, now or earlier, still stands in pages until then
        finally:
            self._writing.set_progress_handler(None, 0)
        with self._loading:
            (busy, *_) = self._writing.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Unavailable("state.db is read by another program, so its log still has what was erased")

    def _features(self) -> list[str]:
        return [feature for (feature,) in self._writing.execute("SELECT DISTINCT feature FROM kept")]

    def close(self) -> None:
        """Release the file."""
        self._reading.close()
        self._writing.close()

    def _noted_revision(self) -> int:
        found = self._reading.execute("SELECT value FROM meta WHERE name = 'revision'").fetchone()
        return int(found[0]) if found else 0


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a new file; an older one keeps its free pages for later
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _row(owner: str, saved: SavedOwner) -> tuple[str, int, bool, int | None, bytes]:
    return (
        owner,
        _shard(owner),
        any(session.row_due for session in saved.sessions),
        min((session.received_us for session in saved.sessions), default=None),
        encode_owner(saved),
    )


def _shard(owner: str) -> int:
    """The fixed shard of an owner, by a hash that is the same everywhere."""
    return zlib.crc32(owner.encode()) % _SHARDS
