"""Rebuilding: all sessions computed anew in batch, compared with what readers see, and mended where they differ."""

from __future__ import annotations

import time
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from msgspec import Struct

from footfall.engines.duckdb import Limits, Tables
from footfall.live.processor import Processor
from footfall.node.refresh import refresh_owners
from footfall.sessions import batch
from footfall.sessions.version import definition
from footfall.settings import Settings

_SECONDS = 3600.0
_EVENTS_AT_ONCE = 1_000_000
"""Events of one share, which is computed at once in the memory that a question may take."""


class RebuildReport(Struct, frozen=True):
    """What a rebuild found."""

    sessions: int
    """Sessions that the batch computed."""
    events: int
    """Events that it computed them from, bots included."""
    differing: int
    """Sessions that were missing, superfluous or other than readers saw them; they are mended."""
    late: int
    """Events that had come too late to correct their session at once, since the folder was made."""
    seconds: float

    @property
    def agreed(self) -> bool:
        """Whether the live state agreed with the batch in every session and every figure."""
        return self.differing == 0


def rebuild(processor: Processor, settings: Settings, projects: Sequence[str]) -> RebuildReport:
    """Rebuild all `projects`."""
    began = time.monotonic()
    sessions = events = differing = 0
    for project_id in projects:
        limits = Limits(seconds=_SECONDS, memory_bytes=settings.query_memory_bytes, rows=None, bytes=1 << 62)
        with Tables(processor.snapshot(), project_id, limits) as tables:
            count = _count(tables, tables.events)
            shares = 1 + count // _EVENTS_AT_ONCE
            compared = [_compare(tables, settings, number, shares) for number in range(shares)]
        found = pa.concat_tables([difference for _, difference in compared])
        if found.num_rows:
            refresh_owners(processor, settings, project_id, found["owner"].combine_chunks())
        events += count
        sessions += sum(number for number, _ in compared)
        differing += found.num_rows
    with processor.still() as state:
        late = state.counters.late
    processor.definition = definition(settings.taxonomy, settings.classes, settings.session_gap_us)
    processor.flush(timeout=_SECONDS)
    return RebuildReport(sessions, events, differing, late, time.monotonic() - began)


def _compare(tables: Tables, settings: Settings, number: int, of: int) -> tuple[int, pa.Table]:
    """One share of the owners: how many sessions the batch computes, and which differ from what readers see."""
    events, readable = tables.events, tables.sessions
    anew = batch.sessions(
        batch.share(events, batch.owner(events), number, of),
        taxonomy=settings.taxonomy,
        classes=settings.classes,
        gap_us=settings.session_gap_us,
    ).cache()
    present = batch.share(readable, readable.owner, number, of).select(*batch.COLUMNS).cache()
    other = ibis.union(ibis.difference(anew, present), ibis.difference(present, anew), distinct=False)
    return _count(tables, anew), tables.run(other.select("owner", "session_id").distinct())


def _count(tables: Tables, rows: ir.Table) -> int:
    return int(tables.run(rows.aggregate(n=rows.count()))["n"][0].as_py())
