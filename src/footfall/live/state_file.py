"""The checkpoint of the live pass: one SQLite file that holds state and journal offsets, saved together.

A checkpoint is one transaction. What was saved of an owner is also what a late event's session is loaded
from, long after it has left the memory.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from footfall.errors import Unavailable
from footfall.live.step import Counters
from footfall.sessions.saved import LAYOUT, SavedOwner, decode_owner, encode_owner

_VERSION = 1
_SHARDS = 64
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owners (
    owner TEXT PRIMARY KEY,
    shard INTEGER NOT NULL,
    row_due INTEGER NOT NULL,
    whole_us INTEGER,  -- the oldest last arrival of a session that is kept whole
    body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS owners_with_rows_due ON owners (owner) WHERE row_due;
CREATE INDEX IF NOT EXISTS owners_by_whole ON owners (whole_us) WHERE whole_us IS NOT NULL;
"""


class Checkpoint(Struct, kw_only=True):
    """Where the live pass stood."""

    version: int = _VERSION
    layout: str = LAYOUT
    offsets: dict[int, int] = {}
    """Last journal offset of each partition that is in this state."""
    clock_us: int = 0
    revision: int = 0
    counters: Counters = msgspec.field(default_factory=Counters)
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
        if (checkpoint.version, checkpoint.layout) != (_VERSION, LAYOUT):
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
            rows = self._reading.execute(
                "SELECT owner, body FROM owners WHERE owner IN (SELECT value FROM json_each(?))", [json.dumps(owners)]
            ).fetchall()
        return {owner: decode_owner(body) for owner, body in rows}

    def note_revision(self, revision: int) -> None:
        """Make sure that no revision up to this one is given again, even if no checkpoint follows."""
        self._writing.execute("REPLACE INTO meta VALUES ('revision', ?)", [str(revision).encode()])

    def save(self, checkpoint: Checkpoint, owners: Mapping[str, SavedOwner]) -> None:
        """Make a checkpoint durable, with the owners that changed since the last one."""
        rows = [_row(owner, saved) for owner, saved in owners.items()]
        with self._writing:
            self._writing.execute("BEGIN IMMEDIATE")
            self._writing.executemany("REPLACE INTO owners VALUES (?, ?, ?, ?, ?)", rows)
            self._writing.execute("REPLACE INTO meta VALUES ('checkpoint', ?)", [msgspec.json.encode(checkpoint)])

    def shrink(self, before_us: int, *, most: int = 20_000) -> None:
        """Keep only the extents of sessions whose last event arrived before `before_us`; of `most` owners at a time."""
        rows = self._writing.execute(
            "SELECT owner, body FROM owners WHERE whole_us < ? AND NOT row_due LIMIT ?", [before_us, most]
        ).fetchall()
        shrunk = [_row(owner, decode_owner(body).forgetting(before_us)) for owner, body in rows]
        with self._writing:
            self._writing.execute("BEGIN IMMEDIATE")
            self._writing.executemany("REPLACE INTO owners VALUES (?, ?, ?, ?, ?)", shrunk)

    def close(self) -> None:
        """Release the file."""
        self._reading.close()
        self._writing.close()

    def _noted_revision(self) -> int:
        found = self._reading.execute("SELECT value FROM meta WHERE name = 'revision'").fetchone()
        return int(found[0]) if found else 0


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
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
