"""`contacts.db` of a data folder: the sealed contact details of people, one of each kind a person, apart from events.

Which one is kept depends on the set of details alone, never on their order, so a journal may be replayed.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from footfall.errors import Unavailable
from footfall.events.contact import Contact
from footfall.store.sealing import Sealer, Unopened

FILE: Final = "contacts.db"
_AT_ONCE: Final = 1_000
_FIELDS: Final = "project_id, subject, field, ts_us, event_id, sealed"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS contact (
    project_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    field TEXT NOT NULL,
    ts_us INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (project_id, subject, field)
) WITHOUT ROWID"""
_PUT: Final = f"""
INSERT INTO contact ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET ts_us = excluded.ts_us, event_id = excluded.event_id, sealed = excluded.sealed
WHERE (excluded.ts_us, excluded.event_id) > (ts_us, event_id)"""
_BEHIND: Final = f"""
SELECT {_FIELDS} FROM contact WHERE (project_id, subject, field) > (?, ?, ?)
ORDER BY project_id, subject, field LIMIT ?"""
_RESEALED: Final = """
UPDATE contact SET sealed = ? WHERE project_id = ? AND subject = ? AND field = ? AND sealed = ?"""


class Contacts:
    """Safe to use from any thread. Methods raise `errors.Unavailable` when the file can't be used."""

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        self._sealer = sealer
        self._lock = threading.Lock()
        with _usable():
            self._database = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
                self._database.execute(f"PRAGMA {pragma}")
            self._database.execute(_SCHEMA)
        (folder / FILE).chmod(0o600)

    def close(self) -> None:
        """Release the file."""
        self._database.close()

    def put(self, contacts: Sequence[Contact]) -> None:
        """Keep them, each unless a later one of its person and field is there; durable when this returns."""
        with self._changing():
            self._database.executemany(_PUT, [msgspec.structs.astuple(contact) for contact in contacts])

    def of(self, project_id: str, subjects: Sequence[str]) -> list[Contact]:
        """Of each field the latest detail that any of a person's `subjects` has."""
        found: dict[str, Contact] = {}
        with _usable(), self._lock:
            for subject in subjects:
                query = f"SELECT {_FIELDS} FROM contact WHERE project_id = ? AND subject = ?"
                for row in self._database.execute(query, (project_id, subject)):
                    contact = Contact(*row)
                    found[contact.field] = max(found.get(contact.field, contact), contact, key=_order)
        return [found[field] for field in sorted(found)]

    def opened(self, contact: Contact) -> str:
        """What it says. Raises `store.sealing.Unopened`."""
        return self._sealer.open(contact.sealed, *contact.place)

    def forget(self, project_id: str, subjects: Sequence[str]) -> None:
        """Remove all details of a person, so that no byte of them is left in the file or its log."""
        with self._changing():
            keys = [(project_id, subject) for subject in subjects]
            self._database.executemany("DELETE FROM contact WHERE project_id = ? AND subject = ?", keys)
        with _usable(), self._lock:
            (busy, *_) = self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Unavailable(f"{FILE} is read by another program, so its log still has what was erased")

    def reseal(self) -> tuple[int, int]:
        """Seal with the present key what another one has sealed: how many that were, and how many can't be opened."""
        resealed = unopened = 0
        last = ("", "", "")
        while page := self._behind(last):
            last = page[-1].place
            changes: list[tuple[bytes, str, str, str, bytes]] = []
            for contact in page:
                if self._sealer.is_present(contact.sealed):
                    continue
                try:
                    fresh = self._sealer.seal(self.opened(contact), *contact.place)
                except Unopened:
                    unopened += 1
                else:
                    changes.append((fresh, *contact.place, contact.sealed))
            with self._changing():
                self._database.executemany(_RESEALED, changes)
            resealed += len(changes)
        return resealed, unopened

    def _behind(self, place: tuple[str, str, str]) -> list[Contact]:
        with _usable(), self._lock:
            return [Contact(*row) for row in self._database.execute(_BEHIND, (*place, _AT_ONCE))]

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with _usable(), self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")
            yield


def _order(contact: Contact) -> tuple[int, str]:
    return contact.ts_us, contact.event_id


@contextmanager
def _usable() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise Unavailable(f"{FILE} can't be used: {error}", retry_after=1) from error
