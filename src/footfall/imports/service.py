"""The server's side of an import: its chunks stored once each, its counts exact, whatever is cut short or repeated.

An import's state is a file in the data folder. A chunk is stored in three steps: its counts are written down as
pending, its rows are committed to the lake under (import, chunk), its counts are taken over. Whoever repeats a chunk
finds out which of these has happened.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.enrich.consent import Consents, statements
from footfall.enrich.entrance import Entrance
from footfall.errors import BadRequest, Conflict, NotFound
from footfall.events.record import Record
from footfall.events.time import DAY_US
from footfall.events.wire import Source
from footfall.imports.admission import Limit, admit, refuse_past
from footfall.imports.models import Counts, Pending, State
from footfall.imports.settling import Settling
from footfall.imports.visitors import row_key, visitor_key
from footfall.lake.books import BOOKS, FILES, slot_of
from footfall.metrics.tables import Tables
from footfall.settings import Settings
from footfall.store.secrets import folder_secret, write_private
from footfall.store.store import Store

if TYPE_CHECKING:
    import ibis.expr.types as ir

OWNERS_AT_ONCE: Final = 200_000
"""Owners whose sessions are computed anew in one go."""
_EVENTS_OF_A_SHARE: Final = 5_000_000
"""Stored events whose owners are looked up in one go; their names must fit into the answer to one question."""
_ANY_IMPORT: Final = ""


class Refreshed(Protocol):
    """What `Storage.refresh` did."""

    @property
    def sessions(self) -> int: ...


class Storage(Protocol):
    """What an import needs of the node (`footfall.node.node.Node`)."""

    @property
    def folder(self) -> Path: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def store(self) -> Store: ...
    @property
    def entrance(self) -> Entrance: ...
    @property
    def consents(self) -> Consents: ...
    def kept_from(self, project_id: str) -> Limit | None: ...
    def read(self, project_id: str) -> AbstractContextManager[Tables]: ...
    def commit_rows(self, table: str, rows: pa.Table, *, app_id: str, version: int) -> bool: ...
    def committed(self, table: str, app_id: str) -> int | None: ...
    def refresh(self, project_id: str, owners: pa.Array) -> Refreshed: ...


class Imports:
    """All imports of one data folder; any thread may call, one import is worked on by one at a time."""

    def __init__(self, storage: Storage, now_us: Callable[[], int] = lambda: time.time_ns() // 1000) -> None:
        self._storage = storage
        self._now_us = now_us
        self._folder = storage.folder / "imports"
        self._locks: dict[tuple[str, str], threading.Lock] = {}
        self._guard = threading.Lock()

    def visitor_key(self, project_id: str) -> str:
        """The key that tells visitors of this project's files apart."""
        return visitor_key(folder_secret(self._storage.folder), project_id)

    def currency(self, project_id: str) -> str:
        """The project's own."""
        return self._storage.settings.currency_of(project_id, self._storage.store.currency(project_id))

    def begin(self, project_id: str, import_id: str, label: str) -> State:
        """Begin an import, go on with one that was cut short, or begin a finished one's next run."""
        with self._lock(project_id, import_id):
            known = self._load(project_id, import_id)
            if known is not None and not known.finished:
                return known
            state = State(
                import_id=import_id,
                project_id=project_id,
                label=label,
                run=known.run + 1 if known is not None else 1,
                received_us=max(self._now_us(), known.received_us + 1 if known is not None else 0),
            )
            self._save(state)
            return state

    def state(self, project_id: str, import_id: str) -> State:
        """How far an import has come. Raises `NotFound`."""
        known = self._load(project_id, import_id)
        if known is None:
            raise NotFound(f"there is no import {import_id}; begin it with PUT /v1/imports/{import_id}")
        return known

    def store(self, project_id: str, import_id: str, chunk: int, record: Record) -> State:
        """Store a chunk, unless that has been done; chunks come in order, from 0.

        Raises `Conflict` when another chunk is next, `BadRequest` when the record holds what no door would let in.
        """
        # One at a time in a project: else rows of two files that overlap would be new in both.
        with self._lock(project_id, import_id), self._lock(project_id, _ANY_IMPORT):
            state = self.state(project_id, import_id)
            if chunk < state.next_chunk:
                return state
            if chunk > state.next_chunk or state.finished:
                next_one = "none, it is finished" if state.finished else str(state.next_chunk)
                raise Conflict(f"import {import_id}: chunk {chunk} came; the next one is {next_one}")
            events, rejected = admit(
                record,
                project_id=project_id,
                received_us=state.received_us,
                max_name_bytes=self._storage.settings.max_name_bytes,
                max_property_bytes=self._storage.settings.max_property_bytes,
            )
            events, rejected = refuse_past(events, rejected, self._storage.kept_from(project_id), state.label)
            events, rejected = self._settling(state)(events, rejected)
            consents = self._storage.consents
            events, rejected = consents.honoured_rows(project_id, events, rejected, door=state.label)
            self._storage.store.consents.state(statements(events, consents))
            pending = state.pending
            if pending is None or not self._is_begun(state, chunk):
                events, rejected, pending = self._new_rows(project_id, chunk, events, rejected)
                self._save(msgspec.structs.replace(state, pending=pending))
                self._commit("events", events, state.app_id, chunk)
            else:
                rejected = self._new_rejected(project_id, rejected)
            self._commit("rejected", rejected, state.app_id, chunk)
            self._commit("books", _booked(state, pending), state.app_id, chunk)
            counts = state.counts + pending.counts
            done = msgspec.structs.replace(state, next_chunk=chunk + 1, counts=counts, pending=None)
            self._save(done)
            return done

    def finish(self, project_id: str, import_id: str) -> State:
        """Compute every session anew that the import has touched, and close it; doing so again changes nothing."""
        with self._lock(project_id, import_id):
            state = self.state(project_id, import_id)
            if state.finished:
                return state
            sessions = sum(self._storage.refresh(project_id, owners).sessions for owners in self._touched(state))
            done = msgspec.structs.replace(state, finished=True, sessions=sessions)
            self._save(done)
            return done

    def _settling(self, state: State) -> Settling:
        """What makes rows of this import such as may be stored."""
        storage, entrance, project_id = self._storage, self._storage.entrance, state.project_id
        settings, keyed = storage.settings, row_key(folder_secret(storage.folder), project_id)
        source = Source(
            project_id=project_id,
            received_us=state.received_us,
            door=state.label,
            taxonomy=settings.taxonomy,
            currency=self.currency(project_id),
            may_state=True,
            allow_old=True,
            needs_time=True,
            lookups=entrance.lookups,
            hiding=entrance.hiding(project_id),
            hash_address=partial(entrance.hashed, project_id),
            name_bytes=settings.max_name_bytes,
            property_bytes=settings.max_property_bytes,
        )
        return Settling(source, keyed)

    def _is_begun(self, state: State, chunk: int) -> bool:
        """Whether rows of the chunk are in the lake, so that what is pending is what was counted before they were."""
        return chunk in {self._storage.committed(table, state.app_id) for table in ("events", "rejected")}

    def _new_rows(
        self, project_id: str, chunk: int, events: pa.Table, rejected: pa.Table
    ) -> tuple[pa.Table, pa.Table, Pending]:
        new, refused = self._new_events(project_id, events), self._new_rejected(project_id, rejected)
        counts = Counts(stored=len(new), duplicate=len(events) - len(new), rejected=len(rejected))
        bots = pc.sum(new["is_bot"], min_count=0).as_py()
        return new, refused, Pending(chunk, counts, bots=bots, refused_before=len(rejected) - len(refused))

    def _new_events(self, project_id: str, events: pa.Table) -> pa.Table:
        """Those that are the first with their id, here and in the lake; a file's clock may differ by a day."""
        if not len(events):
            return events
        events = _first_of(events, "event_id")
        times = pc.min_max(events["ts_us"])
        low, high = times["min"].as_py() - DAY_US, times["max"].as_py() + DAY_US
        with self._storage.read(project_id) as tables:
            near = tables.events.filter(tables.events.ts_us.between(low, high))
            known = tables.run(_ids_in(near, "event_id", events), max_rows=len(events))
        return _without(events, "event_id", known)

    def _new_rejected(self, project_id: str, rejected: pa.Table) -> pa.Table:
        if not len(rejected):
            return rejected
        rejected = _first_of(rejected, "rejected_id")
        with self._storage.read(project_id) as tables:
            known = tables.run(_ids_in(tables.rejected, "rejected_id", rejected), max_rows=len(rejected))
        return _without(rejected, "rejected_id", known)

    def _commit(self, table: str, rows: pa.Table, app_id: str, chunk: int) -> None:
        if len(rows):
            self._storage.commit_rows(table, rows, app_id=app_id, version=chunk)

    def _touched(self, state: State) -> Iterator[pa.Array]:
        """Owners of the events that this run stored, told by their arrival, some at a time and by their days."""
        from footfall.sessions.batch import owner, share

        shares = 1 + state.counts.stored // _EVENTS_OF_A_SHARE
        for number in range(shares):
            with self._storage.read(state.project_id) as tables:
                mine = tables.events.filter(tables.events.received_us == state.received_us)
                mine = share(mine, owner(mine), number, shares)
                first = mine.group_by(owner=owner(mine)).aggregate(first_us=mine.ts_us.min())
                owners = tables.run(first.order_by("first_us", "owner").select("owner"), max_rows=2**31)["owner"]
            for begin in range(0, len(owners), OWNERS_AT_ONCE):
                yield owners.slice(begin, OWNERS_AT_ONCE).combine_chunks()

    @contextmanager
    def _lock(self, project_id: str, import_id: str) -> Iterator[None]:
        with self._guard:
            lock = self._locks.setdefault((project_id, import_id), threading.Lock())
        with lock:
            yield

    def _path(self, project_id: str, import_id: str) -> Path:
        if not (import_id.isascii() and import_id.isalnum() and len(import_id) <= 64):
            raise BadRequest(f"an import's id is at most 64 letters and digits, not {import_id[:80]!r}")
        return self._folder / project_id / f"{import_id}.json"

    def _load(self, project_id: str, import_id: str) -> State | None:
        path = self._path(project_id, import_id)
        return msgspec.json.decode(path.read_bytes(), type=State) if path.exists() else None

    def _save(self, state: State) -> None:
        path = self._path(state.project_id, state.import_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, msgspec.json.encode(state))


def _booked(state: State, pending: Pending) -> pa.Table:
    """What the books say of a chunk; a row that was refused and kept before is a duplicate to them."""
    counts = pending.counts
    row = {
        "project_id": state.project_id,
        "begin_us": slot_of(state.received_us),
        "way": FILES,
        "received": counts.read,
        "duplicates": counts.duplicate + pending.refused_before,
        "rejected": counts.rejected - pending.refused_before,
        "bots": pending.bots,
        "late": 0,
    }
    return pa.Table.from_pylist([row] if counts.read else [], schema=BOOKS)


def _ids_in(table: ir.Table, column: str, rows: pa.Table) -> ir.Table:
    import ibis

    ids = ibis.memtable(pa.table({column: rows[column]}))
    return table.semi_join(ids, column).select(column).distinct()


def _first_of(rows: pa.Table, column: str) -> pa.Table:
    """Of rows with one value in `column` only the first."""
    numbered = pa.table({column: rows[column], "place": np.arange(len(rows))})
    firsts = numbered.group_by(column).aggregate([("place", "min")])["place_min"]
    return rows if len(firsts) == len(rows) else rows.take(firsts.combine_chunks().sort())


def _without(rows: pa.Table, column: str, known: pa.Table) -> pa.Table:
    if not len(known):
        return rows
    return rows.filter(pc.invert(pc.is_in(rows[column], known[column].combine_chunks())))
