"""Computing owners' sessions anew from their events: after an import, and where a rebuild finds a difference.

It happens in the processor's thread, between two batches, so that no event is missed or counted twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from footfall.engines.duckdb import Limits, Tables
from footfall.errors import Unavailable
from footfall.live.processor import Processor
from footfall.sessions.batch import owner
from footfall.sessions.columns import owner_key
from footfall.sessions.open import OpenSessions
from footfall.sessions.rows import tombstone_rows
from footfall.settings import Settings

_EVENTS_OF_A_SLICE = 200_000
"""Events that are computed from in one go, in the processor's thread and its memory; one owner's are never parted."""
_EVENTS_AT_ONCE = 50_000
_FOREVER_US = 2**62
_SECONDS = _PATIENCE_SECONDS = 600.0
_ANY_SIZE = 1 << 62
_FOLDED = (
    *("project_id", "event_id", "name", "ts_us", "received_us", "visitor_id", "user_id", "session_id", "order_id"),
    *("product_id", "product_category", "amount_micros", "currency"),
)
"""The columns that a fold reads."""


class RefreshReport(Struct, frozen=True):
    """What a refresh did."""

    owners: int
    sessions: int
    """Sessions that these owners have now."""
    vanished: int
    """Session ids that readers no longer see."""


def refresh_owners(processor: Processor, settings: Settings, project_id: str, owners: pa.Array) -> RefreshReport:
    """Compute every session of `owners` (text such as `v:abc`) anew; durable when this returns.

    Raises errors.Unavailable when the processor does not come to it in time; doing so again is safe.
    """
    names = pc.unique(owners.cast(pa.string()))
    sessions = vanished = 0
    for some in _slices(processor, settings, project_id, names):
        made, gone = _waited(processor.call(partial(_refresh, processor, settings, project_id, some)))
        sessions, vanished = sessions + made, vanished + gone
    processor.flush(timeout=_PATIENCE_SECONDS)
    return RefreshReport(len(names), sessions, vanished)


def _slices(processor: Processor, settings: Settings, project_id: str, owners: pa.Array) -> Iterator[pa.Array]:
    """The owners in their order, so many at a time that their events are some `_EVENTS_OF_A_SLICE`."""
    with Tables(processor.snapshot(), project_id, _limits(settings)) as tables:
        theirs = _events_of(tables.events, owners)
        counts = tables.run(theirs.group_by("_owner").aggregate(events=theirs.count()))
    counted = counts["events"].take(pc.index_in(owners, counts["_owner"].combine_chunks()))
    events = pc.fill_null(counted, 0).to_numpy() + 1  # who has none may have sessions that vanish
    slices = (np.cumsum(events) - events) // _EVENTS_OF_A_SLICE
    for some in np.split(np.arange(len(owners)), np.flatnonzero(np.diff(slices)) + 1):
        yield owners.take(pa.array(some))


def _waited(work: Future[tuple[int, int]]) -> tuple[int, int]:
    try:
        return work.result(_PATIENCE_SECONDS)
    except TimeoutError:
        raise Unavailable(
            f"sessions were not computed anew within {_PATIENCE_SECONDS:.0f} s: /ready says what holds the live pass "
            "up; the same command computes them once more",
            retry_after=5,
        ) from None


def refresh_now(processor: Processor, settings: Settings, project_id: str, owners: pa.Array) -> None:
    """As `refresh_owners`, in the processor's thread itself; durable with the next sealing."""
    names = pc.unique(owners.cast(pa.string()))
    for some in _slices(processor, settings, project_id, names):
        _refresh(processor, settings, project_id, some)


def _refresh(processor: Processor, settings: Settings, project_id: str, owners: pa.Array) -> tuple[int, int]:
    with Tables(processor.snapshot(), project_id, _limits(settings)) as tables:
        events = tables.run(_events_of(tables.events, owners).select(*_FOLDED))
        present = tables.sessions.semi_join(_table_of(owners), "owner")
        known = tables.run(present.select("session_id", "owner", "session_start"))
    processor.role.beat()
    with processor.still() as state:
        state.revision += 1
        revision, reader, classes = state.revision, state.reader, state.sessions.table.classes
    fresh = OpenSessions(classes, gap_us=settings.session_gap_us)
    for start in range(0, events.num_rows, _EVENTS_AT_ONCE):
        fresh.absorb(reader.read(events.slice(start, _EVENTS_AT_ONCE)), revision)
        processor.role.beat()
    rows = fresh.close(_FOREVER_US)
    gone = known.filter(pc.invert(pc.is_in(known["session_id"], value_set=rows["session_id"].combine_chunks())))
    vanished = [
        (owner_key(project_id, name), start)
        for name, start in zip(gone["owner"].to_pylist(), gone["session_start"].to_pylist(), strict=True)
    ]
    processor.replace_owners(fresh.save().saved(), pa.concat_tables([rows, tombstone_rows(vanished, revision)]))
    return rows.num_rows, len(vanished)


def _events_of(events: ir.Table, owners: pa.Array) -> ir.Table:
    people = events.filter(~events.is_bot)
    return people.mutate(_owner=owner(people)).semi_join(_table_of(owners), [("_owner", "owner")])


def _table_of(owners: pa.Array) -> ir.Table:
    return ibis.memtable(pa.table({"owner": owners}))


def _limits(settings: Settings) -> Limits:
    return Limits(seconds=_SECONDS, memory_bytes=settings.query_memory_bytes, rows=None, bytes=_ANY_SIZE)
